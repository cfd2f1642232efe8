#include "core/catalogue/names.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/base/text.h"
#include "core/catalogue/predicate_check.h"
#include "core/mapping/engine.h"
#include "core/record/date.h"
#include "core/record/decimal.h"

namespace datong::catalogue {
namespace {

using mapping::Shape;
using Steps = std::span<const std::string_view>;

/// How a pointer is walked by the code that uses it.
struct Walk {
    bool lists{};        ///< '*' is every item of a list
    bool every_name{};   ///< '*' is every member of an object, too
    bool leaves_only{};  ///< it must end at a scalar
};

constexpr Walk kOfGrant{.lists = true, .every_name = true};
constexpr Walk kOfPerson{.lists = true, .leaves_only = true};
constexpr Walk kOfTime{.leaves_only = true};

bool leads(const Shape& at, Steps steps, const Walk& walk) {
    if (steps.empty()) {
        return !walk.leaves_only || at.kind == Shape::Kind::scalar;
    }
    const Steps rest = steps.subspan(1);
    if (at.kind == Shape::Kind::list) {
        return walk.lists && steps.front() == "*" && leads(at.item(), rest, walk);
    }
    if (walk.every_name && steps.front() == "*") {
        return std::any_of(at.members.begin(), at.members.end(),
                           [&](const Shape& member) { return leads(member, rest, walk); });
    }
    const Shape* member = at.member(steps.front());
    return member != nullptr && leads(*member, rest, walk);
}

bool leads(const Shape& root, const std::string& pointer, const Walk& walk) {
    const auto steps = split(pointer, '/');
    return pointer.starts_with('/') && leads(root, Steps{steps}.subspan(1), walk);
}

/// Every pointer that leads somewhere.
void gather(const Shape& at, const std::string& pointer, const Walk& walk, std::vector<std::string>& all) {
    if (!pointer.empty() && (!walk.leaves_only || at.kind == Shape::Kind::scalar)) {
        all.push_back(pointer);
    }
    if (at.kind == Shape::Kind::list) {
        if (walk.lists) {
            gather(at.item(), pointer + "/*", walk, all);
        }
        return;
    }
    for (const Shape& member : at.members) {
        gather(member, pointer + '/' + member.name, walk, all);
    }
}

void say_unknown(Mistakes& mistakes, const yaml::Node& at, const std::string& name,
                 const std::vector<std::string>& known) {
    const auto meant = nearest(name, known);
    mistakes.push_back({at.where, "C214", Severity::error, "模式中没有 '" + name + "'",
                        "the schema has no '" + name + "'", meant ? *meant : std::string{}});
}

/// A member that no pointer of a grant, a mapping or a predicate can name; nullptr: there is none.
const Shape* unnameable(const Shape& at) {
    if (at.kind == Shape::Kind::list) {
        return unnameable(at.item());
    }
    for (const Shape& member : at.members) {
        if (member.name.empty() || member.name == "*" || member.name.find_first_of("/~") != std::string::npos) {
            return &member;
        }
        if (const Shape* found = unnameable(member); found != nullptr) {
            return found;
        }
    }
    return nullptr;
}

/// Whether any leaf is personal or sensitive, or says no class.
bool speaks_of_persons(const Shape& shape) {
    if (shape.kind == Shape::Kind::scalar) {
        return shape.privacy.value_or(mapping::Privacy::sensitive) >= mapping::Privacy::personal;
    }
    return std::any_of(shape.members.begin(), shape.members.end(), speaks_of_persons);
}

/// nullptr where there is nothing to compare with: the mapping has mistakes of its own, or no schema.
const Shape* certificate_of(const Service& service) {
    const bool has = service.response && !service.response->program().target_shape.members.empty();
    return has ? &service.response->program().target_shape : nullptr;
}
const Shape* query_of(const Service& service) {
    const bool has = service.request && service.request->program().has_source_shape;
    return has ? &service.request->program().source_shape : nullptr;
}

/// The shape that a pointer leads to; nullptr when it leads nowhere.
const Shape* shape_at(const Shape& at, Steps steps) {
    if (steps.empty()) {
        return &at;
    }
    if (at.kind == Shape::Kind::list) {
        return steps.front() == "*" ? shape_at(at.item(), steps.subspan(1)) : nullptr;
    }
    const Shape* member = at.member(steps.front());
    return member != nullptr ? shape_at(*member, steps.subspan(1)) : nullptr;
}

bool has_order(const Shape& leaf) {
    return leaf.type == "number" || leaf.type == "integer" || leaf.format == "date" || leaf.format == "date-time";
}

void check_pointer(Loading& loading, const yaml::Node* at, const std::string& pointer, const Shape* certificate,
                   const Walk& walk) {
    if (at == nullptr || certificate == nullptr || !pointer.starts_with('/') || leads(*certificate, pointer, walk)) {
        return;
    }
    std::vector<std::string> known;
    gather(*certificate, "", walk, known);
    say_unknown(loading.mistakes, *at, pointer, known);
}

/// The state of a submission stands in the receipt, and in what the department says when it is asked later.
void check_state(Loading& loading, const yaml::Node& service_node, const Service& service) {
    if (!service.is_submit() || service.submission->state.empty()) {
        return;
    }
    const Submission& submission = *service.submission;
    const yaml::Node* at = service_node.find("submit");
    at = at != nullptr ? at->find("state") : nullptr;
    check_pointer(loading, at, submission.state, certificate_of(service), kOfTime);
    const bool asked = submission.ask && submission.ask->response;
    const Shape* later = asked ? &submission.ask->response->program().target_shape : nullptr;
    check_pointer(loading, at, submission.state, later, kOfTime);
}

/// Whether a query's value names what the context has; a constant does.
bool is_path_into_call(const std::string& written) {
    if (!written.starts_with("$.")) {
        return true;
    }
    const auto steps = split(std::string_view{written}.substr(2), '.');
    constexpr std::array<std::string_view, 3> kMembers{"id_type", "id_no", "name"};
    if (steps.front() == "facts") {
        return steps.size() > 1;
    }
    if (steps.front() == "operator") {
        return steps.size() == 2 && steps[1] == "division";
    }
    const bool is_person = steps.front() == "subject" || steps.front() == "applicant" || steps.front() == "agent";
    return is_person && steps.size() == 2 && std::find(kMembers.begin(), kMembers.end(), steps[1]) != kMembers.end();
}

}  // namespace

void check_names(Loading& loading, const yaml::Node& service_node, const Service& service) {
    const Shape* certificate = certificate_of(service);
    if (const yaml::Node* person = service_node.find("person"); person != nullptr) {
        check_pointer(loading, person->find("id"), service.person.id, certificate, kOfPerson);
        check_pointer(loading, person->find("name"), service.person.name, certificate, kOfPerson);
        if (service.person.nobody && certificate != nullptr && speaks_of_persons(*certificate)) {
            loading.mistake(*person, "C103", "证照含有个人信息, 须写明 person 的指针, 不能写 none",
                            "the certificate holds personal fields: say where its person stands, not none");
        }
    }
    if (const Shape* bad = certificate != nullptr ? unnameable(*certificate) : nullptr; bad != nullptr) {
        const yaml::Node* at = service_node.find("response");
        loading.mistake(at != nullptr ? *at : service_node, "C103",
                        "证照字段名 '" + bad->name + "' 不能为空、不能是 *, 也不能含 / 或 ~",
                        "a certificate's field must have a name, not *, and without / and ~: '" + bad->name + "'");
    }
    check_state(loading, service_node, service);
    const yaml::Node* time = service_node.find("record_time");
    if (time != nullptr && !service.record_time.starts_with('/')) {
        loading.mistake(*time, "C103", "应为 JSON 指针, 如 /issuedDate", "must be a JSON pointer such as /issuedDate");
    }
    check_pointer(loading, time, service.record_time, certificate, kOfTime);
    const Shape* query = query_of(service);
    const yaml::Node* searched = service_node.find("searched_division");
    if (searched != nullptr && !service.searched_division.empty() && query != nullptr &&
        query->member(service.searched_division) == nullptr) {
        say_unknown(loading.mistakes, *searched, service.searched_division, query->member_names());
    }
}

void check_fields(const Snapshot& snapshot, const yaml::Node& node, std::string_view member, const policy::Grant& grant,
                  Mistakes& mistakes) {
    std::vector<const Shape*> certificates;
    for (const std::string& name : grant.services) {
        const Service* service = snapshot.service(name);
        const Shape* certificate = service != nullptr ? certificate_of(*service) : nullptr;
        if (certificate == nullptr) {
            return;  // a mistake of its own, or nothing to compare with
        }
        certificates.push_back(certificate);
    }
    const yaml::Node* written = node.find(member);
    const std::vector<std::string>& fields = member == "verify" ? grant.verify : grant.fields;
    constexpr std::size_t kMostMistakes = 20;  // each costs a comparison with all that there is
    std::size_t unknown = 0;
    std::vector<std::string> known;
    for (std::size_t i = 0; written != nullptr && i < fields.size() && unknown < kMostMistakes; ++i) {
        const bool is_known =
            fields[i] == "*" || std::any_of(certificates.begin(), certificates.end(),
                                            [&](const Shape* one) { return leads(*one, fields[i], kOfGrant); });
        if (is_known) {
            continue;
        }
        for (std::size_t j = 0; unknown == 0 && j < certificates.size(); ++j) {
            gather(*certificates[j], "", kOfGrant, known);
        }
        ++unknown;
        say_unknown(mistakes, i < written->items.size() ? written->items[i] : *written, fields[i], known);
    }
}

void check_shown(Loading& loading, const yaml::Node* node, const Service& service,
                 const std::vector<std::string>& fields) {
    const Shape* certificate = certificate_of(service);
    for (std::size_t i = 0; node != nullptr && certificate != nullptr && i < fields.size(); ++i) {
        if (fields[i] != "*" && !leads(*certificate, fields[i], kOfGrant)) {
            std::vector<std::string> known;
            gather(*certificate, "", kOfGrant, known);
            say_unknown(loading.mistakes, i < node->items.size() ? node->items[i] : *node, fields[i], known);
        }
    }
}

std::vector<std::string> fields_of(const Service& service) {
    std::vector<std::string> fields;
    if (const Shape* certificate = certificate_of(service); certificate != nullptr) {
        gather(*certificate, "", {.lists = true, .leaves_only = true}, fields);
    }
    return fields;
}

void check_names(Loading& loading, const yaml::Node& query_node, const Material& material) {
    const Shape* query = query_of(*material.service);
    for (const auto& [key, value] : query_node.entries) {
        if (query != nullptr && query->member(key.text) == nullptr) {
            say_unknown(loading.mistakes, key, key.text, query->member_names());
        }
        if (!is_path_into_call(value.text)) {
            loading.mistake(value, "C214", "调用中没有 '" + value.text + "'", "a call has no '" + value.text + "'",
                            "$.facts.NAME, $.operator.division, or $.subject, $.applicant, $.agent with .id_type, "
                            ".id_no or .name");
        }
    }
}

namespace {

const Shape* leaf_of(const Service& service, const policy::Predicate& predicate) {
    const Shape* certificate = certificate_of(service);
    const auto steps = split(predicate.field, '/');
    return certificate != nullptr ? shape_at(*certificate, Steps{steps}.subspan(1)) : nullptr;
}

}  // namespace

std::vector<std::string> codes_of(const Service& service, const std::string& field) {
    const Shape* leaf = leaf_of(service, {.field = field, .op = policy::Relation::exists, .value = {}});
    return leaf != nullptr ? leaf->codes : std::vector<std::string>{};
}

namespace {

bool can_compare(const Shape& leaf, const record::Record& value) {
    const std::string text{value.scalar()};
    if (leaf.type == "number" || leaf.type == "integer") {
        return record::Decimal::parse(text).has_value();
    }
    if (leaf.format == "date") {
        return record::parse_iso_date(text).has_value();
    }
    return leaf.format != "date-time" || record::parse_rfc3339(text).has_value();
}

}  // namespace

std::string wrong_value(const Service& service, const policy::Predicate& predicate) {
    const Shape* leaf = leaf_of(service, predicate);
    if (leaf == nullptr || predicate.op == policy::Relation::exists) {
        return {};
    }
    const record::Record& value = predicate.value;
    const auto fits = [leaf](const record::Record& one) { return can_compare(*leaf, one); };
    const bool all = value.is_list() ? std::all_of(value.items().begin(), value.items().end(), fits) : fits(value);
    return all ? std::string{} : "the value is no " + (leaf->format.empty() ? leaf->type : leaf->format);
}

namespace {

/// A name as schemas have it: what else stands there is no misspelling.
bool is_plain(std::string_view name) {
    constexpr std::size_t kLongest = 64;
    return name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                      c == '-';
           });
}

