#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"

namespace datong::workbench {

/// Values of a target by JSON pointer; an empty object or list is one, too. They point into the target.
using Leaves = std::map<std::string, const record::Record*>;
[[nodiscard]] Leaves leaves_of(const record::Record& target);

/// One place in which two outputs differ. Values are masked by their class.
struct Difference {
    std::string path;  ///< JSON pointer into the target; "" for the outcome itself
    std::string before;
    std::string after;
    bool operator==(const Difference&) const = default;
};

/// Where what two versions of a mapping gave for one record differs: the outcome with the rules that
/// refused it, and every leaf of the targets.
/// @param before_mapping  the mapping that gave `before`: it knows the classes of its target.
[[nodiscard]] std::vector<Difference> differences_between(const mapping::Mapping& before_mapping,
                                                          const mapping::Output& before,
                                                          const mapping::Mapping& after_mapping,
                                                          const mapping::Output& after);

}  // namespace datong::workbench
