#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/doors/rest_dialect.h"
#include "core/exchange/gateway.h"

namespace datong::doors {

/// The native REST door: paths to calls. May be used from many loops.
class RestDoor {
public:
    RestDoor(const exchange::Gateway& gateway, const catalogue::Current& current);

    /// @param peer  the client certificate of the connection.
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http,
                                                                    policy::PeerCertificate peer,
                                                                    Deadline arrived) const;

    /// Looks at a request's head before its body is read: a stranger's large body is not taken in. Small
    /// ones are, so that their refusal is one of a call and in the evidence.
    /// @return Fault::not_signed.
    [[nodiscard]] static Status judge_head(const codec::HttpMessage& head);

    /// The problem for a request that never became a call (malformed HTTP, too large, unknown path).
    [[nodiscard]] static codec::HttpMessage plain_problem(const Error& why);

private:
    const exchange::Gateway& gateway_;
    const catalogue::Current& current_;
    RestDialect dialect_;
};

}  // namespace datong::doors
