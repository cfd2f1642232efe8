#include "adapters/rest/rest_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/http_department.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using record::Record;
using support::AdapterBench;
using support::HttpDepartment;

namespace {

class RestDepartment final : public support::Department {
public:
    adapter::Kind kind() const override { return adapters::rest::kind(); }
    std::string settings() const override {
        return "url: " + server_.url() +
               "/api\nmax_answer: 8388608\noperations:\n"
               "  query: {method: POST, path: /query, content_type: application/json}\n";
    }
    adapter::Ask question() const override {
        adapter::Ask ask;
        ask.operation = "query";
        ask.body = "{\"id\":1}";
        return ask;
    }
    void answer_with(std::string bytes) override {
        server_.answer("200 OK\r\nContent-Type: application/json; charset=gb18030", std::move(bytes));
    }
    void be_silent() override { server_.set(HttpDepartment::Mode::silent); }
    void go_down() override { server_.stop(); }
    void talk_garbage() override { server_.set(HttpDepartment::Mode::garbage); }

private:
    HttpDepartment server_;
};

}  // namespace

TEST_CASE("rest keeps the adapter's contract", "[adapters][rest]") {
    support::check_adapter_contract([] { return std::make_unique<RestDepartment>(); });
}

TEST_CASE("a request arrives as the settings say", "[adapters][rest]") {
    HttpDepartment server;
    server.answer("200 OK\r\nContent-Type: text/plain", "ok");
    AdapterBench bench;
    const auto made = bench.make(adapters::rest::kind(),
                                 "url: " + server.url() +
                                     "/api/\nheaders: {X-App-Key: k-1}\noperations:\n"
                                     "  owner: {method: GET, path: \"/owners/{ID}\", accept: application/json, "
                                     "headers: {X-Request-Id: \"{exchange}\"}}\n");
    adapter::Ask ask;
    ask.operation = "owner";
    ask.fields.put("ID", Record::text("a/b"));
    const auto reply = bench.ask(*made, ask);
    REQUIRE(reply.has_value());
    CHECK(reply->content_type == "text/plain");
    const std::string seen = server.last();
    CHECK_THAT(seen, ContainsSubstring("GET /api/owners/a%2Fb HTTP/1.1\r\n"));
    CHECK_THAT(seen, ContainsSubstring("X-App-Key: k-1\r\n"));
    CHECK_THAT(seen, ContainsSubstring("Accept: application/json\r\n"));
    CHECK_THAT(seen, ContainsSubstring("X-Request-Id: 0198f000-0000-7000-8000-000000000001\r\n"));
    CHECK_THAT(seen, ContainsSubstring("127.0.0.1:" + std::to_string(server.port())));
}

TEST_CASE("whatever status came is passed on, and no redirect is followed", "[adapters][rest]") {
    const int status = GENERATE(204, 302, 400, 404, 500, 503);
    CAPTURE(status);
    HttpDepartment server;
    server.answer(std::to_string(status) + " X\r\nLocation: http://127.0.0.1:1/", status == 204 ? "" : "<html/>");
    AdapterBench bench;
    const auto made =
        bench.make(adapters::rest::kind(), "url: " + server.url() + "\noperations: {q: {method: GET, path: /}}\n");
    adapter::Ask ask;
    ask.operation = "q";
    const auto reply = bench.ask(*made, ask);
    REQUIRE(reply.has_value());
    CHECK(reply->status == status);
    CHECK(reply->body == (status == 204 ? "" : "<html/>"));
    CHECK(server.count() == 1);
}

TEST_CASE("an attack in a field changes one value and nothing else on the wire", "[adapters][rest][security]") {
    HttpDepartment server;
    server.answer("200 OK", "ok");
    AdapterBench bench;
    const auto made = bench.make(adapters::rest::kind(),
                                 "url: " + server.url() + "\noperations: {q: {method: GET, path: \"/o/{ID}\"}}\n");
    adapter::Ask ask;
    ask.operation = "q";
    ask.fields.put("ID", Record::text("1 HTTP/1.1\r\nX-Evil: 1\r\n\r\nGET /admin"));
    REQUIRE(bench.ask(*made, ask).has_value());
    CHECK(server.count() == 1);
    CHECK(server.last().find("X-Evil: 1") == std::string::npos);
    CHECK(server.last().find(" /admin") == std::string::npos);
}

