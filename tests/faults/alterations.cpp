#include "tests/faults/alterations.h"

#include <algorithm>
#include <filesystem>
#include <random>

#include "core/evidence/frame.h"
#include "core/evidence/segment.h"
#include "tests/core/seals/sealed_log.h"

namespace datong::faults {
namespace {

using seals::sample::SealedLog;

/// Three exchanges, a refusal and an open intent, all sealed.
void fill(SealedLog& log) {
    log.open();
    for (const char* exchange : {"e1", "e2", "e3"}) {
        log.exchange(exchange);
    }
    (void)log.bench.append(evidence::to_record(evidence::sample::refusal_of("e4", "not_permitted", log.keys)));
    (void)log.bench.append(evidence::to_record(evidence::sample::intent_of("e5", "{}", log.keys)));
    log.seal();
    log.close();
}

/// Something else than it was.
std::string altered(const std::string& bytes, std::mt19937& random) {
    std::string other = bytes;
    const auto somewhere = [&] { return std::uniform_int_distribution<std::size_t>{0, bytes.size() - 1}(random); };
    const auto way = std::uniform_int_distribution<int>{0, 2}(random);
    while (other == bytes) {
        const std::size_t at = somewhere();
        if (way == 0) {
            other[at] = static_cast<char>(other[at] ^ (1 << std::uniform_int_distribution<int>{0, 7}(random)));
        } else if (way == 1) {
            other.erase(at, std::uniform_int_distribution<std::size_t>{1, 64}(random));
        } else {
            std::swap(other[at], other[somewhere()]);
        }
    }
    return other;
}

bool verifies(const SealedLog& log) {
    const auto verdict = seals::verify_folder(log.folder(), log.keys.jwks());
    return verdict && verdict->evidence.valid;
}

}  // namespace

Alterations alter_at_random(int count, std::uint32_t seed) {
    SealedLog log;
    fill(log);
    const std::string whole = evidence::sample::read_file(log.first_segment());
    std::mt19937 random{seed};
    Alterations result;
    for (; result.tried < count; ++result.tried) {
        evidence::sample::write_file(log.first_segment(), altered(whole, random));
        result.seen += verifies(log) ? 0 : 1;
    }
    return result;
}

Alterations forge_at_random(int count, std::uint32_t seed) {
    SealedLog log;
    fill(log);
    const auto payloads = evidence::sample::payloads(log.first_segment());
    const std::string whole = evidence::sample::read_file(log.first_segment());
    std::mt19937 random{seed};
    Alterations result;
    while (result.tried < count) {
        auto others = payloads;
        // all but the seal itself, which is sealed by the next one
        const auto which = std::uniform_int_distribution<std::size_t>{0, payloads.size() - 2}(random);
        const std::size_t behind_chain = payloads[which].find("\"kind\"");
        const std::size_t before_end = payloads[which].rfind(",\"durable\"");
        const std::string said = payloads[which].substr(behind_chain, before_end - behind_chain);
        others[which].replace(behind_chain, said.size(), altered(said, random));
        evidence::sample::write_file(log.first_segment(), whole);
        seals::sample::forge(log, others);
        ++result.tried;
        const bool is_seen = !verifies(log);
        result.seen += is_seen ? 1 : 0;
        result.first = is_seen || !result.first.empty() ? result.first : others[which];
    }
    return result;
}

Cuts cut_everywhere(std::size_t step) {
    SealedLog log;
    fill(log);
    const std::string whole = evidence::sample::read_file(log.first_segment());
    const auto payloads = evidence::sample::payloads(log.first_segment());
    Cuts cuts{.records = static_cast<int>(payloads.size())};
    for (std::size_t left = 0; left <= whole.size(); left += step) {
        std::uint64_t records = 0;
        std::size_t end = evidence::kSegmentHeaderSize;
        while (records < payloads.size() &&
               end + evidence::kFrameHeadSize + payloads[static_cast<std::size_t>(records)].size() <= left) {
            end += evidence::kFrameHeadSize + payloads[static_cast<std::size_t>(records++)].size();
        }
        evidence::sample::write_file(log.first_segment(), whole.substr(0, left));
        const bool has_opened = log.bench.open().has_value();
        const std::uint64_t durable = has_opened ? log.bench.log->durable() : 0;
        log.close();
        const auto verdict = seals::verify_folder(log.folder(), log.keys.jwks());
        const bool is_good =
            verdict && (records == 0 ? verdict->evidence.reason == "no_evidence" : verdict->evidence.valid);
        ++cuts.tried;
        cuts.good += has_opened && durable == records && is_good ? 1 : 0;
    }
    return cuts;
}

}  // namespace datong::faults
