#include "core/exchange/fan_out.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/text.h"
#include "core/catalogue/predicate_check.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/exchange/issue.h"
#include "core/exchange/problem.h"
#include "core/exchange/submit.h"
#include "core/telemetry/events.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using codec::JsonWriter;

constexpr int kAccepted = 202;

/// What the fetches of one fan-out share; all on one loop.
struct Gathering {
    explicit Gathering(const asio::any_io_executor& executor) : all_there{executor} {}
    std::vector<std::optional<Attempt<Certificate>>> results;
    std::vector<Attempt<Certificate>> late;  ///< what stands for each that is not there at the deadline
    std::size_t missing{};
    asio::steady_timer all_there;
};

Attempt<Certificate> failed(Fault fault, std::string detail) {
    return tl::unexpected<Trouble>{Trouble{Error{fault, std::move(detail)}}};
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
    try {
        auto result = co_await fetch(std::move(visit), std::move(ticket), means, deadline);
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
    if (ticket.about == nullptr) {
        return failed(Fault::bad_request, "the person that this material speaks of is not in the context");
    }
    const auto brings = [&ticket](const policy::Predicate& one) {
        return policy::fits(one.op, one.value) && catalogue::wrong_value(*ticket.service, one).empty();
    };
    if (!std::all_of(ticket.verify.begin(), ticket.verify.end(), brings)) {
        return failed(Fault::bad_request, "the call does not bring a value that this material is asked with");
    }
    const store::Part* part = visit.submitted ? visit.submitted->part(ticket.material) : nullptr;
    const bool is_told_again = part != nullptr && part->stage == store::Stage::settled;
    if (ticket.quotas != nullptr && !is_told_again) {
        if (auto taken = ticket.quotas->take(*ticket.grant, visit.at); !taken) {
            return tl::unexpected<Trouble>{Trouble{std::move(taken.error())}};
        }
    }
    return std::nullopt;
}

/// One list of one requirement while a matter is being gathered.
struct Branch {
    std::size_t list{};          ///< which of any_of
    std::size_t first_ticket{};  ///< of that list, among all tickets
    bool settled{};
    std::vector<Attempt<Certificate>> results{};  ///< of the best list so far
    std::size_t best_list{};
    std::size_t best_ticket{};  ///< first of that list
};

std::string outcome_of(const std::vector<Attempt<Certificate>>& results) {
    constexpr std::array<std::string_view, 4> kYes{"found", "match", "accepted", "done"};
    constexpr std::array<std::string_view, 4> kNo{"not_found", "mismatch", "refused", "returned"};
    std::size_t found = 0;
    std::size_t said_no = 0;
    for (const auto& result : results) {
        found += result && std::find(kYes.begin(), kYes.end(), result->outcome) != kYes.end() ? 1 : 0;
        said_no += result && std::find(kNo.begin(), kNo.end(), result->outcome) != kNo.end() ? 1 : 0;
    }
    if (found == results.size()) {
        return "satisfied";
    }
    if (std::any_of(results.begin(), results.end(),
                    [](const auto& result) { return result && is_open(result->outcome); })) {
        return "pending";
    }
    if (found > 0) {
        return "partial";
    }
    return said_no == results.size() ? "unsatisfied" : "unavailable";
}

void write_material(JsonWriter& json, const Ticket& ticket, const catalogue::Material& material,
                    const Attempt<Certificate>& result, const Visit& visit) {
    json.open_object().member("material", ticket.material).member("title", material.title);
    json.member("service", ticket.service->name());
    if (result) {
        json.member("outcome", result->outcome).name("answer").written(result->envelope);
    } else {
        json.member("outcome", "failed").member("fault", problem(result.error(), visit.answer_id()));
    }
    json.close_object();
}

/// The tickets that a branch's list stands for.
std::span<const Ticket> tickets_of(const Branch& branch, const catalogue::Requirement& requirement,
                                   std::span<const Ticket> all) {
    return all.subspan(branch.first_ticket, requirement.any_of[branch.list].size());
}

int rank_of(const std::vector<Attempt<Certificate>>& results) {
    const std::string outcome = results.empty() ? "" : outcome_of(results);
    return outcome == "satisfied"     ? 4
           : outcome == "partial"     ? 3
           : outcome == "unsatisfied" ? 2
           : results.empty()          ? 0
                                      : 1;
}

/// Keeps what a list brought if no earlier one brought more, and moves an unsatisfied branch on to its
/// next list.
void take(Branch& branch, const catalogue::Requirement& requirement, std::vector<Attempt<Certificate>> results) {
    if (rank_of(results) > rank_of(branch.results)) {
        branch.results = std::move(results);
        branch.best_list = branch.list;
        branch.best_ticket = branch.first_ticket;
    }
    branch.settled = outcome_of(branch.results) == "satisfied" || branch.list + 1 >= requirement.any_of.size();
    if (!branch.settled) {
        branch.first_ticket += requirement.any_of[branch.list].size();
        ++branch.list;
    }
}

std::string outcome_of(const catalogue::Requirement& requirement, const Branch& branch) {
    return requirement.no_match ? "no_match" : outcome_of(branch.results);
}

void write_requirement(JsonWriter& json, const catalogue::Requirement& requirement, const Branch& branch,
                       std::span<const Ticket> tickets, const Visit& visit) {
    json.open_object().member("id", requirement.id).member("title", requirement.title);
    json.member("outcome", outcome_of(requirement, branch)).member("list", branch.best_list);
    json.name("materials").open_list();
    for (std::size_t i = 0; i < branch.results.size(); ++i) {
        write_material(json, tickets[branch.best_ticket + i], requirement.any_of[branch.best_list][i],
                       branch.results[i], visit);
    }
    json.close_list().close_object();
}

bool is_met(const catalogue::Requirement& requirement, const Branch& branch) {
    return requirement.no_match || outcome_of(branch.results) == "satisfied";
}

/// The outcome of the whole: of a submission accepted by all, refused by all, or neither.
std::string outcome_of(const catalogue::Matter& matter, const std::vector<Branch>& branches, bool complete) {
    if (!matter.submits) {
        return complete ? "found" : "partial";
    }
    const bool refused = std::all_of(branches.begin(), branches.end(), [](const Branch& branch) {
        return std::all_of(branch.results.begin(), branch.results.end(),
                           [](const auto& result) { return result && result->outcome == "refused"; });
    });
    return complete ? "accepted" : refused ? "refused" : "partial";
}

Answer answer_of(const Visit& visit, const catalogue::Matter& matter, const std::vector<Branch>& branches,
                 std::span<const Ticket> tickets) {
    const bool complete = std::equal(matter.requirements.begin(), matter.requirements.end(), branches.begin(), is_met);
    Answer answer{.outcome = outcome_of(matter, branches, complete), .body = {}};
    JsonWriter json{answer.body};
    json.open_object().member("exchange", visit.answer_id()).member("matter", matter.name());
    json.member("outcome", answer.outcome);
    if (matter.submits) {
        json.member("status", status_path(visit));
    }
    json.name("requirements").open_list();
    for (std::size_t i = 0; i < branches.size(); ++i) {
        write_requirement(json, matter.requirements[i], branches[i], tickets, visit);
        for (const auto& result : branches[i].results) {
            if (result && !result->jws.empty()) {
                answer.certificate_digests.push_back(to_hex(crypto::sha256(result->jws)));
            }
            if (result && is_open(result->outcome)) {
                answer.status = kAccepted;
                answer.location = status_path(visit);
            }
        }
    }
    json.close_list().close_object();
    return answer;
}

/// What every department of a round sent, whatever became of it: also of lists that were left behind.
void note_replies(const std::vector<Ticket>& asked, const std::vector<Attempt<Certificate>>& results,
                  std::vector<std::string>& replies) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i]) {
            replies.push_back(reply_of(asked[i].service->id, results[i].error()));
        } else {
            replies.insert(replies.end(), results[i]->reply_digests.begin(), results[i]->reply_digests.end());
        }
    }
}

