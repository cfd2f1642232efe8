#pragma once

#include <string>
#include <vector>

#include "core/adapter/guard.h"
#include "core/items/rows.h"

namespace datong::items {

/// The only set of rows that an operation of a database answers. Waits, within the source's own limit: on no loop.
/// @return what the source fails with; Fault::bad_request when it is no database.
[[nodiscard]] Result<std::vector<Row>> ask_rows(adapter::Guard& source, const std::string& operation,
                                                std::vector<Broken>& broken);

}  // namespace datong::items
