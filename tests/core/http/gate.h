#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/async/loops.h"
#include "core/http/server.h"
#include "core/telemetry/sink.h"

namespace datong::test {

/// What the handler of a Gate was given and may do.
struct Seen {
    std::mutex mutex;
    std::vector<codec::HttpMessage> requests;
    std::vector<http::Peer> peers;
    std::vector<std::string> refusals;  ///< details, in order
    std::atomic<int> waiting{};         ///< requests at /wait
    std::atomic<bool> may_go{};         ///< lets them go
};

/// A server on loopback whose handler answers
///   /throw   by throwing, /wait once may_go is set, /big with a megabyte, /middle with 60,000
///   bytes, /status/NNN with that status,
///   /inject  with a field that would break the message,
///   all others with the request's body.
class Gate {
public:
    explicit Gate(http::ServerSettings settings = {}, std::size_t loops = 1);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server->port(); }
    [[nodiscard]] std::string url(const std::string& scheme = "http") const;
    std::size_t calls();
    codec::HttpMessage last_request();
    http::Peer last_peer();
    std::string last_refusal();
    /// Waits until it is so; false after ten seconds.
    template <class Condition>
    static bool eventually(Condition condition);

    std::shared_ptr<Seen> seen = std::make_shared<Seen>();
    std::unique_ptr<telemetry::Sink> sink;
    async::Loops loops;
    std::unique_ptr<http::Server> server;
};

void pause_a_little();

template <class Condition>
bool Gate::eventually(Condition condition) {
    const auto until = Deadline::clock::now() + std::chrono::seconds{10};
    while (!condition()) {
        if (Deadline::clock::now() > until) {
            return false;
        }
        pause_a_little();
    }
    return true;
}

}  // namespace datong::test
