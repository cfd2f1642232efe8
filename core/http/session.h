#pragma once

#include <atomic>
#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/http/budget.h"
#include "core/http/server.h"
#include "core/http/tls.h"

namespace datong::http {

/// One connection of the server, as drain sees it. On its loop only.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    /// Closes when no request is open; one that is open still gets its answer.
    virtual void finish() = 0;
    /// Closes.
    virtual void cut() = 0;
};

/// What the connections of a server share. Any thread.
struct Common {
    explicit Common(ServerSettings given) : settings{std::move(given)}, body_bytes{settings.max_body_bytes_in_flight} {}

    ServerSettings settings;
    Budget body_bytes;
    Handler handler;
    Refuser refuse;
    std::atomic<bool> draining{};

    std::mutex mutex;  ///< of what follows
    std::condition_variable changed;
    std::size_t connections{};
    /// What one address has.
    struct Caller {
        std::size_t connections{};
        Budget::Held body_bytes{};  ///< any thread, as long as one of the connections is there
    };
    std::unordered_map<std::string, Caller> callers;  ///< by what counts as one address; only those with connections
    std::size_t acceptors{};
    TlsContext tls;
    std::shared_ptr<const std::string> anchors;  ///< of `tls`
};

/// What the connections of one loop share. On that loop only.
struct Corner {
    std::unordered_set<Session*> sessions;
    std::time_t date_of{-1};
    std::string date;
};

/// The peer's address; an IPv4 one in its own form. Empty when it has gone.
[[nodiscard]] std::string address_of(const boost::asio::ip::tcp::socket& socket);

/// What counts as one address: of IPv6 the first 64 bits, for a host chooses the others as it likes.
[[nodiscard]] std::string counted_as(const std::string& address);

/// Serves one connection until it closes.
/// @param address  of the peer.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, std::string address,
                                   std::shared_ptr<Common> common, std::shared_ptr<Corner> corner);

}  // namespace datong::http