TEST_CASE("mistakes in a rest source's settings are found when they are read", "[adapters][rest]") {
    struct Row {
        const char* why;
        const char* settings;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"https without anchors", "url: https://h\noperations: {q: {path: /}}\n", "ca"},
        {"no file", "url: https://h\nca: none.pem\noperations: {q: {path: /}}\n", "can't be read"},
        {"half a client", "url: http://h\nclient_key: none.pem\noperations: {q: {path: /}}\n", "client_chain"},
        {"a path without its slash", "url: http://h\noperations: {q: {path: x}}\n", "path"},
        {"a path with a query", "url: http://h\noperations: {q: {path: \"/x?y=1\"}}\n", "path"},
        {"a path that climbs", "url: http://h\noperations: {q: {path: /x/../y}}\n", "path"},
        {"an open place", "url: http://h\noperations: {q: {path: \"/{ID\"}}\n", "path"},
        {"a method unknown", "url: http://h\noperations: {q: {path: /, method: TRACE}}\n", "method"},
        {"a header of the client's", "url: http://h\nheaders: {Host: evil}\noperations: {q: {path: /}}\n", "Host"},
        {"a header with a line end", "url: http://h\nheaders: {X: \"a\\r\\nb\"}\noperations: {q: {path: /}}\n", "X"},
        {"an operation's header", "url: http://h\noperations: {q: {path: /, headers: {Content-Length: \"1\"}}}\n",
         "Content-Length"},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::rest::kind(), row.settings, mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring(row.says));
}

TEST_CASE("a file is fetched below the addresses that the settings list", "[adapters][rest][security]") {
    HttpDepartment server;
    server.answer("200 OK\r\nContent-Type: application/pdf", "%PDF-1.7");
    AdapterBench bench;
    const auto made =
        bench.make(adapters::rest::kind(), "url: " + server.url() + "/api\nheaders: {X-App-Key: k-1}\nfiles_at: [\"" +
                                               server.url() + "/files/\"]\noperations: {q: {path: /}}\n");
    REQUIRE(made->fetches_files());
    adapter::Ask ask;
    ask.file = "/files/1.pdf?id=2";
    ask.most = 8;
    const auto file = bench.ask(*made, ask);
    REQUIRE(file.has_value());
    CHECK(file->body == "%PDF-1.7");
    CHECK_THAT(server.last(), ContainsSubstring("GET /files/1.pdf?id=2 HTTP/1.1\r\n"));
    CHECK_THAT(server.last(), ContainsSubstring("X-App-Key: k-1\r\n"));
    ask.most = 7;
    CHECK(bench.ask(*made, ask).error().fault() == Fault::body_too_large);
    const std::size_t asked = server.count();
    for (const char* outside : {"/api/1.pdf", "/files/../api/1.pdf", "/files/%2e%2e/api/1.pdf", "/files/..;/api/1.pdf",
                                "/files/..%3B/api/1.pdf", "/files/a;b/1.pdf"}) {
        CAPTURE(outside);
        ask.file = outside;
        CHECK(bench.ask(*made, ask).error().fault() == Fault::not_permitted);
    }
    CHECK(server.count() == asked);
    server.answer("302 Found\r\nLocation: /files/2.pdf", "");
    ask.file = "/files/1.pdf";
    CHECK(bench.ask(*made, ask).error().fault() == Fault::department_refused);
}

TEST_CASE("addresses for files that are none are mistakes", "[adapters][rest]") {
    const std::string entry = GENERATE("files.example", "ftp://h/x", "https://u@h/x", "http://h/x?y", "http://h/../x");
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::rest::kind(),
                         "url: http://h\nfiles_at: [\"" + entry + "\"]\noperations: {q: {path: /}}\n",
                         mistakes) == nullptr);
    REQUIRE(mistakes.size() == 1);
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring("files_at"));
}
