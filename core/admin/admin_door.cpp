#include "core/admin/admin_door.h"

#include "core/async/wait.h"
#include "core/codec/json.h"
#include "core/record/record.h"

namespace datong::admin {
namespace {

using record::Record;

constexpr std::chrono::seconds kReloadLimit{60};
constexpr std::string_view kShadows = "/v1/shadows/";

codec::HttpMessage answer(int status, std::string type, std::string body) {
    codec::HttpMessage http;
    http.status = status;
    http.add("Content-Type", std::move(type));
    http.body = std::move(body);
    return http;
}

codec::HttpMessage json(int status, const Record& body) {
    return answer(status, "application/json", codec::write_json(body) + '\n');
}

Record list_of(const std::vector<std::string>& names) {
    Record list = Record::list();
    for (const std::string& name : names) {
        list.add(Record::text(name));
    }
    return list;
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
    if (readiness.unstamped > 0) {
        body.put("unstamped_seals", Record::integer(static_cast<long long>(readiness.unstamped)));
    }
    body.put("snapshot", Record::text(readiness.snapshot));
    return json(readiness.ready ? 200 : 503, body);
}

codec::HttpMessage reload_answer(const Reloaded& reloaded) {
    Record body = Record::object();
    body.put("taken", Record::boolean(reloaded.taken));
    body.put("snapshot", Record::text(reloaded.digest));
    Record mistakes = Record::list();
    for (const Mistake& mistake : reloaded.mistakes) {
        mistakes.add(Record::text(to_line(mistake)));
    }
    body.put("mistakes", std::move(mistakes));
    return json(reloaded.taken ? 200 : 422, body);
}

/// What went wrong, with its detail: it is the administrators' door.
codec::HttpMessage problem_answer(const Error& why) {
    const FaultRow& row = row_of(why.fault());
    Record body = Record::object();
    body.put("code", Record::text(std::string{row.code}));
    body.put("status", Record::integer(row.status));
    body.put("title", Record::text(std::string{row.title_zh}));
    body.put("title_en", Record::text(std::string{row.title_en}));
    body.put("detail", Record::text(why.detail()));
    return answer(row.status, "application/problem+json", codec::write_json(body) + '\n');
}

}  // namespace

boost::asio::awaitable<codec::HttpMessage> AdminDoor::handle(codec::HttpMessage http) const {
    const std::string_view path = http.path();
    if (http.method == "GET" || http.method == "HEAD") {
        if (auto found = read(path)) {
            co_return std::move(*found);
        }
    }
    if (path == "/v1/reload" && http.method == "POST") {
        co_return co_await reload();
    }
    if (path == "/v1/orders" && http.method == "POST") {
        co_return co_await order(std::move(http.body));
    }
    if (path == "/v1/evidence/erase" && http.method == "POST") {
        co_return co_await erase(std::move(http.body));
    }
    co_return answer(
        404, "text/plain; charset=utf-8",
        "GET /healthz, GET /readyz, GET /metrics, GET /v1/sources, GET /v1/drift, GET /v1/shadows/SERVICE, "
        "POST /v1/reload, POST /v1/orders, POST /v1/evidence/erase\n");
}

std::optional<codec::HttpMessage> AdminDoor::read(std::string_view path) const {
    if (path == "/healthz") {
        return answer(200, "text/plain; charset=utf-8", "ok\n");
    }
    if (path == "/readyz") {
        return readiness_answer(hooks_.readiness());
    }
    if (path == "/metrics") {
        return answer(200, "text/plain; version=0.0.4; charset=utf-8", hooks_.metrics());
    }
    if (path == "/v1/sources") {
        return json(200, hooks_.sources());
    }
    if (path == "/v1/drift") {
        return json(200, hooks_.drift());
    }
    if (path.starts_with(kShadows)) {
        const auto counts = hooks_.shadow(path.substr(kShadows.size()));
        return counts ? json(200, *counts)
                      : answer(404, "text/plain; charset=utf-8", "nothing was compared for this service\n");
    }
    return std::nullopt;
}

boost::asio::awaitable<codec::HttpMessage> AdminDoor::reload() const {
    const std::function<Result<Reloaded>()> work = [hook = hooks_.reload]() -> Result<Reloaded> { return hook(); };
    auto reloaded =
        co_await async::on_pool<Reloaded>(hooks_.blocking, work, std::chrono::steady_clock::now() + kReloadLimit);
    if (!reloaded) {
        co_return answer(503, "text/plain; charset=utf-8", "the reload takes longer than a minute\n");
    }
    co_return reload_answer(*reloaded);
}

boost::asio::awaitable<codec::HttpMessage> AdminDoor::order(std::string jws) const {
    const std::function<Result<Record>()> work = [hook = hooks_.order, jws = std::move(jws)] { return hook(jws); };
    auto taken =
        co_await async::on_pool<Record>(hooks_.blocking, work, std::chrono::steady_clock::now() + kReloadLimit);
    co_return taken ? json(200, *taken) : problem_answer(taken.error());
}

boost::asio::awaitable<codec::HttpMessage> AdminDoor::erase(std::string body) const {
    auto what = codec::read_json(body);
    if (!what) {
        co_return problem_answer(what.error());
    }
    const std::function<Result<Record>()> work = [hook = hooks_.erase, what = std::move(*what)] { return hook(what); };
    auto erased =
        co_await async::on_pool<Record>(hooks_.blocking, work, std::chrono::steady_clock::now() + kReloadLimit);
    co_return erased ? json(200, *erased) : problem_answer(erased.error());
}

}  // namespace datong::admin
