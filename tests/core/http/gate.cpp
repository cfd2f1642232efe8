#include "tests/core/http/gate.h"

#include <stdexcept>
#include <thread>

#include "core/async/wait.h"
#include "core/base/text.h"
#include "tests/support/catch.h"

namespace datong::test {
namespace {

namespace asio = boost::asio;
using codec::HttpMessage;

asio::awaitable<HttpMessage> answer(std::shared_ptr<Seen> seen, HttpMessage request) {
    HttpMessage reply;
    reply.status = 200;
    const std::string path{request.path()};
    if (path == "/throw") {
        throw std::runtime_error{"with the name of a person"};
    }
    if (path == "/wait") {
        ++seen->waiting;
        while (!seen->may_go) {
            co_await async::sleep_until(Deadline::clock::now() + std::chrono::milliseconds{1});
        }
    }
    if (path == "/inject") {
        reply.add("X-Name", "a\r\nX-Other: b");
    }
    if (path.starts_with("/status/")) {
        reply.status = static_cast<int>(to_whole_number(path.substr(8)).value_or(0));
    }
    reply.add("Content-Type", "text/plain");
    if (path == "/tail") {
        reply.body = "head,";
        reply.tail = {std::make_shared<const std::string>(1U << 20, 'y'), std::make_shared<const std::string>(",end")};
    } else if (path == "/big" || path == "/middle") {
        reply.body.assign(path == "/big" ? 1U << 20 : 60'000, 'x');
    } else {
        reply.body = std::move(request.body);
    }
    co_return reply;
}

asio::awaitable<HttpMessage> note_and_answer(std::shared_ptr<Seen> seen, HttpMessage request, http::Peer peer) {
    {
        const std::lock_guard lock{seen->mutex};
        seen->requests.push_back(request);
        seen->peers.push_back(std::move(peer));
    }
    co_return co_await answer(seen, std::move(request));
}

http::Handler handler_of(std::shared_ptr<Seen> seen) {
    return [seen](HttpMessage request, http::Peer peer, Deadline) {
        return note_and_answer(seen, std::move(request), std::move(peer));
    };
}

http::Refuser refuser_of(std::shared_ptr<Seen> seen) {
    return [seen](Error why, const std::string&) {
        const std::lock_guard lock{seen->mutex};
        seen->refusals.push_back(why.detail());
        HttpMessage refusal;
        refusal.status = row_of(why.fault()).status;
        refusal.add("Content-Type", "text/plain");
        refusal.body = why.detail();
        return refusal;
    };
}

}  // namespace

Gate::Gate(http::ServerSettings settings, std::size_t count) : loops{count} {
    auto made = telemetry::Sink::make({.file = "-", .least = telemetry::Level::info});
    REQUIRE(made.has_value());
    sink = std::move(*made);
    settings.sink = sink.get();
    server = std::make_unique<http::Server>(std::move(settings), loops, handler_of(seen), refuser_of(seen));
    const auto listening = server->listen();
    CAPTURE(listening.has_value() ? "" : listening.error().detail());
    REQUIRE(listening.has_value());
    loops.start();
}

Gate::~Gate() {
    seen->may_go = true;
    server.reset();
    loops.stop();
}

std::string Gate::url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port());
}

std::size_t Gate::calls() {
    const std::lock_guard lock{seen->mutex};
    return seen->requests.size();
}

HttpMessage Gate::last_request() {
    const std::lock_guard lock{seen->mutex};
    REQUIRE_FALSE(seen->requests.empty());
    return seen->requests.back();
}

http::Peer Gate::last_peer() {
    const std::lock_guard lock{seen->mutex};
    REQUIRE_FALSE(seen->peers.empty());
    return seen->peers.back();
}

std::string Gate::last_refusal() {
    const std::lock_guard lock{seen->mutex};
    return seen->refusals.empty() ? std::string{} : seen->refusals.back();
}

void pause_a_little() {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

}  // namespace datong::test
