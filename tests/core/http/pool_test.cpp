#include <algorithm>
#include <array>
#include <future>
#include <mutex>
#include <vector>

#include <boost/asio/write.hpp>

#include "core/http/client.h"
#include "tests/core/http/caller.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using namespace std::chrono_literals;

namespace {

/// Keeps its connections open, and counts those that it has at once.
class CountingDepartment {
public:
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    [[nodiscard]] int most() const {
        const std::scoped_lock lock{mutex_};
        return most_;
    }
    [[nodiscard]] int opened() const {
        const std::scoped_lock lock{mutex_};
        return opened_;
    }

private:
    using Socket = support::LoopbackServer::Socket;

    void serve(Socket& socket) {
        count(1);
        boost::system::error_code ec;
        std::array<char, 4096> buffer{};
        while (!ec) {
            const std::size_t got = socket.read_some(boost::asio::buffer(buffer), ec);  // a GET comes in one piece
            if (got > 0) {
                const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                boost::asio::write(socket, boost::asio::buffer(answer), ec);
            }
        }
        count(-1);
        socket.close(ec);  // after it was counted: who waits for that finds room
    }

    void count(int step) {
        const std::scoped_lock lock{mutex_};
        now_ += step;
        opened_ += step > 0 ? 1 : 0;
        most_ = std::max(most_, now_);
    }

    mutable std::mutex mutex_;
    int now_{};
    int most_{};
    int opened_{};
    support::LoopbackServer server_{[this](Socket& socket) { serve(socket); }};
};

/// So many calls of one loop at once; all are answered.
void ask_from(async::Loops& loops, std::size_t loop, http::Client& client, std::size_t calls) {
    std::vector<std::future<Result<codec::HttpMessage>>> answers;
    for (std::size_t i = 0; i < calls; ++i) {
        answers.push_back(boost::asio::co_spawn(loops.at(loop),
                                                client.send(datong::test::get("/"), Deadline::clock::now() + 10s),
                                                boost::asio::use_future));
    }
    for (auto& answer : answers) {
        CHECK(answer.get().has_value());
    }
}

}  // namespace

TEST_CASE("a department sees no more connections than calls, whatever loop they are of", "[http]") {
    CountingDepartment department;
    async::Loops loops{4};
    auto client = http::Client::make({.url = department.url(), .ca_pem = {}, .client_chain_pem = {}, .most_open = 4});
    REQUIRE(client.has_value());
    loops.start();
    for (int round = 0; round < 5; ++round) {
        for (std::size_t loop = 0; loop < loops.size(); ++loop) {
            ask_from(loops, loop, **client, 4);
        }
    }
    CHECK(department.most() == 4);
    SECTION("and where the same loop asks, its connections are used again") {
        const int before = department.opened();
        ask_from(loops, loops.size() - 1, **client, 4);
        ask_from(loops, loops.size() - 1, **client, 4);
        CHECK(department.opened() == before);
    }
    loops.stop();
}
