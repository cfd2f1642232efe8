#include <atomic>
#include <functional>
#include <utility>

#include "core/async/wait.h"
#include "core/base/text.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/exchange/admit.h"
#include "core/exchange/entries.h"
#include "core/exchange/problem.h"

// The consent in the way of a call: compared, counted, registered and revoked (docs/consent.md).
namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using consent::Book;
using consent::Standing;
using Kind = Request::Kind;
using Snapshot = std::shared_ptr<const catalogue::Snapshot>;

constexpr int kCreated = 201;

Deadline disk_deadline() {
    constexpr std::chrono::seconds kLongest{5};
    return Deadline::clock::now() + kLongest;
}

/// Runs what blocks on the book's disk. A disk that hangs is our trouble, and no department's.
template <class T>
asio::awaitable<Result<T>> on_disk(Book book, std::function<Result<T>()> work) {
    auto done = co_await async::on_pool<T>(book.pool(), std::move(work), disk_deadline());
    const Fault fault = done ? Fault::consent_not_accepted : done.error().fault();
    if (fault != Fault::consent_not_accepted && fault != Fault::bad_request && fault != Fault::quota_exceeded) {
        co_return fail(Fault::unavailable, "the book of consents: " + done.error().detail());
    }
    co_return done;
}

/// Says that a consumer has registered more than it may; the fault alone would speak of calls.
mapping::Finding too_many() {
    mapping::Finding finding;
    finding.path = "/consent";
    finding.rule = "consent.too_many";
    finding.text_zh = "本调用方有效的同意书已达十万份，待其到期后再登记";
    finding.text_en = "this consumer has 100,000 consents that are not over; register more when some are";
    return finding;
}

/// A use that somebody waits for: who comes second, the taking or the end of the waiting, gives it back.
enum class Waiting { waited, taken, given_up };

/// What is withheld of a matter, or refuses a direct call.
Status put_refusal(Ticket& ticket, bool is_matter, Error why) {
    if (!is_matter) {
        return fail(std::move(why));
    }
    ticket.withheld = std::move(why);
    return {};
}

/// One ticket under the consent that the call names. @param found  an error: it does not stand.
Status judge(const Visit& visit, Ticket& ticket, bool is_matter, const Result<Standing>& found) {
    const std::string& matter = is_matter ? visit.request.name : std::string{};
    const bool is_named = !is_matter || (found && consent::names(found->said, ticket.service->id, matter));
    if (!is_named && !needs_consent(ticket.service, ticket.grant)) {
        return {};  // a grant alone is enough for this material
    }
    if (!found) {
        return put_refusal(ticket, is_matter, found.error());
    }
    if (found->revoked != 0) {
        return put_refusal(ticket, is_matter, {Fault::consent_not_accepted, "the consent was revoked"});
    }
    if (ticket.about == nullptr) {
        return {};  // said where the ticket is asked
    }
    const std::string person = person_hmac(visit, *ticket.about);
    auto fits = consent::covers(found->said,
                                {.consumer = visit.claim.key->consumer->id,
                                 .person = person,
                                 .id_type = ticket.about->id_type,
                                 .service = ticket.service->id,
                                 .matter = matter,
                                 .purpose = visit.request.context.purpose,
                                 .verify = !ticket.verify.empty()},
                                consent::now_of(visit.at, visit.snapshot->gateway));
    if (!fits) {
        return put_refusal(ticket, is_matter, std::move(fits.error()));
    }
    ticket.by_consent = true;
    return {};
}

/// What a call is known by when it is sent again: by its key, with the very same request.
std::string name_of_use(const Visit& visit) {
    const std::string& key = visit.request.context.idempotency_key;
    if (key.empty() || visit.request.fingerprint_text.empty()) {
        return visit.exchange;
    }
    return to_hex(crypto::hmac_sha256(
        visit.snapshot->gateway.subject_key.reveal(),
        "datong consent use\n" + visit.request.name + '\n' + key + '\n' + visit.request.fingerprint_text));
}

asio::awaitable<void> give_back(std::shared_ptr<const Visit> visit, Book book) {
    const std::function<Result<bool>()> work = [book, visit]() -> Result<bool> {
        auto given = book.give_back(visit->consent->id, name_of_use(*visit));
        return given ? Result<bool>{true} : fail(std::move(given.error()));
    };
    (void)co_await on_disk<bool>(book, work);  // what can't be given back counts
}

Answer told(const Visit& visit, const Standing& standing, std::string outcome, int status) {
    Answer answer{.status = status, .outcome = std::move(outcome), .body = {}};
    codec::JsonWriter json{answer.body};
    json.open_object().member("exchange", visit.exchange).member("outcome", answer.outcome);
    json.member("as_of", to_rfc3339(visit.at));
    json.member("consent", consent::to_record(standing, consent::now_of(visit.at, visit.snapshot->gateway)));
    json.close_object();
    return answer;
}

