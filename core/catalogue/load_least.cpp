#include <algorithm>
#include <iterator>

#include "core/base/text.h"
#include "core/catalogue/granting.h"
#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/catalogue/predicate_check.h"
#include "core/policy/fields.h"

// What a service, a material or the gateway says of least data (docs/least-data.md).
namespace datong::catalogue {
namespace {

using codec::SettingsReader;

constexpr record::Date kAnyDay{.year = 2000, .month = 1, .day = 1};

record::Record value_of(const yaml::Node& node) {
    if (node.is_list()) {
        record::Record list = record::Record::list();
        for (const yaml::Node& item : node.items) {
            list.add(record::Record::text(item.text));
        }
        return list;
    }
    return record::Record::text(node.text);
}

/// {field, operator, value}, as a call would bring it; a value is a text that is compared as its field is.
record::Record read_predicate(SettingsReader& reader) {
    record::Record one = record::Record::object();
    one.put("field", record::Record::text(reader.text("field")));
    const std::string op = reader.text("operator");
    one.put("operator", record::Record::text(op));
    if (const yaml::Node* value = reader.node("value"); value != nullptr) {
        one.put("value", op == "exists" ? record::Record::boolean(value->text == "true") : value_of(*value));
    }
    return one;
}

std::vector<policy::Predicate> checked(Loading& loading, const yaml::Node& node, const record::Record& list) {
    auto read = policy::read_predicates(list, "verify");
    if (!read) {
        loading.mistake(node, "C103", "verify 有误", read.error().detail());
        return {};
    }
    return std::move(*read);
}

/// Predicates of a subset: constants, or days that lie so many years before that of the call.
std::vector<FixedPredicate> read_fixed(Loading& loading, const yaml::Node& node) {
    constexpr std::int64_t kOldest = 150;
    record::Record list = record::Record::list();
    std::vector<std::optional<int>> years;
    for (const yaml::Node& item : node.items) {
        SettingsReader reader{item, loading.mistakes};
        record::Record one = read_predicate(reader);
        years.emplace_back();
        if (reader.node("years_ago") != nullptr) {
            years.back() = static_cast<int>(reader.whole("years_ago", 0, kOldest, 0));
            if (one.find("value") != nullptr) {
                loading.mistake(item, "C213", "value 与 years_ago 只写一个", "write value or years_ago, not both");
            }
            one.put("value", record::Record::text("2000-01-01"));  // any day: it is that of the call
        }
        reader.finish();
        list.add(std::move(one));
    }
    std::vector<FixedPredicate> all;
    for (policy::Predicate& one : checked(loading, node, list)) {
        all.push_back({.predicate = std::move(one), .years_ago = years[all.size()]});
    }
    return all;
}

void check_fixed(Loading& loading, const yaml::Node& node, const Service& service, const Subset& subset) {
    for (const FixedPredicate& one : subset.verify) {
        std::string wrong = wrong_with(service, one.predicate);
        wrong = wrong.empty() ? wrong_value(service, one.predicate) : wrong;
        if (!wrong.empty()) {
            loading.mistake(node, "C214", "子集的核验条件 " + one.predicate.field + " 不可用",
                            one.predicate.field + ": " + wrong);
        }
    }
    if (subset.is_asked() && !service.offers_verify) {
        loading.mistake(node, "C213", "服务 " + service.id + " 不提供核验",
                        "service " + service.id + " offers no verify", "offers: [query, verify]");
    }
    const std::uint64_t guesses = policy::guesses_in(subset.predicates_on(kAnyDay));
    if (guesses > service.guesses) {
        loading.mistake(node, "C213",
                        "子集一次核验 " + std::to_string(guesses) +
                            " 项, 超过 predicates_per_hour: " + std::to_string(service.guesses) + ", 永远无法调用",
                        "the subset asks " + std::to_string(guesses) +
                            " predicates at once, and predicates_per_hour is " + std::to_string(service.guesses) +
                            ": it could never be asked");
    }
    if (!subset.fields.empty() && service.kind == "verify") {
        loading.mistake(node, "C213", "服务 " + service.id + " 只核验, 子集写 verify 而不写 fields",
                        "service " + service.id + " answers predicates only: its subset says verify and no fields",
                        "verify: [{field: /status, operator: equals, value: active}]");
    }
}

Subset read_subset(Loading& loading, const yaml::Node& key, const yaml::Node& node, const Service& service) {
    SettingsReader reader{node, loading.mistakes};
    Subset subset{.id = key.text, .title = read_title(loading, reader)};
    subset.fields = reader.texts("fields");
    if (const yaml::Node* verify = reader.node("verify"); verify != nullptr) {
        subset.verify = read_fixed(loading, *verify);
    }
    reader.finish();
    if (!is_id(subset.id)) {
        loading.mistake(key, "C202", "子集名称不合规", "a subset is called [a-z][a-z0-9-]*");
    }
    if (subset.fields.empty() == subset.verify.empty()) {
        loading.mistake(node, "C213", "子集须写 fields 或 verify, 且只写一个",
                        "a subset shows fields or asks by verify: write one of the two");
    }
    check_shown(loading, node.find("fields"), service, subset.fields);
    check_fixed(loading, node, service, subset);
    subset.needed = subset.fields;
    std::ranges::transform(subset.verify, std::back_inserter(subset.needed),
                           [](const FixedPredicate& one) { return one.predicate.field; });
    return subset;
}

/// Each must lead to a scalar, '*' for the items of lists only: what leads to none would count nobody.
void check_person_ids(Loading& loading, const yaml::Node& node, const Service& service,
                      const std::vector<std::string>& pointers) {
    if (pointers.empty()) {
        loading.mistake(
            node, "C102", "persons 不能为空: 不写即按与 person 证件号同名的字段计数",
            "persons must name something: without it every field counts that is called like the id of person");
    }
    const std::vector<std::string> known = fields_of(service);
    for (std::size_t i = 0; !known.empty() && i < pointers.size(); ++i) {
        if (std::ranges::find(known, pointers[i]) == known.end()) {
            loading.mistake(i < node.items.size() ? node.items[i] : node, "C214",
                            "'" + pointers[i] + "' 不是可作证件号的字段",
                            "'" + pointers[i] + "' leads to no field that can be an id",
                            nearest(pointers[i], known).value_or(service.person.id));
        }
    }
}

/// The ids of all persons that the record may name: those that are said, or every field that is called like the id of
/// the person asked.
std::vector<std::string> persons_of(Loading& loading, const yaml::Node* node, std::vector<std::string> said,
                                    const Service& service) {
    if (node != nullptr) {
        check_person_ids(loading, *node, service, said);
        return said;
    }
    const std::string& id = service.person.id;
    const std::size_t slash = id.rfind('/');
    const std::string step = slash == std::string::npos ? std::string{} : id.substr(slash);
    std::vector<std::string> all = step.empty() ? std::vector<std::string>{} : fields_of(service);
    std::erase_if(all, [&step](const std::string& field) { return !field.ends_with(step); });
    return all.empty() && !id.empty() ? std::vector{id} : all;
}

/// What a matter needs of the services that it asks, and of whom. One that it asks by predicates alone has no fields
/// there: nothing of its record is needed.
void add_needs(Matter& matter) {
    for (const Requirement& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                auto& all = matter.needs[material.service->id][material.about];
                if (!material.verify.empty() || (material.subset != nullptr && material.subset->is_asked())) {
                    continue;
                }
                std::vector<std::string> fields{"*"};
                fields = material.subset != nullptr ? policy::intersect(fields, material.subset->fields) : fields;
                fields = material.fields.empty() ? fields : policy::intersect(fields, material.fields);
                all.insert(all.end(), fields.begin(), fields.end());
            }
        }
    }
}

}  // namespace

