#include "core/platforms/licence_record.h"

#include <algorithm>
#include <span>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/contracts/contract.h"
#include "core/files/place.h"
#include "core/steps/identifiers.h"

namespace datong::platforms {
namespace {

using catalogue::Licence;
using record::Record;

bool holds(const std::vector<std::string>& values, std::string_view value) {
    return std::ranges::find(values, value) != values.end();
}

bool begins_as(std::string_view file, std::string_view type) {
    return type == "pdf" ? file.starts_with("%PDF-") : file.starts_with("PK\x03\x04");
}

/// What is known on the way down to a leaf.
struct Way {
    const Record* schema{};
    std::string pointer;
    std::string label;
};

std::string own_or(const Record* schema, std::string_view name, const std::string& otherwise) {
    const std::string own = schema != nullptr ? schema->text_of(name) : std::string{};
    return own.empty() ? otherwise : own;
}

Way below(const Way& way, std::string_view name, bool is_item) {
    const Record* schema = way.schema != nullptr ? way.schema->find(is_item ? "items" : "properties") : nullptr;
    schema = schema != nullptr && !is_item ? schema->find(name) : schema;
    const std::string number = is_item ? std::to_string(*to_whole_number(name) + 1) : std::string{};
    return {.schema = schema,
            .pointer = way.pointer + '/' + std::string{name},
            .label = own_or(schema, "x-label", is_item ? way.label + number : std::string{name})};
}

void add_leaves(const Record& at, const Way& way, const Licence& licence, Record& fields) {
    for (const record::Member& member : at.members()) {
        add_leaves(member.value, below(way, member.name.view(), false), licence, fields);
    }
    for (std::size_t i = 0; i < at.items().size(); ++i) {
        add_leaves(at.items()[i], below(way, std::to_string(i), true), licence, fields);
    }
    if (!at.is_scalar() || at.is_null() || way.pointer == licence.file) {
        return;
    }
    Record field = Record::object();
    field.put("name", Record::text(way.label));
    field.put("value", Record::text(at.scalar_text()));
    field.put("valueType", Record::text(own_or(way.schema, "type", "string")));
    field.put("columnName", Record::text(way.pointer.substr(1)));
    field.put("orderNum", Record::integer(static_cast<long long>(fields.items().size()) + 1));
    fields.add(std::move(field));
}

/// Every leaf of a schema but the file and what predicates answer.
void define_leaves(const Record& at, const std::string& pointer, const Licence& licence, Record& fields) {
    const Record* items = at.find("items");
    const Record* members = at.find("properties");
    if (items != nullptr) {
        define_leaves(*items, pointer + "/*", licence, fields);
        return;
    }
    for (const record::Member& member : members != nullptr ? members->members() : Record::Object{}) {
        const std::string place = pointer + '/' + std::string{member.name.view()};
        if (place != licence.file && place != "/results") {
            define_leaves(member.value, place, licence, fields);
        }
    }
    if (members == nullptr) {
        Record field = Record::object();
        field.put("name", Record::text(at.text_of("x-label")));
        field.put("columnName", Record::text(pointer.substr(std::min<std::size_t>(1, pointer.size()))));
        field.put("valueType", Record::text(at.text_of("type")));
        field.put("orderNum", Record::integer(static_cast<long long>(fields.items().size()) + 1));
        fields.add(std::move(field));
    }
}

}  // namespace

const Record* place_of(const Record& content, std::string_view pointer) {
    return pointer.empty() ? nullptr : files::find_place(content, pointer);
}

std::string text_at(const Record& content, std::string_view pointer) {
    const Record* at = place_of(content, pointer);
    return at != nullptr ? std::string{at->scalar()} : std::string{};
}

Status check_licence(const Licence& licence, const Record& content) {
    const std::string identifier = text_at(content, licence.identifier);
    if (!identifier.empty() && steps::licence_id_mistake(identifier)) {
        return fail(Fault::department_invalid, licence.identifier + ": no identifier of a licence");
    }
    const Record* file = place_of(content, licence.file);
    if (file == nullptr) {
        return {};
    }
    const auto octets = from_base64(file->scalar());
    if (!octets || !begins_as(*octets, licence.file_type)) {
        return fail(Fault::department_invalid, licence.file + ": no Base64 of a " + licence.file_type + " file");
    }
    return {};
}

void judge_licences(exchange::Request& request, const exchange::Visit& visit) {
    request.judge = [snapshot = visit.snapshot](const catalogue::Service& service, const Record& content) {
        const Licence* licence = snapshot->licence_of(service.id);
        return licence != nullptr ? check_licence(*licence, content) : Status{};
    };
}

Condition condition_of(const Licence& licence, const Record& content, std::string_view today) {
    const std::string state = text_at(content, licence.state);
    if (holds(licence.voided, state)) {
        return Condition::voided;
    }
    if (holds(licence.suspended, state)) {
        return Condition::suspended;
    }
    if (holds(licence.inactive, state)) {
        return Condition::inactive;
    }
    const std::string valid_to = text_at(content, licence.valid_to);
    return !valid_to.empty() && valid_to < today ? Condition::expired : Condition::good;
}

Record surface_of(const Licence& licence, const Record& content) {
    Record fields = Record::list();
    add_leaves(content, {.schema = &licence.service->response->target_schema(), .pointer = {}, .label = {}}, licence,
               fields);
    return fields;
}

std::string licence_definition(const Licence& licence) {
    const Record schema = contracts::contract_of(*licence.service).answer;
    const Record* content = schema.find_path({"properties", "content"});
    Record fields = Record::list();
    if (content != nullptr) {
        define_leaves(*content, {}, licence, fields);
    }
    Record made = Record::object();
    made.put("certName", Record::text(licence.title));
    made.put("certTypeCode", Record::text(licence.code));
    made.put("fields", std::move(fields));
    return codec::write_json(made);
}

std::optional<LicenceFile> licence_file(const exchange::Answer& answer, const exchange::Visit& visit) {
    const Licence* licence = answer.is_problem ? nullptr : visit.snapshot->licence_of(visit.request.name);
    const auto native = licence != nullptr ? codec::read_json(answer.body) : Result<Record>{Record{}};
    const Record* content = native ? native->find("content") : nullptr;
    const Record* file = content != nullptr ? place_of(*content, licence->file) : nullptr;
    auto octets = file != nullptr ? from_base64(file->scalar()) : std::nullopt;
    if (!octets) {
        return std::nullopt;
    }
    return LicenceFile{.octets = std::move(*octets),
                       .media_type = licence->file_type == "pdf" ? "application/pdf" : "application/ofd"};
}

Record without_file(const Licence& licence, Record content) {
    return files::without(std::move(content), std::span{&licence.file, 1});
}

}  // namespace datong::platforms
