#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::frame {

/// Raw TCP with frames that the settings describe part by part. See README.md.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::frame
