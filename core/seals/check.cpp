#include "core/seals/check.h"

#include <map>
#include <utility>

#include "core/codec/json.h"
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

bool is_by_gateway(const Anchor& anchor, const evidence::TrustedKeys& keys) {
    const auto jws = signing::read_jws(anchor.jws);
    const auto key = jws ? keys.find(jws->keyid()) : keys.end();
    return key != keys.end() && key->second.owner == "gateway" && jws->header.text_of("typ") == kSealType &&
           signing::verify_jws(*jws, key->second.key);
}

/// Follows the seals of one folder. A second reader stays behind at the last sealed record, so that a seal over many
/// records needs no memory for them.
class SealWitness final : public evidence::Witness {
public:
    SealWitness(const std::string& folder, evidence::TrustedKeys keys, const CheckOptions& options)
        : keys_{std::move(keys)}, trust_{options.stamps}, anchor_{options.anchor}, sealed_{folder, 1} {}

    [[nodiscard]] std::string_view see(std::uint64_t number, const std::string& /*hash*/,
                                       const Record& entry) override {
        keyid_.clear();
        const std::string kind = entry.text_of("kind");
        if (anchor_ && anchor_->seal == number && entry.text_of("jws") != anchor_->jws) {
            return "anchor_differs";
        }
        seen_ += is_of_seals(kind) ? 0 : 1;
        if (kind == "stamp") {
            return see_stamp(entry);
        }
        return kind == "seal" ? see_seal(number, entry) : Reason{};
    }
    [[nodiscard]] const std::string& keyid() const override { return keyid_; }

    [[nodiscard]] SealCounts counts() {
        SealCounts counts{.seals = seals_,
                          .sealed = sealed_.number() - 1,
                          .stamped = stamped_,
                          .stamps_checked = trust_.empty() ? 0 : stamped_,
                          .unsealed = seen_ - seen_sealed_};
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
        auto waiting = stampable(number, *seal);
        if (!waiting) {
            return "seal_unreadable";
        }
        unstamped_.emplace(number, std::move(*waiting));
        last_ = number;
        ++seals_;
        return {};
    }

    [[nodiscard]] Reason see_stamp(const Record& entry) {
        const auto stamp = read_stamp(entry);
        if (!stamp) {
            return "stamp_unreadable";
        }
        const auto seal = unstamped_.find(stamp->seal);
        if (seal == unstamped_.end()) {
            return "stamp_seal";
        }
        Reason reason;
        for (const StampTrust& trust : trust_) {
            reason = check_stamp(stamp->token, seal->second, trust).reason;
            if (reason.empty()) {
                break;
            }
        }
        unstamped_.erase(seal);
        ++stamped_;
        return reason;
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
        MerkleTree tree{seal.hash};
        std::string head;
        while (sealed_.number() <= seal.to) {
            const auto payload = sealed_.next_durable();
            if (!payload) {
                return "seal_root";  // it was read a moment ago
            }
            tree.add(leaf_hash(*payload, seal.hash));
            seen_sealed_ += is_of_seals(kind_of(*payload)) ? 0 : 1;
            if (sealed_.number() > seal.to) {
                head = evidence::hash_of(sealed_.chain_hash(), *payload);
            }
        }
        if (tree.root() != seal.root) {
            return "seal_root";
        }
        return head == seal.head ? Reason{} : "seal_head";
    }

    evidence::TrustedKeys keys_;
    std::vector<StampTrust> trust_;
    std::optional<Anchor> anchor_;
    std::map<std::uint64_t, Stampable> unstamped_;  ///< by the number of the seal
    std::uint64_t stamped_{};
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
    if (options.anchor && !is_by_gateway(*options.anchor, *trusted)) {
        return fail(Fault::bad_request, "the anchor is not signed by a key of the gateway");
    }
    SealWitness witness{folder, std::move(*trusted), options};
    auto verdict = evidence::verify_folder(folder, keys, options.known, &witness);
    if (!verdict) {
        return fail(std::move(verdict.error()));
    }
    if (verdict->valid && options.anchor && verdict->records < options.anchor->seal) {
        const evidence::ReasonRow& row = evidence::row_of("anchor_missing");
        verdict->valid = false;
        verdict->number = options.anchor->seal;
        verdict->reason = row.reason;
        verdict->text_en = row.text_en;
        verdict->text_zh = row.text_zh;
    }
    return SealedVerdict{.evidence = std::move(*verdict), .seals = witness.counts()};
}

}  // namespace datong::seals
