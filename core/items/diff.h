#pragma once

#include <string>
#include <vector>

#include "core/items/library.h"

namespace datong::items {

/// What became of one item between two imports.
struct ItemChange {
    enum class Kind { added, removed, changed } kind{Kind::added};
    std::string code;
    std::string name;
    std::vector<std::string> fields;  ///< of changed: "name", "version" ..., each with its old and new value
    std::vector<std::string> added;   ///< names of materials
    std::vector<std::string> removed;
    std::vector<std::string> changed;  ///< "NAME: need 1 -> 3"
};

/// In the order of codes; nothing of items that are the same.
[[nodiscard]] std::vector<ItemChange> compare(const Library& before, const Library& after);

}  // namespace datong::items
