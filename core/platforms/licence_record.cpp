#include "core/platforms/licence_record.h"

#include <algorithm>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/exchange/problem.h"
#include "core/steps/identifiers.h"

namespace datong::platforms {
namespace {

using catalogue::Licence;
using record::Record;

std::vector<std::string_view> steps_of(std::string_view pointer) {
    return pointer.starts_with('/') ? split(pointer.substr(1), '/') : std::vector<std::string_view>{};
}

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

void remove_at(Record& at, std::span<const std::string_view> steps) {
    if (steps.empty() || !at.is_object()) {
        return;
    }
    if (steps.size() == 1) {
        std::erase_if(at.members_to_edit(),
                      [&](const record::Member& member) { return member.name.view() == steps[0]; });
    } else if (Record* next = at.find(steps[0]); next != nullptr) {
        remove_at(*next, steps.subspan(1));
    }
}

}  // namespace

const Record* place_of(const Record& content, std::string_view pointer) {
    const Record* at = pointer.empty() ? nullptr : &content;
    for (const std::string_view step : steps_of(pointer)) {
        at = at != nullptr ? at->find(step) : nullptr;
    }
    return at;
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

void refuse_licence(exchange::Answer& answer, Error why, const exchange::Visit& visit) {
    exchange::Trouble trouble{std::move(why)};
    exchange::Answer problem = exchange::problem_answer(trouble, visit.answer_id());
    for (std::string& reply : answer.reply_digests) {
        trouble.reply = std::move(reply);
        problem.reply_digests.push_back(exchange::reply_of(visit.request.name, trouble));
    }
    problem.certificate_digests = std::move(answer.certificate_digests);
    visit.results->clear();
    answer = std::move(problem);
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
    remove_at(content, steps_of(licence.file));
    return content;
}

}  // namespace datong::platforms
