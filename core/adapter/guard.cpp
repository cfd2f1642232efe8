#include "core/adapter/guard.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/async/wait.h"
#include "core/telemetry/events.h"

namespace datong::adapter {
namespace {

using Now = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kRounding{2};  ///< some drivers count whole milliseconds

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

/// One call's time in the line for a place. A place that it was given and did not take goes on to the next, also
/// where the call is dropped in the middle.
class Standing {
public:
    Standing(std::shared_ptr<SourceState> state, const boost::asio::any_io_executor& loop)
        : state_{std::move(state)}, meeting_{std::make_shared<async::Meeting<bool>>(loop)} {
        waiter_->wake = [to = std::weak_ptr{meeting_}, loop] {
            auto arrive = [to] {
                if (const auto there = to.lock()) {
                    there->bring(true);
                }
            };
            boost::asio::post(loop, std::move(arrive));
        };
    }
    Standing(const Standing&) = delete;
    Standing& operator=(const Standing&) = delete;
    ~Standing() {
        if (!taken_ && state_->leave_line(waiter_)) {
            state_->release();
        }
    }

    [[nodiscard]] const std::shared_ptr<Waiter>& waiter() const { return waiter_; }
    [[nodiscard]] boost::asio::steady_timer& timer() { return meeting_->timer(); }
    /// Leaves the line. @return whether there is a place now; it is the caller's then.
    [[nodiscard]] bool take() {
        taken_ = state_->leave_line(waiter_);
        return taken_;
    }

private:
    std::shared_ptr<SourceState> state_;
    std::shared_ptr<async::Meeting<bool>> meeting_;
    std::shared_ptr<Waiter> waiter_ = std::make_shared<Waiter>();
    bool taken_{};
};

/// What a call says about the department's system.
enum class Sign { good, bad, none };

/// Only what says that the system does not work counts against it: an answer that says no is an answer, and so is one
/// that is too much for us; what never reached it says nothing. Silence that our own deadline cut off counts once the
/// department has had a fair time.
Sign sign_of(const Result<Reply>& reply, Deadline asked, Deadline until, std::chrono::milliseconds fair) {
    if (reply || reply.error().fault() == Fault::department_refused || reply.error().is_over_limit()) {
        return Sign::good;
    }
    const Fault fault = reply.error().fault();
    if (fault != Fault::department_down && fault != Fault::department_timeout && fault != Fault::department_invalid) {
        return Sign::none;
    }
    const auto now = Now::now();
    const bool is_cut_off = fault != Fault::department_invalid && now + kRounding >= until;
    return is_cut_off && until - asked < fair ? Sign::none : Sign::bad;
}

bool may_try_again(const Result<Reply>& reply) {
    return !reply && reply.error().fault() == Fault::department_down;
}

Error closed_error(const Closed& shut, WallTime now) {
    Error error{Fault::source_closed, shut.why};
    if (!shut.until) {
        return error;
    }
    const auto rest = std::chrono::ceil<std::chrono::seconds>(*shut.until - now);
    return std::move(error).after(std::max(rest, std::chrono::seconds{1}));
}

}  // namespace

Guard::Guard(std::string source, std::unique_ptr<Adapter> adapter, Limits limits, std::shared_ptr<SourceState> state,
             const Tools& tools)
    : source_{std::move(source)},
      adapter_{std::move(adapter)},
      limits_{std::move(limits)},
      state_{std::move(state)},
      clock_{tools.clock},
      sink_{tools.sink} {
}

boost::asio::awaitable<Result<Reply>> Guard::ask(Ask what, Errand errand) {
    const auto began = Now::now();
    const int retries = errand.once || limits_.unsafe.contains(what.operation) ? 0 : limits_.retries;
    const auto shut = closed();
    Result<Reply> reply = fail(closed_error(shut.value_or(Closed{}), clock_.now()).unsent());
    bool may_have_arrived = false;
    for (int attempt = 0; !shut; ++attempt) {
        reply = co_await try_once(what, errand);
        if (!reply && reply.error().is_unsent() && may_have_arrived) {
            reply = fail(Error{reply.error().fault(), reply.error().detail()}.after(reply.error().retry_after()));
        }
        may_have_arrived = may_have_arrived || reply || !reply.error().is_unsent();
        const Deadline next = Now::now() + kFirstPause * (1 << std::min(attempt, 6));
        if (attempt >= retries || !may_try_again(reply) || next >= errand.deadline || state_->resting(Now::now())) {
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

boost::asio::awaitable<Status> Guard::enter(Deadline deadline) {
    auto entered = state_->enter(limits_, Now::now());
    if (entered || entered.error().fault() != Fault::source_busy) {
        co_return entered;
    }
    const boost::asio::any_io_executor loop = co_await boost::asio::this_coro::executor;
    Standing standing{state_, loop};
    auto stands = state_->stand_in_line(standing.waiter(), limits_);
    if (!stands) {
        co_return stands;
    }
    sink_.count("datong_adapter_waits_total", {{"source", source_}});
    const Deadline until = std::min(deadline, Now::now() + limits_.wait);
    co_await async::wait_out(standing.timer(), until);
    if (!standing.take()) {
        co_return entered;
    }
    auto allowed = state_->check_breaker(limits_, Now::now());
    if (!allowed) {
        state_->release();
    }
    co_return allowed;
}

boost::asio::awaitable<Result<Reply>> Guard::try_once(Ask what, Errand errand) {
    auto entered = co_await enter(errand.deadline);
    if (!entered) {
        co_return fail(std::move(entered.error()).unsent());
    }
    Visit visit{state_};
    errand.place = visit.place();
    const Deadline asked = Now::now();
    const Deadline until = std::min(errand.deadline, asked + limits_.call);
    if (until <= asked) {
        co_return fail(Error{Fault::department_timeout, "no time left to ask"}.unsent());
    }
    if (const auto shut = state_->count_call(limits_, clock_.now())) {
        co_return fail(closed_error(*shut, clock_.now()).unsent());
    }
    errand.deadline = until;
    auto reply = co_await adapter_->ask(std::move(what), std::move(errand));
    const Sign sign = sign_of(reply, asked, until, std::min(limits_.fair, limits_.call));
    if (sign == Sign::good) {
        state_->adapt(Load::borne, limits_, asked, Now::now());
    } else if (sign == Sign::bad && reply.error().fault() != Fault::department_invalid) {
        state_->adapt(Load::too_much, limits_, asked, Now::now());
    }
    const Turn turn = sign == Sign::none ? Turn::none : visit.note(sign == Sign::good, limits_);
    if (turn == Turn::opened) {
        telemetry::emit(sink_, telemetry::BreakerOpened{.source = source_});
    } else if (turn == Turn::closed) {
        telemetry::emit(sink_, telemetry::BreakerClosed{.source = source_});
    }
    co_return reply;
}

boost::asio::awaitable<Result<Contact>> Guard::probe(Errand errand) {
    if (const auto shut = closed()) {
        co_return fail(closed_error(*shut, clock_.now()).within(source_));
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
