#include "adapters/soap/soap_adapter.h"

#include "core/codec/soap.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/http_department.h"

using namespace datong;
using namespace std::chrono_literals;
using support::AdapterBench;
using support::HttpDepartment;

namespace {

class SoapDepartment final : public support::Department {
public:
    adapter::Kind kind() const override { return adapters::soap::kind(); }
    std::string settings() const override {
        return "url: " + server_.url() +
               "/services/Bdc\nmax_answer: 8388608\noperations:\n"
               "  query: {action: getBdcInfo}\n";
    }
    adapter::Ask question() const override {
        adapter::Ask ask;
        ask.operation = "query";
        ask.body = "<Envelope/>";
        return ask;
    }
    void answer_with(std::string bytes) override {
        server_.answer("200 OK\r\nContent-Type: text/xml; charset=gb2312", std::move(bytes));
    }
    void be_silent() override { server_.set(HttpDepartment::Mode::silent); }
    void go_down() override { server_.stop(); }
    void talk_garbage() override { server_.set(HttpDepartment::Mode::garbage); }

private:
    HttpDepartment server_;
};

}  // namespace

TEST_CASE("soap keeps the adapter's contract", "[adapters][soap]") {
    support::check_adapter_contract([] { return std::make_unique<SoapDepartment>(); });
}

TEST_CASE("the envelope is posted with the headers of its version", "[adapters][soap]") {
    struct Row {
        const char* why;
        const char* operation;
        const char* target;
        const char* content_type;
        const char* action;  ///< nullptr: no such header
    };
    const auto row = GENERATE(values<Row>({
        {"1.1", "{action: getBdcInfo}", "/services/Bdc", "text/xml; charset=utf-8", "\"getBdcInfo\""},
        {"1.1 without action", "{}", "/services/Bdc", "text/xml; charset=utf-8", "\"\""},
        {"1.2", "{action: \"urn:x\", version: \"1.2\"}", "/services/Bdc",
         "application/soap+xml; charset=utf-8; action=\"urn:x\"", nullptr},
        {"1.2 without action", "{version: \"1.2\"}", "/services/Bdc", "application/soap+xml; charset=utf-8", nullptr},
        {"a path", "{path: /v2, action: a}", "/services/Bdc/v2", "text/xml; charset=utf-8", "\"a\""},
    }));
    CAPTURE(row.why);
    HttpDepartment server;
    server.answer("200 OK\r\nContent-Type: text/xml", "<ok/>");
    AdapterBench bench;
    const auto made = bench.make(adapters::soap::kind(),
                                 "url: " + server.url() + "/services/Bdc\noperations:\n  q: " + row.operation + "\n");
    adapter::Ask ask;
    ask.operation = "q";
    ask.body = "<Envelope>\xD5\xC5</Envelope>";
    REQUIRE(bench.ask(*made, ask).has_value());
    const std::string seen = server.last();
    CHECK_THAT(seen, ContainsSubstring(std::string{"POST "} + row.target + " HTTP/1.1\r\n"));
    CHECK_THAT(seen, ContainsSubstring(std::string{"Content-Type: "} + row.content_type + "\r\n"));
    CHECK(seen.ends_with("\r\n\r\n" + ask.body));
    CHECK((seen.find("SOAPAction: ") != std::string::npos) == (row.action != nullptr));
    if (row.action != nullptr) {
        CHECK_THAT(seen, ContainsSubstring(std::string{"SOAPAction: "} + row.action + "\r\n"));
    }
}

TEST_CASE("the charset of the envelope stands in the Content-Type", "[adapters][soap]") {
    HttpDepartment server;
    server.answer("200 OK", "<ok/>");
    AdapterBench bench;
    const auto made = bench.make(adapters::soap::kind(),
                                 "url: " + server.url() + "\ncharset: gb2312\noperations: {q: {action: a}}\n");
    adapter::Ask ask;
    ask.operation = "q";
    ask.body = "<e/>";
    REQUIRE(bench.ask(*made, ask).has_value());
    CHECK_THAT(server.last(), ContainsSubstring("POST / HTTP/1.1"));
    CHECK_THAT(server.last(), ContainsSubstring("text/xml; charset=gb2312"));
}

