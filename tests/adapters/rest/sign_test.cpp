#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "adapters/rest/rest_adapter.h"
#include "core/crypto/key.h"
#include "tests/adapters/rest/platform.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"

// Every profile against a platform that verifies, over a real connection.

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using test::Platform;

namespace {

void keep(const support::ScratchFolder& folder, const std::string& name, const std::string& text) {
    folder.write(name, text);
    std::filesystem::permissions(folder / name,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// An adapter whose keys lie in a folder of their own.
struct Caller {
    explicit Caller(const std::string& sign, const std::string& operations, const std::string& url) {
        keep(folder, "appkey", Platform::kAppkey);
        settings = "url: " + url + "\nsign: " + sign + "\noperations: " + operations + "\n";
    }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;
    ~Caller() = default;

    adapter::Adapter& adapter() {
        if (!made) {
            made = bench.make(adapters::rest::kind(), settings);
        }
        return *made;
    }
    Result<adapter::Reply> ask(const std::string& operation, const std::string& body = R"({"id":1})") {
        adapter::Ask what;
        what.operation = operation;
        what.body = body;
        return bench.ask(adapter(), std::move(what));
    }
    /// A submission.
    Result<adapter::Reply> push(const std::string& operation) {
        adapter::Ask what;
        what.operation = operation;
        what.body = R"({"id":1})";
        auto errand = AdapterBench::errand(10s);
        errand.once = true;
        return bench.run(adapter().ask(std::move(what), std::move(errand)));
    }
    Result<adapter::Reply> ask_fields(const std::string& operation, Record fields) {
        adapter::Ask what;
        what.operation = operation;
        what.fields = std::move(fields);
        return bench.ask(adapter(), std::move(what));
    }

    support::ScratchFolder folder;
    AdapterBench bench{folder.path()};
    std::string settings;
    std::unique_ptr<adapter::Adapter> made;
};

const std::string kNational =
    "{profile: gjgxjhpt, id: DEMO-RID, service: s_1, secret_file: appkey, expired_at: head.code, expired_values: "
    "[\"2002\"]}";
const std::string kTwo = "{q: {path: /httpproxy}, other: {path: /httpproxy, service: s_2}}";

bool is_good(const Result<adapter::Reply>& reply) {
    return reply && reply->body.find("\"0000\"") != std::string::npos;
}

}  // namespace

TEST_CASE("the national secret is fetched once, opened, and signs every call", "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{kNational, kTwo, platform.url()};
    for (int i = 0; i < 3; ++i) {
        CHECK(is_good(caller.ask("q")));
    }
    CHECK(platform.lendings() == 1);
    CHECK(platform.refused() == 0);
    CHECK(is_good(caller.ask("other")));  // a service of its own, a secret of its own
    CHECK(platform.lendings() == 2);
    CHECK(is_good(caller.ask("q")));
    CHECK(platform.lendings() == 2);
    CHECK_THAT(caller.bench.sink().metrics(),
               ContainsSubstring("datong_outbound_lendings_total{fault=\"none\",profile=\"gjgxjhpt\"} 2"));
}

TEST_CASE("expired inside a 200: one new secret, the same call once more", "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{kNational, kTwo, platform.url()};
    REQUIRE(is_good(caller.ask("q")));
    platform.expire();
    CHECK(is_good(caller.ask("q")));
    CHECK(platform.lendings() == 2);
    CHECK(platform.refused() == 1);
    CHECK(platform.good() == 2);
}

TEST_CASE("a submission is not sent again when the platform says that the secret has expired",
          "[adapters][rest][sign][security]") {
    Platform platform;
    Caller caller{kNational, kTwo, platform.url()};
    REQUIRE(caller.push("q").has_value());
    platform.expire();
    const auto pushed = caller.push("q");
    REQUIRE_FALSE(pushed.has_value());
    CHECK(pushed.error().fault() == Fault::department_invalid);
    CHECK_FALSE(pushed.error().is_unsent());
    CHECK(platform.refused() == 1);
    CHECK(platform.lendings() == 1);
    CHECK(is_good(caller.push("q")));  // with a secret of its own
    CHECK(platform.lendings() == 2);
    CHECK(platform.good() == 2);
    CHECK(platform.refused() == 1);
}

TEST_CASE("nor where the platform says so with a status", "[adapters][rest][sign][security]") {
    std::atomic<int> pushes{0};
    support::HttpHandler server{[&](const support::HandledRequest& request) -> support::HttpHandler::Answer {
        if (request.path() == "/gettoken") {
            return {.body = R"({"data":{"token":"t"}})"};
        }
        return {.status = ++pushes % 2 == 1 ? 401 : 200, .body = "{}"};
    }};
    const std::string sign =
        "{profile: body-token, secret_file: appkey, lend_path: /gettoken, token_at: data.token, "
        "token_fields: {password: \"{secret}\"}, token_in: header, token_name: X-Token, expired_status: [\"401\"]}";
    Caller pushing{sign, "{q: {path: /push}}", server.url()};
    const auto pushed = pushing.push("q");
    REQUIRE_FALSE(pushed.has_value());
    CHECK(pushed.error().fault() == Fault::department_invalid);
    CHECK(pushes == 1);
    REQUIRE(pushing.push("q").has_value());
    CHECK(pushes == 2);
    Caller asking{sign, "{q: {path: /push}}", server.url()};
    CHECK(asking.ask("q")->status == 200);  // a question after 401 once more
    CHECK(pushes == 4);
}

TEST_CASE("a platform that refuses whatever comes gets a call twice, once a second, and its answer is the answer",
          "[adapters][rest][sign]") {
    Platform platform;
    platform.refuse_everything(true);
    Caller caller{kNational, kTwo, platform.url()};
    const auto reply = caller.ask("q");
    REQUIRE(reply.has_value());
    CHECK_THAT(reply->body, ContainsSubstring("2002"));
    CHECK(platform.refused() == 2);
    CHECK(platform.lendings() == 2);
    const auto again = caller.ask("q");
    REQUIRE(again.has_value());
    CHECK(platform.refused() == 3);
    CHECK(platform.lendings() == 2);
}

TEST_CASE("many calls at once on many loops fetch one secret, also when it has expired", "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{kNational, kTwo, platform.url()};
    adapter::Adapter& adapter = caller.adapter();
    const auto round = [&] {
        std::atomic<int> good{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                boost::asio::io_context loop{1};
                for (int call = 0; call < 10; ++call) {
                    adapter::Ask what;
                    what.operation = "q";
                    what.body = "{}";
                    boost::asio::co_spawn(loop, adapter.ask(std::move(what), AdapterBench::errand(20s)),
                                          [&](const std::exception_ptr&, const Result<adapter::Reply>& reply) {
                                              good += is_good(reply) ? 1 : 0;
                                          });
                }
                loop.run_for(30s);
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        return good.load();
    };
    CHECK(round() == 40);
    CHECK(platform.lendings() == 1);
    platform.expire();
    CHECK(round() == 40);
    CHECK(platform.lendings() == 2);
    CHECK(platform.good() == 80);
}

TEST_CASE("a platform that lends nothing is the department's fault, and is asked again later",
          "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{kNational, kTwo, platform.url()};
    platform.refuse_to_lend(true);
    const auto reply = caller.ask("q");
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_refused);
    CHECK_THAT(reply.error().detail(), ContainsSubstring("E-106"));
    const auto probed = caller.bench.probe(caller.adapter());
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().fault() == Fault::department_refused);
    CHECK_THAT(caller.bench.sink().metrics(), ContainsSubstring("fault=\"department_refused\""));
    platform.refuse_to_lend(false);
    const auto until = std::chrono::steady_clock::now() + 10s;
    bool recovered = false;
    while (!recovered && std::chrono::steady_clock::now() < until) {
        recovered = is_good(caller.ask("q"));
    }
    CHECK(recovered);
    CHECK(caller.bench.probe(caller.adapter()).value() == adapter::Contact::authenticated);
}

TEST_CASE("the wrong appkey signs nothing in", "[adapters][rest][sign][security]") {
    Platform platform;
    Caller caller{kNational, kTwo, platform.url()};
    keep(caller.folder, "appkey", "0123456789abcdef0123456789abcdee");
    const auto reply = caller.ask("q");
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().detail().find("0123456789abcdee") == std::string::npos);
    CHECK(platform.lendings() == 0);
}

