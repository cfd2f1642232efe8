#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/crypto/key.h"

namespace datong::signing {

/// One signature on a message, taken apart; nothing in it is verified yet. Source: RFC 9421, 2 to 4.
struct HttpSignature {
    std::string label;
    std::vector<std::string> components;  ///< identifiers as serialised: "\"@method\"", "\"content-digest\";req"
    std::optional<std::int64_t> created;  ///< unix seconds
    std::optional<std::int64_t> expires;
    std::string nonce;
    std::string keyid;
    std::string algorithm;  ///< "alg" parameter, empty when absent
    std::string tag;
    std::string base;       ///< the signature base, rebuilt from the message
    std::string signature;  ///< octets

    /// Whether a component without parameters, or with exactly `;req`, is covered.
    [[nodiscard]] bool covers(std::string_view component, bool of_request = false) const;
};

/// What is asked of a signature before its base is built: components and parameters are read by then, the base and the
/// signature's octets are not. A base may be made of any field, as often as a stranger likes.
using Judge = std::function<Status(const HttpSignature&)>;

/// Takes one signature from Signature-Input and Signature and rebuilds its base.
/// @param request  the request that a response belongs to, for `;req`; nullptr for a request.
/// @param label    which one; empty: the one with tag="datong", or else the only one.
/// @param judge    empty: any signature will do.
/// @return Fault::not_signed when there is none, Fault::bad_request when malformed or a covered
///         component is not in the message; what the judge says.
[[nodiscard]] Result<HttpSignature> read_http_signature(const codec::HttpMessage& message,
                                                        const codec::HttpMessage* request = nullptr,
                                                        std::string_view label = {}, const Judge& judge = {});

/// Verifies a signature with a key that the caller chose by its keyid. The message's "alg" must fit the
/// key's kind; without one the key's default algorithm counts. Whether enough is covered, and whether
/// `created`, `nonce` and `tag` are accepted, is the caller's to judge.
/// @return Fault::signature_invalid when it does not verify.
[[nodiscard]] Status verify_http(const HttpSignature& signature, const crypto::VerifyingKey& key);

/// Those of `required` (serialised identifiers, parameters in any order) that are not covered.
[[nodiscard]] std::vector<std::string> missing_components(const HttpSignature& signature,
                                                          const std::vector<std::string>& required);

/// What to put into a new signature.
struct SignHow {
    std::string label = "sig1";
    std::vector<std::string> components;  ///< serialised identifiers
    std::int64_t created{};
    std::optional<std::int64_t> expires;
    std::string nonce;  ///< empty: left out
    std::string keyid;
    std::string tag = "datong";
    crypto::Algorithm algorithm{};
    bool write_algorithm = true;  ///< put alg="..." among the parameters
};

/// Adds Signature-Input and Signature to a message (beside what is there). A label that is already
/// there, and a component that the message does not have, is Fault::bad_request.
/// @return the signature with its base, as the evidence keeps it.
[[nodiscard]] Result<HttpSignature> sign_http(codec::HttpMessage& message, const codec::HttpMessage* request,
                                              const SignHow& how, const crypto::SigningKey& key);

/// The native profile of docs/architecture.md, 6: what a request (with or without a body) must cover.
[[nodiscard]] std::vector<std::string> request_components(bool has_body);
/// And what our answer covers: status, content type and digest, and the request's signature and digest.
[[nodiscard]] std::vector<std::string> answer_components(bool request_has_body, const std::string& request_label);

}  // namespace datong::signing
