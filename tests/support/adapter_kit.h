#pragma once

#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/adapter/adapter.h"
#include "core/base/clock.h"
#include "core/telemetry/sink.h"
#include "core/yaml/node.h"
#include "tests/support/catch.h"

namespace datong::support {

using namespace std::chrono_literals;

/// What an adapter needs of a gateway, for tests: a pool, a clock, a silent sink, and one loop at a time.
class AdapterBench {
public:
    explicit AdapterBench(std::string folder = "/nonexistent") : folder_{std::move(folder)} {
        auto made = telemetry::Sink::make({.file = "-"});
        REQUIRE(made.has_value());
        sink_ = std::move(*made);
    }
    AdapterBench(const AdapterBench&) = delete;
    AdapterBench& operator=(const AdapterBench&) = delete;
    ~AdapterBench() { CHECK(pools_.stop(std::chrono::steady_clock::now() + 60s) == 0); }

    [[nodiscard]] adapter::Tools tools() {
        return {.blocking = pool_, .clock = clock_, .sink = *sink_, .folder = folder_, .look_up = look_up};
    }
    [[nodiscard]] telemetry::Sink& sink() { return *sink_; }
    async::LookUp look_up{};  ///< of the adapters that are made

    /// Makes an adapter of YAML settings; every mistake fails the test.
    [[nodiscard]] std::unique_ptr<adapter::Adapter> make(const adapter::Kind& kind, const std::string& settings) {
        Mistakes mistakes;
        auto made = try_make(kind, settings, mistakes);
        for (const Mistake& mistake : mistakes) {
            FAIL_CHECK(to_line(mistake));
        }
        REQUIRE(made != nullptr);
        return made;
    }
    [[nodiscard]] std::unique_ptr<adapter::Adapter> try_make(const adapter::Kind& kind, const std::string& settings,
                                                             Mistakes& mistakes) {
        auto node = yaml::parse(settings, "settings.yaml");
        if (!node) {
            mistakes = std::move(node.error());
            return nullptr;
        }
        return kind.make(*node, tools(), mistakes);
    }

    /// Runs a coroutine on the bench's loop to its end; bounded. The loop outlives the pool's work, as in
    /// the program.
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        std::optional<T> result;
        boost::asio::co_spawn(loop_, std::move(work), [&](const std::exception_ptr& thrown, T value) {
            CHECK(thrown == nullptr);
            result.emplace(std::move(value));
        });
        const auto until = std::chrono::steady_clock::now() + 60s;
        while (!result && std::chrono::steady_clock::now() < until) {
            loop_.restart();
            loop_.run_one_until(until);
        }
        REQUIRE(result.has_value());
        return std::move(*result);
    }

    [[nodiscard]] Result<adapter::Reply> ask(adapter::Adapter& adapter, adapter::Ask what,
                                             std::chrono::milliseconds limit = 10s) {
        return run(adapter.ask(std::move(what), errand(limit)));
    }
    [[nodiscard]] Result<adapter::Contact> probe(adapter::Adapter& adapter, std::chrono::milliseconds limit = 10s) {
        return run(adapter.probe(errand(limit)));
    }
    [[nodiscard]] static adapter::Errand errand(std::chrono::milliseconds limit) {
        return {.exchange = "0198f000-0000-7000-8000-000000000001",
                .deadline = std::chrono::steady_clock::now() + limit};
    }

    /// Waits until abandoned work has ended: all threads of the pool meet behind it.
    void settle() {
        const auto all = std::make_shared<std::latch>(kThreads);
        for (std::ptrdiff_t i = 0; i < kThreads; ++i) {
            REQUIRE(pool_->post([all]() -> async::Pool::Delivery {
                all->arrive_and_wait();
                return {};
            }));
        }
        all->wait();
    }

private:
    static constexpr std::ptrdiff_t kThreads = 4;

    std::string folder_;
    SystemClock clock_;
    std::unique_ptr<telemetry::Sink> sink_;
    boost::asio::io_context loop_{1};
    async::Pools pools_;
    std::shared_ptr<async::Pool> pool_ = pools_.make({.threads = kThreads});
};

/// What the contract needs of a department that a test plays. An operation of the settings is called
/// "query".
class Department {
public:
    Department() = default;
    Department(const Department&) = delete;
    Department& operator=(const Department&) = delete;
    virtual ~Department() = default;

    [[nodiscard]] virtual adapter::Kind kind() const = 0;
    [[nodiscard]] virtual std::string settings() const = 0;  ///< YAML; answers up to 8 MiB are allowed
    [[nodiscard]] virtual adapter::Ask question() const = 0;
    [[nodiscard]] virtual std::string folder() const { return "/nonexistent"; }

    virtual void answer_with(std::string bytes) = 0;
    virtual void be_silent() = 0;  ///< takes the question, never answers
    virtual void go_down() = 0;
    virtual void talk_garbage() = 0;  ///< what is no message of the protocol
    [[nodiscard]] virtual std::string bytes_of(const adapter::Reply& reply) const { return reply.body; }
    /// Of an adapter for which no bytes are garbage (a file is a file).
    [[nodiscard]] virtual bool takes_anything() const { return false; }
};

