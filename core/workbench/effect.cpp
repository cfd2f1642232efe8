#include "core/workbench/effect.h"

#include <map>
#include <set>

#include "core/codec/json.h"
#include "core/mapping/schema.h"

namespace datong::workbench {
namespace {

using record::Record;

/// A leaf of a target: what it is, and how it may be shown.
struct Leaf {
    const Record* value{};
    std::string shown;
};
using Leaves = std::map<std::string, Leaf>;

void add_leaves(const Record& node, const std::string& pointer, const mapping::Mapping& mapping, Leaves& out) {
    for (const record::Member& member : node.members()) {
        add_leaves(member.value, pointer + '/' + member.name, mapping, out);
    }
    for (std::size_t i = 0; i < node.items().size(); ++i) {
        add_leaves(node.items()[i], pointer + '/' + std::to_string(i), mapping, out);
    }
    const bool empty_holder = !node.is_scalar() && node.members().empty() && node.items().empty();
    if (!pointer.empty() && (node.is_scalar() || empty_holder)) {
        const auto privacy = mapping::privacy_by_name(mapping.class_of(pointer));
        const bool bare = empty_holder || node.is_null();
        const std::string shown =
            bare ? codec::write_json(node)
                 : mapping::shown_value(node.scalar(), privacy.value_or(mapping::Privacy::sensitive));
        out.emplace(pointer, Leaf{&node, shown});
    }
}

/// "invalid: /a required, /b lookup.missing"
std::string spoken_outcome(const mapping::Output& output) {
    std::string out{name_of(output.outcome)};
    std::set<std::string> rules;
    for (const mapping::Finding& one : output.errors) {
        rules.insert(one.path + ' ' + one.rule);
    }
    for (const std::string& one : rules) {
        out += (out.find(':') == std::string::npos ? ": " : ", ") + one;
    }
    return out;
}

}  // namespace

std::vector<Difference> differences_between(const mapping::Mapping& before_mapping, const mapping::Output& before,
                                            const mapping::Mapping& after_mapping, const mapping::Output& after) {
    std::vector<Difference> out;
    if (std::string one = spoken_outcome(before), other = spoken_outcome(after); one != other) {
        out.push_back({"", std::move(one), std::move(other)});
    }
    if (before.outcome != mapping::Outcome::ok || after.outcome != mapping::Outcome::ok) {
        return out;
    }
    Leaves old_leaves;
    Leaves new_leaves;
    add_leaves(before.target, "", before_mapping, old_leaves);
    add_leaves(after.target, "", after_mapping, new_leaves);
    for (const auto& [path, leaf] : old_leaves) {
        const auto now = new_leaves.find(path);
        if (now == new_leaves.end() || *now->second.value != *leaf.value) {
            out.push_back({path, leaf.shown, now == new_leaves.end() ? std::string{} : now->second.shown});
        }
    }
    for (const auto& [path, leaf] : new_leaves) {
        if (!old_leaves.contains(path)) {
            out.push_back({path, "", leaf.shown});
        }
    }
    return out;
}

}  // namespace datong::workbench
