#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/catalogue/model.h"
#include "core/evidence/entry.h"
#include "core/evidence/log.h"
#include "core/ledger/index.h"
#include "core/policy/replay.h"
#include "core/record/record.h"
#include "core/telemetry/sink.h"
#include "core/vault/shelf.h"

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

/// Erases bodies beside the chain: what is meant is in the chain, signed by the gateway, before anything is gone.
/// @param wanted  exchange, case, moment and basis; one of the first three at least.
/// @return the erasure as recorded; Fault::bad_request for one that means nothing or has no basis.
[[nodiscard]] Result<evidence::Erasure> erase_bodies(vault::Shelf& shelf, evidence::Log& log,
                                                     const catalogue::Gateway& gateway, const Clock& clock,
                                                     evidence::Erasure wanted);
/// {exchange?, case_number?, before?, basis}, as the admin listener takes it.
[[nodiscard]] Result<evidence::Erasure> read_erasure(const record::Record& what);
[[nodiscard]] record::Record to_record(const evidence::Erasure& erasure);

/// The index of a folder with all that is durable in it: fed here, or, where a gateway writes there, by that one; then
/// this waits a bounded time for what was there when it began.
[[nodiscard]] Result<std::unique_ptr<ledger::Index>> open_index(const std::string& evidence_folder);

/// @return Fault::no_such_resource where there is none of that id.
[[nodiscard]] Result<ledger::Entry> find_exchange(const std::string& evidence_folder, const std::string& exchange);

/// Whom a container is for. What departments sent is more than the consumer was answered: the whole record behind a
/// predicate, another person's, what was withheld. Only the operator's container has it. A consumer that may not keep
/// what it was answered by a consent is not given it again: it gets the proof, which needs no body.
enum class Reader { consumer, consumer_without_answer, gateway_operator };

/// The container of one exchange, octets.
/// @param keys  JWKS of those who signed.
[[nodiscard]] Result<std::string> container_of(const ledger::Entry& entry, const catalogue::Gateway& gateway,
                                               const record::Record& keys, std::chrono::system_clock::time_point at,
                                               Reader reader);

}  // namespace datong::app
