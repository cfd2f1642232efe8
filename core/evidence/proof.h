#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/evidence/verify.h"
#include "core/record/record.h"

namespace datong::evidence {

/// A public key and whom it may speak for: "gateway", "department:ID" or "consumer:ID".
struct TrustedKey {
    crypto::VerifyingKey key;
    std::string owner;
    std::string from{};  ///< "2025-01-01": of a retired key, the first and the last day of its records
    std::string to{};
};

/// The public keys that a verifier trusts, by key id.
using TrustedKeys = std::map<std::string, TrustedKey, std::less<>>;

/// @param keys  JWKS whose members all have "kid" and "datong_owner", and perhaps "datong_from" and "datong_to".
/// @return Fault::bad_request naming the member.
[[nodiscard]] Result<TrustedKeys> read_keys(const record::Record& keys);

/// Whether a record's time lies within the key's.
/// @param at  RFC 3339 at +08:00, as records write it.
[[nodiscard]] bool is_in_time(const TrustedKey& key, const std::string& at);

/// Whether it lies behind the key's last day.
[[nodiscard]] bool is_late(const TrustedKey& key, const std::string& at);

/// What is wrong with a record, as a code of reason_texts(); empty when nothing is.
using Reason = std::string_view;

struct ReasonRow {
    Reason reason;
    std::string_view text_en;
    std::string_view text_zh;
};
/// The row of a reason; every reason of verify has one.
[[nodiscard]] const ReasonRow& row_of(Reason reason);

/// The reasons that one kind of signature gives.
struct SignatureReasons {
    Reason unknown_key;
    Reason others_key;
    Reason retired_key;
    Reason no_proof;
};

/// A signature as a record keeps it.
struct Seen;

/// What an answer must belong to.
struct Asked {
    std::string digest;     ///< of the request, hex
    std::string signature;  ///< of the request, octets; empty where it had none
    std::string attested;   ///< of a request of form "mac": what the gateway signed of it
};

/// Checks records one after the other as to what they say: that the consumer asked and the gateway answered
/// (signatures by keys of theirs), the digests in them, and that every outcome has its one intent. Used by one thread.
class Prover {
public:
    explicit Prover(TrustedKeys keys) : keys_{std::move(keys)} {}

    [[nodiscard]] Reason check(const record::Record& entry);
    /// What is late is no reason from now on: late() tells it.
    void allow_late() noexcept { allows_late_ = true; }
    /// What of the last record is late, of the key that ended first.
    [[nodiscard]] const std::optional<Late>& late() const { return late_; }
    /// Which key the last reason was about; empty for a reason about none.
    [[nodiscard]] const std::string& keyid() const { return keyid_; }
    /// Whose signatures the last record brought that were checked and hold.
    struct Signed {
        bool is_asked{};     ///< the consumer's, under the request
        bool is_attested{};  ///< the gateway's, of a request that came with a message code
        bool is_answered{};  ///< the gateway's, under what it answered or closed
    };
    [[nodiscard]] const Signed& signed_by() const { return signed_; }
    /// Puts exchanges, refusals, what is open and signatures into a verdict.
    void count_into(Verdict& verdict) const;

private:
    [[nodiscard]] Reason check_intent(const record::Record& entry);
    [[nodiscard]] Reason check_outcome(const record::Record& entry);
    [[nodiscard]] Reason check_refusal(const record::Record& entry);
    [[nodiscard]] Reason check_order(const record::Record& entry);
    [[nodiscard]] Reason check_statement(const record::Record& entry);
    [[nodiscard]] Reason check_closing(const record::Record& entry);
    [[nodiscard]] tl::expected<record::Record, Reason> read_statement(const std::string& compact,
                                                                      std::string_view owner,
                                                                      const record::Record& entry,
                                                                      const SignatureReasons& reasons);
    [[nodiscard]] Reason counted(bool is_of_it, Reason otherwise);
    [[nodiscard]] Reason check_request(const record::Record& entry);
    [[nodiscard]] Reason check_answer(const record::Record& entry, const Asked& asked);
    [[nodiscard]] Reason check_signature(const Seen& seen, std::string_view owner, const record::Record& entry,
                                         const SignatureReasons& reasons);
    [[nodiscard]] Reason check_time(const TrustedKey& key, const std::string& keyid, const std::string& at,
                                    Reason retired);

    TrustedKeys keys_;
    bool allows_late_{};
    std::optional<Late> late_;
    std::string keyid_;
    Signed signed_;
    std::unordered_map<std::string, Asked> open_;  ///< by exchange
    std::set<std::array<char, 16>> intents_;  ///< exchanges and request signatures of intents, by 128 bits of a digest
    std::uint64_t exchanges_{};
    std::uint64_t closed_{};
    std::uint64_t refusals_{};
    std::uint64_t signatures_{};
    std::uint64_t attested_{};
};

}  // namespace datong::evidence
