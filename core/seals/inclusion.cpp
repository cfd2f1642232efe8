#include "core/seals/inclusion.h"

#include <limits>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/seals/merkle.h"
#include "core/seals/record_reader.h"
#include "core/seals/seal.h"
#include "core/seals/standing.h"

namespace datong::seals {
namespace {

constexpr std::uint64_t kNear = 1'000;  ///< records behind a seal among which its stamp mostly is

/// Goes on to the next record of a kind; nullopt when none comes, or none before `until`.
Result<std::optional<record::Record>> next_of(RecordReader& reader, std::string_view kind,
                                              std::uint64_t until = std::numeric_limits<std::uint64_t>::max()) {
    while (reader.number() < until) {
        const auto payload = reader.next();
        if (!payload) {
            return fail(payload.error());
        }
        if (!*payload) {
            return std::optional<record::Record>{};
        }
        if (kind_of(**payload) == kind) {
            auto entry = codec::read_json(**payload);
            return entry ? Result<std::optional<record::Record>>{std::move(*entry)} : fail(std::move(entry.error()));
        }
    }
    return std::optional<record::Record>{};
}

Result<Seal> seal_over(RecordReader& reader, std::uint64_t record) {
    for (;;) {
        const auto entry = next_of(reader, "seal");
        if (!entry) {
            return fail(entry.error());
        }
        if (!*entry) {
            return fail(Fault::no_such_resource, "evidence: record " + std::to_string(record) + " is not sealed yet");
        }
        auto seal = read_seal(**entry);
        if (!seal || (seal->from <= record && record <= seal->to)) {
            return seal;
        }
    }
}

/// The token of the stamp over that seal, of those before `until`; empty when there is none.
Result<std::string> stamp_before(RecordReader& reader, std::uint64_t seal, std::uint64_t until) {
    for (;;) {
        const auto entry = next_of(reader, "stamp", until);
        if (!entry) {
            return fail(entry.error());
        }
        if (!*entry) {
            return std::string{};
        }
        if ((*entry)->text_of("seal") == std::to_string(seal)) {
            return from_base64((*entry)->text_of("token")).value_or("");
        }
    }
}

/// From where on a stamp over that seal may stand, as the last seal tells: stamps come in the order of their seals.
Result<std::uint64_t> stamps_from(const std::string& folder, std::uint64_t seal) {
    const auto standing = find_standing(folder);
    if (!standing || standing->seal == 0 || standing->stamped >= seal) {
        return standing ? Result<std::uint64_t>{seal + 1} : fail(standing.error());
    }
    const auto payload = read_record(folder, standing->seal);
    const auto entry = payload ? codec::read_json(*payload) : fail(payload.error());
    const auto last = entry ? read_seal(*entry) : fail(entry.error());
    return last ? Result<std::uint64_t>{last->from} : fail(last.error());
}

/// The token of the stamp over a seal; empty when there is none. A log without stamps is not read to its end for one.
Result<std::string> stamp_of(const std::string& folder, RecordReader reader, std::uint64_t seal) {
    auto near = stamp_before(reader, seal, seal + kNear);
    if (!near || !near->empty()) {
        return near;
    }
    const auto from = stamps_from(folder, seal);
    if (!from) {
        return fail(from.error());
    }
    if (*from > reader.number()) {
        reader = RecordReader{folder, *from};
    }
    return stamp_before(reader, seal, std::numeric_limits<std::uint64_t>::max());
}

Result<std::vector<std::string>> leaves_of(const std::string& folder, const Seal& seal) {
    RecordReader reader{folder, seal.from};
    std::vector<std::string> leaves;
    while (reader.number() <= seal.to) {
        const auto payload = reader.next_durable();
        if (!payload) {
            return fail(payload.error());
        }
        leaves.push_back(leaf_hash(*payload, seal.hash));
    }
    return leaves;
}

}  // namespace

Result<SealProof> proof_of(const std::string& folder, std::uint64_t record) {
    if (auto there = read_record(folder, record); !there) {
        return fail(std::move(there.error()));
    }
    RecordReader reader{folder, record};
    const auto seal = seal_over(reader, record);
    if (!seal) {
        return fail(seal.error());
    }
    const std::uint64_t number = reader.number() - 1;
    auto stamp = stamp_of(folder, reader.fork(), number);
    const auto leaves = leaves_of(folder, *seal);
    if (!stamp || !leaves) {
        return fail(stamp ? leaves.error() : stamp.error());
    }
    const std::uint64_t index = record - seal->from;
    return SealProof{.seal = number,
                     .index = index,
                     .size = leaves->size(),
                     .hash = seal->hash,
                     .path = inclusion_path(*leaves, index, seal->hash),
                     .jws = seal->jws,
                     .stamp = std::move(*stamp)};
}

}  // namespace datong::seals
