#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "core/app/source_tools.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using namespace datong::journeys;
using boost::asio::ip::tcp;

namespace {

constexpr int kBears = 4;
constexpr const char* kReply = R"({"code": "200", "data": {"XM": "示例甲", "SFZH": "999901199001010010", "BZ": "x"}})";

/// An old system: takes four connections, and resets whatever comes while it has them.
class OldSystem {
public:
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    [[nodiscard]] int resets() const { return resets_; }
    [[nodiscard]] int answers() const { return answers_; }
    [[nodiscard]] int most() const { return most_; }

private:
    void talk(tcp::socket& socket) {
        const int open = ++open_;
        for (int seen = most_; open > seen && !most_.compare_exchange_weak(seen, open);) {
        }
        if (open > kBears) {
            ++resets_;
            boost::system::error_code ignored;
            socket.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
            socket.close(ignored);
        } else {
            std::string buffer;
            while (!server_.stopped() && answer(socket, buffer)) {
            }
        }
        --open_;
    }

    bool answer(tcp::socket& socket, std::string& buffer) {
        boost::system::error_code ec;
        const auto head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(buffer), "\r\n\r\n", ec);
        if (ec) {
            return false;
        }
        constexpr std::string_view kLength = "content-length: ";
        const std::string lower = ascii_lower(buffer.substr(0, head));
        const auto at = lower.find(kLength);
        const std::size_t size = head + (at == std::string::npos ? 0 : std::stoul(lower.substr(at + kLength.size())));
        if (buffer.size() < size) {
            boost::asio::read(socket, boost::asio::dynamic_buffer(buffer),
                              boost::asio::transfer_at_least(size - buffer.size()), ec);
        }
        buffer.erase(0, size);
        std::this_thread::sleep_for(std::chrono::milliseconds{10});  // it works on it
        const std::string body = kReply;
        boost::asio::write(socket,
                           boost::asio::buffer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                               std::to_string(body.size()) + "\r\n\r\n" + body),
                           ec);
        ++answers_;
        return !ec;
    }

    std::atomic<int> open_{0};
    std::atomic<int> most_{0};
    std::atomic<int> resets_{0};
    std::atomic<int> answers_{0};
    support::LoopbackServer server_{[this](tcp::socket& socket) { talk(socket); }};
};

/// The department as `datong init` writes it, asked by a sandbox consumer of the test's.
void add_department(const std::string& config) {
    const std::string keys = config + "/../keys/";
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    write_text(keys + "sandbox.key.pem", key.value().to_pem().value().reveal());
    write_text(keys + "sandbox.pub.pem", key.value().public_pem().value());
    std::ofstream{config + "/consumers/sandbox.yaml"} << "datong: consumer/v1\nid: sandbox\ntitle: t\nkeys: [{id: "
                                                         "sandbox-2026, file: \"${DATONG_KEYS}/sandbox.pub.pem\"}]\n";
    std::ofstream{config + "/reply.json"} << kReply;
    app::InitOptions options;
    options.config = config + "/gateway.yaml";
    options.name = "cdpf";
    options.adapter = "rest";
    options.sample = config + "/reply.json";
    REQUIRE(app::init_department(options) == 0);
}

}  // namespace

TEST_CASE("fifty callers at once never open a fifth connection to a department as init writes it", "[journey]") {
    const OldSystem department;
    setenv("DATONG_CDPF_URL", department.url().c_str(), 1);
    GatewayUnderTest gateway{{.change = add_department}};
    const auto body = codec::read_json(read_file(gateway.folder() + "/config/samples/cdpf-record.json"));
    REQUIRE(body);
    std::atomic<int> good{0};
    std::vector<std::thread> callers;
    callers.reserve(50);
    for (int i = 0; i < 50; ++i) {
        callers.emplace_back([&] {
            const Platform platform = gateway.platform("sandbox");
            for (int call = 0; call < 3; ++call) {
                good += platform.call("/v1/services/cdpf-record", *body).status == 200 ? 1 : 0;
            }
        });
    }
    for (std::thread& caller : callers) {
        caller.join();
    }
    CHECK(good == 150);
    CHECK(department.answers() == 150);
    CHECK(department.resets() == 0);
    CHECK(department.most() <= kBears);
}
