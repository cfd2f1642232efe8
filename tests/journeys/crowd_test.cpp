// Many callers at once, and a department that takes no more connections than were agreed.

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using namespace datong::journeys;

namespace {

namespace asio = boost::asio;
using Socket = support::LoopbackServer::Socket;

/// Stands in front of a department: what comes past the agreed number of connections is reset.
class Turnstile {
public:
    Turnstile(unsigned short behind, int agreed) : behind_{behind}, agreed_{agreed} {}

    [[nodiscard]] unsigned short port() const { return server_.port(); }
    [[nodiscard]] int resets() const { return resets_; }
    [[nodiscard]] int most() const { return most_; }
    [[nodiscard]] int passed() const { return passed_; }

private:
    void talk(Socket& socket) {
        const int handle = socket.native_handle();
        if (count_with(handle) > agreed_) {
            forget(handle);
            boost::system::error_code ec;
            socket.set_option(asio::socket_base::linger{true, 0}, ec);
            socket.close(ec);
            ++resets_;
        } else {
            ++passed_;
            pass(socket);
            forget(handle);
        }
    }

    /// Connections whose other side has not closed, by the system's own word: whatever threads have come to meanwhile.
    int count_with(int handle) {
        const std::scoped_lock lock{mutex_};
        open_.insert(handle);
        const auto is_open = [](int one) {
            char octet = 0;
            return ::recv(one, &octet, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
        };
        const int open = static_cast<int>(std::count_if(open_.begin(), open_.end(), is_open));
        most_ = std::max(most_.load(), open);
        return open;
    }
    void forget(int handle) {
        const std::scoped_lock lock{mutex_};
        open_.erase(handle);
    }

    void pass(Socket& socket) const {
        boost::system::error_code ec;
        asio::io_context loop;
        Socket inside{loop};
        inside.connect({asio::ip::address_v4::loopback(), behind_}, ec);
        std::thread back{[&] {
            boost::system::error_code ignored;
            carry(inside, socket);
            socket.shutdown(Socket::shutdown_send, ignored);
        }};
        carry(socket, inside);
        inside.shutdown(Socket::shutdown_send, ec);
        back.join();
    }

    static void carry(Socket& from, Socket& to) {
        char octets[16'384];
        boost::system::error_code ec;
        while (!ec) {
            const std::size_t got = from.read_some(asio::buffer(octets), ec);
            boost::system::error_code ignored;
            asio::write(to, asio::buffer(octets, got), ignored);
        }
    }

    unsigned short behind_;
    int agreed_;
    std::mutex mutex_;
    std::set<int> open_;
    std::atomic<int> most_{};
    std::atomic<int> resets_{};
    std::atomic<int> passed_{};
    support::LoopbackServer server_{[this](Socket& socket) { talk(socket); }};
};

void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    write_text(file, text.replace(at, from.size(), to));
}

/// The line of a department's file that holds its limits, as `datong init department` writes it.
void limit_as_drafted(const std::string& file) {
    const std::string text = read_file(file);
    const auto begin = text.find("limits: {", text.find("market-query:"));
    REQUIRE(begin != std::string::npos);
    replace(file, text.substr(begin, text.find('}', begin) + 1 - begin),
            "limits: {in_flight: 4, wait_ms: 5000, waiting: 64, call_ms: 5000, retries: 0}");
}

}  // namespace

TEST_CASE(
    "a department that resets every connection past the fourth sees none to reset, with 50 callers on four threads",
    "[journey][guard]") {
    std::optional<Turnstile> turnstile;
    GatewayUnderTest gateway{{.change = [&](const std::string& config) {
        const std::string url = std::getenv("DATONG_MARKET_URL");  // of the city that stands already
        turnstile.emplace(static_cast<unsigned short>(std::stoi(url.substr(url.rfind(':') + 1))), 4);
        const std::string file = config + "/departments/market.yaml";
        limit_as_drafted(file);
        replace(file, "\"${DATONG_MARKET_URL}\"", "\"http://127.0.0.1:" + std::to_string(turnstile->port()) + "\"");
        replace(config + "/services/business-licence.yaml", "deadline_ms: 4000", "deadline_ms: 12000");
        replace(config + "/gateway.yaml", "threads: 1", "threads: 4");
    }}};
    std::atomic<int> good{};
    std::mutex mutex;
    std::string other;
    for (int wave = 0; wave < 2; ++wave) {
        std::vector<std::thread> callers;
        for (int i = 0; i < 50; ++i) {
            callers.emplace_back([&] {
                const auto answer = gateway.platform().call(kMarket, gateway.body(kMarket));
                good += answer.status == 200 ? 1 : 0;
                if (answer.status != 200) {
                    const std::scoped_lock lock{mutex};
                    other = answer.body;
                }
            });
        }
        for (std::thread& one : callers) {
            one.join();
        }
    }
    CAPTURE(other, turnstile->most(), turnstile->passed());
    CHECK(good == 100);
    CHECK(turnstile->resets() == 0);
    CHECK(turnstile->most() <= 4);
    CHECK(turnstile->passed() >= 2);  // more than one connection was needed, or nothing was shown
    gateway.stop();
}