namespace contract {

/// GB18030 of every length: one, two and four octets, and a lone lead byte that no charset decodes.
inline const std::string kGb18030 = "A\xD5\xC5\xC8\xFD\x81\x30\x81\x30\xFE\x59\x81";

inline void answers(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    department.answer_with("<ok/>");
    for (int again = 0; again < 3; ++again) {
        const auto reply = bench.ask(*adapter, department.question());
        REQUIRE(reply.has_value());
        CHECK(department.bytes_of(*reply) == "<ok/>");
    }
    department.answer_with(kGb18030);
    const auto reply = bench.ask(*adapter, department.question());
    REQUIRE(reply.has_value());
    CHECK(department.bytes_of(*reply) == kGb18030);
    CHECK(bench.probe(*adapter).has_value());
}

inline void answers_huge(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    std::string huge(4U << 20U, 'x');
    huge.replace(huge.size() / 2, 4, "\xD5\xC5\xC8\xFD");
    department.answer_with(huge);
    const auto reply = bench.ask(*adapter, department.question());
    REQUIRE(reply.has_value());
    CHECK((department.bytes_of(*reply) == huge));  // in brackets: not printed when it fails

    department.answer_with(std::string(9U << 20U, 'x'));
    const auto over = bench.ask(*adapter, department.question());
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().fault() == Fault::department_invalid);
}

inline void gives_up_in_time(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    department.be_silent();
    const auto began = std::chrono::steady_clock::now();
    const auto reply = bench.ask(*adapter, department.question(), 400ms);
    const auto took = std::chrono::steady_clock::now() - began;
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_timeout);
    CHECK(took >= 350ms);
    CHECK(took < 5s);  // the machine may be slow; the deadline was 400 ms
}

inline void says_down(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    department.go_down();
    const auto reply = bench.ask(*adapter, department.question(), 5s);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_down);
    const auto probed = bench.probe(*adapter, 5s);
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().fault() == Fault::department_down);
}

inline void judges_no_garbage(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    department.talk_garbage();
    const auto reply = bench.ask(*adapter, department.question(), 5s);
    CHECK(reply.has_value() == department.takes_anything());
    if (!reply) {
        const Fault fault = reply.error().fault();
        CHECK((fault == Fault::department_invalid || fault == Fault::department_down ||
               fault == Fault::department_refused));
    }
}

inline void knows_its_operations(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    adapter::Ask what = department.question();
    what.operation = "no-such-operation";
    const auto reply = bench.ask(*adapter, std::move(what));
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::internal);
}

/// One object, calls from several loops at once, each waiting for its own answer.
inline void serves_many_loops(Department& department) {
    AdapterBench bench{department.folder()};
    const auto adapter = bench.make(department.kind(), department.settings());
    department.answer_with("same for all");
    constexpr int kLoops = 4;
    constexpr int kCalls = 5;
    std::vector<std::thread> loops;
    std::vector<int> good(kLoops);
    for (int i = 0; i < kLoops; ++i) {
        loops.emplace_back([&, i] {
            for (int call = 0; call < kCalls; ++call) {
                boost::asio::io_context loop{1};
                auto errand = AdapterBench::errand(30s);
                errand.exchange += '-' + std::to_string(i) + '-' + std::to_string(call);
                boost::asio::co_spawn(loop, adapter->ask(department.question(), std::move(errand)),
                                      [&](const std::exception_ptr&, const Result<adapter::Reply>& reply) {
                                          good[static_cast<std::size_t>(i)] += reply.has_value() ? 1 : 0;
                                      });
                loop.run_for(30s);
            }
        });
    }
    for (std::thread& loop : loops) {
        loop.join();
    }
    CHECK(good == std::vector<int>(kLoops, kCalls));
}

/// A call whose loop goes away in the middle leaves nothing behind that could be touched.
inline void may_be_dropped(Department& department) {
    AdapterBench bench{department.folder()};
    auto adapter = bench.make(department.kind(), department.settings());
    department.be_silent();
    {
        boost::asio::io_context loop{1};
        boost::asio::co_spawn(loop, adapter->ask(department.question(), AdapterBench::errand(1s)),
                              [](const std::exception_ptr&, const Result<adapter::Reply>&) {});
        loop.run_for(100ms);
        bench.settle();  // the pool is joined before the loop goes, as in the program
    }
    adapter.reset();
    SUCCEED("nothing was touched after its end");
}

}  // namespace contract

/// The contract of core/adapter/adapter.h, for one adapter.
/// @param department  makes a fresh one.
inline void check_adapter_contract(const std::function<std::unique_ptr<Department>()>& department) {
    const auto played = department();
    SECTION("it passes answers on octet by octet, again and again") {
        contract::answers(*played);
    }
    SECTION("it passes a huge answer on, and refuses one over its limit") {
        contract::answers_huge(*played);
    }
    SECTION("it gives a silent department up at the deadline") {
        contract::gives_up_in_time(*played);
    }
    SECTION("it says that a department is down") {
        contract::says_down(*played);
    }
    SECTION("it makes no answer of garbage") {
        contract::judges_no_garbage(*played);
    }
    SECTION("it refuses an operation that it does not have") {
        contract::knows_its_operations(*played);
    }
    SECTION("one object serves many loops at once") {
        contract::serves_many_loops(*played);
    }
    SECTION("a call may be dropped in the middle") {
        contract::may_be_dropped(*played);
    }
}

}  // namespace datong::support
