#include "core/exchange/gateway.h"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/base/ids.h"
#include "core/crypto/digest.h"
#include "core/crypto/token.h"
#include "core/exchange/admit.h"
#include "core/exchange/entries.h"
#include "core/exchange/fetch.h"
#include "core/exchange/problem.h"
#include "core/telemetry/events.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;

/// One line a refused call of a consumer; strangers are only counted, so that they can't fill the log.
void report_refusal(telemetry::Sink& sink, const Visit& visit, const Error& why) {
    const std::string_view code = row_of(why.fault()).code;
    if (visit.claim.key == nullptr) {
        sink.count("datong_exchange_strangers_refused_total", {{"fault", code}});
        return;
    }
    const std::string service = known_name(visit);
    emit(sink,
         telemetry::CallRefused{
             .fault = code, .consumer = visit.claim.key->consumer->id, .service = service, .exchange = visit.exchange});
}

/// How many persons a consumer asks about: who gathers them one by one is seen here before a cap ends it.
void report_tally(telemetry::Sink& sink, const Visit& visit, const policy::Tallied& tallied) {
    const std::string& consumer = visit.claim.key->consumer->id;
    if (tallied.subjects > 0) {
        sink.count("datong_exchange_subjects_total", {{"consumer", consumer}}, static_cast<double>(tallied.subjects));
    }
    for (const policy::Near& near : tallied.near) {
        emit(sink,
             telemetry::SubjectsNearCap{.consumer = consumer,
                                        .circle = policy::name_of(near.circle),
                                        .grant = near.circle == policy::Circle::grant ? std::string_view{near.of} : "",
                                        .asked = static_cast<std::int64_t>(near.asked),
                                        .most = static_cast<std::int64_t>(near.most),
                                        .exchange = visit.exchange});
    }
}

/// How often a consumer is told that there is no such record: who tries out numbers mostly is.
void report_missed(const Parts& parts, const Visit& visit, const policy::Missed& came) {
    const std::string& consumer = visit.claim.key->consumer->id;
    if (came.missing > 0) {
        parts.sink.count("datong_exchange_misses_total", {{"consumer", consumer}}, static_cast<double>(came.missing));
    }
    const auto many = came.answered == 0
                          ? std::nullopt
                          : parts.quotas.note_answers(consumer, came, visit.snapshot->gateway.missed_percent, visit.at);
    if (many) {
        emit(parts.sink, telemetry::ManyMisses{.consumer = consumer,
                                               .missing = static_cast<std::int64_t>(many->missing),
                                               .answered = static_cast<std::int64_t>(many->answered),
                                               .exchange = visit.exchange});
    }
}

/// Whether the gateway's own signature may have to be waited for.
bool signs_in_token(const Visit& visit) {
    return crypto::is_in_token(*visit.snapshot->gateway.key.at(visit.at).key);
}

/// Has the files that stand in an answer hold their room until it is sent, however slowly it is read: as pieces of no
/// octets behind it.
void hold_room(const std::vector<files::Given>& all, codec::HttpMessage& answer) {
    static const std::string kNothing;
    for (const files::Given& one : all) {
        if (one.how == files::Delivery::inlined) {
            answer.tail.emplace_back(one.room, &kNothing);
        }
    }
}

/// What came between the making of the answer and its record is told on its own, behind it.
asio::awaitable<void> hand_on(std::shared_ptr<const Visit> visit, const Afterwards& afterwards) {
    if (visit->late->awaited.empty()) {
        co_return;
    }
    const asio::any_io_executor loop = co_await asio::this_coro::executor;
    visit->late->is_told = true;
    for (auto& [ticket, result] : visit->late->came) {
        asio::co_spawn(loop, afterwards.came(visit, std::move(ticket), std::move(result)), asio::detached);
    }
    visit->late->came.clear();
}

}  // namespace

