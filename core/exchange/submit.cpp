#include "core/exchange/submit.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/exchange/admit.h"
#include "core/exchange/fetch.h"
#include "core/exchange/issue.h"
#include "core/exchange/submissions.h"
#include "core/telemetry/events.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using catalogue::Service;
using record::Record;
using store::Stage;

/// So much before the call's own deadline a department is given up, that what is known can still be kept and said.
constexpr std::chrono::milliseconds kToKeep{150};

tl::unexpected<Trouble> failed(Fault fault, std::string detail) {
    return tl::unexpected<Trouble>{Trouble{Error{fault, std::move(detail)}}};
}

/// What a department said of a submission.
struct Receipt {
    std::string outcome;  ///< accepted, returned, done, refused, deferred; "unknown": it can't be known
    Record content{};     ///< null where it said no more than that
    Replied replied{};
    std::string reply;  ///< "source:digest"
};

/// The state at the service's pointer; "unknown" for one that is none of ours.
std::string state_of(const Service& service, const Record& content) {
    if (service.submission->state.empty()) {
        return "accepted";
    }
    const Record* at = &content;
    const auto steps = split(service.submission->state, '/');
    for (std::size_t i = 1; at != nullptr && i < steps.size(); ++i) {
        at = at->find(steps[i]);
    }
    const auto& states = catalogue::kStates;
    const std::string said = at != nullptr ? std::string{at->scalar()} : std::string{};
    return std::find(states.begin(), states.end(), said) != states.end() ? said : "unknown";
}

/// A refusal is one that the mapping knows: a code listed nowhere may mean anything, also that it was taken.
bool is_known_refusal(const mapping::Output& out) {
    return std::any_of(out.errors.begin(), out.errors.end(),
                       [](const mapping::Finding& one) { return one.rule == "outcome.rejected"; });
}

/// Everything about one target that its steps share.
struct Errand {
    std::shared_ptr<const Visit> visit;
    Ticket ticket;
    Means means;
    Deadline deadline;
    /// What the department said to each question and to the push, in their order: "source:digest", or "source:|code".
    std::shared_ptr<std::vector<std::string>> heard = std::make_shared<std::vector<std::string>>();

    [[nodiscard]] const Service& service() const { return *ticket.service; }
    [[nodiscard]] const store::Part& part() const { return *visit->submitted->part(ticket.material); }
};

mapping::Input input_of(const Errand& errand, const Record& context) {
    mapping::Input input;
    input.tree = &errand.ticket.query;
    input.context = &context;
    input.now = errand.means.clock.now();
    return input;
}

/// The reply of a department to a submission or to a question about one.
Receipt read_receipt(const Errand& errand, const mapping::Mapping& response, const adapter::Reply& reply,
                     mapping::Input input) {
    Receipt receipt{.outcome = "unknown",
                    .replied = {.at = errand.means.clock.now(), .digest = digest_of(reply), .record_time = {}},
                    .reply = {}};
    receipt.reply = errand.service().source->source() + ':' + receipt.replied.digest;
    input.bytes = reply.body;
    input.tree = reply.rows.is_null() ? nullptr : &reply.rows;
    input.record_only = true;
    mapping::Output out = response.run(input);
    if (out.outcome == mapping::Outcome::ok && reply.status < 400) {
        const auto& person = errand.service().person;
        if (person.id.empty() || policy::speaks_of(out.target, person, *errand.ticket.about)) {
            receipt.outcome = state_of(errand.service(), out.target);
            // what became of it is told in any case; a receipt that names more than may be seen says no more than that
            receipt.content = show(*errand.visit, errand.ticket, out.target).value_or(Record{});
        }
    } else if (out.outcome == mapping::Outcome::rejected && reply.status < 500 && is_known_refusal(out)) {
        receipt.outcome = "refused";
    } else if (out.outcome == mapping::Outcome::not_found && reply.status < 500) {
        receipt.outcome = "not_found";
    } else if (out.outcome == mapping::Outcome::retry && reply.status < 500) {
        receipt.outcome = "retry";
    }
    return receipt;
}

/// What was known of a part before this call; "unknown" where nothing was.
std::string last_word(const Errand& errand) {
    const std::string& last = errand.part().outcome;
    return last.empty() ? "unknown" : last;
}

asio::awaitable<Attempt<Certificate>> certificate_of(Errand errand, Receipt receipt) {
    if (receipt.outcome == "unknown") {
        co_return unsigned_word(*errand.visit, errand.ticket, last_word(errand), receipt.replied.at);
    }
    Issue made_of{.visit = errand.visit,
                  .ticket = errand.ticket,
                  .record = std::move(receipt.content),
                  .replied = std::move(receipt.replied),
                  .outcome = std::move(receipt.outcome)};
    auto made = co_await issue_beside(std::move(made_of), errand.means.threads);
    if (!made) {
        Trouble trouble{std::move(made.error())};
        trouble.reply = receipt.reply;
        co_return tl::unexpected<Trouble>{std::move(trouble)};
    }
    co_return std::move(*made);
}

