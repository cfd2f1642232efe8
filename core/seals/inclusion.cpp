#include "core/seals/inclusion.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/seals/merkle.h"
#include "core/seals/record_reader.h"
#include "core/seals/seal.h"

namespace datong::seals {
namespace {

/// Goes on to the next record of a kind; nullopt when none comes.
Result<std::optional<record::Record>> next_of(RecordReader& reader, std::string_view kind) {
    for (;;) {
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

/// The token of a stamp behind the seal; empty when there is none.
Result<std::string> stamp_of(RecordReader& reader, std::uint64_t seal) {
    for (;;) {
        const auto entry = next_of(reader, "stamp");
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

Result<std::vector<std::string>> leaves_of(const std::string& folder, const Seal& seal) {
    RecordReader reader{folder, seal.from};
    std::vector<std::string> leaves;
    while (reader.number() <= seal.to) {
        const auto payload = reader.next_durable();
        if (!payload) {
            return fail(payload.error());
        }
        leaves.push_back(leaf_hash(*payload));
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
    auto stamp = stamp_of(reader, number);
    const auto leaves = leaves_of(folder, *seal);
    if (!stamp || !leaves) {
        return fail(stamp ? leaves.error() : stamp.error());
    }
    const std::uint64_t index = record - seal->from;
    return SealProof{.seal = number,
                     .index = index,
                     .size = leaves->size(),
                     .path = inclusion_path(*leaves, index),
                     .jws = seal->jws,
                     .stamp = std::move(*stamp)};
}

}  // namespace datong::seals