Result<Answer> Dialect::describe(const Visit& /*visit*/) const {
    return fail(Fault::no_such_resource, "this door describes nothing");
}

asio::awaitable<Result<Claim>> Gateway::prove(const Dialect* dialect, std::shared_ptr<const Visit> visit) const {
    if (!dialect->attests() || !signs_in_token(*visit)) {
        co_return dialect->prove(visit->http, visit->peer, *visit->snapshot);
    }
    const std::function<Result<Claim>()> work = [dialect, visit] {
        return dialect->prove(visit->http, visit->peer, *visit->snapshot);
    };
    co_return co_await by_token<Claim>(parts_.threads, work);
}

asio::awaitable<Status> Gateway::prove_and_read(const Dialect* dialect, std::shared_ptr<Visit> visit) const {
    auto claim = co_await prove(dialect, visit);
    if (!claim) {
        co_return fail(std::move(claim.error()));
    }
    // What was overheard and is sent from elsewhere is a stranger's: it uses nothing up, is recorded within the
    // strangers' cap, in nobody's name, and its answer is not signed.
    if (auto own = check_connection(*claim->key->consumer, visit->peer); !own) {
        co_return own;
    }
    visit->claim = std::move(*claim);
    const Claim& proven = visit->claim;
    auto fresh = parts_.replay.accept(proven.created, proven.expires, proven.once, visit->at, proven.timed_by);
    if (!fresh) {
        co_return fresh;
    }
    auto request = dialect->read(*visit);
    if (!request) {
        co_return fail(std::move(request.error()));
    }
    visit->request = std::move(*request);
    co_return Status{};
}

asio::awaitable<Result<Sealed>> Gateway::seal(const Dialect* dialect, std::shared_ptr<const Visit> visit,
                                              Answer* answer) const {
    if (!signs_in_token(*visit)) {
        co_return dialect->write(*answer, *visit, true);
    }
    const auto own = std::make_shared<Answer>(std::move(*answer));
    const std::function<Result<Sealed>()> work = [dialect, visit, own] { return dialect->write(*own, *visit, true); };
    auto sealed = co_await by_token<Sealed>(parts_.threads, work);
    if (sealed) {
        *answer = std::move(*own);
    }
    co_return sealed;
}

asio::awaitable<Result<Admitted>> Gateway::admit_call(std::shared_ptr<Visit> visit) const {
    if (visit->request.kind == Request::Kind::submission) {
        if (auto known = co_await parts_.submissions.recall(visit); !known) {
            co_return fail(std::move(known.error()));
        }
    }
    if (visit->request.kind == Request::Kind::consent) {
        if (auto read = read_consent(*visit); !read) {
            co_return fail(std::move(read.error()));
        }
    }
    auto admitted = admit(*visit, parts_.quotas);
    if (admitted) {
        report_tally(parts_.sink, *visit, admitted->tallied);
    }
    if (admitted && admitted->submits) {
        if (auto begun = co_await parts_.submissions.begin(visit, *admitted); !begun) {
            co_return fail(std::move(begun.error()));
        }
    }
    if (!admitted || is_lookup(visit->request.kind) || !may_send(*visit)) {
        co_return admitted;
    }
    if (auto checked = co_await check_consent(visit, &*admitted, parts_.consents); !checked) {
        if (visit->submitted) {
            co_await parts_.submissions.end(visit);
        }
        co_return fail(std::move(checked.error()));
    }
    co_return admitted;
}