Stage stage_of(const std::string& outcome) {
    return is_open(outcome) ? Stage::pending : Stage::settled;
}

void hear(const Errand& errand, const Result<adapter::Reply>& reply) {
    const std::string from = errand.service().source->source() + ':';
    errand.heard->push_back(from + (reply ? digest_of(*reply) : '|' + std::string{row_of(reply.error().fault()).code}));
    if (reply) {
        keep_reply(*errand.visit, errand.service(), errand.heard->back(), *reply);
    }
}

/// Asks the department whether it has the submission, and how far it is.
/// @return nullopt: it says that it has none.
asio::awaitable<Attempt<std::optional<Receipt>>> inquire(Errand errand) {
    const catalogue::Inquiry& inquiry = *errand.service().submission->ask;
    const Record context = ticket_context(*errand.visit, errand.ticket, errand.means.clock.now());
    const mapping::Input input = input_of(errand, context);
    auto ask = ask_from(*inquiry.request, inquiry.operation, input);
    if (!ask) {
        co_return tl::unexpected<Trouble>{std::move(ask.error())};
    }
    const adapter::Errand way{
        .exchange = errand_name(*errand.visit, errand.ticket) + "-ask",
        .deadline = std::min(errand.deadline, Deadline::clock::now() + errand.service().deadline)};
    auto reply = co_await errand.service().source->ask(std::move(*ask), way);
    hear(errand, reply);
    if (!reply) {
        co_return tl::unexpected<Trouble>{Trouble{std::move(reply.error())}};
    }
    Receipt receipt = read_receipt(errand, *inquiry.response, *reply, input);
    if (receipt.outcome == "not_found") {
        co_return std::optional<Receipt>{};
    }
    if (receipt.outcome == "unknown" || receipt.outcome == "retry") {
        Trouble trouble{Error{Fault::department_invalid, "what it says of the submission can't be used"}};
        trouble.reply = receipt.reply;
        co_return tl::unexpected<Trouble>{std::move(trouble)};
    }
    co_return std::optional{std::move(receipt)};
}

/// Keeps what a department said, and says it.
asio::awaitable<Attempt<Certificate>> conclude(Errand errand, Receipt receipt) {
    auto made = co_await certificate_of(errand, receipt);
    if (!made) {  // ours to mend; but it may have taken effect, which no problem may deny
        emit(errand.means.sink,
             telemetry::HandlerThrew{.exception = row_of(made.error().error.fault()).code, .method = "receipt"});
        made = unsigned_word(*errand.visit, errand.ticket, last_word(errand), receipt.replied.at);
    }
    co_await errand.means.submissions.note(errand.visit, errand.ticket, stage_of(made->outcome), *made);
    co_return made;
}

/// Nothing was taken this time: of what was never sent before the right to send goes back; of what was, nothing is
/// known that was not known.
asio::awaitable<Attempt<Certificate>> not_taken(Errand errand, Trouble why) {
    if (errand.part().stage == Stage::reserved) {
        co_await errand.means.submissions.release(errand.visit, errand.ticket.material);
        co_return tl::unexpected<Trouble>{std::move(why)};
    }
    co_return unsigned_word(*errand.visit, errand.ticket, last_word(errand), errand.means.clock.now());
}

/// Sends it. Whoever comes here holds the right to.
asio::awaitable<Attempt<Certificate>> send(Errand errand, adapter::Ask ask, Record context) {
    const Service& service = errand.service();
    const adapter::Errand way{.exchange = errand_name(*errand.visit, errand.ticket),
                              .deadline = std::min(errand.deadline, Deadline::clock::now() + service.deadline),
                              .once = true};
    auto reply = co_await service.source->ask(std::move(ask), way);
    hear(errand, reply);
    if (!reply && reply.error().is_unsent()) {
        co_return co_await not_taken(std::move(errand), Trouble{std::move(reply.error())});
    }
    if (!reply) {
        const bool waits = service.submission->keeps && reply.error().fault() == Fault::department_timeout;
        Certificate word = unsigned_word(*errand.visit, errand.ticket, waits ? "deferred" : last_word(errand),
                                         errand.means.clock.now());
        co_await errand.means.submissions.note(errand.visit, errand.ticket, Stage::pending, word);
        co_return word;
    }
    Receipt receipt = read_receipt(errand, *service.response, *reply, input_of(errand, context));
    if (receipt.outcome == "retry") {  // it says itself that it did not take it
        Trouble trouble{Error{Fault::department_down, "asks to come again"}};
        trouble.reply = receipt.reply;
        co_return co_await not_taken(std::move(errand), std::move(trouble));
    }
    if (receipt.outcome == "not_found") {
        receipt.outcome = "unknown";  // an answer to a question, not to a push: it may have been taken
    }
    co_return co_await conclude(std::move(errand), std::move(receipt));
}

