#include "core/seals/standing.h"

#include <optional>
#include <utility>

#include "core/codec/json.h"
#include "core/evidence/segment.h"
#include "core/seals/record_reader.h"
#include "core/seals/seal.h"

namespace datong::seals {
namespace {

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

}  // namespace

Result<Standing> find_standing(const std::string& folder) {
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
            const auto& [number, seal] = **last;
            return Standing{.seal = number, .sealed_to = seal.to, .stamped = seal.stamped, .open = seal.open};
        }
    }
    return Standing{};
}

}  // namespace datong::seals