asio::awaitable<Answer> register_consent(std::shared_ptr<const Visit> visit, Book book) {
    const std::function<Result<Book::Kept>()> work = [book, visit] {
        return book.keep(*visit->snapshot, *visit->consent, visit->request.statement, visit->at);
    };
    auto kept = co_await on_disk<Book::Kept>(book, work);
    if (!kept) {
        Trouble trouble{std::move(kept.error())};
        if (trouble.error.fault() == Fault::quota_exceeded) {
            trouble.findings.push_back(too_many());
        }
        co_return problem_answer(trouble, visit->exchange);
    }
    co_return told(*visit, kept->standing, "registered", kept->is_new ? kCreated : 200);
}

/// Its own consumer is told how it stands; whoever else asks learns nothing.
asio::awaitable<Answer> look_at_consent(std::shared_ptr<const Visit> visit, Book book) {
    const std::function<Result<Standing>()> work = [book, visit] {
        return book.find(*visit->snapshot, visit->request.name, visit->at);
    };
    auto found = co_await on_disk<Standing>(book, work);
    const bool is_unknown = found ? found->said.consumer != visit->claim.key->consumer->id
                                  : found.error().fault() == Fault::consent_not_accepted;
    if (is_unknown) {
        co_return problem_answer(Trouble{Error{Fault::no_such_resource, "no consent of that id"}}, visit->exchange);
    }
    if (!found) {
        co_return problem_answer(Trouble{std::move(found.error())}, visit->exchange);
    }
    co_return told(*visit, *found, "found", 200);
}

/// Whoever brings it: the issuer's signature is what counts, and nothing may stand in a revocation's way.
asio::awaitable<Answer> revoke_consent(std::shared_ptr<const Visit> visit, Book book) {
    const std::function<Result<consent::Revocation>()> work = [book, visit]() -> Result<consent::Revocation> {
        auto said = consent::read_revocation(visit->request.statement, *visit->snapshot);
        if (said && said->consent != visit->request.name) {
            return fail(Fault::consent_not_accepted, "the revocation is of another consent");
        }
        const auto done = said ? book.revoke({.issuer = said->issuer,
                                              .consent = said->consent,
                                              .at = to_unix_seconds(visit->at),
                                              .by = "issuer",
                                              .reason = said->reason,
                                              .digest = said->digest,
                                              .said = said->at,
                                              .statement = visit->request.statement})
                               : Result<bool>{false};
        return done ? std::move(said) : fail(done.error());
    };
    auto said = co_await on_disk<consent::Revocation>(book, work);
    if (!said) {
        co_return problem_answer(Trouble{std::move(said.error())}, visit->exchange);
    }
    Answer answer{.outcome = "revoked", .body = {}};
    codec::JsonWriter json{answer.body};
    json.open_object().member("exchange", visit->exchange).member("outcome", answer.outcome);
    json.member("as_of", to_rfc3339(visit->at)).name("consent").open_object();
    json.member("id", said->consent).member("issuer", said->issuer).member("state", "revoked");
    json.close_object().close_object();
    co_return answer;
}

}  // namespace

bool needs_consent(const catalogue::Service* service, const policy::Grant* grant) {
    return (service != nullptr && service->consent_required) || (grant != nullptr && grant->consent_required);
}

asio::awaitable<Status> check_consent(std::shared_ptr<Visit> visit, Admitted* admitted, Book book) {
    const std::string& named = visit->request.context.consent;
    const bool is_matter = admitted->matter != nullptr;
    if (named.empty()) {
        Status last;
        for (Ticket& ticket : admitted->tickets) {
            if (last && needs_consent(ticket.service, ticket.grant)) {
                last = put_refusal(ticket, is_matter, {Fault::consent_required, "no consent is named"});
            }
        }
        co_return last;
    }
    const std::function<Result<Standing>()> work = [book, visit, named] {
        return book.find(*visit->snapshot, named, visit->at);
    };
    const auto found = co_await on_disk<Standing>(book, work);
    if (!found && found.error().fault() != Fault::consent_not_accepted) {
        co_return fail(found.error());
    }
    bool is_used = false;
    for (Ticket& ticket : admitted->tickets) {
        if (auto judged = judge(*visit, ticket, is_matter, found); !judged) {
            co_return judged;
        }
        is_used = is_used || ticket.by_consent;
    }
    if (is_used) {
        visit->consent = found->said;
    }
    co_return Status{};
}

