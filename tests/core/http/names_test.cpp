#include <future>
#include <vector>

#include "core/http/client.h"
#include "tests/core/http/caller.h"
#include "tests/core/http/gate.h"
#include "tests/support/catch.h"
#include "tests/support/silent_resolver.h"

// Departments by name, on one loop, when the name server of one of them says nothing.

using namespace datong;
using namespace std::chrono_literals;
using datong::test::call;
using datong::test::Gate;
using datong::test::get;
using support::SilentResolver;

namespace {

using Answers = std::vector<std::future<Result<codec::HttpMessage>>>;

std::unique_ptr<http::Client> client_of(const std::string& host, int port, const SilentResolver* resolver = nullptr) {
    http::ClientSettings settings{.url = "http://" + host + ':' + std::to_string(port)};
    settings.look_up = resolver != nullptr ? resolver->look_up() : async::LookUp{};
    auto made = http::Client::make(std::move(settings));
    REQUIRE(made.has_value());
    return std::move(*made);
}

Answers ask_at_once(http::Client& client, Gate& gate, int calls, std::chrono::milliseconds limit) {
    Answers answers;
    for (int i = 0; i < calls; ++i) {
        answers.push_back(boost::asio::co_spawn(
            gate.loops.at(0), client.send(get("/a"), Deadline::clock::now() + limit), boost::asio::use_future));
    }
    return answers;
}

}  // namespace

TEST_CASE("a silent name server keeps nobody waiting but those who ask it", "[http][security]") {
    SilentResolver silent;
    Gate gate;
    const auto land = client_of("land.example", gate.port(), &silent);
    const auto tax = client_of("localhost", gate.port());
    Answers waiting = ask_at_once(*land, gate, 5, 20s);
    CHECK(Gate::eventually([&] { return silent.asked() > 0; }));
    CHECK(call(*tax, gate.loops, get("/a")).has_value());
    CHECK(silent.asked() == 1);  // however many wait
    silent.speak();
    for (auto& answer : waiting) {
        CHECK(answer.get().has_value());
    }
    CHECK(silent.asked() == 1);
}

TEST_CASE("who waits for a name is told at the deadline, or when connecting takes too long", "[http]") {
    SilentResolver silent;
    Gate gate;
    http::ClientSettings settings{.url = "http://land.example:" + std::to_string(gate.port())};
    settings.look_up = silent.look_up();
    settings.connect_timeout = GENERATE(as<std::chrono::milliseconds>{}, 100, 20'000);
    const bool is_short = settings.connect_timeout < 1s;
    const auto client = http::Client::make(std::move(settings)).value();
    const auto began = Deadline::clock::now();
    const auto answer = call(*client, gate.loops, get("/a"), is_short ? 20'000ms : 100ms);
    CHECK(Deadline::clock::now() - began < 5s);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().fault() == (is_short ? Fault::department_down : Fault::department_timeout));
    CHECK(answer.error().is_unsent());
    silent.speak();
    CHECK(call(*client, gate.loops, get("/a")).has_value());
}

TEST_CASE("a client and its loops may go while a name server is silent", "[http]") {
    SilentResolver silent;
    {
        boost::asio::io_context loop{1};
        const auto client = client_of("land.example", 80, &silent);
        for (int i = 0; i < 3; ++i) {
            boost::asio::co_spawn(loop, client->send(get("/a"), Deadline::clock::now() + 20s),
                                  [](const std::exception_ptr&, const Result<codec::HttpMessage>&) {});
        }
        loop.poll();
        CHECK(Gate::eventually([&] { return silent.asked() == 1; }));
    }
    silent.speak();
    SUCCEED("nothing was touched after its end");
}
