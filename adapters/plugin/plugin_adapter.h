#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::plugin {

/// What makes the adapters of suppliers' plug-ins, by `tools.pin`; no kind of its own. One program has
/// one: it knows what it has loaded.
[[nodiscard]] adapter::Kind host();

}  // namespace datong::adapters::plugin
