#include "core/outbound/keeper.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/async/wait.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using outbound::Grant;
using outbound::GrantPtr;
using outbound::Keeper;

namespace {

constexpr auto kLife = 100s;

/// A platform that lends "1", "2" ..., or does what a test says.
class FakeLender final : public outbound::Lender {
public:
    explicit FakeLender(const Clock& clock) : clock_{clock} {}

    asio::awaitable<Result<Grant>> lend(std::string scope, GrantPtr last, Deadline deadline) override {
        const int number = ++count;
        until = deadline;
        const bool is_open = co_await open(deadline);
        if (!is_open) {
            co_return fail(Fault::department_timeout, "not in time");
        }
        if (fault) {
            co_return fail(*fault, "the platform says no");
        }
        Grant grant;
        grant.secret = Secret{scope + std::to_string(number) + (last ? "after" + last->secret.reveal() : "")};
        grant.ends = clock_.now() + kLife;
        co_return grant;
    }

    std::atomic<int> count{0};
    std::atomic<bool> is_closed{false};
    std::optional<Fault> fault;
    std::atomic<Deadline> until{};  ///< how long the last one might take

private:
    /// Waits for the test to open it, in steps, until the deadline.
    asio::awaitable<bool> open(Deadline deadline) {
        while (is_closed) {
            if (Deadline::clock::now() >= deadline) {
                co_return false;
            }
            co_await async::sleep_until(std::min(deadline, Deadline::clock::now() + 1ms));
        }
        co_return true;
    }

