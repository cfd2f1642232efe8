#pragma once

#include <string>

#include "core/contracts/contract.h"
#include "core/crypto/key.h"
#include "core/wsse/envelope.h"
#include "tests/journeys/platform.h"

namespace datong::journeys {

/// A consumer that calls by signed SOAP, with the key that it signs native calls with.
class SoapPlatform {
public:
    /// @param version  "1.1" or "1.2".
    SoapPlatform(Platform platform, std::string keys_folder, const std::string& consumer, std::string version);

    /// What a message is made of, ready to be changed before it is signed.
    /// @param path  that it will be sent to: "/soap/tax-clearance".
    [[nodiscard]] wsse::EnvelopeParts parts(const std::string& path, const record::Record& body) const;
    [[nodiscard]] std::string sign(const wsse::EnvelopeParts& parts) const;
    /// The same with a text in SignedInfo replaced by another before it is signed.
    [[nodiscard]] std::string sign_altered(const wsse::EnvelopeParts& parts, const std::string& what,
                                           const std::string& with) const;
    /// @param accept  empty: no such header.
    [[nodiscard]] codec::HttpMessage post(const std::string& path, std::string message,
                                          const std::string& accept = {}) const;

    /// Verifies the answer by the gateway's key, its binding to that request, and that it is fresh.
    [[nodiscard]] Result<wsse::SignedEnvelope> check(const codec::HttpMessage& answer,
                                                     const std::string& request) const;

private:
    Platform platform_;
    std::string keys_;
    std::string version_;
    crypto::SigningKey key_;
    std::string x509_;
};

/// The native JSON behind an answer's body; of a fault the problem in its detail. Null when there is none.
[[nodiscard]] record::Record record_of(const std::string& message);

/// The namespace of a call: "/soap/tax-clearance" -> "urn:datong:service:tax-clearance:1".
[[nodiscard]] std::string uri_of(const std::string& path);

}  // namespace datong::journeys