Status read_consent(Visit& visit) {
    auto said = consent::read_consent(visit.request.statement, *visit.snapshot);
    if (!said) {
        return fail(std::move(said.error()));
    }
    const auto now = consent::now_of(visit.at, visit.snapshot->gateway);
    if (auto may = consent::may_register(*said, visit.claim.key->consumer->id, now); !may) {
        return may;
    }
    visit.consent = std::move(*said);
    return {};
}

asio::awaitable<Status> take_use(std::shared_ptr<const Visit> visit, bool is_by_consent, Book book) {
    if (!is_by_consent || !visit->consent) {
        co_return Status{};
    }
    const auto waiting = std::make_shared<std::atomic<Waiting>>(Waiting::waited);
    const std::function<Result<std::int64_t>()> work = [book, visit, waiting]() -> Result<std::int64_t> {
        auto taken = book.take(*visit->consent, name_of_use(*visit), visit->at);
        if (taken && waiting->exchange(Waiting::taken) == Waiting::given_up) {
            (void)book.give_back(visit->consent->id, name_of_use(*visit));  // what can't be given back counts
        }
        return taken;
    };
    auto taken = co_await on_disk<std::int64_t>(book, work);
    if (taken) {
        visit->use->number = *taken;
        co_return Status{};
    }
    if (waiting->exchange(Waiting::given_up) == Waiting::taken) {  // it came when nobody waited any more
        co_await give_back(visit, book);
    }
    co_return fail(std::move(taken.error()));
}

asio::awaitable<Status> look_again_at_consent(std::shared_ptr<const Visit> visit,
                                              std::chrono::system_clock::time_point now, Book book) {
    if (visit->use->number == 0) {
        co_return Status{};
    }
    co_return co_await still_holds(visit->snapshot, visit->consent->id, visit->claim.key->consumer->id, now,
                                   std::move(book));
}

asio::awaitable<Status> may_send_again(std::shared_ptr<const Visit> visit, Ticket ticket, Book book) {
    const bool is_matter = !ticket.material.empty() && visit->snapshot->matter(visit->request.name) != nullptr;
    const std::string& named = visit->request.context.consent;
    if (named.empty()) {
        co_return needs_consent(ticket.service, ticket.grant) ? fail(Fault::consent_required, "no consent is named")
                                                              : Status{};
    }
    const std::function<Result<Standing>()> work = [book, visit, named] {
        return book.find(*visit->snapshot, named, visit->at);
    };
    const auto found = co_await on_disk<Standing>(book, work);
    if (!found && found.error().fault() != Fault::consent_not_accepted) {
        co_return fail(found.error());
    }
    ticket.withheld.reset();
    auto judged = judge(*visit, ticket, is_matter, found);
    co_return judged&& ticket.withheld ? fail(std::move(*ticket.withheld)) : std::move(judged);
}

void withhold_by_consent(std::vector<Ticket>& tickets, const Error& why) {
    for (Ticket& ticket : tickets) {
        if (ticket.by_consent) {
            ticket.by_consent = false;
            ticket.withheld = why;
        }
    }
}

void note_told(const Visit& visit, bool is_by_consent, const Attempt<Certificate>& result) {
    if (!is_by_consent) {
        return;
    }
    const FaultRow* row = result ? nullptr : &row_of(result.error().error.fault());
    visit.use->is_told = visit.use->is_told || row == nullptr || (row->blame == Blame::department && !row->may_retry);
}

asio::awaitable<void> settle_use(std::shared_ptr<const Visit> visit, Book book) {
    const ConsentUse& use = *visit->use;
    if (use.number != 0 && !use.is_told && !use.is_awaited) {
        co_await give_back(std::move(visit), std::move(book));
    }
}

asio::awaitable<Status> still_holds(Snapshot snapshot, std::string id, std::string consumer,
                                    std::chrono::system_clock::time_point now, Book book) {
    if (id.empty()) {
        co_return Status{};
    }
    const std::function<Result<bool>()> work = [book, snapshot, id, consumer, now]() -> Result<bool> {
        auto holds = book.still_holds(*snapshot, id, consumer, now);
        return holds ? Result<bool>{true} : fail(std::move(holds.error()));
    };
    auto held = co_await on_disk<bool>(book, work);
    co_return held ? Status{} : fail(std::move(held.error()));
}

asio::awaitable<Answer> answer_consent(std::shared_ptr<const Visit> visit, Book book) {
    switch (visit->request.kind) {
        case Kind::consent:
            co_return co_await register_consent(std::move(visit), std::move(book));
        case Kind::revocation:
            co_return co_await revoke_consent(std::move(visit), std::move(book));
        default:
            co_return co_await look_at_consent(std::move(visit), std::move(book));
    }
}

}  // namespace datong::exchange
