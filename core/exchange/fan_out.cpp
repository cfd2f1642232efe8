#include "core/exchange/fan_out.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/catalogue/predicate_check.h"
#include "core/exchange/admit.h"
#include "core/exchange/gateway.h"
#include "core/exchange/issue.h"
#include "core/exchange/submit.h"
#include "core/telemetry/events.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;

/// What the fetches of one fan-out share; all on one loop.
struct Gathering {
    explicit Gathering(const asio::any_io_executor& executor) : all_there{executor} {}
    std::vector<std::optional<Attempt<Certificate>>> results;
    std::vector<Attempt<Certificate>> late;  ///< what stands for each that is not there at the deadline
    std::size_t missing{};
    bool over{};  ///< nobody waits for the rest any more
    asio::steady_timer all_there;
};

/// Whether a ticket's department is heard after the call's deadline: not of a call that gives all or nothing, which
/// asks again as a whole.
bool may_come_later(const Visit& visit, const Ticket& ticket, const Means& means) {
    return ticket.service->slow && !ticket.material.empty() && visit.first.empty() && !visit.request.all_or_nothing &&
           means.afterwards.keep;
}

/// A slow department's answer that came after the call's deadline.
asio::awaitable<void> come_later(std::shared_ptr<const Visit> visit, Ticket ticket, Attempt<Certificate> result,
                                 Means means) {
    if (visit->late->is_told) {
        co_await means.afterwards.came(std::move(visit), std::move(ticket), std::move(result));
    } else {
        visit->late->came.emplace_back(std::move(ticket), std::move(result));
    }
}

Attempt<Certificate> failed(Fault fault, std::string detail) {
    return tl::unexpected<Trouble>{Trouble{Error{fault, std::move(detail)}}};
}

/// What comes later has its files in it. Where one was given in another way a moment before its call was over, the
/// answer speaks of it: the department is asked again.
bool has_file_elsewhere(const Attempt<Certificate>& result) {
    return result && std::any_of(result->files.begin(), result->files.end(),
                                 [](const files::Given& one) { return one.how != files::Delivery::inlined; });
}

/// Whoever is late has failed; of a submission that is late nobody knows.
Attempt<Certificate> late_word(const Visit& visit, const Ticket& ticket, const Means& means) {
    if (ticket.service->is_submit() && visit.submitted) {
        return unsigned_word(visit, ticket, "unknown", means.clock.now());
    }
    return failed(Fault::department_timeout, "not there at the deadline");
}

asio::awaitable<void> fetch_one(std::shared_ptr<Gathering> into, std::size_t index, std::shared_ptr<const Visit> visit,
                                Ticket ticket, Means means, Deadline deadline) {
    const bool slow = may_come_later(*visit, ticket, means);
    try {
        const Deadline until = slow ? Deadline::clock::now() + ticket.service->slow->question : deadline;
        Ticket kept = slow ? ticket : Ticket{};
        auto result = co_await fetch(visit, std::move(ticket), means, until);
        if (slow && into->over) {
            if (has_file_elsewhere(result)) {
                result = failed(Fault::department_timeout, "its file was for an answer that has gone");
            }
            co_await come_later(std::move(visit), std::move(kept), std::move(result), means);
            co_return;
        }
        into->results[index] = std::move(result);
    } catch (const std::exception&) {  // a defect of ours is not the department's lateness
        emit(means.sink, telemetry::HandlerThrew{.exception = "std::exception", .method = "fetch"});
        into->results[index] = failed(Fault::internal, "an exception");
    }
    if (--into->missing == 0) {
        into->all_there.cancel();
    }
}

/// What can be said of a ticket without asking; nullopt when it has to be asked, and its unit of the quota is taken.
std::optional<Attempt<Certificate>> known_beforehand(const Ticket& ticket, const Visit& visit) {
    if (ticket.grant == nullptr) {
        return failed(Fault::not_permitted, "no grant for this material");
    }
    const store::Part* part = visit.submitted ? visit.submitted->part(ticket.material) : nullptr;
    const bool is_sent = part != nullptr && part->stage != store::Stage::reserved;
    if (ticket.withheld && !is_sent) {  // what became of what was sent is told
        return tl::unexpected<Trouble>{Trouble{*ticket.withheld}};
    }
    if (ticket.about == nullptr) {
        return failed(Fault::bad_request, "the person that this material speaks of is not in the context");
    }
    const auto brings = [&ticket](const policy::Predicate& one) {
        return policy::fits(one.op, one.value) && catalogue::wrong_value(*ticket.service, one).empty();
    };
    if (!std::all_of(ticket.verify.begin(), ticket.verify.end(), brings)) {
        return failed(Fault::bad_request, "the call does not bring a value that this material is asked with");
    }
    const bool is_told_again = part != nullptr && part->stage == store::Stage::settled;
    if (ticket.quotas != nullptr && !is_told_again) {
        if (auto taken = ticket.quotas->take(*ticket.grant, visit.at); !taken) {
            return tl::unexpected<Trouble>{Trouble{std::move(taken.error())}};
        }
    }
    return std::nullopt;
}

}  // namespace

asio::awaitable<std::vector<Attempt<Certificate>>> fetch_all(std::shared_ptr<const Visit> visit,
                                                             std::vector<Ticket> tickets, Means means,
                                                             Deadline deadline) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto gathering = std::make_shared<Gathering>(executor);
    gathering->results.resize(tickets.size());
    gathering->missing = tickets.size();
    std::vector<bool> by_consent;
    for (const Ticket& ticket : tickets) {
        gathering->late.push_back(late_word(*visit, ticket, means));
        by_consent.push_back(ticket.by_consent);
    }
    for (std::size_t i = 0; i < tickets.size(); ++i) {
        gathering->results[i] = known_beforehand(tickets[i], *visit);
        if (gathering->results[i]) {
            by_consent[i] = false;  // nobody was asked
            --gathering->missing;
            continue;
        }
        asio::co_spawn(executor, fetch_one(gathering, i, visit, std::move(tickets[i]), means, deadline),
                       asio::detached);
    }
    gathering->all_there.expires_at(deadline);
    while (gathering->missing > 0 && std::chrono::steady_clock::now() < deadline) {
        boost::system::error_code cancelled;
        co_await gathering->all_there.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    gathering->over = true;
    visit->late->is_over = visit->late->is_over || gathering->missing > 0;
    std::vector<Attempt<Certificate>> results;
    for (std::size_t i = 0; i < gathering->results.size(); ++i) {
        auto& result = gathering->results[i];
        results.push_back(result ? std::move(*result) : std::move(gathering->late[i]));
        note_told(*visit, by_consent[i], results.back());
    }
    co_return results;
}

}  // namespace datong::exchange
