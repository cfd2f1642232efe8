#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/mapping.h"

namespace datong::workbench {

/// Where one target field of a mapping is from: a line of the inventory of data sources (一数一源).
struct LineageRow {
    std::string mapping;                     ///< "land.realestate-certificate@1.2.0"
    std::string target;                      ///< "holders[].name"
    std::string label;                       ///< the row's, else the target schema's
    std::vector<std::string> sources;        ///< "$.QLRS.QLR[*].QLRMC", "ctx.subject.name"; conditions and named
                                             ///< values included; empty: a constant
    std::vector<std::string> steps;          ///< by name, those of all cases
    std::vector<std::string> tables;         ///< files of the code tables that its steps look in
    std::string class_in;                    ///< highest class of what it reads
    std::string class_out;                   ///< of the target, by its schema or the row
    std::vector<std::string> legal_basis{};  ///< what the mapping says, then those of grants (依据)
};

/// @param mapping      compiled from the file at `path`.
/// @param legal_bases  of the grants under which services answer with it.
[[nodiscard]] std::vector<LineageRow> lineage_of(const mapping::Mapping& mapping, std::string_view path,
                                                 const mapping::ReadFile& read,
                                                 const std::vector<std::string>& legal_bases = {});

/// With a header; UTF-8 with byte order mark, lists joined by "; ", cells guarded against formulas.
[[nodiscard]] std::string lineage_csv(const std::vector<LineageRow>& rows);

}  // namespace datong::workbench
