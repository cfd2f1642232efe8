#pragma once

#include <memory>
#include <string>

#include "adapters/sql/connection.h"

namespace datong::adapters::sql {

/// Opens the source's database, for reading only where it says so. Blocks, at most a little past the
/// deadline.
/// @return Fault::department_down when it can't be opened.
[[nodiscard]] Result<std::unique_ptr<Connection>> open(const Opening& opening, Deadline deadline);

[[nodiscard]] Result<std::unique_ptr<Connection>> open_sqlite(const Opening& opening);
[[nodiscard]] Result<std::unique_ptr<Connection>> open_postgresql(const Opening& opening, Deadline deadline);

/// Whether libpq can read it.
[[nodiscard]] bool is_postgresql_connection(const std::string& connection);

}  // namespace datong::adapters::sql
