#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/exchange/call.h"
#include "core/wsse/envelope.h"

namespace datong::doors {

/// What a path of the SOAP door names: /soap/NAME, /soap/matters/NAME or /soap/submissions.
struct SoapTarget {
    exchange::Request::Kind kind{};
    std::string name{};  ///< of the service or matter
};
[[nodiscard]] std::optional<SoapTarget> soap_target(std::string_view path);

/// Signed SOAP 1.1 and 1.2 (docs/soap.md). One object a message, which is taken apart once, when it is made: nothing of
/// it is proven before prove(). Immutable.
class SoapDialect final : public exchange::Dialect {
public:
    SoapDialect(const codec::HttpMessage& http, SoapTarget target, const catalogue::Snapshot& snapshot);

    /// The caller is known by the key in the certificate that came with the message; the certificate itself is only a
    /// name for it, and must hold at the time that was signed.
    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    [[nodiscard]] std::string expected_uri(const exchange::Visit& visit) const;

    SoapTarget target_;
    std::string version_;  ///< "1.1" or "1.2", of what can't be read by its content type
    Result<wsse::SignedEnvelope> envelope_;
    std::string thumbprint_;  ///< of the key in the token; empty: none that can be read
};

}  // namespace datong::doors