asio::awaitable<codec::HttpMessage> Gateway::answer(const Dialect* dialect, codec::HttpMessage http, policy::Peer peer,
                                                    Deadline arrived) const {
    parts_.submissions.sweep();
    const auto visit = std::make_shared<Visit>();
    visit->at = parts_.clock.now();
    visit->exchange = new_id(visit->at);
    visit->arrived = arrived;
    visit->snapshot = parts_.current.get();
    visit->http = std::move(http);
    visit->peer = std::move(peer);
    auto read = co_await prove_and_read(dialect, visit);
    // what room is left is for the outcomes of calls that have begun; what strangers are told is counted, not kept
    if (auto takes = parts_.log.takes_calls(); !takes && visit->claim.key != nullptr) {
        co_return unrecorded(*dialect, *visit, takes.error());
    }
    if (!read) {
        co_return co_await refuse(dialect, visit, std::move(read.error()));
    }
    if (visit->request.kind == Request::Kind::description) {
        co_return co_await describe(dialect, visit);
    }
    auto admitted = co_await admit_call(visit);
    if (!admitted) {
        co_return co_await refuse(dialect, visit, std::move(admitted.error()));
    }
    visit->bodies = bodies_policy(*visit, *admitted);
    auto naming = name_persons(*visit);
    auto intent = evidence::to_json(intent_of(*visit, *admitted));
    auto kept = co_await parts_.log.append(std::move(intent));
    auto named = co_await parts_.vault.named(std::move(naming));
    if (!kept || !named) {
        if (kept) {
            owe_closing(visit);
        }
        if (visit->submitted) {
            co_await parts_.submissions.end(visit);
        }
        co_return unrecorded(*dialect, *visit, kept ? named.error() : kept.error());
    }
    const Means means{.clock = parts_.clock,
                      .sink = parts_.sink,
                      .submissions = parts_.submissions,
                      .threads = parts_.threads,
                      .lookups = parts_.lookups,
                      .afterwards = parts_.afterwards,
                      .files = parts_.files,
                      .consents = parts_.consents};
    auto made = co_await ask(visit, std::move(*admitted), means);
    co_await settle_use(visit, parts_.consents);
    if (visit->submitted) {
        co_await parts_.submissions.end(visit);
    }
    co_return co_await leave(dialect, visit, std::move(made));
}

/// By the key of their case and day, which is on its way to the disk when this returns.
vault::Vault::Naming Gateway::name_persons(Visit& visit) const {
    const PersonsNamed who = persons_of(visit);
    auto naming = parts_.vault.name(visit.request.context.case_number, visit.at, who.persons,
                                    visit.snapshot->gateway.subject_key);
    for (std::size_t i = 0; i < naming.names.size(); ++i) {
        visit.persons.push_back(who.roles[i] + ':' + naming.names[i]);
    }
    return naming;
}

/// What the snapshot alone can answer: recorded as every exchange is, so that it also shows who learnt what there is.
asio::awaitable<codec::HttpMessage> Gateway::describe(const Dialect* dialect,
                                                      std::shared_ptr<const Visit> visit) const {
    auto described = dialect->describe(*visit);
    if (!described) {
        co_return co_await refuse(dialect, visit, std::move(described.error()));
    }
    auto kept = co_await parts_.log.append(evidence::to_json(intent_of(*visit, {})));
    if (!kept) {
        co_return unrecorded(*dialect, *visit, kept.error());
    }
    co_return co_await leave(dialect, visit, std::move(*described));
}

asio::awaitable<codec::HttpMessage> Gateway::refuse(const Dialect* dialect, std::shared_ptr<const Visit> visit,
                                                    Error why) const {
    const bool known = visit->claim.key != nullptr;
    const Trouble trouble{why};
    Answer problem = problem_answer(trouble, visit->exchange);
    auto sealed = known ? co_await seal(dialect, visit, &problem) : dialect->write(problem, *visit, false);
    if (!sealed) {
        co_return unrecorded(*dialect, *visit, sealed.error());
    }
    report_refusal(parts_.sink, *visit, why);
    auto entry = evidence::to_json(refusal_of(*visit, why, *sealed, parts_.clock.now()));
    if (!known) {
        parts_.log.note_stranger(std::move(entry), std::string{row_of(why.fault()).code});
        co_return std::move(sealed->http);
    }
    auto kept = co_await parts_.log.append(std::move(entry));
    if (!kept) {
        co_return unrecorded(*dialect, *visit, kept.error());
    }
    co_return std::move(sealed->http);
}

