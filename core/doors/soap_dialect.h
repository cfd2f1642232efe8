#pragma once

#include <cstdint>
#include <map>
#include <mutex>
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

/// Whether the caller reads MTOM: it says so in Accept, or calls by it itself.
[[nodiscard]] bool takes_parts(const codec::HttpMessage& http);

/// A call that came as MTOM as the envelope in it, with its content type; any other, and one with attachments, for
/// calls have none, as it came.
[[nodiscard]] codec::HttpMessage unpacked(codec::HttpMessage http);

/// Callers' X.509 tokens that were read before, by their octets: to read one costs more than to verify a message. Only
/// those with a consumer's key are kept, so that strangers can't fill it. May be used from many threads.
class Tokens {
public:
    struct Token {
        std::string thumbprint;  ///< of its key
        std::int64_t from{};     ///< unix seconds: when the certificate holds
        std::int64_t to{};
    };
    /// @return Fault::signature_invalid for what is no certificate, or one with a key of nobody here.
    [[nodiscard]] Result<Token> read(const std::string& pem, const catalogue::Snapshot& snapshot) const;

private:
    mutable std::mutex mutex_;
    mutable std::map<std::string, Token> known_;  ///< by SHA-256 of the PEM
};

/// Signed SOAP 1.1 and 1.2 (docs/soap.md). One object a message, which is taken apart once, when it is made: nothing of
/// it is proven before prove(). Immutable.
class SoapDialect final : public exchange::Dialect {
public:
    /// @param takes_parts  the caller reads MTOM: files stand beside the answer.
    SoapDialect(const codec::HttpMessage& http, SoapTarget target, const catalogue::Snapshot& snapshot,
                const Tokens& tokens, bool takes_parts);

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
    bool takes_parts_;
    std::string version_;  ///< "1.1" or "1.2", of what can't be read by its content type
    Tokens::Token token_;  ///< of the message; of one that is nobody's empty
    Result<wsse::SignedEnvelope> envelope_;
};

}  // namespace datong::doors
