#include "core/contracts/contract.h"

#include <initializer_list>
#include <span>

#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::contracts {
namespace {

using record::Record;

/// A schema of ours, written as JSON.
Record schema(std::string_view json) {
    auto read = codec::read_json(json);
    return read ? std::move(*read) : Record{};
}

// Source: core/policy/context.cpp, which refuses what is not as said here.
constexpr std::string_view kPerson = R"({"type": "object", "x-label": "LABEL", "properties": {
  "name": {"type": "string", "minLength": 1, "maxLength": 200, "x-label": "姓名或名称"},
  "id_no": {"type": "string", "minLength": 1, "maxLength": 200, "x-label": "证件号码"},
  "id_type": {"type": "string", "maxLength": 200, "x-label": "证件类型，GA/T 517 或 GB/T 36903，不写为 111"}},
  "required": ["name", "id_no"], "additionalProperties": false})";

constexpr std::string_view kContext = R"({"type": "object", "x-label": "调用依据", "properties": {
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

constexpr std::string_view kVerify = R"({"type": "array", "minItems": 1, "maxItems": 20, "x-label": "核验条件",
  "items": {"type": "object", "properties": {
    "field": {"type": "string", "x-label": "字段的 JSON 指针"},
    "operator": {"type": "string", "enum": ["equals", "not_equals", "at_least", "at_most", "in", "exists"]},
    "value": {}}, "required": ["field", "operator"], "additionalProperties": false}})";

constexpr std::string_view kResults = R"({"type": "array", "x-label": "核验结果", "items": {"type": "object",
  "properties": {"field": {"type": "string"},
    "operator": {"type": "string", "enum": ["equals", "not_equals", "at_least", "at_most", "in", "exists"]},
    "value": {}, "result": {"type": "string", "enum": ["match", "mismatch", "not_found"]}},
  "required": ["field", "operator", "result"]}})";

// Source: docs/answer.md, written by core/exchange/issue.cpp.
constexpr std::string_view kEnvelope = R"({"type": "object", "x-label": "答复", "properties": {
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
constexpr std::string_view kFiles = R"({"type": "array", "x-label": "文件", "items": {"type": "object", "properties": {
  "path": {"type": "string", "x-label": "在 content 中的位置"}, "media_type": {"type": "string", "x-label": "媒体类型"},
  "length": {"type": "integer", "x-label": "字节数"},
  "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "x-label": "SHA-256"},
  "url": {"type": "string", "x-label": "取文件的地址，须签名 GET"},
  "until": {"type": "string", "format": "date-time", "x-label": "地址有效至"}},
  "required": ["path", "media_type", "length", "sha256"]}})";

constexpr std::string_view kWantedFiles = R"({"type": "string", "enum": ["url"],
  "x-label": "url：所有文件都按地址另取；不写则小文件直接给出"})";

// Source: core/exchange/matter.cpp, core/matters/notice.cpp.
constexpr std::string_view kMatterAnswer = R"({"type": "object", "x-label": "答复", "properties": {
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

constexpr std::string_view kMode = R"({"type": "string", "enum": ["all_or_nothing", "as_available"],
  "x-label": "缺件时不给任何证照，还是有什么给什么"})";

constexpr int kDeepest = 32;

/// A schema of a mapping in one piece: local references are replaced by what they name (they make no circle, or the
/// mapping would not have compiled), notes about the file itself are left out.
/// @param may_miss  fields that are required of the record may be hidden from a caller.
Record in_one_piece(const Record& at, const Record& root, bool may_miss, int depth) {
    if (depth > kDeepest) {
        return Record::object();
    }
    if (at.is_list()) {
        Record list = Record::list();
        for (const Record& item : at.items()) {
            list.add(in_one_piece(item, root, may_miss, depth + 1));
        }
        return list;
    }
    if (!at.is_object()) {
        return at;
    }
    if (const Record* reference = at.find("$ref"); reference != nullptr) {
        const Record* named = &root;
        const auto parts = split(reference->scalar(), '/');
        for (std::size_t i = 1; i < parts.size() && named != nullptr; ++i) {
            named = named->find(parts[i]);
        }
        return named == nullptr ? Record::object() : in_one_piece(*named, root, may_miss, depth + 1);
    }
    const Record* type = at.find("type");
    const bool is_schema = type != nullptr && !type->is_object();  // else a member that is called so
    Record object = Record::object();
    for (const record::Member& member : at.members()) {
        const std::string_view name = member.name.view();
        const bool is_note = name.starts_with('$') || name == "x-class";
        if (!(is_schema && name == "required" && may_miss) && !is_note) {
            object.append(member.name, in_one_piece(member.value, root, may_miss, depth + 1));
        }
    }
    return object;
}

