#include "core/codec/json.h"
#include "core/contracts/contract.h"

namespace datong::contracts {
namespace {

// Source: RFC 9457, and core/exchange/problem.cpp.
constexpr std::string_view kProblemText = R"({"type": "object", "x-label": "问题", "properties": {
  "type": {"type": "string"}, "code": {"type": "string", "x-label": "代码，稳定不变"},
  "status": {"type": "integer"}, "title": {"type": "string"}, "title_en": {"type": "string"},
  "detail": {"type": "string"},
  "blame": {"type": "string", "enum": ["consumer", "department", "gateway"], "x-label": "应由谁处理"},
  "may_retry": {"type": "boolean"}, "retry_after_s": {"type": "integer"},
  "todo": {"type": "string"}, "todo_en": {"type": "string"}, "exchange": {"type": "string", "x-label": "交换编号"},
  "errors": {"type": "array", "items": {"type": "object", "properties": {
    "field": {"type": "string"}, "rule": {"type": "string"}, "message": {"type": "string"},
    "message_en": {"type": "string"}}, "required": ["rule"]}}},
  "required": ["code", "status", "title", "title_en", "blame", "may_retry"]})";

}  // namespace

const record::Record& problem_schema() {
    static const record::Record made = codec::read_json(kProblemText).value_or(record::Record{});
    return made;
}

}  // namespace datong::contracts
