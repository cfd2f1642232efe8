#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/revocation/watch.h"

namespace datong::revocation {

/// Watches the certificates of servers that we call, one watch for each set of rules. Any thread; what blocks runs on
/// the pool.
class Servers {
public:
    using MakeOutside = std::function<Outside(std::chrono::milliseconds timeout)>;

    /// @param outside  for a time-out of one question.
    Servers(std::shared_ptr<async::Pool> pool, MakeOutside outside, const Clock& clock, telemetry::Sink& sink);

    /// Judges a server by its certificate: at its first call what is known is learnt, at most ten seconds and until the
    /// deadline, behind which learning goes on for the next; later calls look at what is known.
    /// @param chain  it and those that came with it, PEM.
    /// @return Fault::department_down for one that is revoked, or of which nothing current is known and the rules are
    ///         hard; department_timeout where the deadline was first; nothing was sent.
    [[nodiscard]] boost::asio::awaitable<Status> judge(Rules rules, std::chrono::milliseconds timeout,
                                                       std::string sha256, std::shared_ptr<const std::string> chain,
                                                       Deadline deadline) const;
    /// Fetches lists and asks again where it is time; may block.
    void refresh(const std::stop_token& stop) const;

private:
    struct State;
    std::shared_ptr<State> state_;  ///< shared with work that is still under way
};

}  // namespace datong::revocation
