#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/catalogue/model.h"
#include "core/evidence/log.h"
#include "core/telemetry/sink.h"

namespace datong::app {

/// Closes what a crash left open in the evidence: each intent without outcome gets a closing, signed by the gateway,
/// that says `unknown`. An event counts them.
[[nodiscard]] Status close_orphans(const catalogue::Gateway& gateway, evidence::Log& log, const Clock& clock,
                                   telemetry::Sink& sink);

}  // namespace datong::app
