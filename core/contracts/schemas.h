#pragma once

#include <string_view>

/// What stands in calls and answers whatever is asked for, in JSON Schema 2020-12: contract.cpp puts it together.
namespace datong::contracts {

// Source: core/policy/context.cpp, which refuses what is not as said here.
inline constexpr std::string_view kPerson = R"({"type": "object", "x-label": "LABEL", "properties": {
  "name": {"type": "string", "minLength": 1, "maxLength": 200, "x-label": "姓名或名称"},
  "id_no": {"type": "string", "minLength": 1, "maxLength": 200, "x-label": "证件号码"},
  "id_type": {"type": "string", "maxLength": 200, "x-label": "证件类型，GA/T 517 或 GB/T 36903，不写为 111"}},
  "required": ["name", "id_no"], "additionalProperties": false})";

inline constexpr std::string_view kContext = R"({"type": "object", "x-label": "调用依据", "properties": {
  "matter": {"type": "string", "maxLength": 64, "x-label": "事项"},
  "case_number": {"type": "string", "maxLength": 64, "x-label": "办件编号"},
  "material": {"type": "string", "maxLength": 64, "x-label": "材料"},
  "purpose": {"type": "string", "minLength": 1, "maxLength": 64, "x-label": "事由"},
  "legal_basis": {"type": "string", "maxLength": 200, "x-label": "法律依据"},
  "operator": {"type": "object", "x-label": "经办人", "properties": {
    "account": {"type": "string", "minLength": 1, "maxLength": 64, "x-label": "账号"},
    "organisation": {"type": "string", "maxLength": 200, "x-label": "机构"},
    "name": {"type": "string", "maxLength": 200, "x-label": "姓名"},
    "division": {"type": "string", "pattern": "^[0-9]{6,12}$", "x-label": "区划，GB/T 2260"}},
    "required": ["account", "division"], "additionalProperties": false},
  "channel": {"type": "string", "maxLength": 200, "x-label": "渠道"},
  "consent": {"type": "string", "maxLength": 64, "x-label": "授权凭据"},
  "idempotency_key": {"type": "string", "minLength": 1, "maxLength": 64, "x-label": "幂等键"},
  "facts": {"type": "object", "x-label": "事项材料所需的其他情况"}},
  "required": ["purpose", "operator"], "additionalProperties": false})";

inline constexpr std::string_view kVerify = R"({"type": "array", "minItems": 1, "maxItems": 20, "x-label": "核验条件",
  "items": {"type": "object", "properties": {
    "field": {"type": "string", "x-label": "字段的 JSON 指针"},
    "operator": {"type": "string", "enum": ["equals", "not_equals", "at_least", "at_most", "in", "exists"]},
    "value": {}}, "required": ["field", "operator"], "additionalProperties": false}})";

inline constexpr std::string_view kResults = R"({"type": "array", "x-label": "核验结果", "items": {"type": "object",
  "properties": {"field": {"type": "string"},
    "operator": {"type": "string", "enum": ["equals", "not_equals", "at_least", "at_most", "in", "exists"]},
    "value": {}, "result": {"type": "string", "enum": ["match", "mismatch", "not_found"]}},
  "required": ["field", "operator", "result"]}})";

// Source: docs/answer.md, written by core/exchange/issue.cpp.
inline constexpr std::string_view kEnvelope = R"({"type": "object", "x-label": "答复", "properties": {
  "exchange": {"type": "string", "x-label": "交换编号"},
  "service": {"type": "string", "x-label": "服务及其版本"},
  "subset": {"type": "string", "x-label": "所问的字段子集"},
  "outcome": {"type": "string", "x-label": "结果"},
  "as_of": {"type": "string", "format": "date-time", "x-label": "截至"},
  "scope": {"type": "object", "x-label": "范围", "properties": {
    "registers": {"type": "array", "items": {"type": "string"}, "x-label": "登记簿"},
    "divisions": {"type": "array", "items": {"type": "string"}, "x-label": "区划"}}},
  "consent": {"type": "object", "x-label": "所依据的同意书", "properties": {
    "id": {"type": "string", "x-label": "编号"},
    "mode": {"type": "string", "enum": ["verify", "view", "store"], "x-label": "使用方式"},
    "keep_until": {"type": "string", "format": "date-time", "x-label": "留存至"}},
    "required": ["id", "mode", "keep_until"]},
  "status": {"type": "string", "x-label": "查询办理状态的地址"},
  "already": {"type": "boolean", "x-label": "部门此前已有该件"},
  "asked": {"type": "array", "x-label": "所问的加盐摘要", "items": {"type": "object", "properties": {
    "path": {"type": "string"}, "salt": {"type": "string"}, "digest": {"type": "string"}}}},
  "content": {"x-label": "统一记录，仅含授权字段"},
  "certificate": {"type": "string", "x-label": "部门签名的证照（JWS），可单独验证"},
  "provenance": {"type": "array", "x-label": "字段来源", "items": {"type": "object", "properties": {
    "path": {"type": "string"}, "department": {"type": "string"}, "source": {"type": "string"},
    "record_time": {"type": "string"}, "mapping": {"type": "string"}, "salt": {"type": "string"},
    "digest": {"type": "string"}}}},
  "digests": {"type": "array", "x-label": "证照所签摘要", "items": {"type": "string"}},
  "approval": {"type": "object", "x-label": "授权", "properties": {
    "grant": {"type": "string"}, "legal_basis": {"type": "string"},
    "application": {"type": "string", "x-label": "批准的申请"}, "stage": {"type": "string", "x-label": "批准到的阶段"},
    "approved_at": {"type": "string", "format": "date-time", "x-label": "批准时间"}}},
  "sharing": {"type": "object", "x-label": "共享查验结果", "properties": {
    "valid_until": {"type": "string", "format": "date", "x-label": "可用至"},
    "check": {"type": "string", "x-label": "查验页"}, "code": {"type": "string", "x-label": "一次性查验码"},
    "code_until": {"type": "string", "format": "date-time", "x-label": "查验码有效至"}}}},
  "required": ["exchange", "service", "outcome", "as_of", "scope"]})";