Record texts(std::initializer_list<std::string_view> values) {
    Record list = Record::list();
    for (const std::string_view value : values) {
        list.add(Record::text(std::string{value}));
    }
    return list;
}

Record& property(Record& object, std::string_view name) {
    return *object.find("properties")->find(name);
}

Record person_schema(std::string_view label, bool with_authority) {
    std::string text{kPerson};
    text.replace(text.find("LABEL"), 5, label);
    Record made = schema(text);
    if (with_authority) {
        Record authority = Record::object();
        authority.put("type", Record::text("string"));
        authority.put("x-label", Record::text("代办依据"));
        made.find("properties")->put("authority", std::move(authority));
    }
    return made;
}

Record context_schema(bool submits) {
    Record context = schema(kContext);
    Record& properties = *context.find("properties");
    properties.put("subject", person_schema("对象：数据所属的人", false));
    properties.put("applicant", person_schema("申请人", false));
    properties.put("agent", person_schema("代办人", true));
    if (submits) {
        context.find("required")->add(Record::text("idempotency_key"));
    }
    return context;
}

/// An object with these properties and nothing else.
Record body_schema(Record properties, std::initializer_list<std::string_view> required) {
    Record body = Record::object();
    body.put("type", Record::text("object"));
    body.put("properties", std::move(properties));
    body.put("required", texts(required));
    body.put("additionalProperties", Record::boolean(false));
    return body;
}

Record open_object() {
    Record any = Record::object();
    any.put("type", Record::text("object"));
    return any;
}

/// Says of the place of a file what stands there: Base64 of those types (RFC 8259 knows no octets).
/// @param steps  of its pointer, '*' an item of a list.
void describe_file(Record& at, std::span<const std::string_view> steps, const files::Rule& rule) {
    Record* next = steps.empty() ? nullptr : steps.front() == "*" ? at.find("items") : at.find("properties");
    next = next != nullptr && steps.front() != "*" ? next->find(steps.front()) : next;
    if (next != nullptr && steps.size() > 1) {
        describe_file(*next, steps.subspan(1), rule);
    } else if (next != nullptr) {
        Record described = Record::object();
        described.put("type", Record::text("string"));
        described.put("contentEncoding", Record::text("base64"));
        described.put("contentMediaType", Record::text(rule.media_types.front()));
        described.put("x-label", Record::text(next->text_of("x-label")));
        *next = std::move(described);
    }
}

/// What stands under `content`: the record, the results of predicates, or the one or the other.
Record content_schema(const catalogue::Service& service) {
    constexpr bool kMayMiss = true;
    const Record& record = service.response->target_schema();
    const bool shows = service.kind != "verify" && !record.is_null();
    Record content = shows ? in_one_piece(record, record, kMayMiss, 0) : open_object();
    if (content.find("properties") == nullptr) {
        content.put("properties", Record::object());
    }
    for (const files::Rule& rule : service.files) {
        const auto steps = split(rule.at, '/');
        describe_file(content, std::span{steps}.subspan(1), rule);
    }
    if (service.offers_verify && content.find("properties")->find("results") == nullptr) {
        content.find("properties")->put("results", schema(kResults));
    }
    return content;
}

