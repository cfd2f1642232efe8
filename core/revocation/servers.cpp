#include "core/revocation/servers.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/async/wait.h"

namespace datong::revocation {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLongest{10};
constexpr std::chrono::milliseconds kLook{20};  ///< whether another call has learnt it
constexpr std::size_t kMostWatches = 256;       ///< one a source, and those of configurations before

/// One line, whatever the rules hold.
std::string key_of(const Rules& rules) {
    std::string key =
        std::string{rules.is_hard ? "hard" : "soft"} + '\n' + rules.ocsp + '\n' + std::to_string(rules.refresh.count());
    for (const auto* list : {&rules.crls, &rules.anchors}) {
        for (const std::string& one : *list) {
            key.append("\n").append(std::to_string(one.size())).append(":").append(one);
        }
    }
    return key;
}

Status verdict_of(Finding finding, bool is_hard) {
    if (finding == Finding::revoked) {
        return tl::unexpected{Error{Fault::department_down, "the server's certificate is revoked"}.unsent()};
    }
    if (finding == Finding::unknown && is_hard) {
        return tl::unexpected{
            Error{Fault::department_down, "nothing current is known of the server certificate's revocation"}.unsent()};
    }
    return {};
}

Status too_late() {
    return tl::unexpected{
        Error{Fault::department_timeout, "the server certificate's revocation is not known at the deadline"}.unsent()};
}

}  // namespace

struct Servers::State {
    std::shared_ptr<async::Pool> pool;
    MakeOutside outside;
    const Clock& clock;
    telemetry::Sink& sink;

    struct Watched {
        std::shared_ptr<Watch> watch;
        Deadline refreshed;
    };
    std::mutex mutex;  ///< of what follows
    std::map<std::string, Watched, std::less<>> watches;
    std::set<std::string> learning;

    [[nodiscard]] std::shared_ptr<Watch> find(const std::string& key) {
        const std::lock_guard lock{mutex};
        const auto found = watches.find(key);
        return found == watches.end() ? nullptr : found->second.watch;
    }

    /// Blocks on the first fetch of the lists. Of two at once the first counts.
    [[nodiscard]] std::shared_ptr<Watch> find_or_make(const std::string& key, const Rules& rules,
                                                      std::chrono::milliseconds timeout) {
        if (auto there = find(key)) {
            return there;
        }
        auto made = std::make_shared<Watch>(rules, outside(timeout), clock, sink);
        const std::lock_guard lock{mutex};
        if (watches.size() >= kMostWatches) {
            watches.clear();  // those in use come back with their next call
        }
        return watches.emplace(key, Watched{std::move(made), Deadline::clock::now()}).first->second.watch;
    }

    /// @return nullptr while somebody else learns the same; else nobody does as long as it is held.
    [[nodiscard]] static std::shared_ptr<const void> begin(const std::shared_ptr<State>& state, std::string what) {
        const std::lock_guard lock{state->mutex};
        const auto [at, is_new] = state->learning.insert(std::move(what));
        if (!is_new) {
            return nullptr;
        }
        return {&*at, [state](const std::string* learnt) {
                    const std::lock_guard again{state->mutex};
                    state->learning.erase(state->learning.find(*learnt));
                }};
    }

    [[nodiscard]] std::vector<std::shared_ptr<Watch>> due() {
        const std::lock_guard lock{mutex};
        std::vector<std::shared_ptr<Watch>> all;
        const auto now = Deadline::clock::now();
        for (auto& [key, watched] : watches) {
            if (now - watched.refreshed >= watched.watch->rules().refresh) {
                watched.refreshed = now;
                all.push_back(watched.watch);
            }
        }
        return all;
    }
};

Servers::Servers(std::shared_ptr<async::Pool> pool, MakeOutside outside, const Clock& clock, telemetry::Sink& sink)
    : state_{std::make_shared<State>(std::move(pool), std::move(outside), clock, sink)} {
}

asio::awaitable<Status> Servers::judge(Rules rules, std::chrono::milliseconds timeout, std::string sha256,
                                       std::shared_ptr<const std::string> chain, Deadline deadline) const {
    const auto state = state_;
    const bool is_hard = rules.is_hard;
    const std::string key = key_of(rules);
    const Deadline until = std::min(deadline, Deadline::clock::now() + kLongest);
    std::shared_ptr<const void> turn;
    while (!turn) {
        if (const auto watch = state->find(key); watch && watch->has_met(sha256)) {
            co_return verdict_of(watch->find(sha256), is_hard);
        }
        turn = State::begin(state, key + '\n' + sha256);
        if (!turn && Deadline::clock::now() >= until) {
            co_return until < deadline ? verdict_of(Finding::unknown, is_hard) : too_late();
        }
        if (!turn) {  // another call learns of it already: more would only hold more of the pool's threads
            co_await async::sleep_until(std::min(until, Deadline::clock::now() + kLook));
        }
    }
    std::function<Result<Finding>()> learn = [state, key, rules = std::move(rules), timeout, sha256,
                                              chain = std::move(chain), turn]() -> Result<Finding> {
        const auto watch = state->find_or_make(key, rules, timeout);
        watch->meet(sha256, *chain);
        return watch->find(sha256);
    };
    turn.reset();  // it is the work's, which may go on after this call
    const auto learnt = co_await async::on_pool<Finding>(*state->pool, std::move(learn), until);
    if (!learnt && learnt.error().fault() == Fault::department_timeout && until == deadline) {
        co_return too_late();
    }
    co_return verdict_of(learnt ? *learnt : Finding::unknown, is_hard);
}

void Servers::refresh(const std::stop_token& stop) const {
    for (const auto& watch : state_->due()) {
        if (stop.stop_requested()) {
            return;
        }
        watch->refresh(stop);
    }
}

}  // namespace datong::revocation
