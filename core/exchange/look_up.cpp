#include <algorithm>
#include <utility>

#include "core/async/wait.h"
#include "core/codec/json_writer.h"
#include "core/exchange/admit.h"
#include "core/exchange/entries.h"
#include "core/exchange/fetch.h"
#include "core/exchange/gateway.h"
#include "core/exchange/problem.h"
#include "core/policy/fields.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using record::Record;

constexpr std::chrono::seconds kLimit{20};
constexpr const char* kContainer = "application/vnd.etsi.asic-e+zip";

/// Whatever is missing looks alike, whoever's it is; and what takes too long here is no department's fault.
Answer failed(const Visit& visit, Error why) {
    if (why.fault() == Fault::no_such_resource) {
        why = {Fault::no_such_resource, "no exchange of this id"};
    } else if (why.fault() == Fault::department_timeout) {
        why = {Fault::unavailable, "what is looked up takes too long"};
    }
    return problem_answer(Trouble{std::move(why)}, visit.exchange);
}

asio::awaitable<Answer> container_of(std::shared_ptr<const Visit> visit, Means means) {
    const std::function<Result<std::string>()> work = [look = means.lookups.container, exchange = visit->request.name,
                                                       consumer = visit->claim.key->consumer->id] {
        return look(exchange, consumer);
    };
    auto made = co_await async::on_pool<std::string>(*means.lookups.pool, work, Deadline::clock::now() + kLimit);
    if (!made) {
        co_return failed(*visit, std::move(made.error()));
    }
    Answer answer;
    answer.outcome = "found";
    answer.body = std::move(*made);
    answer.media_type = kContainer;
    co_return answer;
}

/// A file that was given by its address, to the same consumer, as long as its grant stands and shows it, and its
/// consent holds.
asio::awaitable<Answer> file_of(std::shared_ptr<const Visit> visit, Means means) {
    const std::string consumer = visit->claim.key->consumer->id;
    auto given = means.files.find(visit->request.name, visit->request.number, consumer);
    const auto today = record::to_civil(visit->at).date;
    const auto grants = visit->snapshot->grants_of(consumer, today);
    const bool is_granted =
        given && std::any_of(grants.begin(), grants.end(), [&](const policy::Grant* grant) {
            return grant->id == given->grant && grant->is_in_force(today) && grant->is_for(given->service) &&
                   policy::covers(grant->fields_of(given->service), given->path) &&
                   (!given->consent.empty() || !needs_consent(visit->snapshot->service(given->service), grant));
        });
    if (is_granted) {
        auto held = co_await still_holds(visit->snapshot, given->consent, consumer, visit->at, means.consents);
        if (!held) {
            co_return problem_answer(Trouble{std::move(held.error())}, visit->exchange);
        }
    } else {
        const files::WrongRow& row = files::row_of(files::Wrong::gone);
        mapping::Finding finding;
        finding.rule = row.rule;
        finding.text_zh = row.text_zh;
        finding.text_en = row.text_en;
        co_return problem_answer(Trouble{Error{Fault::no_such_resource, "no file of that address"}, {finding}},
                                 visit->exchange);
    }
    Answer answer;
    answer.outcome = "found";
    answer.media_type = given->file.media_type;
    answer.file = std::move(given->file);
    co_return answer;
}

asio::awaitable<Answer> usage_of(std::shared_ptr<const Visit> visit, Means means) {
    const std::string person = person_hmac(*visit, *visit->request.context.person("subject"));
    // the snapshot lives as long as the visit, which the work keeps
    const std::function<Result<Record>()> work = [look = means.lookups.usage, person, visit] {
        return look(person, visit->request.query.text_of("after"), visit->snapshot->gateway);
    };
    auto uses = co_await async::on_pool<Record>(*means.lookups.pool, work, Deadline::clock::now() + kLimit);
    if (!uses) {
        co_return failed(*visit, std::move(uses.error()));
    }
    Answer answer;
    answer.outcome = uses->find("uses")->items().empty() ? "not_found" : "found";
    codec::JsonWriter json{answer.body};
    json.open_object().member("exchange", visit->exchange).member("outcome", answer.outcome);
    json.member("as_of", to_rfc3339(visit->at));
    for (const record::Member& member : uses->members()) {
        json.member(member.name.view(), member.value);
    }
    json.close_object();
    co_return answer;
}

}  // namespace

asio::awaitable<Answer> look_up(std::shared_ptr<const Visit> visit, Means means) {
    if (is_about_consent(visit->request.kind)) {
        co_return co_await answer_consent(std::move(visit), means.consents);
    }
    if (visit->request.kind == Request::Kind::later) {
        co_return co_await means.afterwards.told(std::move(visit));
    }
    if (visit->request.kind == Request::Kind::file) {
        co_return co_await file_of(std::move(visit), means);
    }
    const bool is_evidence = visit->request.kind == Request::Kind::evidence;
    co_return co_await (is_evidence ? container_of(std::move(visit), means) : usage_of(std::move(visit), means));
}

bool is_about_consent(Request::Kind kind) {
    return kind == Request::Kind::consent || kind == Request::Kind::consent_state || kind == Request::Kind::revocation;
}

bool is_lookup(Request::Kind kind) {
    return kind == Request::Kind::evidence || kind == Request::Kind::usage || kind == Request::Kind::later ||
           kind == Request::Kind::file || is_about_consent(kind);
}

Status check_connection(const catalogue::Consumer& consumer, const policy::Peer& peer) {
    if (auto own = policy::check_certificate(consumer.certificates, peer); !own) {
        return own;
    }
    return policy::check_address(consumer.networks, peer.address);
}

}  // namespace datong::exchange