// Source: core/exchange/issue.cpp.
inline constexpr std::string_view kFiles =
    R"({"type": "array", "x-label": "文件", "items": {"type": "object", "properties": {
  "path": {"type": "string", "x-label": "在 content 中的位置"}, "media_type": {"type": "string", "x-label": "媒体类型"},
  "length": {"type": "integer", "x-label": "字节数"},
  "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "x-label": "SHA-256"},
  "url": {"type": "string", "x-label": "取文件的地址，须签名 GET"},
  "until": {"type": "string", "format": "date-time", "x-label": "地址有效至"}},
  "required": ["path", "media_type", "length", "sha256"]}})";

inline constexpr std::string_view kWantedFiles = R"({"type": "string", "enum": ["url"],
  "x-label": "url：所有文件都按地址另取；不写则小文件直接给出"})";

// Source: core/exchange/matter.cpp, core/matters/notice.cpp.
inline constexpr std::string_view kMatterAnswer = R"({"type": "object", "x-label": "答复", "properties": {
  "exchange": {"type": "string", "x-label": "交换编号"},
  "matter": {"type": "string", "x-label": "事项及其版本"},
  "outcome": {"type": "string", "x-label": "结果"},
  "status": {"type": "string", "x-label": "查询办理状态的地址"},
  "requirements": {"type": "array", "x-label": "条件", "items": {"type": "object", "properties": {
    "id": {"type": "string"}, "title": {"type": "string"}, "outcome": {"type": "string"},
    "list": {"type": "integer", "x-label": "满足条件的是第几组材料"},
    "materials": {"type": "array", "x-label": "材料", "items": {"type": "object", "properties": {
      "material": {"type": "string"}, "title": {"type": "string"}, "service": {"type": "string"},
      "outcome": {"type": "string"}, "answer": {}, "fault": {}},
      "required": ["material", "service", "outcome"]}}},
    "required": ["id", "outcome", "materials"]}},
  "to_bring": {"type": "object", "x-label": "一次性告知", "properties": {
    "needed": {"type": "array", "x-label": "还需提交", "items": {"type": "object", "properties": {
      "requirement": {"type": "string"}, "material": {"type": "string"}, "department": {"type": "string"},
      "title": {"type": "string"}, "why": {"type": "string"}}, "required": ["requirement", "title", "why"]}},
    "may_follow": {"type": "array", "x-label": "可以容缺后补", "items": {"type": "object", "properties": {
      "requirement": {"type": "string"}, "material": {"type": "string"}, "department": {"type": "string"},
      "title": {"type": "string"}, "why": {"type": "string"}, "until": {"type": "string", "format": "date"}},
      "required": ["requirement", "title", "why", "until"]}},
    "awaited": {"type": "array", "x-label": "部门稍后答复", "items": {"type": "object", "properties": {
      "requirement": {"type": "string"}, "material": {"type": "string"}, "department": {"type": "string"},
      "title": {"type": "string"}}, "required": ["requirement", "title"]}},
    "not_needed": {"type": "array", "x-label": "无需提交", "items": {"type": "object", "properties": {
      "requirement": {"type": "string"}, "material": {"type": "string"}, "department": {"type": "string"},
      "title": {"type": "string"}}, "required": ["requirement", "title"]}},
    "questions": {"type": "array", "x-label": "尚需说明", "items": {"type": "object", "properties": {
      "fact": {"type": "string"}, "title": {"type": "string"},
      "choices": {"type": "array", "items": {"type": "object", "properties": {
        "value": {"type": "string"}, "title": {"type": "string"}}, "required": ["value", "title"]}}},
      "required": ["fact", "title", "choices"]}},
    "text": {"type": "array", "x-label": "可朗读和打印的文字", "items": {"type": "object", "properties": {
      "language": {"type": "string"}, "text": {"type": "string"}}, "required": ["language", "text"]}}},
    "required": ["needed", "may_follow", "awaited", "not_needed", "questions", "text"]}},
  "required": ["exchange", "matter", "outcome", "requirements"]})";

inline constexpr std::string_view kMode = R"({"type": "string", "enum": ["all_or_nothing", "as_available"],
  "x-label": "缺件时不给任何证照，还是有什么给什么"})";

}  // namespace datong::contracts