asio::awaitable<codec::HttpMessage> Gateway::leave(const Dialect* dialect, std::shared_ptr<const Visit> visit,
                                                   Answer answer) const {
    auto sealed = co_await seal(dialect, visit, &answer);
    if (!sealed) {
        co_await give_up(visit);
        co_return unrecorded(*dialect, *visit, sealed.error());
    }
    const std::string& message = sealed->whole.empty() ? sealed->http.body : sealed->whole;
    auto bodies = co_await parts_.vault.keep(bodies_of(*visit, message), visit->snapshot->gateway.auditor_pem);
    if (!bodies) {
        co_await give_up(visit);
        co_return unrecorded(*dialect, *visit, bodies.error());
    }
    auto entry = evidence::to_json(outcome_of(*visit, answer, *sealed, parts_.clock.now()));
    auto kept = co_await parts_.log.append(std::move(entry));
    if (!kept) {
        co_await give_up(visit);
        co_return unrecorded(*dialect, *visit, kept.error());
    }
    if (answer.tells_codes) {
        co_await parts_.sharing.keep(std::exchange(*visit->results, {}));
    }
    hold_room(answer.files, sealed->http);
    parts_.files.give(visit->exchange, visit->claim.key->consumer->id, std::move(answer.files));
    report_missed(parts_, *visit, missed_in(answer));
    co_await hand_on(visit, parts_.afterwards);
    if (!visit->trials->empty()) {
        parts_.shadows.run(std::move(*visit->trials));
    }
    parts_.drift.look(std::move(*visit->seen));
    const std::string called = name_of_call(*visit);
    const auto took = std::chrono::steady_clock::now() - visit->arrived;
    emit(parts_.sink, telemetry::CallAnswered{.service = called,
                                              .consumer = visit->claim.key->consumer->id,
                                              .outcome = answer.outcome,
                                              .status = answer.status,
                                              .exchange = visit->exchange,
                                              .took = std::chrono::duration_cast<std::chrono::microseconds>(took)});
    co_return std::move(sealed->http);
}

/// What was awaited is forgotten before the exchange is closed: a question that nobody knows of must not be asked.
asio::awaitable<void> Gateway::give_up(std::shared_ptr<const Visit> visit) const {
    if (!visit->late->awaited.empty()) {
        co_await parts_.afterwards.drop(visit);
    }
    owe_closing(visit);
}

/// An intent that is durable and has no outcome is closed as soon as the log takes anything.
void Gateway::owe_closing(const std::shared_ptr<const Visit>& visit) const {
    const auto close = [&log = parts_.log, visit, now = parts_.clock.now()] {
        const catalogue::NamedKey& key = visit->snapshot->gateway.key.at(visit->at);
        const auto closing =
            evidence::close_exchange(visit->exchange, digest_of_request(*visit), now, key.id, *key.key);
        if (closing) {
            log.owe(evidence::to_json(*closing));
        }
    };
    if (!signs_in_token(*visit)) {
        return close();
    }
    const bool is_taken = parts_.threads.tokens->post([close]() -> async::Pool::Delivery {
        close();
        return {};
    });
    static_cast<void>(is_taken);  // what nobody closes now, the next start does
}

codec::HttpMessage Gateway::unrecorded(const Dialect& dialect, const Visit& visit, const Error& why) const {
    emit(parts_.sink, telemetry::EvidenceFailed{.why = why.detail()});
    const Trouble trouble{why};
    Answer problem = problem_answer(trouble, visit.exchange);
    auto sealed = dialect.write(problem, visit, false);
    codec::HttpMessage last;
    last.status = row_of(Fault::internal).status;
    return sealed ? std::move(sealed->http) : last;
}

}  // namespace datong::exchange
