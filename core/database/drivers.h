#pragma once

#include <memory>
#include <string>

#include "core/async/interrupt.h"
#include "core/database/connection.h"

namespace datong::database {

/// Opens the source's database, for reading only unless it says `write`. Blocks, at most a little past the
/// deadline.
/// @param interrupt  ends a sign-in whose library may not come back by itself; let go of at the end.
/// @return Fault::department_down when it can't be reached; department_refused when something is there and
///         does not let us in.
[[nodiscard]] Result<std::unique_ptr<Connection>> open(const Opening& opening, Deadline deadline,
                                                       async::Interrupt& interrupt);

[[nodiscard]] Result<std::unique_ptr<Connection>> open_sqlite(const Opening& opening);
[[nodiscard]] Result<std::unique_ptr<Connection>> open_postgresql(const Opening& opening, Deadline deadline,
                                                                  async::Interrupt& interrupt);
[[nodiscard]] Result<std::unique_ptr<Connection>> open_mariadb(const Opening& opening, Deadline deadline,
                                                               async::Interrupt& interrupt);
[[nodiscard]] Result<std::unique_ptr<Connection>> open_odbc(const Opening& opening, Deadline deadline);

/// Whether the driver can read the connection string; what it says never quotes a part of it.
[[nodiscard]] Status check_postgresql_connection(const std::string& connection);
[[nodiscard]] Status check_mariadb_connection(const std::string& connection, charset::Charset charset);
[[nodiscard]] Status check_odbc_connection(const std::string& connection);

}  // namespace datong::database
