#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/codec/csv.h"

namespace datong::drafts {

/// The sheets of a workbook (.xlsx) as rows of texts, in the order of their files; formulas give their last value,
/// dates the number that stands for them. At most 64 sheets of 10,000 rows and 256 columns, 200,000 cells and 32 MiB of
/// text in all of them, and 48 MiB of parts that are looked at.
/// @return Fault::bad_request for what is no workbook, body_too_large for one that unpacks to too much.
///         Source: ECMA-376-1, 18.3 and 18.4.
[[nodiscard]] Result<std::vector<codec::CsvRows>> read_xlsx(std::string_view bytes);

}  // namespace datong::drafts
