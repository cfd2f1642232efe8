#pragma once

#include "core/base/clock.h"
#include "core/exchange/call.h"

namespace datong::platforms {

inline constexpr std::string_view kEnvelopePath = "/gateway/envelope";

/// A call in the envelope of finance and court platforms (profiles/sm_envelope): headers timestamp, nonce and appId,
/// the body encrypted for us and signed by the caller; in it {sid, data}. The answer comes back sealed for the caller.
/// Whoever keeps the body can prove the caller's signature later; the evidence keeps it. May be used from many threads.
class EnvelopeDialect final : public exchange::Dialect {
public:
    explicit EnvelopeDialect(const Clock& clock) : clock_{clock} {}

    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] bool attests() const override { return true; }
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    /// {head: {code, msg}, encData, encKey, iv, signature, qPubkey}; to strangers head alone.
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    const Clock& clock_;
};

}  // namespace datong::platforms