asio::awaitable<Attempt<Certificate>> send_first(Errand errand) {
    const Service& service = errand.service();
    Record context = ticket_context(*errand.visit, errand.ticket, errand.means.clock.now());
    auto ask = ask_of(service, input_of(errand, context));
    if (!ask) {
        co_return tl::unexpected<Trouble>{std::move(ask.error())};
    }
    if (service.submission->asks_before) {
        auto there = co_await inquire(errand);
        if (!there) {
            co_return tl::unexpected<Trouble>{std::move(there.error())};
        }
        if (*there) {
            (*there)->replied.already = true;
            co_return co_await conclude(std::move(errand), std::move(**there));
        }
    }
    auto claimed = co_await errand.means.submissions.claim(errand.visit, errand.ticket.material);
    if (!claimed) {
        // it may be taken after all: this stands behind it in the store's one line, and nobody else holds the
        // submission
        co_await errand.means.submissions.release(errand.visit, errand.ticket.material);
        co_return tl::unexpected<Trouble>{Trouble{std::move(claimed.error())}};
    }
    if (!*claimed) {
        co_return failed(Fault::in_progress, "another call sends it");
    }
    co_return co_await send(std::move(errand), std::move(*ask), std::move(context));
}

/// Of what was sent and has no last word.
asio::awaitable<Attempt<Certificate>> follow_up(Errand errand) {
    const Service& service = errand.service();
    const bool is_sent_again = service.submission->deduplicates && !errand.visit->submitted->is_status;
    const Status may = is_sent_again ? co_await may_send_again(errand.visit, errand.ticket, errand.means.consents)
                                     : fail(Fault::consent_not_accepted, "it is not sent again");
    if (may) {
        Record context = ticket_context(*errand.visit, errand.ticket, errand.means.clock.now());
        auto ask = ask_of(service, input_of(errand, context));
        if (!ask) {
            co_return tl::unexpected<Trouble>{std::move(ask.error())};
        }
        co_return co_await send(std::move(errand), std::move(*ask), std::move(context));
    }
    Certificate word = unsigned_word(*errand.visit, errand.ticket, last_word(errand), errand.means.clock.now());
    if (!service.submission->ask) {
        co_return word;
    }
    auto there = co_await inquire(errand);
    if (there && *there) {
        co_return co_await conclude(std::move(errand), std::move(**there));
    }
    // not there now, or it does not say; it may still be on its way, so it is not sent again
    co_return word;
}

/// How far it is since it was accepted; what was answered first stays what a repetition is answered.
asio::awaitable<Attempt<Certificate>> look_again(Errand errand) {
    auto there = co_await inquire(errand);
    if (!there) {
        co_return tl::unexpected<Trouble>{std::move(there.error())};
    }
    if (!*there) {
        co_return errand.means.submissions.recorded(*errand.visit, errand.ticket, errand.part());
    }
    co_return co_await certificate_of(errand, **there);
}

/// From where it stands.
asio::awaitable<Attempt<Certificate>> go_on(Errand errand) {
    const store::Part& part = errand.part();
    const bool is_status = errand.visit->submitted->is_status;
    switch (part.stage) {
        case Stage::reserved:
            if (is_status) {
                co_return failed(Fault::unavailable, "nothing was sent yet; send the submission again");
            }
            co_return co_await send_first(std::move(errand));
        case Stage::sent:
        case Stage::pending:
            co_return co_await follow_up(std::move(errand));
        case Stage::settled:
            break;
    }
    const bool goes_on = part.outcome == "accepted" || part.outcome == "returned";
    if (is_status && goes_on && errand.service().submission->ask) {
        co_return co_await look_again(std::move(errand));
    }
    co_return errand.means.submissions.recorded(*errand.visit, errand.ticket, part);
}

}  // namespace

bool is_open(std::string_view outcome) {
    return outcome == "deferred" || outcome == "unknown" || outcome == "pending";
}

asio::awaitable<Attempt<Certificate>> submit(std::shared_ptr<const Visit> visit, Ticket ticket, Means means,
                                             Deadline deadline) {
    const Errand errand{
        .visit = std::move(visit), .ticket = std::move(ticket), .means = means, .deadline = deadline - kToKeep};
    if (!errand.visit->submitted || errand.visit->submitted->part(errand.ticket.material) == nullptr) {
        co_return failed(Fault::internal, "a submission that nobody kept");
    }
    auto made = co_await go_on(errand);
    if (made) {
        made->reply_digests = *errand.heard;
    }
    co_return made;
}

}  // namespace datong::exchange
