#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/evidence/verify.h"
#include "core/record/record.h"

namespace datong::evidence {

/// The public keys that a verifier trusts, by key id.
using TrustedKeys = std::map<std::string, crypto::VerifyingKey, std::less<>>;

/// @param keys  JWKS whose members all have "kid". @return Fault::bad_request naming the member.
[[nodiscard]] Result<TrustedKeys> read_keys(const record::Record& keys);

/// What is wrong with a record, as a code of reason_texts(); empty when nothing is.
using Reason = std::string_view;

struct ReasonRow {
    Reason reason;
    std::string_view text_en;
    std::string_view text_zh;
};
/// The row of a reason; every reason of verify has one.
[[nodiscard]] const ReasonRow& row_of(Reason reason);

/// Checks records one after the other as to what they say: signatures, the digests in them, and that
/// every outcome has its intent. Used by one thread.
class Prover {
public:
    explicit Prover(TrustedKeys keys) : keys_{std::move(keys)} {}

    [[nodiscard]] Reason check(const record::Record& entry);
    /// Puts exchanges, refusals, open and signatures into a verdict.
    void count_into(Verdict& verdict) const;

private:
    [[nodiscard]] Reason check_intent(const record::Record& entry);
    [[nodiscard]] Reason check_outcome(const record::Record& entry);
    [[nodiscard]] Reason check_refusal(const record::Record& entry);
    [[nodiscard]] Reason check_answer(const record::Record& entry, const std::string& request_digest);

    TrustedKeys keys_;
    std::unordered_map<std::string, std::string> open_;  ///< exchange to its request's digest
    std::uint64_t exchanges_{};
    std::uint64_t refusals_{};
    std::uint64_t signatures_{};
};

}  // namespace datong::evidence
