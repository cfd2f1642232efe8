#pragma once

#include <atomic>
#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

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
    ServerSettings settings;
    Handler handler;
    Refuser refuse;
    std::atomic<bool> draining{};

    std::mutex mutex;  ///< of what follows
    std::condition_variable changed;
    std::size_t connections{};
    std::size_t acceptors{};
    TlsContext tls;
};

/// What the connections of one loop share. On that loop only.
struct Corner {
    std::unordered_set<Session*> sessions;
    std::time_t date_of{-1};
    std::string date;
};

/// Serves one connection until it closes.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, std::shared_ptr<Common> common,
                                   std::shared_ptr<Corner> corner);

}  // namespace datong::http
