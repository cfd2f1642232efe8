#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::rest {

/// Calls a department's HTTP interface: JSON, XML, forms or query strings.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::rest
