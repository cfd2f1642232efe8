#include "core/seals/sealer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/background.h"
#include "core/base/text.h"
#include "core/seals/merkle.h"
#include "core/telemetry/events.h"

namespace datong::seals {
namespace {

constexpr std::chrono::milliseconds kLook{1'000};  ///< how often the number of records is looked at

/// Records that were read for a seal.
struct Taken {
    Seal seal;
    RecordReader behind;  ///< of the last of them
    OpenExchanges open;   ///< with the last of them
    bool has_news{};      ///< one of them is neither seal nor stamp
};

/// Goes on behind seal.to while there were only seals and stamps: they are sealed with what comes after them, or no
/// seal would ever come past them.
/// @param open  before the first of them; @param seal  its from and to; root, head and open are found.
/// @param durable  the last record that may be taken.
Result<Taken> take(RecordReader reader, OpenExchanges open, Seal seal, std::uint64_t durable) {
    std::optional<MerkleTree> tree;
    bool has_news = false;
    while (reader.number() <= seal.to || (!has_news && reader.number() <= durable)) {
        const std::uint64_t number = reader.number();
        const auto payload = reader.next_durable();
        if (!payload) {
            return fail(payload.error());
        }
        has_news = has_news || !is_of_seals(kind_of(*payload));
        if (!tree) {
            seal.hash = reader.chain_hash();
            tree.emplace(seal.hash);
        }
        tree->add(leaf_hash(*payload, seal.hash));
        open.see(number, *payload);
        if (reader.number() > seal.to) {
            seal.head = evidence::hash_of(reader.chain_hash(), *payload);
            seal.to = number;
        }
    }
    seal.root = tree.value_or(MerkleTree{}).root();
    seal.open = open.oldest();
    return Taken{.seal = std::move(seal), .behind = std::move(reader), .open = std::move(open), .has_news = has_news};
}

/// What was open behind the last sealed record.
Result<OpenExchanges> open_at(const std::string& folder, const Standing& standing) {
    OpenExchanges open;
    RecordReader reader{folder, standing.open_from()};
    while (reader.number() <= standing.sealed_to) {
        const std::uint64_t number = reader.number();
        const auto payload = reader.next_durable();
        if (!payload) {
            return fail(payload.error());
        }
        open.see(number, *payload);
    }
    return open;
}

}  // namespace

Result<std::unique_ptr<Sealer>> Sealer::open(SealerSettings settings, evidence::Log& log,
                                             std::function<Signer()> signer, const Clock& clock,
                                             telemetry::Sink& sink) {
    auto standing = find_standing(settings.folder);
    if (!standing) {
        return fail(std::move(standing.error()));
    }
    auto open = open_at(settings.folder, *standing);
    if (!open) {
        return fail(std::move(open.error()));
    }
    settings.records = std::max<std::uint64_t>(settings.records, 1);
    return std::unique_ptr<Sealer>{
        new Sealer{std::move(settings), log, std::move(signer), clock, sink, *standing, std::move(*open)}};
}

Sealer::Sealer(SealerSettings settings, evidence::Log& log, std::function<Signer()> signer, const Clock& clock,
               telemetry::Sink& sink, Standing standing, OpenExchanges open)
    : settings_{std::move(settings)},
      log_{log},
      signer_{std::move(signer)},
      clock_{clock},
      sink_{sink},
      standing_{standing},
      open_{std::move(open)},
      is_behind_{log.durable() > standing.sealed_to},
      reader_{settings_.folder, standing.sealed_to + 1} {
}

Sealer::~Sealer() = default;

void Sealer::start() {
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

Status Sealer::finish() {
    thread_ = {};  // asks it to stop, and waits
    const Status done = seal_due(true, {});
    note(done);
    publish();
    return done;
}

void Sealer::run(const std::stop_token& stop) {
    give_way_to_calls();
    auto last = std::chrono::steady_clock::now() - (is_behind_ ? settings_.every : std::chrono::milliseconds{0});
    while (!stop.stop_requested()) {
        const auto now = std::chrono::steady_clock::now();
        const bool is_due = now - last >= settings_.every;
        const Status done = seal_due(is_due, stop);
        note(done);
        last = is_due && done ? now : last;
        if (is_due) {
            publish();
        }
        std::unique_lock lock{mutex_};
        (void)wake_.wait_for(lock, stop, std::min(settings_.every, kLook), [] { return false; });
    }
}

/// @param all  what is left over as well, however little.
Status Sealer::seal_due(bool all, const std::stop_token& stop) {
    const std::uint64_t durable = log_.durable();
    Result<bool> sealed = true;
    while (sealed && *sealed && !stop.stop_requested() && durable - standing_.sealed_to >= settings_.records) {
        sealed = seal_next(settings_.records, durable);
    }
    if (sealed && all && !stop.stop_requested() && durable > standing_.sealed_to) {
        sealed = seal_next(std::min(durable - standing_.sealed_to, settings_.records), durable);
    }
    return sealed ? Status{} : fail(std::move(sealed.error()));
}

/// @return false when there was nothing to seal but seals.
Result<bool> Sealer::seal_next(std::uint64_t count, std::uint64_t durable) {
    Seal next{.at = to_rfc3339(clock_.now()),
              .from = standing_.sealed_to + 1,
              .to = standing_.sealed_to + count,
              .previous = standing_.seal,
              .stamped = stamped_ ? stamped_() : standing_.stamped};
    auto taken = take(reader_.fork(), open_, std::move(next), durable);
    if (!taken) {
        return fail(std::move(taken.error()));
    }
    if (!taken->has_news) {
        return false;
    }
    const Signer signer = signer_();
    const auto seal = signed_seal(std::move(taken->seal), signer.keyid, signer.key);
    if (!seal) {
        return fail(seal.error());
    }
    const auto place = log_.append_now(to_json(*seal));
    if (!place) {
        return fail(place.error());
    }
    standing_ = {.seal = place->number, .sealed_to = seal->to, .stamped = seal->stamped, .open = seal->open};
    open_ = std::move(taken->open);
    reader_ = std::move(taken->behind);
    unpublished_ = Anchor{.seal = place->number, .jws = seal->jws};
    sink_.count("datong_seals_records_total", {}, static_cast<double>(seal->to - seal->from + 1));
    sink_.count("datong_seals_seals_total", {});
    return true;
}

void Sealer::publish() {
    if (!publish_ || !unpublished_) {
        return;
    }
    const Status done = publish_(*unpublished_);
    if (done) {
        sink_.count("datong_seals_anchors_total", {});
        unpublished_.reset();
    } else if (!is_publishing_failing_) {
        telemetry::emit(sink_, telemetry::AnchorFailed{.why = done.error().detail()});
    }
    is_publishing_failing_ = !done;
}

/// Says once that it fails, and once that it goes on.
void Sealer::note(const Status& done) {
    sink_.gauge("datong_seals_unsealed_records", {}, static_cast<double>(log_.durable() - standing_.sealed_to));
    if (!done && !is_failing_) {
        telemetry::emit(sink_, telemetry::SealFailed{.why = done.error().detail()});
    }
    is_failing_ = !done;
}

}  // namespace datong::seals
