#pragma once

#include <string>

#include "core/codec/http_message.h"
#include "tests/journeys/gateway_under_test.h"

namespace datong::journeys {

/// A consumer `province` that comes in by a platform's protocol and may ask what one-window may ask for its matter.
/// @param door  YAML of its `door`, without the appkey. @param connection  `networks` or `certificates`.
[[nodiscard]] GatewayUnderTest::Options with_door(std::string door, std::string connection);

inline const std::string kListedNetwork = "networks: [\"127.0.0.0/8\"]\n";
inline const std::string kDoorKey = "0123456789abcdef0123456789abcdef";

/// Unix time in milliseconds.
[[nodiscard]] std::string now_ms();

/// A platform's own client over the gateway's TLS: it signs nothing.
class PlatformClient {
public:
    explicit PlatformClient(const GatewayUnderTest& gateway) : line_{gateway.platform()} {}

    void show_certificate(const std::string& name) { line_.show_certificate(name); }
    [[nodiscard]] codec::HttpMessage prepare(const std::string& method, const std::string& target,
                                             const std::string& body = {},
                                             const std::string& type = "application/json") const;
    [[nodiscard]] codec::HttpMessage send(codec::HttpMessage request) const { return line_.send(std::move(request)); }
    [[nodiscard]] codec::HttpMessage post(const std::string& target, const record::Record& body) const;
    [[nodiscard]] codec::HttpMessage get(const std::string& target) const { return send(prepare("GET", target)); }
    /// The answer of the token service. @param appkey  as the client has it.
    [[nodiscard]] codec::HttpMessage ask_token(const std::string& id, const std::string& appkey = kDoorKey) const;
    [[nodiscard]] std::string token(const std::string& id) const;

private:
    Platform line_;
};

/// Whether the gateway signed this answer, bound to this request.
[[nodiscard]] bool is_signed_for(const GatewayUnderTest& gateway, const codec::HttpMessage& answer,
                                 codec::HttpMessage request);

}  // namespace datong::journeys
