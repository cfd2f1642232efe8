#include "core/seals/check.h"

#include <utility>

#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/proof.h"
#include "core/seals/merkle.h"
#include "core/seals/record_reader.h"
#include "core/seals/seal.h"
#include "core/signing/jws.h"

namespace datong::seals {
namespace {

using evidence::Reason;
using record::Record;

std::string time_of(std::string_view payload) {
    const auto entry = codec::read_json(payload);
    return entry ? entry->text_of("at") : std::string{};
}

/// Follows the seals of one folder. A second reader stays behind at the last sealed record, so that a seal over many
/// records needs no memory for them.
class SealWitness final : public evidence::Witness {
public:
    SealWitness(const std::string& folder, evidence::TrustedKeys keys) : keys_{std::move(keys)}, sealed_{folder, 1} {}

    [[nodiscard]] std::string_view see(std::uint64_t number, const std::string& /*hash*/,
                                       const Record& entry) override {
        keyid_.clear();
        const std::string kind = entry.text_of("kind");
        seen_ += is_of_seals(kind) ? 0 : 1;
        return kind == "seal" ? see_seal(number, entry) : Reason{};
    }
    [[nodiscard]] const std::string& keyid() const override { return keyid_; }

    [[nodiscard]] SealCounts counts() {
        SealCounts counts{.seals = seals_, .sealed = sealed_.number() - 1, .unsealed = seen_ - seen_sealed_};
        while (counts.unsealed > 0 && counts.unsealed_since.empty()) {
            const auto payload = sealed_.next_durable();
            if (!payload) {
                break;  // it broke there
            }
            counts.unsealed_since = is_of_seals(kind_of(*payload)) ? "" : time_of(*payload);
        }
        return counts;
    }

private:
    [[nodiscard]] Reason see_seal(std::uint64_t number, const Record& entry) {
        const auto seal = read_seal(entry);
        if (!seal) {
            return "seal_unreadable";
        }
        if (const Reason reason = check_signature(*seal); !reason.empty()) {
            return reason;
        }
        if (seal->from != sealed_.number() || seal->to < seal->from || seal->to >= number || seal->previous != last_) {
            return "seal_gap";
        }
        if (const Reason reason = check_records(*seal); !reason.empty()) {
            return reason;
        }
        last_ = number;
        ++seals_;
        return {};
    }

    [[nodiscard]] Reason check_signature(const Seal& seal) {
        const auto jws = signing::read_jws(seal.jws);
        if (!jws) {
            return "seal_signature";
        }
        keyid_ = jws->keyid();
        const auto key = keys_.find(keyid_);
        if (key == keys_.end()) {
            return "seal_key_unknown";
        }
        if (key->second.owner != "gateway") {
            return "seal_key";
        }
        if (!evidence::is_in_time(key->second, seal.at)) {
            return "seal_key_retired";
        }
        if (jws->header.text_of("typ") != kSealType || jws->payload != statement_of(seal) ||
            !signing::verify_jws(*jws, key->second.key)) {
            return "seal_signature";
        }
        keyid_.clear();
        return {};
    }

    /// Reads what the seal covers.
    [[nodiscard]] Reason check_records(const Seal& seal) {
        MerkleTree tree;
        std::string head;
        while (sealed_.number() <= seal.to) {
            const auto payload = sealed_.next_durable();
            if (!payload) {
                return "seal_root";  // it was read a moment ago
            }
            tree.add(leaf_hash(*payload));
            seen_sealed_ += is_of_seals(kind_of(*payload)) ? 0 : 1;
            if (sealed_.number() > seal.to) {
                head = crypto::sha256(*payload);
            }
        }
        if (tree.root() != seal.root) {
            return "seal_root";
        }
        return head == seal.head ? Reason{} : "seal_head";
    }

    evidence::TrustedKeys keys_;
    RecordReader sealed_;  ///< its next record is the first that no seal covers
    std::string keyid_;
    std::uint64_t last_{};  ///< number of the last seal
    std::uint64_t seals_{};
    std::uint64_t seen_{};         ///< records so far that are neither seals nor stamps
    std::uint64_t seen_sealed_{};  ///< those of them that are sealed
};

}  // namespace

Result<SealedVerdict> verify_folder(const std::string& folder, const Record& keys, const CheckOptions& options) {
    auto trusted = evidence::read_keys(keys);
    if (!trusted) {
        return fail(std::move(trusted.error()));
    }
    SealWitness witness{folder, std::move(*trusted)};
    auto verdict = evidence::verify_folder(folder, keys, options.known, &witness);
    if (!verdict) {
        return fail(std::move(verdict.error()));
    }
    return SealedVerdict{.evidence = std::move(*verdict), .seals = witness.counts()};
}

}  // namespace datong::seals