TEST_CASE("the form of httpproxy carries the mapping's body as one field", "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{
        "{profile: gjzwfwpt-form, id: DEMO-RID, service: s_1, secret_file: appkey, "
        "signs: [sid, rid, timestamp, content]}",
        "{q: {path: /gateway/httpproxy}}", platform.url()};
    CHECK(is_good(caller.ask("q", R"({"xm":"张三&sign=x"})")));
    CHECK(platform.lendings() == 1);
}

TEST_CASE("tif and sha1-appkey sign headers", "[adapters][rest][sign]") {
    Platform platform;
    Caller tif{"{profile: tif, id: paas, service: svc, secret_file: appkey}", "{q: {method: GET, path: /tif}}",
               platform.url()};
    CHECK(is_good(tif.ask("q", "")));
    Caller sha1{"{profile: sha1-appkey, id: app, secret_file: appkey}", "{q: {path: /sha1}}", platform.url()};
    CHECK(is_good(sha1.ask("q")));
    const auto warnings = sha1.adapter().warnings();
    REQUIRE(warnings.size() == 2);
    CHECK_THAT(warnings.front().text_en, ContainsSubstring("weak"));
    CHECK_THAT(warnings.back().text_en, ContainsSubstring("does not cover the body"));
    CHECK(platform.refused() == 0);
}

