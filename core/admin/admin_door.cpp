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

}  // namespace

boost::asio::awaitable<codec::HttpMessage> AdminDoor::handle(codec::HttpMessage http) const {
    const std::string_view path = http.path();
    const bool reads = http.method == "GET" || http.method == "HEAD";
    if (path == "/healthz" && reads) {
        co_return answer(200, "text/plain; charset=utf-8", "ok\n");
    }
    if (path == "/readyz" && reads) {
        co_return readiness_answer(hooks_.readiness());
    }
    if (path == "/metrics" && reads) {
        co_return answer(200, "text/plain; version=0.0.4; charset=utf-8", hooks_.sink.metrics());
    }
    if (path == "/v1/reload" && http.method == "POST") {
        co_return co_await reload();
    }
    if (path.starts_with(kShadows) && reads) {
        const auto counts = hooks_.shadow(path.substr(kShadows.size()));
        co_return counts ? json(200, *counts)
                         : answer(404, "text/plain; charset=utf-8", "nothing was compared for this service\n");
    }
    co_return answer(404, "text/plain; charset=utf-8",
                     "GET /healthz, GET /readyz, GET /metrics, GET /v1/shadows/SERVICE, POST /v1/reload\n");
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

}  // namespace datong::admin
