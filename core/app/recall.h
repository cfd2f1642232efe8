#pragma once

#include <chrono>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/catalogue/model.h"
#include "core/evidence/log.h"
#include "core/policy/replay.h"
#include "core/telemetry/sink.h"

namespace datong::app {

/// Tells a new memory of nonces which signatures from `started` on the evidence holds already: a consumer whose clock
/// runs ahead may have used them before the restart. Of platforms' calls, which may bring no time of their own, those
/// of a whole window before it.
[[nodiscard]] Status recall_nonces(const std::string& evidence_folder, std::chrono::system_clock::time_point started,
                                   const policy::Freshness& freshness, policy::ReplayGuard& replay);

/// Closes what a crash left open in the evidence: each intent without outcome gets a closing, signed by the gateway,
/// that says `unknown`. An event counts them.
[[nodiscard]] Status close_orphans(const catalogue::Gateway& gateway, evidence::Log& log, const Clock& clock,
                                   telemetry::Sink& sink);

}  // namespace datong::app
