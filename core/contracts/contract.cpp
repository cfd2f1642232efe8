#include "core/contracts/contract.h"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/contracts/schemas.h"

namespace datong::contracts {
namespace {

using record::Record;

/// A schema of ours, written as JSON.
Record schema(std::string_view json) {
    auto read = codec::read_json(json);
    return read ? std::move(*read) : Record{};
}

constexpr int kDeepest = 32;

/// A schema of a mapping in one piece: local references are replaced by what they name (they make no circle, or the
/// mapping would not have compiled), notes about the file itself are left out.
/// @param may_miss  fields that are required of the record may be hidden from a caller; else it is a query, which holds
///                  what the schema lists and nothing else.
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
    const Record* listed = at.find("properties");
    if (is_schema && !may_miss && listed != nullptr && !listed->members().empty()) {
        object.put("additionalProperties", Record::boolean(false));
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

/// Whether `is` is true of one of the services that a matter may ask.
template <class Is>
bool any_service(const catalogue::Matter& matter, Is is) {
    return std::ranges::any_of(matter.requirements, [&](const catalogue::Requirement& requirement) {
        return std::ranges::any_of(requirement.any_of, [&](const std::vector<catalogue::Material>& list) {
            return std::ranges::any_of(list, [&](const catalogue::Material& one) { return is(*one.service); });
        });
    });
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
    Record asked = query.is_null() ? open_object() : in_one_piece(query, query, kAllThere, 0);
    if (!query.is_null()) {
        asked.put("additionalProperties", Record::boolean(false));  // one that lists nothing holds nothing, too
    }
    properties.put("query", std::move(asked));
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
                      .may_wait = service.is_submit(),
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
    const bool has_files = any_service(matter, [](const catalogue::Service& one) { return !one.files.empty(); });
    if (has_files) {
        properties.put("files", schema(kWantedFiles));
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
            .may_wait = matter.submits ||
                        any_service(matter, [](const catalogue::Service& one) { return one.slow.has_value(); }),
            .has_files = has_files};
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
            .may_wait = false};
}

}  // namespace datong::contracts