    const Clock& clock_;
};

struct Bench {
    support::FakeClock clock{std::chrono::system_clock::from_time_t(1'700'000'000)};
    FakeLender lender{clock};
    Keeper keeper{lender, clock};
    asio::io_context loop{1};
    Deadline deadline;  ///< of the last call

    /// One call whose end is awaited.
    Result<GrantPtr> get(const std::string& scope = {}, std::chrono::milliseconds limit = 10s) {
        std::optional<Result<GrantPtr>> got;
        start(got, scope, limit);
        run_until([&] { return got.has_value(); });
        return *got;
    }
    void start(std::optional<Result<GrantPtr>>& got, const std::string& scope = {},
               std::chrono::milliseconds limit = 10s) {
        deadline = Deadline::clock::now() + limit;
        asio::co_spawn(loop, keeper.get(scope, deadline),
                       [&got](const std::exception_ptr&, Result<GrantPtr> value) { got = std::move(value); });
    }
    void run_until(const std::function<bool()>& done) {
        const auto until = Deadline::clock::now() + 20s;
        while (!done() && Deadline::clock::now() < until) {
            loop.restart();
            loop.run_one_until(until);
        }
        REQUIRE(done());
    }
};

std::string secret_of(const Result<GrantPtr>& got) {
    return got ? (*got)->secret.reveal() : "fault: " + got.error().detail();
}

}  // namespace

TEST_CASE("many calls of many loops bring one lending", "[outbound]") {
    support::FakeClock clock{std::chrono::system_clock::from_time_t(1'700'000'000)};
    FakeLender lender{clock};
    Keeper keeper{lender, clock};
    lender.is_closed = true;
    constexpr int kLoops = 4;
    constexpr int kCalls = 25;
    std::atomic<int> good{0};
    std::atomic<int> started{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kLoops; ++i) {
        threads.emplace_back([&] {
            asio::io_context loop{1};
            for (int call = 0; call < kCalls; ++call) {
                asio::co_spawn(loop, keeper.get("s", Deadline::clock::now() + 20s),
                               [&](const std::exception_ptr&, const Result<GrantPtr>& got) {
                                   good += secret_of(got) == "s1" ? 1 : 0;
                               });
                loop.poll();
                ++started;
            }
            loop.restart();
            loop.run_for(20s);
        });
    }
    while (started < kLoops * kCalls) {
        std::this_thread::yield();
    }
    lender.is_closed = false;
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good == kLoops * kCalls);
    CHECK(lender.count == 1);
}

TEST_CASE("a grant is used until a fifth of its life is left, then renewed by one call", "[outbound]") {
    Bench bench;
    CHECK(secret_of(bench.get()) == "1");
    bench.clock.advance(79s);
    CHECK(secret_of(bench.get()) == "1");
    CHECK(bench.lender.count == 1);
    bench.clock.advance(2s);
    bench.lender.is_closed = true;
    std::optional<Result<GrantPtr>> renewing;
    bench.start(renewing);
    bench.run_until([&] { return bench.lender.count == 2; });
    CHECK(secret_of(bench.get()) == "1");  // nobody else waits
    CHECK(bench.lender.count == 2);
    CHECK_FALSE(renewing.has_value());
    bench.lender.is_closed = false;
    bench.run_until([&] { return renewing.has_value(); });
    CHECK(secret_of(*renewing) == "2after1");
    CHECK(secret_of(bench.get()) == "2after1");
}

TEST_CASE("when renewing fails the grant goes on until its end", "[outbound]") {
    Bench bench;
    REQUIRE(bench.get().has_value());
    bench.clock.advance(90s);
    bench.lender.fault = Fault::department_down;
    CHECK(secret_of(bench.get()) == "1");
    CHECK(bench.lender.count == 2);
    CHECK(secret_of(bench.get()) == "1");
    CHECK(bench.lender.count == 2);  // the platform is left alone for a second
    bench.clock.advance(2s);
    CHECK(secret_of(bench.get()) == "1");
    CHECK(bench.lender.count == 3);
    bench.clock.advance(9s);
    CHECK(bench.get().error().fault() == Fault::department_down);
    CHECK(bench.lender.count == 4);
    bench.lender.fault.reset();
    bench.clock.advance(2s);
    CHECK(secret_of(bench.get()).starts_with("5"));
}

TEST_CASE("a platform that is silent when a grant is to be renewed leaves the call its time, and few calls ask it",
          "[outbound]") {
    Bench bench;
    REQUIRE(bench.get().has_value());
    bench.clock.advance(90s);
    bench.lender.is_closed = true;
    CHECK(secret_of(bench.get("", 1s)) == "1");
    CHECK(bench.lender.count == 2);
    CHECK(bench.lender.until.load() < bench.deadline - 200ms);
    CHECK(secret_of(bench.get()) == "1");
    bench.clock.advance(2s);
    CHECK(secret_of(bench.get()) == "1");
    CHECK(bench.lender.count == 2);  // a quarter of what was left is not over
    bench.clock.advance(1s);
    CHECK(secret_of(bench.get("", 1s)) == "1");
    CHECK(bench.lender.count == 3);
    bench.clock.advance(6'500ms);
    CHECK(secret_of(bench.get("", 1s)) == "1");
    CHECK(bench.lender.count == 4);
    SECTION("and once the grant is over, a call asks with all of its time") {
        bench.clock.advance(600ms);
        CHECK(bench.get("", 200ms).error().fault() == Fault::department_timeout);
        CHECK(bench.lender.count == 5);
        CHECK(bench.lender.until.load() == bench.deadline);
        bench.lender.is_closed = false;
        CHECK(secret_of(bench.get()) == "6after1");
    }
    SECTION("and once the grant was refused") {
        CHECK(bench.keeper.drop("", *bench.get()));
        bench.lender.is_closed = false;
        CHECK(secret_of(bench.get()) == "5after1");
        CHECK(bench.lender.until.load() == bench.deadline);
    }
    SECTION("and once it speaks again it is asked as ever") {
        bench.lender.is_closed = false;
        bench.clock.advance(300ms);
        CHECK(secret_of(bench.get()) == "1");  // the pause
        bench.clock.advance(900ms);
        CHECK(secret_of(bench.get()) == "5after1");
        bench.clock.advance(81s);
        CHECK(secret_of(bench.get()) == "6after5after1");
    }
}

TEST_CASE("a failure is everybody's who waited, and stands for a second", "[outbound]") {
    Bench bench;
    bench.lender.fault = Fault::department_refused;
    bench.lender.is_closed = true;
    std::vector<std::optional<Result<GrantPtr>>> all(20);
    for (auto& got : all) {
        bench.start(got);
    }
    bench.run_until([&] { return bench.lender.count == 1; });
    bench.loop.restart();
    bench.loop.poll();
    bench.lender.is_closed = false;
    bench.run_until([&] { return std::ranges::all_of(all, [](const auto& got) { return got.has_value(); }); });
    for (const auto& got : all) {
        CHECK(got->error().fault() == Fault::department_refused);
    }
    CHECK(bench.get().error().fault() == Fault::department_refused);
    CHECK(bench.lender.count == 1);
    bench.lender.fault.reset();
    bench.clock.advance(2s);
    CHECK(secret_of(bench.get()) == "2");
}

TEST_CASE("who has little time gives the asking over to who has more", "[outbound]") {
    Bench bench;
    bench.lender.is_closed = true;
    std::optional<Result<GrantPtr>> hurried;
    std::optional<Result<GrantPtr>> patient;
    std::optional<Result<GrantPtr>> waiting;
    bench.start(hurried, "", 50ms);
    bench.run_until([&] { return bench.lender.count == 1; });
    bench.start(patient, "", 15s);
    bench.start(waiting, "", 100ms);
    bench.run_until([&] { return hurried.has_value(); });
    CHECK(hurried->error().fault() == Fault::department_timeout);
    bench.run_until([&] { return bench.lender.count == 2 && waiting.has_value(); });
    CHECK(waiting->error().fault() == Fault::department_timeout);
    CHECK_FALSE(patient.has_value());
    bench.lender.is_closed = false;
    bench.run_until([&] { return patient.has_value(); });
    CHECK(secret_of(*patient) == "2");
}

TEST_CASE("who asks and goes away in the middle blocks nobody", "[outbound]") {
    Bench bench;
    bench.lender.is_closed = true;
    {
        asio::io_context other{1};
        asio::co_spawn(other, bench.keeper.get("", Deadline::clock::now() + 10s),
                       [](const std::exception_ptr&, const Result<GrantPtr>&) {});
        other.run_for(20ms);
        CHECK(bench.lender.count == 1);
    }  // its loop goes, and the asking with it
    {
        std::optional<Result<GrantPtr>> got;
        bench.start(got);
        bench.run_until([&] { return bench.lender.count == 2; });
        asio::io_context other{1};
        asio::co_spawn(other, bench.keeper.get("", Deadline::clock::now() + 10s),
                       [](const std::exception_ptr&, const Result<GrantPtr>&) {});
        other.run_for(20ms);  // waits, and goes
        bench.lender.is_closed = false;
        bench.run_until([&] { return got.has_value(); });
        CHECK(secret_of(*got) == "2");
    }
    CHECK(secret_of(bench.get()) == "2");
}

TEST_CASE("each scope has a grant of its own", "[outbound]") {
    Bench bench;
    CHECK(secret_of(bench.get("a")) == "a1");
    CHECK(secret_of(bench.get("b")) == "b2");
    CHECK(secret_of(bench.get("a")) == "a1");
    CHECK(bench.lender.count == 2);
}

TEST_CASE("a refused grant is dropped once, not once a call and not again within a second", "[outbound]") {
    Bench bench;
    const auto first = bench.get();
    CHECK(bench.keeper.drop("", *first));
    CHECK(bench.keeper.drop("", *first));  // another call that was refused at the same time
    const auto second = bench.get();
    CHECK(secret_of(second) == "2after1");
    CHECK(bench.keeper.drop("", *first));  // somebody slower: what there is now is newer
    CHECK(secret_of(bench.get()) == "2after1");
    CHECK_FALSE(bench.keeper.drop("", *second));
    CHECK(bench.lender.count == 2);
    bench.clock.advance(2s);
    CHECK(bench.keeper.drop("", *second));
    CHECK(secret_of(bench.get()) == "3after2after1");
}

TEST_CASE("a clock that is set back makes no pause longer", "[outbound]") {
    Bench bench;
    const auto first = bench.get();
    CHECK(bench.keeper.drop("", *first));
    const auto second = bench.get();
    bench.clock.advance(-8h);
    CHECK(bench.keeper.drop("", *second));
    bench.lender.fault = Fault::department_down;
    CHECK(bench.get().error().fault() == Fault::department_down);
    CHECK(bench.lender.count == 3);
    CHECK(bench.get().error().fault() == Fault::department_down);
    CHECK(bench.lender.count == 3);  // the platform is left alone for a second
    bench.clock.advance(-8h);
    bench.lender.fault.reset();
    CHECK(secret_of(bench.get()) == "4after2after1");
}