TEST_CASE("gateway-sig uses one signature again, with the token call's time", "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{
        "{profile: gateway-sig, id: app, secret_file: appkey, lend_path: /token, expired_at: head.code, "
        "expired_values: \"2002\"}",
        "{q: {path: /city}}", platform.url()};
    CHECK(is_good(caller.ask("q")));
    CHECK(is_good(caller.ask("q")));
    CHECK(platform.lendings() == 1);
    platform.expire();
    CHECK(is_good(caller.ask("q")));
    CHECK(platform.lendings() == 2);
}

TEST_CASE("zj-md5 signs query and form, and renews with the refresh secret", "[adapters][rest][sign]") {
    Platform platform;
    Caller caller{"{profile: zj-md5, id: app, secret_file: appkey, expired_at: head.code, expired_values: \"2002\"}",
                  "{get: {method: GET, path: /gateway/api/1.htm}, post: {path: /gateway/api/1.htm}}", platform.url()};
    Record fields = Record::object();
    fields.put("ID", Record::text("a&b"));
    CHECK(is_good(caller.ask_fields("get", fields)));
    CHECK_THAT(platform.last_target(), ContainsSubstring("?appKey=app&sign="));
    CHECK(is_good(caller.ask_fields("post", fields)));
    CHECK(platform.lendings() == 1);
    platform.expire();
    CHECK(is_good(caller.ask_fields("post", fields)));
    CHECK(platform.lendings() == 2);
}

TEST_CASE("a token goes into the JSON of a form by its writer, whatever the token holds",
          "[adapters][rest][sign][security]") {
    Platform platform;
    Caller caller{
        "{profile: body-token, secret_file: appkey, lend_path: /gettoken, token_at: data.token, "
        "token_fields: {user: u, password: \"{secret}\"}, token_in: form-json, token_name: gxData, "
        "token_to: head.token, expired_at: head.code, expired_values: [\"2002\", \"2003\"]}",
        "{q: {path: /gx}}", platform.url()};
    Record fields = Record::object();
    fields.put("gxData", Record::text(R"({"head":{"xzqdm":"999901"},"data":{"money":100.10}})"));
    CHECK(is_good(caller.ask_fields("q", fields)));
    platform.expire();
    CHECK(is_good(caller.ask_fields("q", fields)));
    CHECK(platform.lendings() == 2);
    CHECK(platform.refused() == 1);
}

TEST_CASE("sm-envelope seals what is asked and opens what is answered", "[adapters][rest][sign][security]") {
    Platform platform;
    const auto own = crypto::SigningKey::generate(crypto::Algorithm::sm2_sm3).value();
    platform.knows(own.verifying_key());
    Caller caller{"{profile: sm-envelope, id: app, secret_file: own.pem, peer_key: peer.hex, sealed_answer: true}",
                  "{q: {path: /envelope}}", platform.url()};
    keep(caller.folder, "own.pem", own.to_pem()->reveal());
    caller.folder.write("peer.hex", platform.peer_key() + "\n");
    CHECK(is_good(caller.ask("q", R"({"ywh":"202401020001"})")));
    CHECK(platform.last_body().find("202401020001") == std::string::npos);
    // an answer that is no envelope of the platform's is no answer
    platform.knows(crypto::SigningKey::generate(crypto::Algorithm::sm2_sm3)->verifying_key());
    const auto bad = caller.ask("q", R"({"ywh":"202401020001"})");
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().fault() == Fault::department_invalid);
}
