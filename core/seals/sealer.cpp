#include "core/seals/sealer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/segment.h"
#include "core/seals/merkle.h"
#include "core/telemetry/events.h"

namespace datong::seals {
namespace {

constexpr std::chrono::milliseconds kLook{1'000};  ///< how often the number of records is looked at

/// The last seal of one segment; nullopt: it has none.
Result<std::optional<std::pair<std::uint64_t, Seal>>> last_seal_of(const evidence::Segment& segment) {
    auto reader = evidence::SegmentReader::open(segment.path);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    std::string payload;
    std::uint64_t number = segment.first;
    std::uint64_t found = 0;
    for (; reader->next() == evidence::SegmentReader::Step::record; ++number) {
        if (kind_of(reader->payload()) == "seal") {
            payload = reader->payload();
            found = number;
        }
    }
    if (found == 0) {
        return std::optional<std::pair<std::uint64_t, Seal>>{};
    }
    const auto entry = codec::read_json(payload);
    const auto seal = entry ? read_seal(*entry) : fail(entry.error());
    if (!seal) {
        return fail(Fault::evidence_unavailable, segment.path + ": record " + std::to_string(found) + " is no seal");
    }
    return std::optional{std::pair{found, *seal}};
}

/// Records that were read for a seal.
struct Taken {
    Seal seal;
    RecordReader behind;  ///< of the last of them
    bool has_news{};      ///< one of them is neither seal nor stamp
};

/// @param seal  its from and to; root and head are found.
Result<Taken> take(RecordReader reader, Seal seal) {
    MerkleTree tree;
    bool has_news = false;
    while (reader.number() <= seal.to) {
        const auto payload = reader.next_durable();
        if (!payload) {
            return fail(payload.error());
        }
        has_news = has_news || !is_of_seals(kind_of(*payload));
        tree.add(leaf_hash(*payload));
        if (reader.number() > seal.to) {
            seal.head = crypto::sha256(*payload);
        }
    }
    seal.root = tree.root();
    return Taken{.seal = std::move(seal), .behind = std::move(reader), .has_news = has_news};
}

}  // namespace

Result<std::unique_ptr<Sealer>> Sealer::open(SealerSettings settings, evidence::Log& log,
                                             std::function<Signer()> signer, const Clock& clock,
                                             telemetry::Sink& sink) {
    auto standing = find_standing(settings.folder);
    if (!standing) {
        return fail(std::move(standing.error()));
    }
    settings.records = std::max<std::uint64_t>(settings.records, 1);
    return std::unique_ptr<Sealer>{
        new Sealer{std::move(settings), log, std::move(signer), clock, sink, *standing}};  // private constructor
}

Sealer::Sealer(SealerSettings settings, evidence::Log& log, std::function<Signer()> signer, const Clock& clock,
               telemetry::Sink& sink, Standing standing)
    : settings_{std::move(settings)},
      log_{log},
      signer_{std::move(signer)},
      clock_{clock},
      sink_{sink},
      standing_{standing},
      is_behind_{log.durable() > standing.sealed_to},
      reader_{settings_.folder, standing.sealed_to + 1} {
}

Sealer::~Sealer() = default;

/// From the newest segment back, as far as the last seal.
Result<Sealer::Standing> Sealer::find_standing(const std::string& folder) {
    const auto segments = evidence::list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    for (auto segment = segments->rbegin(); segment != segments->rend(); ++segment) {
        const auto last = last_seal_of(*segment);
        if (!last) {
            return fail(last.error());
        }
        if (*last) {
            return Standing{.seal = (*last)->first, .sealed_to = (*last)->second.to};
        }
    }
    return Standing{};
}

void Sealer::start() {
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

Status Sealer::finish() {
    thread_ = {};  // asks it to stop, and waits
    const Status done = seal_due(true, {});
    note(done);
    return done;
}

void Sealer::run(const std::stop_token& stop) {
    auto last = std::chrono::steady_clock::now() - (is_behind_ ? settings_.every : std::chrono::milliseconds{0});
    while (!stop.stop_requested()) {
        const auto now = std::chrono::steady_clock::now();
        const bool is_due = now - last >= settings_.every;
        const Status done = seal_due(is_due, stop);
        note(done);
        last = is_due && done ? now : last;
        std::unique_lock lock{mutex_};
        (void)wake_.wait_for(lock, stop, std::min(settings_.every, kLook), [] { return false; });
    }
}

/// @param all  what is left over as well, however little.
Status Sealer::seal_due(bool all, const std::stop_token& stop) {
    const std::uint64_t durable = log_.durable();
    Result<bool> sealed = true;
    while (sealed && *sealed && !stop.stop_requested() && durable - standing_.sealed_to >= settings_.records) {
        sealed = seal_next(settings_.records);
    }
    if (sealed && all && !stop.stop_requested() && durable > standing_.sealed_to) {
        sealed = seal_next(std::min(durable - standing_.sealed_to, settings_.records));
    }
    return sealed ? Status{} : fail(std::move(sealed.error()));
}

/// @return false when there was nothing to seal but seals.
Result<bool> Sealer::seal_next(std::uint64_t count) {
    Seal next{.at = to_rfc3339(clock_.now()),
              .from = standing_.sealed_to + 1,
              .to = standing_.sealed_to + count,
              .previous = standing_.seal};
    auto taken = take(reader_.fork(), std::move(next));
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
    standing_ = {.seal = place->number, .sealed_to = seal->to};
    reader_ = std::move(taken->behind);
    sink_.count("datong_seals_records_total", {}, static_cast<double>(count));
    sink_.count("datong_seals_seals_total", {});
    return true;
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
