#include "core/async/pool.h"

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/async/wait.h"
#include "tests/support/catch.h"

using namespace datong;
namespace asio = boost::asio;
using namespace std::chrono_literals;
using async::Pool;
using async::Pools;

namespace {

Deadline soon(std::chrono::milliseconds from_now) {
    return std::chrono::steady_clock::now() + from_now;
}

/// A driver that hangs until the test lets it go; a job holds what it needs, whoever has gone meanwhile.
struct Hanging {
    std::promise<void> let_go;
    std::shared_future<void> gone{let_go.get_future().share()};
    std::shared_ptr<std::atomic<int>> begun = std::make_shared<std::atomic<int>>();
    std::shared_ptr<std::atomic<int>> ended = std::make_shared<std::atomic<int>>();

    [[nodiscard]] Pool::Job job() const {
        return [gone = gone, begun = begun, ended = ended]() -> Pool::Delivery {
            ++*begun;
            begun->notify_all();
            gone.wait();
            ++*ended;
            ended->notify_all();
            return {};
        };
    }
    void wait_for_begun(int count) const {
        for (int now = begun->load(); now < count; now = begun->load()) {
            begun->wait(now);
        }
    }
};

Pool::Job note_thread(std::promise<std::thread::id>& noted) {
    return [&noted]() -> Pool::Delivery {
        noted.set_value(std::this_thread::get_id());
        return {};
    };
}

}  // namespace

TEST_CASE("a pool whose threads all hang keeps no other pool waiting", "[async]") {
    Pools pools;
    Hanging share;
    const auto hung = pools.make({.threads = 2, .waiting = 4});
    const auto other = pools.make({.threads = 1});
    for (int i = 0; i < 4; ++i) {
        REQUIRE(hung->post(share.job()));
    }
    share.wait_for_begun(2);
    std::promise<std::thread::id> noted;
    REQUIRE(other->post(note_thread(noted)));
    CHECK(noted.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(*share.begun == 2);
    share.let_go.set_value();
    CHECK(pools.stop(soon(10s)) == 0);
    CHECK(*share.ended == 4);
}

TEST_CASE("a pool takes only so many jobs", "[async]") {
    Pools pools;
    Hanging share;
    const auto pool = pools.make({.threads = 1, .waiting = 2});
    REQUIRE(pool->post(share.job()));
    share.wait_for_begun(1);
    CHECK(pool->post(share.job()));
    CHECK(pool->post(share.job()));
    CHECK_FALSE(pool->post(share.job()));
    share.let_go.set_value();
}

TEST_CASE("stopping waits no longer than it may for a driver that hangs, and says how many were left", "[async]") {
    Hanging share;
    {
        Pools pools;
        const auto pool = pools.make({.threads = 2});
        REQUIRE(pool->post(share.job()));
        REQUIRE(pool->post(share.job()));
        share.wait_for_begun(2);
        const auto began = std::chrono::steady_clock::now();
        CHECK(pools.stop(began + 50ms) == 2);
        CHECK(std::chrono::steady_clock::now() - began < 5s);
        CHECK_FALSE(pool->post(share.job()));
    }
    share.let_go.set_value();
    for (int now = share.ended->load(); now < 2; now = share.ended->load()) {
        share.ended->wait(now);
    }
    CHECK(*share.begun == 2);
}

TEST_CASE("work that ends after its loop has gone touches nothing of it", "[async][security]") {
    Hanging share;
    Pools pools;
    const auto pool = pools.make({});
    {
        asio::io_context loop{1};
        std::function<Result<std::string>()> work = [hang = share.job()]() -> Result<std::string> {
            (void)hang();
            return "late";
        };
        asio::co_spawn(loop, async::on_pool<std::string>(*pool, std::move(work), soon(30s)), asio::detached);
        loop.poll();
        share.wait_for_begun(1);
        CHECK(pools.stop(soon(0ms)) == 1);
    }
    share.let_go.set_value();
    share.ended->wait(0);
    CHECK(*share.ended == 1);
}

TEST_CASE("a pool that goes waits for nothing, and what it had taken is still done", "[async]") {
    Pools pools;
    Hanging share;
    auto pool = pools.make({.threads = 1});
    REQUIRE(pool->post(share.job()));
    REQUIRE(pool->post(share.job()));
    share.wait_for_begun(1);
    pool.reset();
    CHECK(*share.ended == 0);
    share.let_go.set_value();
    CHECK(pools.stop(soon(10s)) == 0);
    CHECK(*share.ended == 2);
}

TEST_CASE("a full pool refuses blocking work as busy", "[async]") {
    Pools pools;
    Hanging share;
    const auto pool = pools.make({.threads = 1, .waiting = 0});
    asio::io_context loop{1};
    Fault fault{};
    const auto note = [&fault](const std::exception_ptr&, const Result<int>& got) { fault = got.error().fault(); };
    std::function<Result<int>()> work = [] { return Result<int>{1}; };
    asio::co_spawn(loop, async::on_pool<int>(*pool, std::move(work), soon(10s)), note);
    loop.run();
    CHECK(fault == Fault::source_busy);
}
