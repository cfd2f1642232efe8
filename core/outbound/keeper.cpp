#include "core/outbound/keeper.h"

#include <algorithm>
#include <cstdint>
#include <list>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/async/wait.h"

namespace datong::outbound {
namespace {

namespace asio = boost::asio;
using std::chrono::system_clock;
using namespace std::chrono_literals;

constexpr auto kPause = 1s;        ///< after a failure, and between two refusals that are believed
constexpr auto kMostAhead = 5min;  ///< how early a grant is renewed, and no earlier than a fifth of its life
using Call = async::Meeting<bool>;

/// Whether a pause that began then still lasts. One that begins in the future began before the clock was set back.
bool is_paused(system_clock::time_point since, system_clock::time_point now, system_clock::duration pause = kPause) {
    return now >= since && now < since + pause;
}

/// The call has a use for what is in hand, so renewing it may take half of its time.
Deadline half_way_to(Deadline deadline) {
    const auto now = Deadline::clock::now();
    return now + std::max(deadline - now, Deadline::duration{0}) / 2;
}

}  // namespace

/// One scope. Everything under its mutex; the keeper's only guards the map.
struct Keeper::Entry {
    struct Waiter {
        asio::any_io_executor loop;
        std::weak_ptr<Call> call;
    };

    std::mutex mutex;
    GrantPtr held;
    system_clock::time_point renew_at;
    bool is_refused{};
    bool is_asking{};
    std::uint64_t turn{};          ///< counts the asking
    std::optional<Error> failure;  ///< of the last turn
    std::uint64_t failed_turn{};
    system_clock::time_point failed_at;               ///< nobody asks again at once
    std::optional<system_clock::time_point> late_at;  ///< a renewal that did not come in time
    system_clock::time_point refused_at;
    std::list<Waiter> waiting;

    [[nodiscard]] bool is_usable(system_clock::time_point now) const {
        return held != nullptr && !is_refused && now < held->ends;
    }
    /// Whether the platform was silent when a grant was to be renewed that still serves: each call that asks again
    /// waits in vain for half of its time, so there are few of them, more towards the end.
    [[nodiscard]] bool was_silent(system_clock::time_point now) const {
        return late_at && is_usable(now) &&
               is_paused(*late_at, now, std::max<system_clock::duration>(kPause, (held->ends - *late_at) / 4));
    }
    /// Under the mutex, so that no waiter's loop can go meanwhile: a waiter that goes takes its place away first.
    void wake_all() {
        for (const Waiter& waiter : waiting) {
            auto wake = [call = waiter.call] {
                if (const auto there = call.lock()) {
                    there->bring(true);
                }
            };
            asio::post(waiter.loop, std::move(wake));
        }
        waiting.clear();
    }
};

/// The right to ask, until it is told how it ended. Who goes without telling (a call that was given up) makes room
/// for the next one.
class Keeper::Turn {
public:
    explicit Turn(std::shared_ptr<Entry> entry) : entry_{std::move(entry)} {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (entry_) {
            const std::scoped_lock lock{entry_->mutex};
            end();
        }
    }

    GrantPtr brings(Grant grant, system_clock::time_point now) {
        const std::scoped_lock lock{entry_->mutex};
        const auto life = std::max(grant.ends - now, system_clock::duration{0});
        const auto ahead = std::min<system_clock::duration>(life / 5, kMostAhead);
        entry_->renew_at = grant.ends - ahead;
        entry_->held = std::make_shared<const Grant>(std::move(grant));
        entry_->is_refused = false;
        entry_->failure.reset();
        entry_->failed_at = {};
        entry_->late_at.reset();
        GrantPtr held = entry_->held;
        end();
        return held;
    }

    /// @param was_late  our own deadline ended it: nothing is known of the platform, the next one may ask, but where
    ///                  what there is still serves.
    /// @return what may still be used.
    GrantPtr fails(const Error& error, system_clock::time_point now, bool was_late) {
        const std::scoped_lock lock{entry_->mutex};
        if (was_late) {
            entry_->late_at = now;
        } else {
            entry_->failure = error;
            entry_->failed_turn = entry_->turn;
            entry_->failed_at = now;
        }
        GrantPtr held = entry_->is_usable(now) ? entry_->held : nullptr;
        end();
        return held;
    }

private:
    void end() {
        entry_->is_asking = false;
        entry_->wake_all();
        const auto ended = std::move(entry_);
    }

