#include "core/admin/admin_door.h"

#include <optional>
#include <utility>

#include "core/async/wait.h"
#include "core/codec/json.h"

namespace datong::admin {
namespace {

using accounts::Act;
using accounts::Actor;
using accounts::Outcome;
using accounts::Problem;
using accounts::Refused;
using record::Record;

constexpr std::chrono::seconds kLimit{60};
constexpr std::string_view kBearer = "Bearer ";

codec::HttpMessage message(int status, std::string type, std::string body) {
    codec::HttpMessage http;
    http.status = status;
    http.add("Content-Type", std::move(type));
    http.add("Cache-Control", "no-store");
    http.body = std::move(body);
    return http;
}

codec::HttpMessage json(int status, const Record& body) {
    return message(status, "application/json", codec::write_json(body) + '\n');
}

Record list_of(const std::vector<std::string>& names) {
    Record list = Record::list();
    for (const std::string& name : names) {
        list.add(Record::text(name));
    }
    return list;
}

/// Whether a page in somebody's browser asks, which speaks with what the browser may reach: it shows an Origin, or
/// where it comes from, or (with a name of its own that leads to this address) another host than this machine. Source:
/// Fetch standard, 3.2 (Origin); Fetch Metadata Request Headers, 2.4.
bool is_from_a_page(const codec::HttpMessage& http, const http::Peer& peer) {
    if (http.field("origin") || http.field("sec-fetch-site")) {
        return true;
    }
    const std::string host = http.field("host").value_or("");
    const std::string name = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
    const bool is_address = name.starts_with('[') || name.find_first_not_of("0123456789.") == std::string::npos;
    const bool is_here = peer.address == "::1" || peer.address.starts_with("127.");
    return is_here && !is_address && name != "localhost";
}

codec::HttpMessage readiness_answer(const Readiness& readiness) {
    Record body = Record::object();
    body.put("ready", Record::boolean(readiness.ready));
    if (!readiness.ready) {
        body.put("reason", Record::text(readiness.reason));
    }
    body.put("resting_sources", list_of(readiness.resting));
    body.put("disabled_sources", list_of(readiness.disabled));
    body.put("closed_sources", list_of(readiness.closed));
    if (!readiness.overdue.empty()) {
        body.put("overdue_retention", list_of(readiness.overdue));
    }
    if (readiness.unstamped > 0) {
        body.put("unstamped_seals", Record::integer(static_cast<long long>(readiness.unstamped)));
    }
    body.put("snapshot", Record::text(readiness.snapshot));
    return json(readiness.ready ? 200 : 503, body);
}

/// What went wrong, with its detail: it is the administrators' door.
codec::HttpMessage problem_answer(const Problem& why) {
    Record body = Record::object();
    body.put("code", Record::text(std::string{why.code}));
    body.put("status", Record::integer(why.status));
    body.put("title", Record::text(std::string{why.title_zh}));
    body.put("title_en", Record::text(std::string{why.title_en}));
    body.put("detail", Record::text(why.detail));
    codec::HttpMessage http = message(why.status, "application/problem+json", codec::write_json(body) + '\n');
    if (why.retry_after.count() > 0) {
        http.add("Retry-After", std::to_string(why.retry_after.count()));
    }
    if (why.status == 401) {
        http.add("WWW-Authenticate", "Bearer");
    }
    return http;
}

std::string bearer_of(const codec::HttpMessage& http) {
    const std::string shown = http.field("Authorization").value_or("");
    return shown.starts_with(kBearer) ? shown.substr(kBearer.size()) : std::string{};
}

/// Why it is done, as the request says.
Outcome<std::string> reason_in(const codec::HttpMessage& http) {
    auto reason = codec::percent_decode(http.field("Datong-Reason").value_or(""));
    if (!reason) {
        return refuse(Refused::reason_unfit, "Datong-Reason is percent-encoded UTF-8");
    }
    if (auto fit = accounts::check_reason(*reason); !fit) {
        return tl::unexpected{std::move(fit.error())};
    }
    return std::move(*reason);
}

std::string_view outcome_of(const Outcome<Answer>& answered) {
    if (answered) {
        return answered->status < 300 ? "done" : "refused";
    }
    return answered.error().recorded.empty() ? answered.error().code : answered.error().recorded;
}

}  // namespace

Answer answer_of(const Reloaded& reloaded) {
    Record body = Record::object();
    body.put("taken", Record::boolean(reloaded.taken));
    body.put("snapshot", Record::text(reloaded.digest));
    Record mistakes = Record::list();
    for (const Mistake& mistake : reloaded.mistakes) {
        mistakes.add(Record::text(to_line(mistake)));
    }
    body.put("mistakes", std::move(mistakes));
    return {.body = std::move(body), .status = reloaded.taken ? 200 : 422};
}

struct AdminDoor::Desk {
    Hooks hooks;
    std::vector<Route> routes;

