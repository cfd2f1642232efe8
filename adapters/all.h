#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters {

/// Every adapter that this program has, one line a kind.
void add_all(adapter::Registry& registry);

}  // namespace datong::adapters
