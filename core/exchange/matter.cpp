#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/exchange/entries.h"
#include "core/exchange/fan_out.h"
#include "core/exchange/issue.h"
#include "core/exchange/problem.h"
#include "core/exchange/submit.h"
#include "core/matters/notice.h"
#include "core/matters/standing.h"

// A matter's answer: which list of each requirement counts, what became of its materials, and what the citizen still
// brings.
namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using codec::JsonWriter;
using matters::Standing;

constexpr int kAccepted = 202;

/// One list of one requirement while a matter is being gathered.
struct Branch {
    std::size_t list{};          ///< which of any_of
    std::size_t first_ticket{};  ///< of that list, among all tickets
    Standing standing{};
    bool settled{};
    std::vector<Attempt<Certificate>> results{};  ///< of the best list so far
    std::size_t best_list{};
    std::size_t best_ticket{};                       ///< first of that list
    std::vector<evidence::MaterialAnswered> left{};  ///< of lists that were asked, and are not the best
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

/// What stands of a material in an answer that gives all or nothing, and gives nothing.
constexpr std::string_view kWithheld = "withheld";

void write_material(JsonWriter& json, const Ticket& ticket, const catalogue::Material& material,
                    const Attempt<Certificate>& result, const Visit& visit, bool withheld) {
    json.open_object().member("material", ticket.material).member("title", material.title.text);
    json.member("service", ticket.service->name());
    if (!result) {
        json.member("outcome", "failed").member("fault", problem(result.error(), visit.answer_id()));
    } else if (withheld) {
        json.member("outcome", kWithheld);
    } else {
        json.member("outcome", result->outcome).name("answer").written(result->envelope);
    }
    json.close_object();
}

/// The tickets that a branch's list stands for.
std::span<const Ticket> tickets_of(const Branch& branch, const catalogue::Requirement& requirement,
                                   std::span<const Ticket> all) {
    return all.subspan(branch.first_ticket, requirement.any_of[branch.list].size());
}

/// What is told of several lists that did not do: that a department was silent counts more than that another said no,
/// for the silent one may have it.
int rank_of(const std::vector<Attempt<Certificate>>& results) {
    const std::string outcome = results.empty() ? "" : outcome_of(results);
    return outcome == "satisfied"     ? 4
           : outcome == "partial"     ? 3
           : results.empty()          ? 0
           : outcome == "unsatisfied" ? 1
                                      : 2;
}

/// For the evidence: what became of the material. What is withheld was not shown, whatever was found.
evidence::MaterialAnswered answered_to(const Ticket& ticket, const Attempt<Certificate>& result, bool withheld) {
    evidence::MaterialAnswered made = answered(*ticket.service, ticket.material, result);
    if (withheld && result) {
        made.outcome = kWithheld;
        made.fields.clear();
        made.files.clear();
    }
    return made;
}

/// Departments that were asked stand in the evidence, also when another list did better and nothing of theirs was
/// shown.
void leave_behind(Branch& branch, std::span<const Ticket> tickets, const std::vector<Attempt<Certificate>>& results) {
    constexpr bool kNotShown = true;
    for (std::size_t i = 0; i < results.size(); ++i) {
        branch.left.push_back(answered_to(tickets[i], results[i], kNotShown));
    }
}

/// Keeps what a list brought if no earlier one brought more, and moves an unsatisfied branch on to its
/// next list.
/// @param all  the tickets of every list of the matter.
void take(Branch& branch, const catalogue::Requirement& requirement, std::span<const Ticket> all,
          std::vector<Attempt<Certificate>> results) {
    if (rank_of(results) > rank_of(branch.results)) {
        leave_behind(branch, all.subspan(branch.best_ticket, branch.results.size()), branch.results);
        branch.results = std::move(results);
        branch.best_list = branch.list;
        branch.best_ticket = branch.first_ticket;
    } else {
        leave_behind(branch, all.subspan(branch.first_ticket, results.size()), results);
    }
    branch.settled = outcome_of(branch.results) == "satisfied" || branch.list + 1 >= requirement.any_of.size();
    if (!branch.settled) {
        branch.first_ticket += requirement.any_of[branch.list].size();
        ++branch.list;
    }
}

std::string outcome_of(const Branch& branch) {
    switch (branch.standing.kind) {
        case Standing::Kind::no_match:
            return "no_match";
        case Standing::Kind::not_applicable:
            return "not_applicable";
        case Standing::Kind::question:
            return "question";
        case Standing::Kind::asked:
            break;
    }
    return outcome_of(branch.results);
}

void write_requirement(JsonWriter& json, const catalogue::Requirement& requirement, const Branch& branch,
                       std::span<const Ticket> tickets, const Visit& visit, bool withheld) {
    json.open_object().member("id", requirement.id).member("title", requirement.title.text);
    json.member("outcome", outcome_of(branch)).member("list", branch.best_list);
    json.name("materials").open_list();
    for (std::size_t i = 0; i < branch.results.size(); ++i) {
        write_material(json, tickets[branch.best_ticket + i], requirement.any_of[branch.best_list][i],
                       branch.results[i], visit, withheld);
    }
    json.close_list().close_object();
}

/// Whether nothing is missing: what no department can share yet, and what need not be brought, is not missing.
bool is_met(const catalogue::Requirement& requirement, const Branch& branch) {
    const std::string outcome = outcome_of(branch);
    return outcome == "satisfied" || outcome == "no_match" || outcome == "not_applicable" ||
           (requirement.necessity == catalogue::Necessity::not_needed && outcome != "question");
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

matters::RequirementTold told_of(const catalogue::Requirement& requirement, const Branch& branch,
                                 const std::string& outcome) {
    matters::RequirementTold told{
        .requirement = &requirement, .outcome = outcome, .materials = {}, .question = branch.standing.question};
    for (std::size_t i = 0; i < branch.results.size(); ++i) {
        const auto& result = branch.results[i];
        matters::MaterialTold material{.material = &requirement.any_of[branch.best_list][i], .outcome = "failed"};
        if (result) {
            material.outcome = result->outcome;
        } else {
            material.fault = result.error().error.fault();
        }
        told.materials.push_back(material);
    }
    return told;
}

/// What to bring, of what became of every requirement.
void write_to_bring(JsonWriter& json, const Visit& visit, const catalogue::Matter& matter,
                    const std::vector<Branch>& branches) {
    std::vector<std::string> outcomes;
    for (const Branch& branch : branches) {
        outcomes.push_back(outcome_of(branch));
    }
    std::vector<matters::RequirementTold> told;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        told.push_back(told_of(matter.requirements[i], branches[i], outcomes[i]));
    }
    const catalogue::Snapshot& snapshot = *visit.snapshot;
    const auto notice = matters::notice_of(told, record::to_civil(visit.at).date, snapshot.calendar);
    json.name("to_bring");
    matters::write_notice(json, notice, matter, snapshot.languages);
}

/// The digests of the certificates that an answer holds, what became of each material, and where the last word will be
/// while one is missing.
void note_results(Answer& answer, const Visit& visit, const Branch& branch, std::span<const Ticket> tickets,
                  bool withheld) {
    answer.materials.insert(answer.materials.end(), branch.left.begin(), branch.left.end());
    for (std::size_t i = 0; i < branch.results.size(); ++i) {
        const auto& result = branch.results[i];
        answer.materials.push_back(answered_to(tickets[branch.best_ticket + i], result, withheld));
        if (result && !result->jws.empty() && !withheld) {
            answer.certificate_digests.push_back(to_hex(crypto::sha256(result->jws)));
        }
        if (result && !withheld) {
            answer.files.insert(answer.files.end(), result->files.begin(), result->files.end());
        }
        if (result && is_open(result->outcome)) {
            answer.status = kAccepted;
            answer.location = status_path(visit);
        }
    }
}

Answer answer_of(const Visit& visit, const catalogue::Matter& matter, const std::vector<Branch>& branches,
                 std::span<const Ticket> tickets) {
    const bool complete = std::equal(matter.requirements.begin(), matter.requirements.end(), branches.begin(), is_met);
    const bool withheld = visit.request.all_or_nothing && !complete;
    Answer answer{.outcome = outcome_of(matter, branches, complete), .body = {}};
    JsonWriter json{answer.body};
    json.open_object().member("exchange", visit.answer_id()).member("matter", matter.name());
    json.member("outcome", answer.outcome);
    if (matter.submits || !visit.late->awaited.empty()) {
        json.member("status", status_path(visit));
    }
    json.name("requirements").open_list();
    for (std::size_t i = 0; i < branches.size(); ++i) {
        write_requirement(json, matter.requirements[i], branches[i], tickets, visit, withheld);
        note_results(answer, visit, branches[i], tickets, withheld);
    }
    json.close_list();
    if (!matter.submits) {
        write_to_bring(json, visit, matter, branches);
    }
    json.close_object();
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

std::vector<Branch> branches_of(const catalogue::Matter& matter, const record::Record& facts) {
    std::vector<Branch> branches;
    std::size_t ticket = 0;
    for (const catalogue::Requirement& requirement : matter.requirements) {
        const Standing standing = matters::standing_of(matter, requirement, facts);
        branches.push_back(
            {.first_ticket = ticket, .standing = standing, .settled = standing.kind != Standing::Kind::asked});
        for (const auto& list : requirement.any_of) {
            ticket += list.size();
        }
    }
    return branches;
}

/// Of every requirement whose departments were asked and did not satisfy it: each material of the list that counts.
std::vector<Lacking> lacking_of(const catalogue::Matter& matter, std::vector<Branch>& branches,
                                const std::vector<Ticket>& tickets) {
    std::vector<Lacking> all;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        Branch& branch = branches[i];
        if (branch.standing.kind != Standing::Kind::asked || outcome_of(branch.results) == "satisfied") {
            continue;
        }
        for (std::size_t k = 0; k < branch.results.size(); ++k) {
            all.push_back({.requirement = &matter.requirements[i],
                           .material = &matter.requirements[i].any_of[branch.best_list][k],
                           .ticket = &tickets[branch.best_ticket + k],
                           .result = &branch.results[k]});
        }
    }
    return all;
}

/// What was found by a consent that holds no more is not told. What is still awaited is looked at when it comes.
void withhold_found(std::vector<Branch>& branches, std::span<const Ticket> tickets, const Visit& visit,
                    const Error& why) {
    visit.use->is_told = false;
    for (Branch& branch : branches) {
        for (std::size_t i = 0; i < branch.results.size(); ++i) {
            const Ticket& ticket = tickets[branch.best_ticket + i];
            auto& result = branch.results[i];
            const bool is_by_consent = ticket.by_consent || ticket.withheld;  // withheld after it was asked
            if (is_by_consent && result && !is_open(result->outcome)) {
                result = tl::unexpected<Trouble>{Trouble{why}};
            }
            note_told(visit, ticket.by_consent, result);
        }
    }
}

}  // namespace