    /// Blocks. Nobody waits for it any more when it takes too long, and it goes on.
    [[nodiscard]] codec::HttpMessage serve(const Route& route, std::vector<std::string> names, codec::HttpMessage http,
                                           http::Peer peer) const {
        auto reason = route.kind == Route::Kind::open ? Outcome<std::string>{} : reason_in(http);
        auto actor = who_asks(route, http, peer);
        if (!actor) {
            return problem_answer(actor.error());
        }
        Act act{*actor, route.act, reason.value_or(""), hooks.keep};
        act.come_from(peer.address);
        Asked asked{.actor = std::move(*actor),
                    .names = std::move(names),
                    .http = std::move(http),
                    .peer = std::move(peer),
                    .act = act};
        if (!asked.names.empty()) {
            act.be_about(asked.names.front());
        }
        auto allowed = reason ? check(route, asked) : tl::unexpected{std::move(reason.error())};
        auto answered = allowed ? route.work(asked) : tl::unexpected{std::move(allowed.error())};
        if (auto kept = record(route, act, answered); !kept) {
            return problem_answer(accounts::problem_of(kept.error()));
        }
        return answered ? json(answered->status, answered->body) : problem_answer(answered.error());
    }

    /// What is refused may be refused as often as somebody likes: it is counted above a number.
    [[nodiscard]] Status record(const Route& route, Act& act, const Outcome<Answer>& answered) const {
        const bool is_read = route.kind == Route::Kind::reads;
        if (answered) {
            return is_read ? Status{} : act.keep(outcome_of(answered));
        }
        auto told = act.told(outcome_of(answered));
        if (!told) {
            return {};
        }
        if (route.kind == Route::Kind::open) {
            hooks.note_stranger(std::move(*told));
            return {};
        }
        return hooks.count_refusal(*told, is_read) ? Status{} : act.keep(told->outcome);
    }

    [[nodiscard]] Outcome<Actor> who_asks(const Route& route, const codec::HttpMessage& http,
                                          const http::Peer& peer) const {
        if (!hooks.find_actor) {
            return accounts::local_actor();
        }
        return route.kind == Route::Kind::open ? Actor{} : hooks.find_actor(bearer_of(http), peer);
    }

    /// What holds for every route.
    [[nodiscard]] Outcome<void> check(const Route& route, const Asked& asked) const {
        if (asked.actor.has_to_change_password && route.kind != Route::Kind::own) {
            return refuse(Refused::password_to_change);
        }
        if (route.kind != Route::Kind::open && !asked.actor.has_any(route.roles)) {
            return refuse(Refused::role_missing, "须有角色 it takes " + accounts::to_text(route.roles));
        }
        if (route.kind == Route::Kind::acts && !asked.actor.is_local && asked.act.reason().empty()) {
            return refuse(Refused::reason_missing);
        }
        return {};
    }

    [[nodiscard]] std::string known() const {
        std::string text = "GET /healthz, GET /readyz, GET /metrics";
        for (const Route& route : routes) {
            text.append(", ").append(route.method).append(" ").append(route.path);
        }
        return text + '\n';
    }
};

AdminDoor::AdminDoor(Hooks hooks, std::vector<Route> routes)
    : desk_{std::make_shared<const Desk>(Desk{std::move(hooks), std::move(routes)})} {
}

boost::asio::awaitable<codec::HttpMessage> AdminDoor::handle(codec::HttpMessage http, http::Peer peer) const {
    const std::string path{http.path()};
    const std::string method = http.method == "HEAD" ? "GET" : http.method;
    if (method == "GET" && path == "/healthz") {
        co_return message(200, "text/plain; charset=utf-8", "ok\n");
    }
    if (method == "GET" && path == "/readyz") {
        co_return readiness_answer(desk_->hooks.readiness());
    }
    if (method == "GET" && path == "/metrics") {
        co_return message(200, "text/plain; version=0.0.4; charset=utf-8", desk_->hooks.metrics());
    }
    if (is_from_a_page(http, peer)) {
        co_return problem_answer(
            accounts::problem_of(Error{Fault::not_permitted, "pages in a browser administer nothing"}));
    }
    for (const Route& route : desk_->routes) {
        auto names = route.method == method ? match(route.path, path) : std::nullopt;
        if (!names) {
            continue;
        }
        const std::function<Result<codec::HttpMessage>()> work =
            [desk = desk_, &route, names = std::move(*names), http = std::move(http),
             peer = std::move(peer)]() -> Result<codec::HttpMessage> { return desk->serve(route, names, http, peer); };
        async::Pool& pool = route.takes_long                  ? desk_->hooks.long_work
                            : route.reads_log                 ? desk_->hooks.reading
                            : route.kind == Route::Kind::open ? desk_->hooks.strangers
                                                              : desk_->hooks.desk;
        auto answer =
            co_await async::on_pool<codec::HttpMessage>(pool, work, std::chrono::steady_clock::now() + kLimit);
        co_return answer ? std::move(*answer) : problem_answer(accounts::problem_of(answer.error()));
    }
    co_return message(404, "text/plain; charset=utf-8", desk_->known());
}

}  // namespace datong::admin
