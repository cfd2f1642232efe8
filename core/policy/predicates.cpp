#include "core/policy/predicates.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "core/record/date.h"
#include "core/record/decimal.h"

namespace datong::policy {
namespace {

using record::Record;

constexpr std::array<std::string_view, 6> kRelations{"equals", "not_equals", "at_least", "at_most", "in", "exists"};
constexpr std::size_t kMostText = 200;

std::optional<Relation> relation_by_name(std::string_view name) {
    const auto found = std::find(kRelations.begin(), kRelations.end(), name);
    return found == kRelations.end() ? std::nullopt : std::optional{static_cast<Relation>(found - kRelations.begin())};
}

bool is_plain(const Record& value) {
    return (value.is_text() || value.is_number() || value.is_boolean()) && value.scalar().size() <= kMostText;
}

bool is_pointer(std::string_view field) {
    return field.starts_with('/') && field.size() <= kMostText && is_utf8(field);
}

/// Every scalar that a pointer with '*' meets.
void gather(const Record& at, std::span<const std::string_view> steps, std::vector<const Record*>& found) {
    if (steps.empty()) {
        if (!at.is_null()) {
            found.push_back(&at);
        }
        return;
    }
    if (steps.front() == "*") {
        for (const Record& item : at.items()) {
            gather(item, steps.subspan(1), found);
        }
        return;
    }
    if (const Record* next = at.find(steps.front()); next != nullptr) {
        gather(*next, steps.subspan(1), found);
    }
}

/// How two values stand; nullopt when they can't be compared.
std::optional<int> compare(const Record& leaf, const Record& value) {
    if (leaf.is_number()) {
        const auto one = record::Decimal::parse(leaf.scalar());
        const auto other = record::Decimal::parse(value.scalar());
        if (!one || !other) {
            return std::nullopt;
        }
        return *one < *other ? -1 : *one > *other ? 1 : 0;
    }
    const auto moment = record::parse_rfc3339(leaf.scalar());
    const auto other = record::parse_rfc3339(value.scalar());
    if (moment && other) {  // one moment is written in many ways
        return *moment < *other ? -1 : *moment > *other ? 1 : 0;
    }
    const int order = leaf.scalar().compare(value.scalar());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

struct Comparison {
    const Predicate& predicate;
    const PersonPointers& person;

    [[nodiscard]] bool same(const Record& leaf, const Record& value) const {
        if (!person.id.empty() && predicate.field == person.id) {
            return normal_id(leaf.scalar()) == normal_id(value.scalar());
        }
        if (!person.name.empty() && predicate.field == person.name) {
            return normal_name(leaf.scalar()) == normal_name(value.scalar());
        }
        return compare(leaf, value) == 0;
    }

    [[nodiscard]] bool holds(const Record& leaf) const {
        const Record& value = predicate.value;
        switch (predicate.op) {
            case Relation::equals:
                return same(leaf, value);
            case Relation::not_equals:
                return !same(leaf, value);
            case Relation::at_least:
                return compare(leaf, value).value_or(-1) >= 0;
            case Relation::at_most:
                return compare(leaf, value).value_or(1) <= 0;
            case Relation::in:
                return std::any_of(value.items().begin(), value.items().end(),
                                   [&](const Record& one) { return same(leaf, one); });
            case Relation::exists:
                break;
        }
        return true;
    }
};

}  // namespace

bool fits(Relation op, const Record& value) {
    switch (op) {
        case Relation::in:
            return value.is_list() && !value.items().empty() && value.items().size() <= kMostChoices &&
                   std::all_of(value.items().begin(), value.items().end(), is_plain);
        case Relation::exists:
            return value.is_boolean();
        default:
            return is_plain(value);
    }
}

std::uint64_t guesses_in(std::span<const Predicate> predicates) {
    std::uint64_t guesses = 0;
    for (const Predicate& one : predicates) {
        guesses += one.op == Relation::in ? one.value.items().size() : 1;
    }
    return guesses;
}

std::string_view name_of(Relation op) {
    return kRelations[static_cast<std::size_t>(op)];
}

std::string_view name_of(Verdict verdict) {
    constexpr std::array<std::string_view, 3> kNames{"match", "mismatch", "not_found"};
    return kNames[static_cast<std::size_t>(verdict)];
}

Result<std::vector<Predicate>> read_predicates(const Record& list, const std::string& pointer) {
    if (!list.is_list() || list.items().empty() || list.items().size() > kMostPredicates) {
        return fail(Fault::bad_request, pointer + " must be a list of 1 to 20 {field, operator, value}");
    }
    std::vector<Predicate> all;
    for (const Record& item : list.items()) {
        const std::string at = pointer + '/' + std::to_string(all.size());
        for (const record::Member& member : item.members()) {
            if (member.name != "field" && member.name != "operator" && member.name != "value") {
                return fail(Fault::bad_request, at + " holds field, operator and value only");
            }
        }
        const auto op = relation_by_name(item.text_of("operator"));
        if (!is_pointer(item.text_of("field"))) {
            return fail(Fault::bad_request, at + "/field must be a JSON pointer such as /holders/*/name");
        }
        if (!op) {
            return fail(Fault::bad_request,
                        at + "/operator must be equals, not_equals, at_least, at_most, in or exists");
        }
        const Record* value = item.find("value");
        Record given = value != nullptr ? *value : *op == Relation::exists ? Record::boolean(true) : Record{};
        if (!fits(*op, given)) {
            return fail(Fault::bad_request, at + "/value must be a text, a number or a boolean; of in a list of "
                                                 "at most 50; of exists a boolean");
        }
        all.push_back({.field = item.text_of("field"), .op = *op, .value = std::move(given)});
    }
    return all;
}

Record to_record(std::span<const Predicate> predicates) {
    Record list = Record::list();
    for (const Predicate& one : predicates) {
        Record item = Record::object();
        item.put("field", Record::text(one.field));
        item.put("operator", Record::text(std::string{name_of(one.op)}));
        item.put("value", one.value);
        list.add(std::move(item));
    }
    return list;
}

Verdict judge(const Record& content, const Predicate& predicate, const PersonPointers& person) {
    const auto steps = split(predicate.field, '/');
    std::vector<const Record*> leaves;
    gather(content, std::span{steps}.subspan(1), leaves);
    if (predicate.op == Relation::exists) {
        return leaves.empty() != predicate.value.truth() ? Verdict::match : Verdict::mismatch;
    }
    if (leaves.empty()) {
        return Verdict::not_found;
    }
    const Comparison comparison{predicate, person};
    const auto holds = [&](const Record* leaf) { return comparison.holds(*leaf); };
    // "not equal" of a list means that none of its items is equal
    const bool fulfilled = predicate.op == Relation::not_equals ? std::all_of(leaves.begin(), leaves.end(), holds)
                                                                : std::any_of(leaves.begin(), leaves.end(), holds);
    return fulfilled ? Verdict::match : Verdict::mismatch;
}

}  // namespace datong::policy