std::vector<policy::Predicate> read_verify(Loading& loading, const yaml::Node& node) {
    record::Record list = record::Record::list();
    for (const yaml::Node& item : node.items) {
        SettingsReader reader{item, loading.mistakes};
        list.add(read_predicate(reader));
        reader.finish();
    }
    return checked(loading, node, list);
}

void note_needs(Loading& loading) {
    for (const auto& [id, matter] : loading.snapshot.matters) {
        add_needs(*matter);
        for (const auto& [service, needs] : matter->needs) {
            for (const auto& [role, fields] : needs) {
                auto& all = loading.snapshot.needs[matter->purpose][service][role];
                all.insert(all.end(), fields.begin(), fields.end());
            }
        }
    }
}

void read_least(Loading& loading, const yaml::Node& node, Service& service) {
    SettingsReader reader{node, loading.mistakes};
    service.sensitive = reader.flag("sensitive", false);
    if (const yaml::Node* most = reader.node("most"); most != nullptr) {
        SettingsReader inner{*most, loading.mistakes};
        service.most = read_at_once(inner);
        inner.finish();
    }
    service.persons = persons_of(loading, node.find("persons"), reader.texts("persons"), service);
    const yaml::Node* subsets = reader.node("subsets");
    for (std::size_t i = 0; subsets != nullptr && i < subsets->entries.size(); ++i) {
        const auto& [key, value] = subsets->entries[i];
        service.subsets.push_back(read_subset(loading, key, value, service));
    }
    if (subsets != nullptr && !subsets->is_map()) {
        loading.mistake(*subsets, "C103", "subsets 应为 名称: {title, fields 或 verify}",
                        "subsets maps names to {title, fields or verify}");
    }
}

