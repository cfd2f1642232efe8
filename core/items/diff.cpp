#include "core/items/diff.h"

#include <algorithm>
#include <set>

namespace datong::items {
namespace {

void note(std::vector<std::string>& into, const char* field, const std::string& before, const std::string& after) {
    if (before != after) {
        into.push_back(std::string{field} + ' ' + before + " -> " + after);
    }
}

std::string differences(const Material& before, const Material& after) {
    std::vector<std::string> all;
    note(all, "need", before.need, after.need);
    note(all, "source", before.source, after.source);
    note(all, "source_explain", before.source_explain, after.source_explain);
    note(all, "format", before.format, after.format);
    std::string text;
    for (const std::string& one : all) {
        text += (text.empty() ? "" : ", ") + one;
    }
    return text;
}

const Material* find(const Item& item, const std::string& name) {
    const auto found = std::find_if(item.materials.begin(), item.materials.end(),
                                    [&name](const Material& material) { return material.name == name; });
    return found == item.materials.end() ? nullptr : &*found;
}

ItemChange changes_of(const Item& before, const Item& after) {
    ItemChange change{.kind = ItemChange::Kind::changed, .code = after.code, .name = after.name};
    note(change.fields, "name", before.name, after.name);
    note(change.fields, "version", std::to_string(before.version), std::to_string(after.version));
    note(change.fields, "department_code", before.department_code, after.department_code);
    note(change.fields, "department_name", before.department_name, after.department_name);
    std::set<std::string> told;
    for (const Material& material : after.materials) {
        const Material* old = find(before, material.name);
        if (!told.insert(material.name).second) {
            continue;
        }
        if (old == nullptr) {
            change.added.push_back(material.name);
        } else if (const std::string text = differences(*old, material); !text.empty()) {
            change.changed.push_back(material.name + ": " + text);
        }
    }
    for (const Material& material : before.materials) {
        if (find(after, material.name) == nullptr) {
            change.removed.push_back(material.name);
        }
    }
    return change;
}

bool is_empty(const ItemChange& change) {
    return change.fields.empty() && change.added.empty() && change.removed.empty() && change.changed.empty();
}

}  // namespace

std::vector<ItemChange> compare(const Library& before, const Library& after) {
    std::vector<ItemChange> changes;
    for (const auto& [code, item] : after) {
        const auto old = before.find(code);
        if (old == before.end()) {
            changes.push_back({.kind = ItemChange::Kind::added, .code = code, .name = item.name});
        } else if (ItemChange change = changes_of(old->second, item); !is_empty(change)) {
            changes.push_back(std::move(change));
        }
    }
    for (const auto& [code, item] : before) {
        if (!after.contains(code)) {
            changes.push_back({.kind = ItemChange::Kind::removed, .code = code, .name = item.name});
        }
    }
    std::sort(changes.begin(), changes.end(),
              [](const ItemChange& one, const ItemChange& other) { return one.code < other.code; });
    return changes;
}

}  // namespace datong::items