TEST_CASE("a Fault with status 500 is an answer that the mapping judges", "[adapters][soap]") {
    const std::string fault =
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault><faultcode>e:Server"
        "</faultcode><faultstring>x</faultstring></e:Fault></e:Body></e:Envelope>";
    const int status = GENERATE(200, 400, 500, 503);
    HttpDepartment server;
    server.answer(std::to_string(status) + " X\r\nContent-Type: text/xml; charset=utf-8", fault);
    AdapterBench bench;
    const auto made = bench.make(adapters::soap::kind(), "url: " + server.url() + "\noperations: {q: {action: a}}\n");
    adapter::Ask ask;
    ask.operation = "q";
    const auto reply = bench.ask(*made, ask);
    REQUIRE(reply.has_value());
    CHECK(reply->status == status);
    CHECK(reply->body == fault);
}

TEST_CASE("an attack in a value stays text in the envelope that the mapping writes", "[adapters][soap][security]") {
    const std::string attack = "</XM></getBdcInfo><admin/><!-- <![CDATA[ &lt; ]]> \" '";
    record::Record content = record::Record::object();
    content.put("XM", record::Record::text(attack));
    const auto envelope = codec::write_soap("1.1", "getBdcInfo", "urn:bdc", content);
    if (!envelope) {
        FAIL(envelope.error().detail());
    }
    HttpDepartment server;
    server.answer("200 OK", "<ok/>");
    AdapterBench bench;
    const auto made = bench.make(adapters::soap::kind(), "url: " + server.url() + "\noperations: {q: {action: a}}\n");
    adapter::Ask ask;
    ask.operation = "q";
    ask.body = *envelope;
    REQUIRE(bench.ask(*made, ask).has_value());
    const std::string seen = server.last();
    const auto read = codec::read_soap(seen.substr(seen.find("\r\n\r\n") + 4), false);
    REQUIRE(read.has_value());
    CHECK(read->body_name == "getBdcInfo");
    CHECK(read->body.text_of("XM") == attack);
    CHECK(seen.find("<admin/>") == std::string::npos);
}

TEST_CASE("mistakes in a soap source's settings are found when they are read", "[adapters][soap]") {
    struct Row {
        const char* why;
        const char* settings;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"a quote in the action", "url: http://h\noperations: {q: {action: 'a\"; x=\"'}}\n", "action"},
        {"a line end in the action", "url: http://h\noperations: {q: {action: \"a\\r\\nX: 1\"}}\n", "action"},
        {"no such version", "url: http://h\noperations: {q: {version: \"1.3\"}}\n", "version"},
        {"a path without its slash", "url: http://h\noperations: {q: {path: x}}\n", "path"},
        {"https without anchors", "url: https://h\noperations: {q: {}}\n", "ca"},
        {"an unknown key", "url: http://h\noperations: {q: {acton: a}}\n", "action"},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::soap::kind(), row.settings, mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring(row.says));
}

TEST_CASE("attachments come beside the envelope where the operation says so", "[adapters][soap]") {
    const bool beside = GENERATE(false, true);
    HttpDepartment server;
    server.answer(
        "200 OK\r\nContent-Type: multipart/related; type=\"application/xop+xml\"; boundary=b; start=\"<r>\"",
        "--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <r>\r\n\r\n"
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><r><f><x:Include "
        "xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:file\"/></f></r></e:Body></e:Envelope>\r\n"
        "--b\r\nContent-ID: <file>\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n");
    AdapterBench bench;
    const auto made =
        bench.make(adapters::soap::kind(), "url: " + server.url() + "\noperations: {q: {action: a, attachments: " +
                                               (beside ? "beside" : "inline") + "}}\n");
    adapter::Ask ask;
    ask.operation = "q";
    const auto reply = bench.ask(*made, ask);
    REQUIRE(reply.has_value());
    CHECK_THAT(reply->body, ContainsSubstring(beside ? "<f>cid:1</f>" : "<f>JVBERi0xLjc=</f>"));
    REQUIRE(reply->parts.size() == (beside ? 1 : 0));
    if (beside) {
        CHECK(reply->parts.front().id == "1");
        CHECK(reply->parts.front().octets == "%PDF-1.7");
    }
}