    std::shared_ptr<Entry> entry_;
};

/// A place in the line of those who wait for another's answer.
class Keeper::Place {
public:
    Place(std::shared_ptr<Entry> entry, const asio::any_io_executor& loop)
        : entry_{std::move(entry)}, call_{std::make_shared<Call>(loop)} {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        const std::scoped_lock lock{entry_->mutex};
        entry_->waiting.remove_if([this](const Entry::Waiter& waiter) {
            const auto call = waiter.call.lock();
            return call == nullptr || call == call_;
        });
    }

    [[nodiscard]] const std::shared_ptr<Call>& call() const { return call_; }

private:
    std::shared_ptr<Entry> entry_;
    std::shared_ptr<Call> call_;
};

std::shared_ptr<Keeper::Entry> Keeper::entry_of(const std::string& scope) {
    const std::scoped_lock lock{mutex_};
    auto& entry = entries_[scope];
    if (!entry) {
        entry = std::make_shared<Entry>();
    }
    return entry;
}

/// Under the entry's mutex.
Keeper::Step Keeper::next(Entry& entry) const {
    const auto now = clock_.now();
    const bool is_usable = entry.is_usable(now);
    const bool may_ask = !entry.is_asking && !is_paused(entry.failed_at, now) && !entry.was_silent(now);
    if (is_usable && (now < entry.renew_at || !may_ask)) {
        return Step::take;
    }
    if (may_ask) {
        entry.is_asking = true;
        ++entry.turn;
        return Step::ask;
    }
    return entry.is_asking ? Step::wait : Step::give_up;
}

asio::awaitable<Result<GrantPtr>> Keeper::ask(std::shared_ptr<Entry> entry, std::string scope, Deadline deadline) {
    Turn turn{entry};
    GrantPtr last;
    {
        const std::scoped_lock lock{entry->mutex};
        last = entry->held;
        if (entry->is_usable(clock_.now())) {
            deadline = half_way_to(deadline);
        }
    }
    auto lent = co_await lender_.lend(std::move(scope), std::move(last), deadline);
    if (lent) {
        co_return turn.brings(std::move(*lent), clock_.now());
    }
    const bool was_late = lent.error().fault() == Fault::department_timeout;
    auto held = turn.fails(lent.error(), clock_.now(), was_late);
    if (held) {
        co_return held;
    }
    co_return fail(std::move(lent.error()));
}

asio::awaitable<Result<GrantPtr>> Keeper::get(std::string scope, Deadline deadline) {
    const auto entry = entry_of(scope);
    const asio::any_io_executor loop = co_await asio::this_coro::executor;
    while (true) {
        Step step{};
        std::uint64_t turn = 0;
        const auto place = std::make_unique<Place>(entry, loop);
        {
            const std::scoped_lock lock{entry->mutex};
            step = next(*entry);
            turn = entry->turn;
            if (step == Step::take) {
                co_return entry->held;
            }
            if (step == Step::give_up) {
                co_return fail(*entry->failure);
            }
            if (step == Step::wait) {
                entry->waiting.push_back({.loop = loop, .call = place->call()});
            }
        }
        if (step == Step::ask) {
            co_return co_await ask(entry, std::move(scope), deadline);
        }
        co_await async::wait_out(place->call()->timer(), deadline);
        if (!place->call()->value()) {
            co_return fail(Fault::department_timeout, "the platform's secret did not come in time");
        }
        const std::scoped_lock lock{entry->mutex};
        if (entry->failure && entry->failed_turn == turn && !entry->is_usable(clock_.now())) {
            co_return fail(*entry->failure);
        }
    }
}

bool Keeper::drop(const std::string& scope, const GrantPtr& refused) {
    const auto entry = entry_of(scope);
    const std::scoped_lock lock{entry->mutex};
    if (entry->held != refused || entry->is_refused) {
        return true;  // another call has brought a new one since, or is about to
    }
    const auto now = clock_.now();
    if (is_paused(entry->refused_at, now)) {
        return false;
    }
    entry->is_refused = true;
    entry->refused_at = now;
    return true;
}

}  // namespace datong::outbound
