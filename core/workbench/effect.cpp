#include "core/workbench/effect.h"

#include <set>

#include "core/codec/json.h"
#include "core/mapping/schema.h"

namespace datong::workbench {
namespace {

using record::Record;

void add_leaves(const Record& node, const std::string& pointer, Leaves& out) {
    for (const record::Member& member : node.members()) {
        add_leaves(member.value, pointer + '/' + member.name, out);
    }
    for (std::size_t i = 0; i < node.items().size(); ++i) {
        add_leaves(node.items()[i], pointer + '/' + std::to_string(i), out);
    }
    if (!pointer.empty() && node.members().empty() && node.items().empty()) {
        out.emplace(pointer, &node);
    }
}

/// A leaf as people may see it.
std::string shown(const std::string& path, const Record& leaf, const mapping::Mapping& mapping) {
    if (!leaf.is_scalar() || leaf.is_null()) {
        return codec::write_json(leaf);
    }
    const auto privacy = mapping::privacy_by_name(mapping.class_of(path));
    return mapping::shown_value(leaf.scalar(), privacy.value_or(mapping::Privacy::sensitive));
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

Leaves leaves_of(const Record& target) {
    Leaves out;
    add_leaves(target, "", out);
    return out;
}

std::vector<Difference> differences_between(const mapping::Mapping& before_mapping, const mapping::Output& before,
                                            const mapping::Mapping& after_mapping, const mapping::Output& after) {
    std::vector<Difference> out;
    if (std::string one = spoken_outcome(before), other = spoken_outcome(after); one != other) {
        out.push_back({"", std::move(one), std::move(other)});
    }
    if (before.outcome != mapping::Outcome::ok || after.outcome != mapping::Outcome::ok) {
        return out;
    }
    const Leaves old_leaves = leaves_of(before.target);
    const Leaves new_leaves = leaves_of(after.target);
    for (const auto& [path, leaf] : old_leaves) {
        const auto now = new_leaves.find(path);
        if (now == new_leaves.end() || *now->second != *leaf) {
            out.push_back({path, shown(path, *leaf, before_mapping),
                           now == new_leaves.end() ? std::string{} : shown(path, *now->second, after_mapping)});
        }
    }
    for (const auto& [path, leaf] : new_leaves) {
        if (!old_leaves.contains(path)) {
            out.push_back({path, "", shown(path, *leaf, after_mapping)});
        }
    }
    return out;
}

}  // namespace datong::workbench