/// The subsets that may be asked for by name, and what each is.
Record subset_schema(const catalogue::Service& service) {
    Record names = Record::list();
    std::string label = "字段子集，不写则为授权所给的全部";
    for (const catalogue::Subset& one : service.subsets) {
        names.add(Record::text(one.id));
        label += "；" + one.id + "：" + one.title.text;
    }
    Record subset = Record::object();
    subset.put("type", Record::text("string"));
    subset.put("enum", std::move(names));
    subset.put("x-label", Record::text(std::move(label)));
    return subset;
}

Record outcomes_of(const catalogue::Service& service) {
    if (service.is_submit()) {
        return texts({"accepted", "returned", "done", "refused", "deferred", "unknown"});
    }
    if (service.kind == "verify") {
        return texts({"match", "mismatch", "not_found"});
    }
    return service.offers_verify ? texts({"found", "not_found", "match", "mismatch"}) : texts({"found", "not_found"});
}

std::string major_of(std::string_view version) {
    return std::string{version.substr(0, version.find('.'))};
}

}  // namespace

record::Record call_schema(const catalogue::Service& service) {
    Record properties = Record::object();
    properties.put("context", context_schema(service.is_submit()));
    Record about = Record::object();
    about.put("type", Record::text("string"));
    about.put("enum", texts({"subject", "applicant", "agent"}));
    about.put("x-label", Record::text("所问的人，不写为 subject"));
    properties.put("about", std::move(about));
    const Record& query = service.request->source_schema();
    constexpr bool kAllThere = false;
    properties.put("query", query.is_null() ? open_object() : in_one_piece(query, query, kAllThere, 0));
    if (service.offers_verify) {
        properties.put("verify", schema(kVerify));
    }
    if (!service.subsets.empty()) {
        properties.put("subset", subset_schema(service));
    }
    if (!service.files.empty()) {
        properties.put("files", schema(kWantedFiles));
    }
    return body_schema(std::move(properties), {"context"});
}

std::string uri_of(const catalogue::Service& service) {
    return "urn:datong:service:" + service.id + ':' + major_of(service.version);
}

std::string uri_of(const catalogue::Matter& matter) {
    return "urn:datong:matter:" + matter.id + ':' + major_of(matter.version);
}

Contract contract_of(const catalogue::Service& service) {
    Contract contract{.id = service.id,
                      .version = service.version,
                      .title = service.title,
                      .title_en = service.title_en,
                      .path = "/v1/services/" + service.id,
                      .soap_path = "/soap/" + service.id,
                      .uri = uri_of(service),
                      .call = call_schema(service),
                      .answer = schema(kEnvelope),
                      .submits = service.is_submit(),
                      .has_files = !service.files.empty()};
    property(contract.answer, "outcome").put("enum", outcomes_of(service));
    property(contract.answer, "content") = content_schema(service);
    if (contract.has_files) {
        contract.answer.find("properties")->put("files", schema(kFiles));
    }
    return contract;
}

Contract contract_of(const catalogue::Matter& matter) {
    Record properties = Record::object();
    properties.put("context", context_schema(matter.submits));
    if (!matter.submits) {
        properties.put("mode", schema(kMode));
    }
    return {.id = matter.id,
            .version = matter.version,
            .title = matter.title.text,
            .title_en = matter.title.others.contains("en") ? matter.title.in("en") : std::string{},
            .path = "/v1/matters/" + matter.id + "/materials",
            .soap_path = "/soap/matters/" + matter.id,
            .uri = uri_of(matter),
            .call = body_schema(std::move(properties), {"context"}),
            .answer = schema(kMatterAnswer),
            .submits = matter.submits};
}

Contract contract_of_submissions() {
    Record id = Record::object();
    id.put("type", Record::text("string"));
    id.put("x-label", Record::text("提交时的交换编号"));
    Record properties = Record::object();
    properties.put("id", std::move(id));
    return {.id = "submissions",
            .version = "1.0.0",
            .title = "提交的办理状态",
            .title_en = "How far a submission is",
            .path = {},
            .soap_path = "/soap/submissions",
            .uri = "urn:datong:submissions:1",
            .call = body_schema(std::move(properties), {"id"}),
            .answer = Record::object(),
            .submits = false};
}

}  // namespace datong::contracts
