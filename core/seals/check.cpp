#include "core/seals/check.h"

#include <map>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/evidence/proof.h"
#include "core/record/date.h"
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

/// The hour, counted from 1970, in which the gateway answered, once its signature was found good: as it signed it. A
/// SOAP message signs its time by a digest only, so there it is what the record says.
std::optional<std::int64_t> hour_of_answer(const Record& entry) {
    const Record* answer = entry.find("answer");
    if (answer == nullptr) {
        return std::nullopt;
    }
    constexpr std::string_view kName = ";created=";
    constexpr std::int64_t kHour = 3'600;
    const std::string base = answer->text_of("base");
    if (const auto at = base.rfind(kName); at != base.npos) {
        const auto digits = std::string_view{base}.substr(at + kName.size());
        const auto created = to_whole_number(digits.substr(0, digits.find_first_not_of("0123456789")));
        return created ? std::optional{static_cast<std::int64_t>(*created) / kHour} : std::nullopt;
    }
    const auto said = record::parse_rfc3339(entry.text_of("at"));
    return said ? std::optional{std::int64_t{record::days_since_epoch(said->date)} * 24 + said->hour - 8}
                : std::nullopt;
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
        late_.reset();
        shown_.reset();
        const std::string kind = entry.text_of("kind");
        if (anchor_ && anchor_->seal == number && entry.text_of("jws") != anchor_->jws) {
            return "anchor_differs";
        }
        seen_ += is_of_seals(kind) ? 0 : 1;
        if (kind == "outcome" || kind == "refusal") {
            if (const auto hour = hour_of_answer(entry); hour) {
                unsealed_hours_[*hour] = number;
            }
        }
        if (kind == "stamp") {
            return see_stamp(entry);
        }
        return kind == "seal" ? see_seal(number, entry) : Reason{};
    }
    [[nodiscard]] const std::string& keyid() const override { return keyid_; }
    [[nodiscard]] const std::optional<evidence::Late>& late() const override { return late_; }
    [[nodiscard]] const std::optional<Shown>& shown() const override { return shown_; }

    [[nodiscard]] SealCounts counts() {
        SealCounts counts{.seals = seals_,
                          .sealed = sealed_.number() - 1,
                          .stamped = stamped_,
                          .stamps_checked = trust_.empty() ? 0 : stamped_,
                          .unsealed = seen_ - seen_sealed_,
                          .unsealed_since = {},
                          .unsealed_hours = unsealed_hours_.size()};
        while (counts.unsealed > 0 && counts.unsealed_since.empty()) {
            const std::uint64_t number = sealed_.number();
            const auto payload = sealed_.next_durable();
            if (!payload) {
                break;  // it broke there
            }
            if (!is_of_seals(kind_of(*payload))) {
                counts.unsealed_from = counts.unsealed_from == 0 ? number : counts.unsealed_from;
                counts.unsealed_since = time_of(*payload);
            }
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
        std::erase_if(unsealed_hours_, [&seal](const auto& hour) { return hour.second <= seal->to; });
        if (!late_) {
            shown_ = Shown{.to = seal->to, .day = seal->at.substr(0, 10)};
        }
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
        const bool is_late = evidence::is_late(key->second, seal.at);
        if (!is_late && !evidence::is_in_time(key->second, seal.at)) {
            return "seal_key_retired";
        }
        if (jws->header.text_of("typ") != kSealType || jws->payload != statement_of(seal) ||
            !signing::verify_jws(*jws, key->second.key)) {
            return "seal_signature";
        }
        if (is_late) {
            late_ = evidence::Late{.reason = "seal_key_retired", .keyid = keyid_, .last_day = key->second.to};
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
    std::optional<evidence::Late> late_;
    std::optional<Shown> shown_;
    std::uint64_t last_{};  ///< number of the last seal
    std::uint64_t seals_{};
    std::map<std::int64_t, std::uint64_t> unsealed_hours_;  ///< of answers, with the number of the newest in each
    std::uint64_t seen_{};                                  ///< records so far that are neither seals nor stamps
    std::uint64_t seen_sealed_{};                           ///< those of them that are sealed
};

/// Of a folder as a whole.
void break_at(evidence::Verdict& verdict, std::uint64_t number, Reason reason) {
    const evidence::ReasonRow& row = evidence::row_of(reason);
    verdict.valid = false;
    verdict.number = number;
    verdict.reason = row.reason;
    verdict.text_en = row.text_en;
    verdict.text_zh = row.text_zh;
}

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
    SealCounts counts = witness.counts();
    if (verdict->valid && options.anchor && verdict->records < options.anchor->seal) {
        break_at(*verdict, options.anchor->seal, "anchor_missing");
    } else if (verdict->valid && !options.without_seals && counts.unsealed_hours > kMostUnsealedHours) {
        break_at(*verdict, counts.unsealed_from, "unsealed");
    }
    return SealedVerdict{.evidence = std::move(*verdict), .seals = std::move(counts)};
}

}  // namespace datong::seals
