#pragma once

#include "core/base/clock.h"
#include "core/exchange/call.h"

namespace datong::platforms {

inline constexpr std::string_view kAccessPath = "/gateway/access";

/// A call with an access token: POST of {head: {accessId, accessToken, sid, timestamp, requestId?}, data}. The token
/// says who, and neither covers nor binds anything: one consumer at a time, from its own connection, within the window
/// of `timestamp`, the same body once. Immutable; may be used from many threads.
class AccessDialect final : public exchange::Dialect {
public:
    explicit AccessDialect(const Clock& clock) : clock_{clock} {}

    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] bool attests() const override { return true; }
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    /// {head: {status, message}, data}: "0" and the native answer, or the fault's code and the problem.
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    const Clock& clock_;
};

}  // namespace datong::platforms
