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
void fill(SealedLog& log, const Form& form) {
    log.bench.settings.hash = form.hash;
    log.bench.settings.segment_bytes = form.segment_bytes;
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

/// The files of a folder, by their paths, and whether each is closed.
struct Whole {
    std::vector<std::string> paths;
    std::vector<std::string> octets;
    std::vector<bool> has_trailer;

    explicit Whole(const SealedLog& log) {
        for (const std::string& name : log.bench.folder.segments()) {
            paths.push_back(log.folder() + "/" + name);
        }
        for (const std::string& path : paths) {
            octets.push_back(evidence::sample::read_file(path));
            auto reader = evidence::SegmentReader::open(path);
            while (reader && reader->next() == evidence::SegmentReader::Step::record) {
            }
            has_trailer.push_back(reader && reader->trailer().has_value());
        }
    }
    void restore() const {
        for (std::size_t i = 0; i < paths.size(); ++i) {
            evidence::sample::write_file(paths[i], octets[i]);
        }
    }
    /// Any octet of the folder is as likely as any other.
    [[nodiscard]] std::size_t any(std::mt19937& random) const {
        std::vector<std::size_t> sizes;
        for (const std::string& one : octets) {
            sizes.push_back(one.size());
        }
        return std::discrete_distribution<std::size_t>{sizes.begin(), sizes.end()}(random);
    }
    [[nodiscard]] Alterations begin() const {
        return {.segments = static_cast<int>(paths.size()),
                .trailers = static_cast<int>(std::count(has_trailer.begin(), has_trailer.end(), true))};
    }
};

/// Swaps an octet of one file with another one of the next file.
void swap_between(const Whole& whole, std::mt19937& random) {
    const std::size_t one = std::uniform_int_distribution<std::size_t>{0, whole.paths.size() - 2}(random);
    std::string first = whole.octets[one];
    std::string second = whole.octets[one + 1];
    while (first == whole.octets[one]) {
        std::swap(first[std::uniform_int_distribution<std::size_t>{0, first.size() - 1}(random)],
                  second[std::uniform_int_distribution<std::size_t>{0, second.size() - 1}(random)]);
    }
    evidence::sample::write_file(whole.paths[one], first);
    evidence::sample::write_file(whole.paths[one + 1], second);
}

/// Writes the folder's records anew, each in its segment, with everything made right that no key is needed for.
void forge_all(const Whole& whole, const std::vector<std::vector<std::string>>& payloads, evidence::ChainHash hash) {
    evidence::Link link;
    for (std::size_t i = 0; i < whole.paths.size(); ++i) {
        auto header = evidence::read_segment_header(whole.octets[i]).value();
        header.previous = link.previous;
        std::string bytes = evidence::write_segment_header(header);
        for (const std::string& payload : payloads[i]) {
            const std::string made = evidence::sample::relinked(payload, link);
            evidence::append_frame(bytes, made);
            link = evidence::Link{.number = link.number + 1, .previous = evidence::hash_of(hash, made)};
        }
        if (whole.has_trailer[i]) {
            bytes += evidence::write_segment_trailer(
                {.records = payloads[i].size(), .last = link.previous, .closed_ms = header.begun_ms});
        }
        evidence::sample::write_file(whole.paths[i], bytes);
    }
}

}  // namespace

Alterations alter_at_random(int count, std::uint32_t seed, const Form& form) {
    SealedLog log;
    fill(log, form);
    const Whole whole{log};
    std::mt19937 random{seed};
    Alterations result = whole.begin();
    for (; result.tried < count; ++result.tried) {
        whole.restore();
        const std::size_t one = whole.any(random);
        const int way = whole.paths.size() > 1 ? std::uniform_int_distribution<int>{0, 19}(random) : 0;
        if (way == 19) {
            // the last one may be missing unseen: whoever takes a log's end away is found by an anchor only
            std::filesystem::remove(
                whole.paths[std::uniform_int_distribution<std::size_t>{0, whole.paths.size() - 2}(random)]);
        } else if (way == 18) {
            swap_between(whole, random);
        } else {
            evidence::sample::write_file(whole.paths[one], altered(whole.octets[one], random));
        }
        result.seen += verifies(log) ? 0 : 1;
    }
    return result;
}

Alterations forge_at_random(int count, std::uint32_t seed, const Form& form) {
    SealedLog log;
    fill(log, form);
    const Whole whole{log};
    std::vector<std::vector<std::string>> payloads;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < whole.paths.size(); ++i) {
        payloads.push_back(evidence::sample::payloads(whole.paths[i]));
        for (std::size_t j = 0; j < payloads.back().size(); ++j) {
            places.emplace_back(i, j);
        }
    }
    places.pop_back();  // all but the seal itself, which is sealed by the next one
    std::mt19937 random{seed};
    Alterations result = whole.begin();
    forge_all(whole, payloads, form.hash);
    if (!verifies(log)) {
        return result;  // what is forged right is no alteration: else anything would be seen
    }
    while (result.tried < count) {
        auto others = payloads;
        const auto [segment, which] = places[std::uniform_int_distribution<std::size_t>{0, places.size() - 1}(random)];
        std::string& payload = others[segment][which];
        const std::size_t behind_chain = payload.find("\"kind\"");
        const std::size_t before_end = payload.rfind(",\"durable\"");
        const std::string said = payload.substr(behind_chain, before_end - behind_chain);
        payload.replace(behind_chain, said.size(), altered(said, random));
        forge_all(whole, others, form.hash);
        ++result.tried;
        const bool is_seen = !verifies(log);
        result.seen += is_seen ? 1 : 0;
        result.first = is_seen || !result.first.empty() ? result.first : payload;
    }
    return result;
}

Cuts cut_everywhere(std::size_t step, const Form& form) {
    SealedLog log;
    fill(log, form);
    const Whole all{log};
    const std::string& whole = all.octets.back();
    const auto payloads = evidence::sample::payloads(all.paths.back());
    const auto first = evidence::read_segment_header(whole).value().first;
    Cuts cuts{.records = static_cast<int>(first - 1 + payloads.size())};
    for (std::size_t left = 0; left <= whole.size(); left += step) {
        std::uint64_t records = 0;
        std::size_t end = evidence::kSegmentHeaderSize;
        while (records < payloads.size() &&
               end + evidence::kFrameHeadSize + payloads[static_cast<std::size_t>(records)].size() <= left) {
            end += evidence::kFrameHeadSize + payloads[static_cast<std::size_t>(records++)].size();
        }
        records += first - 1;
        all.restore();
        evidence::sample::write_file(all.paths.back(), whole.substr(0, left));
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
