#include "core/app/program.h"

#include <future>

#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/base/background.h"
#include "core/evidence/entry.h"
#include "core/keeping/archive.h"
#include "core/ledger/feeder.h"
#include "core/ledger/uses.h"
#include "core/telemetry/events.h"

namespace datong::app {

/// What works on the evidence beside the calls.
struct Program::Beside {
    std::unique_ptr<ledger::Feeder> feeder;
    std::unique_ptr<keeping::Retention> retention;
};

namespace {

/// Further behind, the index is being made anew: whoever looks something up is told so, and waits for nothing.
constexpr std::uint64_t kNear = 20'000;

/// What a crash left between the book of what is awaited and the outcome of its call: nobody was told that it comes.
/// Which calls those are the index knows, once it has all of the log; until then nothing of them is asked.
class Unanswered {
public:
    Unanswered(std::shared_ptr<ledger::Index> index, std::shared_ptr<store::AwaitedBook> book,
               std::vector<std::string> calls, telemetry::Sink& sink)
        : index_{std::move(index)}, book_{std::move(book)}, calls_{std::move(calls)}, sink_{sink} {
        book_->hold(calls_);
    }
    /// Decides what is undecided. What fails is tried again by the next.
    void settle() {
        const std::int64_t dropped = decide();
        if (dropped > 0) {
            emit(sink_, telemetry::AwaitedDropped{.calls = dropped});
        }
    }

private:
    /// @return how many calls were dropped.
    std::int64_t decide() {
        std::int64_t dropped = 0;
        while (!calls_.empty()) {
            const auto entry = index_->find(calls_.back());
            if (!entry) {
                return dropped;
            }
            if (*entry && (*entry)->status != 0) {  // what was closed after a crash has none
                book_->release(calls_.back());
            } else {
                (void)book_->drop(calls_.back());  // what the disk does not take is owed
                ++dropped;
            }
            calls_.pop_back();
        }
        return dropped;
    }

