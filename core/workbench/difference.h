#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/mapping/mapping.h"

namespace datong::workbench {

/// One change between two versions of a mapping.
struct Change {
    enum class Kind { added, removed, changed };
    /// One key or column, before and after; empty where it is not there.
    struct Part {
        std::string name;
        std::string before;
        std::string after;
    };
    Kind kind{Kind::changed};
    std::string what;         ///< "row holders[].name", "table zjzl: 8", "check sole-one", "source", "let idType"
    std::vector<Part> parts;  ///< of what was changed
    Position where;           ///< in the newer file; of what was removed: in the older one
};

/// A mapping file and what reads beside it.
struct Version {
    std::string path;  ///< below mappings/
    mapping::ReadFile read;
};

/// What an administrator changed: rows by their target, checks by id, lists and named values by name, rows
/// of the code tables that both use by code, and the file's other keys. Layout, comments, quotes, tests and
/// the order of rows are no change; schemas are not looked into.
/// @return the mistakes of a file that can't be read.
[[nodiscard]] tl::expected<std::vector<Change>, Mistakes> changes_between(const Version& before, const Version& after);

}  // namespace datong::workbench