asio::awaitable<Answer> fetch_matter(std::shared_ptr<const Visit> visit, const catalogue::Matter* matter,
                                     std::vector<Ticket> tickets, Means means, Deadline deadline) {
    std::vector<Branch> branches = branches_of(*matter, visit->request.context.facts);
    std::vector<std::string> replies;
    bool is_first = true;
    const auto is_unsettled = [](const Branch& branch) { return !branch.settled; };
    while (std::any_of(branches.begin(), branches.end(), is_unsettled)) {
        const auto still =
            is_first ? Status{} : co_await look_again_at_consent(visit, means.clock.now(), means.consents);
        if (!std::exchange(is_first, false) && !still) {
            withhold_by_consent(tickets, still.error());
        }
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
                take(branches[i], matter->requirements[i], tickets, std::move(mine));
            }
        }
    }
    co_await keep_awaited(visit, matter, lacking_of(*matter, branches, tickets), means);
    const auto holds = co_await look_again_at_consent(visit, means.clock.now(), means.consents);
    if (!holds && !visit->submitted) {  // what was sent is told whatever came after it
        withhold_found(branches, tickets, *visit, holds.error());
    }
    Answer answer = answer_of(*visit, *matter, branches, tickets);
    answer.reply_digests = std::move(replies);
    co_return answer;
}

}  // namespace datong::exchange
