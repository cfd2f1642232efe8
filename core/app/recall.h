#pragma once

#include <chrono>
#include <string>

#include "core/base/result.h"
#include "core/policy/replay.h"

namespace datong::app {

/// Tells a new memory of nonces which signatures from `started` on the evidence holds already: a consumer whose clock
/// runs ahead may have used them before the restart.
[[nodiscard]] Status recall_nonces(const std::string& evidence_folder, std::chrono::system_clock::time_point started,
                                   std::chrono::seconds skew, policy::ReplayGuard& replay);

}  // namespace datong::app
