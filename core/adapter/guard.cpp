#include "core/adapter/guard.h"

#include <algorithm>
#include <utility>

#include "core/async/wait.h"
#include "core/telemetry/events.h"

namespace datong::adapter {
namespace {

using Now = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause{50};

/// One visit to the source: the place in the bulkhead is given back when nobody holds it any more,
/// also where the call is dropped in the middle.
class Visit {
public:
    explicit Visit(std::shared_ptr<SourceState> state) : state_{std::move(state)} {
        place_ = std::shared_ptr<const void>{state_.get(), [kept = state_](const void*) { kept->release(); }};
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
        if (!noted_) {
            state_->forget();
        }
    }

    [[nodiscard]] const std::shared_ptr<const void>& place() const noexcept { return place_; }

    Turn note(bool good, const Limits& limits) {
        noted_ = true;
        return state_->note(good, limits, Now::now());
    }

private:
    std::shared_ptr<SourceState> state_;
    std::shared_ptr<const void> place_;
    bool noted_{};
};

/// Only what says that the department's system does not work counts against it: an answer that says
/// no is an answer.
bool is_failure(const Result<Reply>& reply) {
    if (reply) {
        return false;
    }
    const Fault fault = reply.error().fault();
    return fault == Fault::department_down || fault == Fault::department_timeout || fault == Fault::department_invalid;
}

bool may_try_again(const Result<Reply>& reply) {
    return !reply && reply.error().fault() == Fault::department_down;
}

}  // namespace

Guard::Guard(std::string source, std::unique_ptr<Adapter> adapter, Limits limits, std::shared_ptr<SourceState> state,
             telemetry::Sink& sink)
    : source_{std::move(source)}, adapter_{std::move(adapter)}, limits_{limits}, state_{std::move(state)}, sink_{sink} {
}

boost::asio::awaitable<Result<Reply>> Guard::ask(Ask what, Errand errand) {
    const auto began = Now::now();
    errand.deadline = std::min(errand.deadline, began + limits_.call);
    Result<Reply> reply = fail(Fault::department_down, "switched off by the department");
    for (int attempt = 0; !limits_.off; ++attempt) {
        reply = co_await try_once(what, errand);
        const Deadline next = Now::now() + kFirstPause * (1 << std::min(attempt, 6));
        if (attempt >= limits_.retries || !may_try_again(reply) || next >= errand.deadline ||
            state_->resting(Now::now())) {
            break;
        }
        co_await async::sleep_until(next);
    }
    if (!reply) {
        report(reply.error(), errand, std::chrono::duration_cast<std::chrono::milliseconds>(Now::now() - began));
        co_return fail(std::move(reply.error()).within(source_));
    }
    co_return reply;
}

boost::asio::awaitable<Result<Reply>> Guard::try_once(Ask what, Errand errand) {
    auto entered = state_->enter(limits_, Now::now());
    if (!entered) {
        co_return fail(std::move(entered.error()));
    }
    Visit visit{state_};
    errand.place = visit.place();
    if (errand.deadline <= Now::now()) {
        co_return fail(Fault::department_timeout, "no time left to ask");
    }
    auto reply = co_await adapter_->ask(std::move(what), std::move(errand));
    const Turn turn = visit.note(!is_failure(reply), limits_);
    if (turn == Turn::opened) {
        telemetry::emit(sink_, telemetry::BreakerOpened{.source = source_});
    } else if (turn == Turn::closed) {
        telemetry::emit(sink_, telemetry::BreakerClosed{.source = source_});
    }
    co_return reply;
}

boost::asio::awaitable<Status> Guard::probe(Errand errand) {
    if (limits_.off) {
        co_return fail(Fault::department_down, source_ + ": switched off by the department");
    }
    errand.deadline = std::min(errand.deadline, Now::now() + limits_.call);
    auto reached = co_await adapter_->probe(std::move(errand));
    if (!reached) {
        co_return fail(std::move(reached.error()).within(source_));
    }
    co_return reached;
}

void Guard::report(const Error& error, const Errand& errand, std::chrono::milliseconds waited) {
    telemetry::emit(
        sink_,
        telemetry::SourceFailed{
            .source = source_, .fault = row_of(error.fault()).code, .exchange = errand.exchange, .waited = waited});
}

}  // namespace datong::adapter
