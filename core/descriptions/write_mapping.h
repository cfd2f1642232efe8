#pragma once

#include <string>

#include "core/descriptions/interface.h"
#include "core/descriptions/write.h"

namespace datong::descriptions {

/// Where the files of one operation stand, and under which ids.
struct Names {
    std::string department;
    std::string id;  ///< of the operation and service

    [[nodiscard]] std::string mapping_id() const { return department + '.' + id; }
    [[nodiscard]] std::string mapping(std::string_view end) const { return department + '/' + id + std::string{end}; }
    [[nodiscard]] std::string schema(std::string_view end) const {
        return "schemas/" + department + '-' + id + std::string{end};
    }
};

/// Both mappings and their four schemas, appended to `files` with paths below mappings/.
/// @param gaps  what only a person can say is added here.
void write_mappings(const Operation& operation, bool is_soap, const Names& names, std::vector<DraftFile>& files,
                    std::vector<Gap>& gaps);

/// A text as a YAML scalar, quoted only where it must be.
[[nodiscard]] std::string scalar(std::string_view text);
/// A comment line in both languages.
[[nodiscard]] std::string to_fill(const Gap& gap, std::string_view indent = "");

}  // namespace datong::descriptions
