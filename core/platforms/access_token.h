#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/catalogue/caller_door.h"
#include "core/doors/door.h"
#include "core/telemetry/sink.h"

namespace datong::platforms {

/// What a consumer's appkey is changed for, and shown in its calls for a time. Derived from the gateway's key as lent
/// secrets are (profiles/lent_secret): none is kept, an old one and a new one are good side by side.
struct AccessToken {
    std::string text;  ///< "ID.SECRET": the caller's id as base64url, and 32 hexadecimal digits
    std::chrono::system_clock::time_point ends;
};
[[nodiscard]] AccessToken lend_token(const catalogue::CallerDoor& door, const catalogue::Snapshot& snapshot,
                                     std::chrono::system_clock::time_point now);

/// Whose token it is. A token proves nothing about the call around it: that the connection is the consumer's own, and
/// that the call is new, is for others to check.
/// @return Fault::signature_invalid for one that nobody has, or has no more.
[[nodiscard]] Result<const catalogue::CallerDoor*> caller_by_token(const catalogue::Snapshot& snapshot,
                                                                   catalogue::Protocol protocol, std::string_view token,
                                                                   std::chrono::system_clock::time_point now);

/// Where tokens are fetched: POST /oauth/token with grant_type=client_credentials, id and appkey in the form or by
/// Basic. Source: RFC 6749, 2.3.1, 4.4, 5.1 and 5.2. May be used from many loops.
class TokenDoor final : public doors::Door {
public:
    TokenDoor(const catalogue::Current& current, const Clock& clock, telemetry::Sink& sink)
        : current_{current}, clock_{clock}, sink_{sink} {}

    [[nodiscard]] bool owns(std::string_view path) const override { return path == "/oauth/token"; }
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    const catalogue::Current& current_;
    const Clock& clock_;
    telemetry::Sink& sink_;
};

}  // namespace datong::platforms
