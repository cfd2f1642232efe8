#pragma once

#include "core/base/clock.h"
#include "core/doors/door.h"
#include "core/doors/national_form.h"
#include "core/doors/platform_call.h"
#include "core/exchange/gateway.h"
#include "core/profiles/national.h"
#include "core/telemetry/sink.h"

namespace datong::doors {

/// The national platforms' business call (gjgxjhpt, gjzwfwpt): four headers, JSON, HMAC under a lent secret.
/// Immutable; may be used from many threads.
class NationalDialect final : public exchange::Dialect {
public:
    explicit NationalDialect(const Clock& clock) : clock_{clock} {}

    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] bool attests() const override { return true; }
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    /// {code, message, data}: data is the native answer, or the problem.
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    const Clock& clock_;
};

/// The door of both: the business call, and the secret service that lends what it is signed with.
class NationalDoor final : public Door {
public:
    NationalDoor(const exchange::Gateway& gateway, const catalogue::Current& current, const Clock& clock,
                 telemetry::Sink& sink)
        : gateway_{gateway}, current_{current}, clock_{clock}, sink_{sink}, dialect_{clock}, form_{clock} {}

    [[nodiscard]] bool owns(std::string_view path) const override;
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    [[nodiscard]] codec::HttpMessage lend(const codec::HttpMessage& http, const policy::Peer& peer) const;

    const exchange::Gateway& gateway_;
    const catalogue::Current& current_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    NationalDialect dialect_;
    NationalFormDialect form_;
};

}  // namespace datong::doors
