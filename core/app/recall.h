#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/catalogue/model.h"
#include "core/catalogue/snapshot.h"
#include "core/container/revocation.h"
#include "core/evidence/entry.h"
#include "core/evidence/log.h"
#include "core/keeping/files.h"
#include "core/ledger/index.h"
#include "core/policy/replay.h"
#include "core/record/record.h"
#include "core/revocation/watch.h"
#include "core/store/awaited.h"
#include "core/store/jobs.h"
#include "core/telemetry/sink.h"
#include "core/vault/shelf.h"

namespace datong::app {

/// A memory of nonces for a gateway that starts: it knows every signature of the last window before its start that the
/// evidence holds as used. Where the evidence ends earlier than the clock says, because the clock is ahead or the
/// gateway was away, it knows those of the last window before that end. Without evidence it takes nothing from before
/// the start.
/// @return Fault::evidence_unavailable when the evidence can't be read.
[[nodiscard]] Result<std::unique_ptr<policy::ReplayGuard>> recall_nonces(const catalogue::Gateway& gateway,
                                                                         std::chrono::system_clock::time_point started);

/// How the configuration wants its log.
[[nodiscard]] evidence::LogSettings log_settings(const catalogue::Gateway& gateway);

/// That no other process uses the stores beside `store.file`: what one of them awaits, another would take for what a
/// crash left over. Their folder is there.
/// @return Fault::unavailable when one does.
[[nodiscard]] Result<keeping::FileLock> lock_store(const catalogue::Gateway& gateway);

/// Closes what a crash left open in the evidence: each intent without outcome gets a closing, signed by the gateway,
/// that says `unknown`. An event counts them.
[[nodiscard]] Status close_orphans(const catalogue::Gateway& gateway, evidence::Log& log, const Clock& clock,
                                   telemetry::Sink& sink);

/// Where an order to erase reaches.
struct Erasing {
    vault::Shelf& shelf;
    store::AwaitedBook& awaited;
    store::Jobs& jobs;
};
/// Erases what is kept beside the chain: what is meant is in the chain, signed by the gateway, before anything is gone.
/// With the bodies go what is awaited and the recorded requests and answers of submissions.
/// @param wanted  exchange, case, moment, basis and what; one of the first three at least.
/// @return the erasure as recorded; Fault::bad_request for one that means nothing or has no basis.
[[nodiscard]] Result<evidence::Erasure> erase_bodies(const Erasing& from, evidence::Log& log,
                                                     const catalogue::Gateway& gateway, const Clock& clock,
                                                     evidence::Erasure wanted);
/// {exchange?, case_number?, before?, basis, what?}, as the admin listener takes it.
[[nodiscard]] Result<evidence::Erasure> read_erasure(const record::Record& what);
[[nodiscard]] record::Record to_record(const evidence::Erasure& erasure);

/// The index of a folder with all that is durable in it: fed here, or, where a gateway writes there, by that one; then
/// this waits a bounded time for what was there when it began.
[[nodiscard]] Result<std::unique_ptr<ledger::Index>> open_index(const std::string& evidence_folder);

/// @return Fault::no_such_resource where there is none of that id.
[[nodiscard]] Result<ledger::Entry> find_exchange(const std::string& evidence_folder, const std::string& exchange);

/// Whom a container is for. What departments sent is more than the consumer was answered: the whole record behind a
/// predicate, another person's, what was withheld. Only the operator's container has it. A consumer that may not keep
/// what it was answered by a consent, or whom no grant lets have it any more, is not given it again: it gets the proof,
/// which needs no body.
enum class Reader { consumer, consumer_without_answer, gateway_operator };

/// Whether the grants of a moment let a consumer have what an exchange of its own told it: each material by one grant
/// for its service, purpose and operator's division, that shows every field which was shown, or lets predicates be
/// asked, and needs no consent where none was named.
[[nodiscard]] bool is_still_granted(const ledger::Entry& entry, const catalogue::Snapshot& snapshot,
                                    std::chrono::system_clock::time_point at);

/// What is at hand of who was revoked, for the container of an exchange: what the configuration names, and what the
/// listener knows.
/// @param watch  the listener's.
[[nodiscard]] container::AtHand at_hand_for(const ledger::Entry& entry, const catalogue::Snapshot& snapshot,
                                            const revocation::Watch* watch);
/// The same without a gateway that runs: the lists that its listener would know, read as it reads them, also those at
/// an address. Nobody knows with which certificate a consumer connected, nor what a responder said of it.
/// @param unread  lists and files that could not be read, with why.
[[nodiscard]] container::AtHand at_hand_for(const catalogue::Snapshot& snapshot, std::vector<std::string>& unread);

/// The container of one exchange, octets.
/// @param keys  JWKS of those who signed.
[[nodiscard]] Result<std::string> container_of(const ledger::Entry& entry, const catalogue::Gateway& gateway,
                                               const record::Record& keys, std::chrono::system_clock::time_point at,
                                               Reader reader, container::AtHand at_hand = {});

}  // namespace datong::app
