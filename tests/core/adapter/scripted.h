#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/adapter/guard.h"
#include "core/async/wait.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/fake_clock.h"

namespace datong::adapter::scripted {

using namespace std::chrono_literals;
using support::AdapterBench;

/// What the fake department does, call by call; the last goes on.
struct Script {
    std::deque<Result<Reply>> replies;
    int asked{};
    Errand last{};
    std::shared_ptr<const void> kept;  ///< of work that goes on after its call
    bool keeps_place{};
    std::chrono::milliseconds takes{};
};

class Scripted final : public Adapter {
public:
    explicit Scripted(Script& script) : script_{script} {}

    boost::asio::awaitable<Result<Reply>> ask(Ask /*what*/, Errand errand) override {
        ++script_.asked;
        if (script_.keeps_place) {
            script_.kept = errand.place;
        }
        script_.last = errand;
        script_.last.place.reset();
        co_await async::sleep_until(std::chrono::steady_clock::now() + script_.takes);
        Result<Reply> reply = script_.replies.front();
        if (script_.replies.size() > 1) {
            script_.replies.pop_front();
        }
        co_return reply;
    }
    boost::asio::awaitable<Result<Contact>> probe(Errand errand) override {
        script_.last = errand;
        co_return Contact::reachable;
    }

private:
    Script& script_;
};

inline Result<Reply> good() {
    Reply reply;
    reply.body = "ok";
    return reply;
}

inline Result<Reply> bad(Fault fault) {
    return fail(fault, "scripted");
}

/// 2026-03-02, a Monday, 10:00 by +08:00.
inline const auto kMonday = std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h;

struct Fixture {
    AdapterBench bench;
    support::FakeClock clock{kMonday};
    Script script;
    std::shared_ptr<SourceState> state = std::make_shared<SourceState>();

    Guard guard(Limits limits) {
        return {"land-registry",
                std::make_unique<Scripted>(script),
                std::move(limits),
                state,
                {.blocking = nullptr, .clock = clock, .sink = bench.sink(), .folder = {}}};
    }
    Result<Reply> ask(Guard& guard, std::chrono::milliseconds limit = 5s) {
        return bench.run(guard.ask(Ask{}, AdapterBench::errand(limit)));
    }
};

/// Calls at once on one loop, each with what became of it.
struct Crowd {
    boost::asio::io_context loop{1};
    std::vector<std::optional<Fault>> faults;  ///< of those that have ended; nullopt: answered

    void ask(Guard& guard, std::chrono::milliseconds limit = 20s) {
        boost::asio::co_spawn(loop, guard.ask(Ask{}, AdapterBench::errand(limit)),
                              [this](const std::exception_ptr&, const Result<Reply>& reply) {
                                  faults.push_back(reply ? std::nullopt : std::optional{reply.error().fault()});
                              });
    }
};

}  // namespace datong::adapter::scripted
