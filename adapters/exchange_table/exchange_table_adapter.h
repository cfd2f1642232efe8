#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::exchange_table {

/// A front-end exchange database (前置库): rows that two systems leave for each other in a table between them.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::exchange_table