void read_least(Loading& loading, const yaml::Node& node, Material& material, const std::string& subset) {
    const Service& service = *material.service;
    const yaml::Node* fields = node.find("fields");
    check_shown(loading, fields, service, material.fields);
    if (fields != nullptr && material.fields.empty()) {
        loading.mistake(*fields, "C102", "fields 不能为空: 不写 fields 即展示授权所示的全部字段",
                        "fields must name something: without fields all is shown that the grant shows");
    }
    if (!subset.empty()) {
        material.subset = service.subset(subset);
        if (material.subset == nullptr) {
            std::vector<std::string> known;
            std::ranges::transform(service.subsets, std::back_inserter(known), &Subset::id);
            loading.unknown(*node.find("subset"), "subset", subset, known);
        }
    }
    const bool by_predicates = !material.verify.empty() || (material.subset != nullptr && material.subset->is_asked());
    if (by_predicates && (!material.fields.empty() || !material.promise.empty())) {
        loading.mistake(node, "C213", "按条件核验的材料不写 fields 和 promise",
                        "a material that is asked by predicates shows nothing: it has no fields and no promise");
    }
    if (!material.verify.empty() && !subset.empty()) {
        loading.mistake(node, "C213", "材料写 verify 或 subset, 不同时写",
                        "a material has verify or a subset, not both");
    }
    const bool shows_subset = material.subset != nullptr && !material.subset->is_asked();
    if (shows_subset && !material.fields.empty() &&
        policy::intersect(material.subset->fields, material.fields).empty()) {
        loading.mistake(node, "C213", "fields 与子集 " + subset + " 没有共同字段, 材料永远不可得",
                        "fields and subset " + subset + " have nothing in common: nothing could ever be shown");
    }
    for (const policy::Predicate& one : material.promise) {  // it is judged on what is shown
        if (!material.fields.empty() && !policy::covers(material.fields, one.field)) {
            loading.mistake(node, "C214", "promise 的字段 " + one.field + " 不在 fields 中",
                            "promise: " + one.field + " is not among the material's fields");
        }
        if (shows_subset && !policy::covers(material.subset->fields, one.field)) {
            loading.mistake(node, "C214", "promise 的字段 " + one.field + " 不在子集 " + subset + " 中",
                            "promise: " + one.field + " is not in subset " + subset);
        }
    }
}

}  // namespace datong::catalogue
