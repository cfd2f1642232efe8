#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::soap {

/// Calls a department's SOAP service with the envelope that the mapping made.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::soap
