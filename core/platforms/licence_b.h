#pragma once

#include "core/base/clock.h"
#include "core/doors/door.h"
#include "core/exchange/gateway.h"
#include "core/platforms/held_calls.h"

namespace datong::platforms {

/// The e-licence interface of family B ("license-app", with 用证码): `auth` asks for all the licences of a matter and
/// hands out a code for each that was found; `get_license` and `archive` ask the department again by such a code, once.
/// The access token stands in the URL (or as a Bearer token), personal data never. May be used from many threads.
class LicenceBDialect final : public exchange::Dialect {
public:
    LicenceBDialect(const Clock& clock, HeldCalls& held) : clock_{clock}, held_{held} {}

    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] bool attests() const override { return true; }
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    const Clock& clock_;
    HeldCalls& held_;
};

class LicenceBDoor final : public doors::Door {
public:
    /// @param held  what codes stand for; outlives the door.
    LicenceBDoor(const exchange::Gateway& gateway, const Clock& clock, HeldCalls& held)
        : gateway_{gateway}, dialect_{clock, held} {}

    [[nodiscard]] bool owns(std::string_view path) const override;
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    const exchange::Gateway& gateway_;
    LicenceBDialect dialect_;
};

}  // namespace datong::platforms
