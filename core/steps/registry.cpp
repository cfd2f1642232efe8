#include "core/steps/registry.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

/// Steps under one heading of docs/mapping-steps.md.
struct Family {
    std::string_view name_en;
    std::string_view name_zh;
    std::vector<std::vector<Entry> (*)()> parts;
};

std::vector<Entry> all_entries() {
    const std::vector<Family> families{
        {"Text", "文本", {text_entries, text_part_entries, normalize_entries, pattern_entries}},
        {"Bytes and charsets", "字节与字符集", {bytes_entries, escape_entries}},
        {"Null and lists", "空值与列表", {list_entries, reducer_entries}},
        {"Numbers", "数", {number_entries, rate_entries, arithmetic_entries}},
        {"Money", "金额", {money_entries}},
        {"Dates", "日期", {date_entries, calendar_entries}},
        {"Codes and divisions", "代码与行政区划", {code_entries, division_entries}},
        {"Checks", "校验", {check_entries, contact_and_vehicle_entries}},
        {"National identifiers",
         "国家标识代码",
         {identifier_entries, land_and_licence_entries, identifier_part_entries}},
        {"Masks", "遮掩", {mask_entries}}};
    std::vector<Entry> all;
    for (const Family& family : families) {
        for (const auto part : family.parts) {
            for (Entry& entry : part()) {
                entry.family_en = family.name_en;
                entry.family_zh = family.name_zh;
                all.push_back(std::move(entry));
            }
        }
    }
    return all;
}

const std::vector<Entry>& table_of_entries() {
    static const std::vector<Entry> kAll = all_entries();
    return kAll;
}

const Parameter* find_parameter(const Entry& entry, std::string_view name) {
    const auto found = std::find_if(entry.parameters.begin(), entry.parameters.end(),
                                    [name](const Parameter& one) { return one.name == name; });
    return found != entry.parameters.end() ? &*found : nullptr;
}

/// An argument with the names of its parameters, whichever way it was written.
yaml::Node named(const Entry& entry, const yaml::Node& argument) {
    const auto alone =
        std::find_if(entry.parameters.begin(), entry.parameters.end(), [](const Parameter& one) { return one.alone; });
    if (argument.is_map() || alone == entry.parameters.end()) {
        return argument;
    }
    yaml::Node key;
    key.text = alone->name;
    yaml::Node map;
    map.kind = yaml::Node::Kind::map;
    map.where = argument.where;
    map.entries.push_back({std::move(key), argument});
    return map;
}

/// Of a named argument of one step what another has parameters of the same name and kind for.
yaml::Node shared_part(yaml::Node map, const Entry& entry, const Entry& other) {
    std::erase_if(map.entries, [&entry, &other](const yaml::Node::Entry& one) {
        const Parameter* here = find_parameter(entry, one.first.text);
        const Parameter* there = find_parameter(other, one.first.text);
        const auto is_words = [](const Parameter& it) { return it.kind == "list" || it.kind == "text"; };
        const bool means_the_same =
            here != nullptr && there != nullptr && (here->kind == there->kind || (is_words(*here) && is_words(*there)));
        return !means_the_same;
    });
    for (yaml::Node::Entry& one : map.entries) {
        if (one.second.is_list() && find_parameter(other, one.first.text)->kind == "text") {
            const yaml::Node first = one.second.items.empty() ? yaml::Node{} : one.second.items.front();
            one.second = first;
        }
    }
    return map;
}

}  // namespace

std::span<const Entry> entries() {
    return table_of_entries();
}

const Entry* find(std::string_view name) {
    const std::vector<Entry>& all = table_of_entries();
    const auto found = std::find_if(all.begin(), all.end(), [name](const Entry& one) { return one.name == name; });
    return found != all.end() ? &*found : nullptr;
}

std::unique_ptr<const Step> make_inverse(const Entry& entry, const yaml::Node* argument, const yaml::Node& where,
                                         const Surroundings& around, Mistakes& mistakes) {
    const Entry* inverse = entry.inverse.empty() ? nullptr : find(entry.inverse);
    if (inverse == nullptr) {
        return nullptr;
    }
    if (argument == nullptr || argument->is_empty()) {
        return inverse->make(nullptr, where, around, mistakes);
    }
    const bool is_all_one_map = entry.parameters.size() == 1 && entry.parameters.front().kind == "map";
    if (is_all_one_map) {
        return inverse->make(argument, where, around, mistakes);
    }
    const yaml::Node shared = shared_part(named(entry, *argument), entry, *inverse);
    return inverse->make(shared.entries.empty() ? nullptr : &shared, where, around, mistakes);
}

std::optional<std::string> nearest_step(std::string_view name) {
    std::vector<std::string> names;
    for (const Entry& one : table_of_entries()) {
        names.push_back(one.name);
    }
    return nearest(name, names);
}

}  // namespace datong::steps