std::string unknown_member(const Shape& at, const std::string& pointer, std::string_view name) {
    const std::vector<std::string> known = at.member_names();
    if (const auto meant = is_plain(name) ? nearest(name, known) : std::nullopt; meant) {
        return pointer + " has no member '" + std::string{name} + "'; did you mean '" + *meant + "'?";
    }
    std::string all;
    for (const std::string& one : known) {
        all += (all.empty() ? "" : ", ") + one;
    }
    return pointer + " has an unknown member; it has " + (all.empty() ? "none" : all);
}

/// An object whose members no schema lists, below the query, may have any.
std::string wrong_member_at(const Shape& at, const record::Record& value, const std::string& pointer) {
    if (at.kind == Shape::Kind::list && !at.members.empty()) {
        std::string wrong = wrong_member_at(at.item(), value, pointer);  // paths read a list that came as one object
        for (std::size_t i = 0; wrong.empty() && i < value.items().size(); ++i) {
            wrong = wrong_member_at(at.item(), value.items()[i], pointer + '/' + std::to_string(i));
        }
        return wrong;
    }
    const bool is_object = at.kind == Shape::Kind::object;
    std::string wrong;
    for (std::size_t i = 0; is_object && wrong.empty() && i < value.members().size(); ++i) {
        const record::Member& one = value.members()[i];
        const Shape* member = at.member(one.name.view());
        const bool is_open =
            member != nullptr && member->item().kind == Shape::Kind::object && member->item().members.empty();
        wrong = member == nullptr ? unknown_member(at, pointer, one.name.view())
                : is_open         ? std::string{}
                                  : wrong_member_at(*member, one.value, pointer + '/' + member->name);
    }
    return wrong;
}

}  // namespace

