#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::sql {

/// Looks records up in a department's database by prepared statements that only its owner writes.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::sql
