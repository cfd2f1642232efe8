#include "core/async/resolve.h"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "core/async/loops.h"
#include "tests/support/catch.h"
#include "tests/support/silent_resolver.h"

using namespace datong;
namespace asio = boost::asio;
using namespace std::chrono_literals;
using async::Resolver;
using support::SilentResolver;

namespace {

using Found = Result<Resolver::Endpoints>;

struct Scene {
    Scene() { loops.start(); }

    std::future<Found> begin(const Resolver& resolver, std::chrono::milliseconds limit, std::size_t loop = 0) {
        return asio::co_spawn(loops.at(loop), resolver.find(Deadline::clock::now() + limit), asio::use_future);
    }
    Found find(const Resolver& resolver, std::chrono::milliseconds limit = 20s) { return begin(resolver, limit).get(); }

    async::Loops loops{2};
};

/// How the first endpoint is written; else the fault.
std::string first_of(const Found& found) {
    if (!found) {
        return std::string{row_of(found.error().fault()).code};
    }
    return found->empty() ? "none" : found->front().address().to_string() + ' ' + std::to_string(found->front().port());
}

}  // namespace

TEST_CASE("an address is no question to anybody", "[async]") {
    SilentResolver silent;
    Scene scene;
    CHECK(first_of(scene.find({"192.0.2.7", "443", silent.look_up()}, 0ms)) == "192.0.2.7 443");
    CHECK(first_of(scene.find({"2001:db8::7", "80", silent.look_up()}, 0ms)) == "2001:db8::7 80");
    CHECK(silent.asked() == 0);
    CHECK(first_of(scene.find(Resolver{})) == "internal");
}

TEST_CASE("a name is looked up by the system, with the numbers of its port", "[async]") {
    Scene scene;
    const auto found = scene.find({"localhost", "5672"});
    REQUIRE(found.has_value());
    CHECK(found->front().address().is_loopback());
    CHECK(found->front().port() == 5672);
    CHECK(first_of(scene.find({"no such host", "80"})) == "department_down");
}

TEST_CASE("one question at a time, each who waits has a deadline of its own", "[async]") {
    SilentResolver silent;
    Scene scene;
    const Resolver resolver{"land.example", "80", silent.look_up()};
    auto patient = scene.begin(resolver, 20s);
    auto other_loop = scene.begin(resolver, 20s, 1);
    const auto began = Deadline::clock::now();
    CHECK(first_of(scene.find(resolver, 50ms)) == "department_timeout");
    CHECK(Deadline::clock::now() - began < 5s);
    CHECK(silent.asked() == 1);
    silent.speak();
    CHECK(first_of(patient.get()) == "127.0.0.1 80");
    CHECK(first_of(other_loop.get()) == "127.0.0.1 80");
    CHECK(first_of(scene.find(resolver)) == "127.0.0.1 80");
    CHECK(silent.asked() == 2);
}

TEST_CASE("what was found stands in for a name server that is silent or fails, not for one that says no", "[async]") {
    SilentResolver server;
    Scene scene;
    const Resolver resolver{"land.example", "80", server.look_up()};
    server.speak();
    REQUIRE(first_of(scene.find(resolver)) == "127.0.0.1 80");
    server.speak(EAI_AGAIN);
    CHECK(first_of(scene.find(resolver)) == "127.0.0.1 80");
    server.speak(EAI_NONAME);
    CHECK(first_of(scene.find(resolver)) == "department_down");
    server.be_silent();
    const auto began = Deadline::clock::now();
    CHECK(first_of(scene.find(resolver, 60s)) == "127.0.0.1 80");
    CHECK(Deadline::clock::now() - began < 20s);
    CHECK(first_of(scene.find({"tax.example", "80", server.look_up()}, 50ms)) == "department_timeout");
}

TEST_CASE("a loop may go while somebody on it waits for a name", "[async]") {
    SilentResolver silent;
    const Resolver resolver{"land.example", "80", silent.look_up()};
    {
        asio::io_context loop{1};
        asio::co_spawn(loop, resolver.find(Deadline::clock::now() + 20s),
                       [](const std::exception_ptr&, const Found&) {});
        loop.poll();
    }
    Scene scene;
    auto waiting = scene.begin(resolver, 20s);  // for the same question
    silent.speak();
    CHECK(first_of(waiting.get()) == "127.0.0.1 80");
}
