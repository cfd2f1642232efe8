#pragma once

#include <string>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/adapter/settings.h"

namespace datong::outbound {

/// `sign`, a group, for the settings of an adapter over HTTP.
[[nodiscard]] adapter::Setting sign_setting();
/// `service`, for each operation: the platform's own name of it, in place of the source's.
[[nodiscard]] adapter::Setting service_setting();

/// What a list can't say: which settings a profile must have, and which it does not know.
void check_sign(const adapter::Settings& sign, Mistakes& mistakes);

}  // namespace datong::outbound
