#include "core/async/wait.h"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "core/async/loops.h"
#include "tests/support/catch.h"

using namespace datong;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

struct Answer {
    std::string text;
    std::thread::id before;
    std::thread::id after;
    Fault fault{};
};

asio::awaitable<Answer> ask(async::Pool& pool, std::function<Result<std::string>()> work, Deadline deadline) {
    Answer answer;
    answer.before = std::this_thread::get_id();
    auto result = co_await async::on_pool<std::string>(pool, std::move(work), deadline);
    answer.after = std::this_thread::get_id();
    if (result) {
        answer.text = *result;
    } else {
        answer.text = result.error().detail();
        answer.fault = result.error().fault();
    }
    co_return answer;
}

Answer run(async::Loops& loops, async::Pool& pool, std::function<Result<std::string>()> work, Deadline deadline) {
    return asio::co_spawn(loops.at(0), ask(pool, std::move(work), deadline), asio::use_future).get();
}

Deadline soon(std::chrono::milliseconds from_now) {
    return std::chrono::steady_clock::now() + from_now;
}

}  // namespace

TEST_CASE("blocking work runs on the pool and its answer comes back to the loop", "[async]") {
    async::Loops loops{1};
    loops.start();
    async::Pools pools;
    const auto pool = pools.make({});
    std::thread::id worker;
    const auto answer = run(
        loops, *pool,
        [&worker]() -> Result<std::string> {
            worker = std::this_thread::get_id();
            return "row";
        },
        soon(10s));
    CHECK(answer.text == "row");
    CHECK(answer.before == answer.after);
    CHECK(worker != answer.before);
    CHECK(pools.stop(soon(10s)) == 0);
}

TEST_CASE("an error of blocking work comes back as it is", "[async]") {
    async::Loops loops{1};
    loops.start();
    async::Pools pools;
    const auto pool = pools.make({});
    const auto answer =
        run(loops, *pool, []() -> Result<std::string> { return fail(Fault::department_down, "no route"); }, soon(10s));
    CHECK(answer.fault == Fault::department_down);
    CHECK(answer.text == "no route");
    CHECK(pools.stop(soon(10s)) == 0);
}

TEST_CASE("an exception of blocking work is our defect and its text is not kept", "[async][security]") {
    async::Loops loops{1};
    loops.start();
    async::Pools pools;
    const auto pool = pools.make({});
    const auto answer =
        run(loops, *pool, []() -> Result<std::string> { throw std::runtime_error{"value 430000"}; }, soon(10s));
    CHECK(answer.fault == Fault::internal);
    CHECK_THAT(answer.text, !ContainsSubstring("430000"));
    CHECK(pools.stop(soon(10s)) == 0);
}

TEST_CASE("work that is slower than the deadline is abandoned and frees what it owns", "[async]") {
    async::Loops loops{1};
    loops.start();
    async::Pools pools;
    const auto pool = pools.make({});
    std::promise<void> let_go;
    auto may_end = std::make_shared<std::shared_future<void>>(let_go.get_future().share());
    const std::weak_ptr<std::shared_future<void>> owned = may_end;
    const auto answer = run(
        loops, *pool,
        [may_end = std::move(may_end)]() -> Result<std::string> {
            may_end->wait();
            return "late";
        },
        soon(20ms));
    CHECK(answer.fault == Fault::department_timeout);
    CHECK_FALSE(owned.expired());
    let_go.set_value();
    CHECK(pools.stop(soon(10s)) == 0);
    CHECK(owned.expired());
}

TEST_CASE("sleep_until sleeps until then and not at all for the past", "[async]") {
    async::Loops loops{1};
    loops.start();
    const auto start = std::chrono::steady_clock::now();
    asio::co_spawn(loops.at(0), async::sleep_until(start - 1h), asio::use_future).get();
    asio::co_spawn(loops.at(0), async::sleep_until(start + 15ms), asio::use_future).get();
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took >= 15ms);
    CHECK(took < 10s);
}