std::vector<Branch> branches_of(const catalogue::Matter& matter) {
    std::vector<Branch> branches;
    std::size_t ticket = 0;
    for (const catalogue::Requirement& requirement : matter.requirements) {
        branches.push_back({.first_ticket = ticket, .settled = requirement.no_match});
        for (const auto& list : requirement.any_of) {
            ticket += list.size();
        }
    }
    return branches;
}

}  // namespace

asio::awaitable<std::vector<Attempt<Certificate>>> fetch_all(std::shared_ptr<const Visit> visit,
                                                             std::vector<Ticket> tickets, Means means,
                                                             Deadline deadline) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto gathering = std::make_shared<Gathering>(executor);
    gathering->results.resize(tickets.size());
    gathering->missing = tickets.size();
    for (const Ticket& ticket : tickets) {
        gathering->late.push_back(late_word(*visit, ticket, means));
    }
    for (std::size_t i = 0; i < tickets.size(); ++i) {
        gathering->results[i] = known_beforehand(tickets[i], *visit);
        if (gathering->results[i]) {
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
    std::vector<Attempt<Certificate>> results;
    for (std::size_t i = 0; i < gathering->results.size(); ++i) {
        auto& result = gathering->results[i];
        results.push_back(result ? std::move(*result) : std::move(gathering->late[i]));
    }
    co_return results;
}

asio::awaitable<Answer> fetch_matter(std::shared_ptr<const Visit> visit, const catalogue::Matter* matter,
                                     std::vector<Ticket> tickets, Means means, Deadline deadline) {
    std::vector<Branch> branches = branches_of(*matter);
    std::vector<std::string> replies;
    const auto is_open = [](const Branch& branch) { return !branch.settled; };
    while (std::any_of(branches.begin(), branches.end(), is_open)) {
        std::vector<Ticket> round;
        for (std::size_t i = 0; i < branches.size(); ++i) {
            if (!branches[i].settled) {
                const auto mine = tickets_of(branches[i], matter->requirements[i], tickets);
                round.insert(round.end(), mine.begin(), mine.end());
            }
        }
        const std::vector<Ticket> asked = round;
        auto results = co_await fetch_all(visit, std::move(round), means, deadline);
        note_replies(asked, results, replies);
        auto next = results.begin();
        for (std::size_t i = 0; i < branches.size(); ++i) {
            if (!branches[i].settled) {
                const auto count =
                    static_cast<std::ptrdiff_t>(tickets_of(branches[i], matter->requirements[i], tickets).size());
                std::vector<Attempt<Certificate>> mine{std::make_move_iterator(next),
                                                       std::make_move_iterator(next + count)};
                next += count;
                take(branches[i], matter->requirements[i], std::move(mine));
            }
        }
    }
    Answer answer = answer_of(*visit, *matter, branches, tickets);
    answer.reply_digests = std::move(replies);
    co_return answer;
}

}  // namespace datong::exchange