std::string wrong_member(const Service& service, const record::Record& query) {
    const Shape* known = query_of(service);
    return known != nullptr ? wrong_member_at(*known, query, "/query") : std::string{};
}

std::string wrong_with(const Service& service, const policy::Predicate& predicate) {
    if (service.response == nullptr) {
        return {};  // a mistake of its own
    }
    const Shape* leaf = leaf_of(service, predicate);
    if (leaf == nullptr) {
        return "the certificate has no such field";
    }
    if (predicate.op == policy::Relation::exists) {
        return {};
    }
    if (leaf->kind != Shape::Kind::scalar) {
        return "only exists can be asked of what has members or items";
    }
    const bool is_ordered = predicate.op == policy::Relation::at_least || predicate.op == policy::Relation::at_most;
    return is_ordered && !has_order(*leaf) ? "at_least and at_most are for numbers and dates" : std::string{};
}

void check_predicates(Loading& loading, const yaml::Node& node, const Material& material) {
    if (!material.verify.empty() && !material.service->offers_verify) {
        loading.mistake(node, "C213", "服务 " + material.service->id + " 不提供核验",
                        "service " + material.service->id + " offers no verify", "offers: [query, verify]");
    }
    if (material.verify.empty() && material.service->kind == "verify" && node.find("subset") == nullptr) {
        loading.mistake(node, "C102", "服务 " + material.service->id + " 只核验, 须写 verify",
                        "service " + material.service->id + " answers predicates only: say which under verify",
                        "verify: [{field: /status, operator: equals, value: active}]");
    }
    for (const policy::Predicate& one : material.verify) {
        if (const std::string wrong = wrong_with(*material.service, one); !wrong.empty()) {
            loading.mistake(node, "C214", "核验条件 " + one.field + " 不可用", one.field + ": " + wrong);
        }
        if (one.value.is_text() && !is_path_into_call(std::string{one.value.scalar()})) {
            loading.mistake(node, "C214", "调用中没有所写的值",
                            "a call has no '" + std::string{one.value.scalar()} + "'");
        }
    }
}

}  // namespace datong::catalogue