    std::shared_ptr<ledger::Index> index_;
    std::shared_ptr<store::AwaitedBook> book_;
    std::vector<std::string> calls_;
    telemetry::Sink& sink_;
};

/// The index; a damaged one does not keep calls waiting: it is put aside, and made anew of the log beside them.
Result<std::unique_ptr<ledger::Index>> open_or_remake(const std::string& file, telemetry::Sink& sink) {
    auto opened = ledger::Index::open(file);
    if (opened || !store::is_damage(opened.error())) {
        return opened;
    }
    emit(sink, telemetry::StateLost{.why = opened.error().detail()});
    const auto gone = ledger::Index::put_aside(file);
    return gone ? ledger::Index::open(file) : fail(gone.error());
}

}  // namespace

Status Program::open_beside() {
    const std::string folder = current_.get()->gateway.evidence_folder;
    auto shelf = vault::Shelf::open(vault::Shelf::file_of(folder));
    if (!shelf) {
        return fail(std::move(shelf.error()));
    }
    // what an erasure before could not do; somebody may still read there
    [[maybe_unused]] const Status settled = (*shelf)->settle();
    vault_ = std::make_unique<vault::Vault>(std::move(*shelf), pools_.make({.threads = 1, .waiting = 20'000}), *sink_);
    auto opened = open_or_remake(ledger::Index::file_of(folder), *sink_);
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    const std::shared_ptr<ledger::Index> index = std::move(*opened);
    const auto durable = [this] { return log_->durable(); };
    auto awaited = store::AwaitedBook::open(later::book_of(current_.get()->gateway));
    if (!awaited) {
        return fail(std::move(awaited.error()));
    }
    awaited_ = std::move(*awaited);
    auto waiting = awaited_->calls_waiting();
    if (!waiting) {
        return fail(std::move(waiting.error()));
    }
    const auto unanswered = std::make_shared<Unanswered>(index, awaited_, std::move(*waiting), *sink_);
    ledger::Feeder::Calls calls{.durable = durable, .caught_up = [unanswered] { unanswered->settle(); }};
    beside_ = std::make_shared<Beside>(
        Beside{.feeder = std::make_unique<ledger::Feeder>(index, folder, std::move(calls), *sink_),
               .retention = std::make_unique<keeping::Retention>(
                   duties(), current_.get()->gateway.evidence.retention_every, *age_clock_, *sink_)});
    lookups_.pool = pools_.make({.threads = 2, .waiting = 64});
    threads_.files = pools_.make({.threads = 2, .waiting = 256});
    threads_.tokens = pools_.make({.threads = 4, .waiting = 1'024});
    // what is asked for may have been answered a moment ago, before the index heard of it
    const auto fresh = [index, folder, durable]() -> Status {
        const auto taken = index->last();
        if (!taken || durable() > static_cast<std::uint64_t>(*taken) + kNear) {
            return fail(Fault::unavailable, "the index of the evidence is being made");
        }
        const auto fed = index->feed(folder, durable());
        return fed ? Status{} : fail(Fault::unavailable, "the index of the evidence");
    };
    lookups_.container = [this, index, fresh](const std::string& exchange,
                                              const std::string& consumer) -> Result<std::string> {
        if (auto good = fresh(); !good) {
            return fail(std::move(good.error()));
        }
        const auto entry = index->find(exchange);
        if (!entry) {
            return fail(Fault::unavailable, "the index of the evidence");
        }
        if (!*entry || (*entry)->consumer != consumer || (*entry)->last == 0) {
            return fail(Fault::no_such_resource, "none of this consumer's");
        }
        const auto snapshot = current_.get();
        if (!snapshot) {  // this look-up outlived the gateway's shutdown
            return fail(Fault::unavailable, "the gateway ends");
        }
        const auto may = may_have_answer(**entry, *snapshot);
        if (!may) {
            return fail(may.error());
        }
        return app::container_of(**entry, snapshot->gateway, snapshot->public_keys(true), clock_->now(),
                                 *may ? Reader::consumer : Reader::consumer_without_answer,
                                 at_hand_for(**entry, *snapshot, watch().get()));
    };
    lookups_.usage = [this, index, fresh](const std::string& person, const std::string& after,
                                          const catalogue::Gateway& gateway) -> Result<record::Record> {
        if (auto good = fresh(); !good) {
            return fail(std::move(good.error()));
        }
        std::vector<ledger::NotYet> withheld;
        for (const catalogue::Withheld& one : gateway.withheld) {
            withheld.push_back({.purposes = one.purposes, .since = to_rfc3339(clock_->now() - one.lasts)});
        }
        const auto names = vault_->shelf().names_of(person, gateway.subject_key);
        return names ? ledger::uses_of(*index, *names, after, withheld)
                     : fail(Fault::unavailable, "the keys of the persons in the evidence");
    };
    return {};
}

namespace {

/// What goes with the bodies, also where none are kept.
Result<bool> is_held_beside(const Erasing& from, const std::optional<std::int64_t>& before) {
    const auto awaited = from.awaited.holds({}, {}, before);
    return awaited && !*awaited ? from.jobs.holds({}, {}, before) : awaited;
}

/// What is from before a moment, if there is anything. @return the number of exchanges, or of keys.
Result<std::int64_t> erase_before(const std::string& before, vault::Kept kept, const Erasing& from, evidence::Log& log,
                                  const catalogue::Gateway& gateway, const Clock& clock) {
    const auto when = moment(before);
    if (!when) {
        return fail(Fault::internal, "before is no moment of the clock");
    }
    const vault::Selection what{.before = to_unix_seconds(*when), .kept = kept};
    const auto count = kept == vault::Kept::bodies ? from.shelf.count(what) : from.shelf.count_keys(what);
    if (!count) {
        return count;
    }
    const auto beside = kept == vault::Kept::bodies ? is_held_beside(from, what.before) : Result<bool>{false};
    if (!beside) {
        return fail(beside.error());
    }
    if (*count == 0 && !*beside) {  // but what was erased before may not be gone yet
        Status gone = from.shelf.is_unsettled() ? from.shelf.settle() : Status{};
        for (auto settled : {from.awaited.settle(), from.jobs.settle()}) {
            gone = gone ? std::move(settled) : gone;
        }
        return gone ? count : fail(std::move(gone.error()));
    }
    const auto erased = erase_bodies(
        from, log, gateway, clock,
        {.before = before, .basis = gateway.evidence.erase_basis, .what = std::string{vault::name_of(kept)}});
    return erased ? count : fail(erased.error());
}

Status say_archival(const std::string& before, const keeping::Archived& old, evidence::Log& log,
                    const catalogue::NamedKey& keys, std::chrono::system_clock::time_point now) {
    evidence::Archival archival{.at = to_rfc3339(now),
                                .before = before,
                                .segments = old.segments,
                                .from = old.from,
                                .to = old.to,
                                .head = old.head};
    const catalogue::NamedKey& key = keys.at(now);
    if (auto said = evidence::sign_archival(archival, key.id, *key.key); !said) {
        return said;
    }
    auto kept = log.append_now(evidence::to_json(archival));
    return kept ? Status{} : fail(std::move(kept.error()));
}

/// Segments from before a moment, if there are any: said in the chain, then moved.
/// @param said  the moment of the last record about it: what failed then is not said again.
Result<std::int64_t> archive_what_is_before(const std::string& before, std::string& said, evidence::Log& log,
                                            const catalogue::Gateway& gateway, const Clock& clock) {
    const std::string& to = gateway.evidence.archive;
    const auto old = keeping::find_archivable(gateway.evidence_folder, before, to);
    if (!old || old->segments.empty()) {
        return old ? Result<std::int64_t>{0} : fail(old.error());
    }
    if (said != before) {
        if (auto kept = say_archival(before, *old, log, gateway.key, clock.now()); !kept) {
            return fail(std::move(kept.error()));
        }
        said = before;
    }
    // erasing, which this thread does too, holds what calls wait for: it must not be slow
    const auto moved = std::async(std::launch::async, [&] {
                           give_way_to_calls();
                           return keeping::archive_before(gateway.evidence_folder, before, to);
                       }).get();
    return moved ? Result<std::int64_t>{static_cast<std::int64_t>(moved->segments.size())} : fail(moved.error());
}

}  // namespace

std::vector<keeping::Duty> Program::duties() {
    std::vector<keeping::Duty> all;
    const catalogue::EvidenceRules rules = current_.get()->gateway.evidence;
    const auto add_erasing = [this, &all](const char* name, std::chrono::days after, vault::Kept kept) {
        if (after.count() > 0) {
            all.push_back({.name = name, .after = after, .act = [this, kept](const std::string& before) {
                               return erase_before(before, kept, {vault_->shelf(), *awaited_, *jobs_}, *log_,
                                                   current_.get()->gateway, *clock_);
                           }});
        }
    };
    add_erasing("bodies", rules.erase_after, vault::Kept::bodies);
    add_erasing("subjects", rules.forget_after, vault::Kept::subjects);
    if (rules.archive_after.count() > 0) {
        all.push_back({.name = "segments",
                       .after = rules.archive_after,
                       .act = [this, said = std::string{}](const std::string& before) mutable {
                           return archive_what_is_before(before, said, *log_, current_.get()->gateway, *clock_);
                       }});
    }
    return all;
}

std::vector<std::string> Program::overdue() const {
    auto failing = beside_->retention->failing();
    if (!is_access_settled_) {
        failing.emplace_back("access");
    }
    return failing;
}

/// What comes after answers: needs the loops, and the gateway needs it.
void Program::open_later() {
    later_ = std::make_unique<later::Later>(later::Parts{.clock = *clock_,
                                                         .current = current_,
                                                         .log = *log_,
                                                         .quotas = quotas_,
                                                         .sink = *sink_,
                                                         .submissions = *submissions_,
                                                         .threads = threads_,
                                                         .lookups = lookups_,
                                                         .sharing = *book_,
                                                         .vault = *vault_,
                                                         .files = kept_,
                                                         .consents = *consents_,
                                                         .book = awaited_,
                                                         .pool = pools_.make({.threads = 1, .waiting = 4'096}),
                                                         .loops = *loops_});
    afterwards_ = later_->hooks();
}

}  // namespace datong::app
