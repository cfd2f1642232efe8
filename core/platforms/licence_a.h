#pragma once

#include "core/base/clock.h"
#include "core/doors/door.h"
#include "core/exchange/gateway.h"
#include "core/platforms/licence_a_answer.h"

namespace datong::platforms {

/// The e-licence sharing interface, family A (as GB/T 36906 has it): POST of {head: {accessId, accessToken, timestamp?,
/// requestId?}, data} to /zzgxpt/OPERATION. Whoever sends the same again within the window is refused: `requestId`
/// makes an honest second call another. May be used from many threads.
class LicenceADialect final : public exchange::Dialect {
public:
    LicenceADialect(const Clock& clock, HeldCalls& held) : clock_{clock}, held_{held} {}

    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] bool attests() const override { return true; }
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    /// Which members a type of licences shows.
    [[nodiscard]] Result<exchange::Answer> describe(const exchange::Visit& visit) const override;
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    [[nodiscard]] Result<exchange::Claim> prove_address(const codec::HttpMessage& http, const policy::Peer& peer,
                                                        const catalogue::Snapshot& snapshot) const;

    const Clock& clock_;
    HeldCalls& held_;
};

class LicenceADoor final : public doors::Door {
public:
    /// @param held  what callers were told of; outlives the door.
    LicenceADoor(const exchange::Gateway& gateway, const Clock& clock, HeldCalls& held)
        : gateway_{gateway}, dialect_{clock, held} {}

    [[nodiscard]] bool owns(std::string_view path) const override;
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    const exchange::Gateway& gateway_;
    LicenceADialect dialect_;
};

}  // namespace datong::platforms
