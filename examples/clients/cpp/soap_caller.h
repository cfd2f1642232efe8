#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"
#include "examples/clients/cpp/caller.h"

namespace datong::client {

/// What is called over SOAP: the path of the gateway's door and the namespace of the call's XML (docs/soap.md).
struct SoapAim {
    std::string target;
    std::string uri;
};
/// @param major  of the service's version. @return Fault::bad_request for a name that is none of the gateway's.
[[nodiscard]] Result<SoapAim> soap_service(const Endpoint& endpoint, std::string_view name, int major);
[[nodiscard]] Result<SoapAim> soap_matter(const Endpoint& endpoint, std::string_view name, int major);
[[nodiscard]] SoapAim soap_status(const Endpoint& endpoint);

/// A POST of the same JSON as XML in a SOAP 1.2 message, signed by WS-Security: Body, Timestamp and our header with a
/// fresh id and this address. The token is an X.509 certificate that the consumer's key signs for itself, for the key
/// alone is what the gateway knows.
/// @param json  a call's native body. @param now  UTC.
/// @return Fault::bad_request for what is no JSON; Fault::internal where the key can't sign.
[[nodiscard]] Result<codec::HttpMessage> signed_soap(const Endpoint& endpoint, const SoapAim& aim,
                                                     std::string_view json, const Consumer& consumer,
                                                     std::chrono::system_clock::time_point now);

/// What a gateway said, proven.
struct SoapSaid {
    std::string keyid;
    record::Record body;  ///< the native JSON, or the problem of a fault: read from what was signed. Null for neither
};

/// Checks that a gateway that is trusted signed this answer, to this request, and that it is of now.
/// @return Fault::not_signed, signature_invalid, signature_stale or bad_request with what is wrong.
[[nodiscard]] Result<SoapSaid> check_soap_answer(const codec::HttpMessage& answer, const codec::HttpMessage& request,
                                                 const Trust& trust, std::chrono::system_clock::time_point now);

/// The same JSON in a message that nobody proved: a fault to a stranger is not signed.
[[nodiscard]] record::Record unproven_body(std::string_view message);

}  // namespace datong::client
