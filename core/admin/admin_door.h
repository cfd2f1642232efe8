#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/admin/route.h"
#include "core/async/pool.h"
#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::admin {

/// Whether the gateway can answer calls, and if not, why.
struct Readiness {
    bool ready{};
    std::string reason;                   ///< "draining", "evidence", ...; empty when ready
    std::vector<std::string> resting;     ///< sources whose breaker is open: answers are partial, not refused
    std::vector<std::string> disabled{};  ///< sources whose plug-in was refused
    std::vector<std::string> closed{};    ///< sources whose department takes no calls now
    std::vector<std::string> overdue{};   ///< of retention: "bodies", "segments"
    std::size_t unstamped{};              ///< seals that wait for a time-stamp
    std::string snapshot;                 ///< digest of the configuration in force
};

/// What became of a reload: `digest` of the snapshot now in force, `mistakes` why the new one was not taken.
struct Reloaded {
    bool taken{};
    std::string digest;
    Mistakes mistakes;
};
[[nodiscard]] Answer answer_of(const Reloaded& reloaded);

/// What the admin listener needs of the program.
struct Hooks {
    std::function<Readiness()> readiness;  ///< from the loops
    std::function<std::string()> metrics;  ///< Prometheus text; from the loops
    /// Whose session that is, and that it was used; may block. Empty: accounts are off, and everybody is `local`.
    std::function<accounts::Outcome<accounts::Actor>(const std::string& token, const http::Peer& peer)> find_actor{};
    accounts::Act::Keep keep;  ///< puts an act into the evidence; may block
    /// The same of what strangers are refused: not waited for, and above a number a minute only counted.
    std::function<void(evidence::Administration told)> note_stranger;
    /// The same of what somebody who has signed in is refused. @return whether it is only counted, and need not be
    /// kept.
    std::function<bool(const evidence::Administration& told, bool is_read)> count_refusal;
    async::Pool& strangers;  ///< of routes that are open: who guesses passwords keeps nobody else waiting
    async::Pool& reading;    ///< of routes that read the log
    async::Pool& long_work;  ///< of routes that take long; of its own: no source keeps a reload waiting
    async::Pool& desk;       ///< of the others
};

/// The administrators' door, on its own listener: /healthz, /readyz and /metrics for everybody, and its routes for
/// whom each allows. Who acts shows a session as `Authorization: Bearer TOKEN`, and says why as `Datong-Reason`
/// (percent-encoded UTF-8).
class AdminDoor {
public:
    AdminDoor(Hooks hooks, std::vector<Route> routes);

    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, http::Peer peer) const;

private:
    struct Desk;
    std::shared_ptr<const Desk> desk_;  // shared: work that takes too long outlives its caller
};

}  // namespace datong::admin
