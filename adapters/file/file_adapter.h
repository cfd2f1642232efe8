#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::file {

/// Lays a request file down for a department's system and waits for its reply file.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::file
