#include "core/signing/http_component.h"

#include <string>

#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using codec::HttpMessage;
using record::Record;

namespace {

HttpMessage message_of(const Record& one) {
    const Record* line = one.find("request_line");
    std::string wire = line != nullptr && line->is_text() ? std::string{line->scalar()} : "GET / HTTP/1.1";
    for (const Record& field : one.find("header_lines")->items()) {
        wire.append("\r\n").append(field.scalar());
    }
    HttpMessage message = tests::http_message(wire + "\r\n\r\n");
    message.scheme = one.find("scheme") != nullptr ? one.text_of("scheme") : "https";
    return message;
}

Result<std::string> value_of(const std::string& identifier, const HttpMessage& message) {
    const auto item = sf::parse_item(identifier);
    if (!item) {
        return fail(item.error());
    }
    const auto component = read_component(*item);
    return component ? component_value(*component, message) : fail(component.error());
}

HttpMessage request(const std::string& target) {
    HttpMessage message{.method = "POST", .scheme = "https", .authority = "Example.com:443", .target = target};
    message.add("X", "1");
    return message;
}

}  // namespace

TEST_CASE("every component of the RFC 9421 corpus has its value", "[signing]") {
    const Record corpus = tests::json_data("rfc9421/components.json");
    int cases = 0;
    int values = 0;
    for (const Record& one : corpus.find("cases")->items()) {
        CAPTURE(one.text_of("id"));
        const HttpMessage message = message_of(one);
        ++cases;
        for (const record::Member& expected : one.find("expect")->members()) {
            CAPTURE(expected.name);
            const auto value = value_of(expected.name, message);
            ++values;
            REQUIRE(value.has_value());
            CHECK(*value == expected.value.scalar());
        }
    }
    CHECK(cases == 14);
    CHECK(values == 34);
}

TEST_CASE("authority is lower case without the scheme's own port", "[signing]") {
    HttpMessage message = request("/");
    CHECK(value_of("\"@authority\"", message) == std::string{"example.com"});
    CHECK(value_of("\"@target-uri\"", message) == std::string{"https://example.com/"});
    message.authority = "127.0.0.1:8443";
    CHECK(value_of("\"@authority\"", message) == std::string{"127.0.0.1:8443"});
    message.scheme = "http";
    message.authority = "a:443";
    CHECK(value_of("\"@authority\"", message) == std::string{"a:443"});
}

TEST_CASE("a component that can't be is refused", "[signing][security]") {
    const auto identifier =
        GENERATE(as<std::string>{}, "x", "\"X\"", "\"\"", "\"x y\"", "\"@signature-params\"", "\"@nonsense\"",
                 "\"@status\"", "\"@method\";sf", "\"@path\";bs", "\"@query-param\"", "\"x\";name=\"a\"", "\"x\";tr",
                 "\"x\";unknown", "\"x\";sf=?0", "\"x\";req=1", "\"x\";bs;sf", "\"x\";bs;key=\"a\"", "\"x\";key=a",
                 "\"absent\"", "\"x\";key=\"none\"", "\"@query-param\";name=\"none\"",
                 "\"@query-param\";name=\"twice\"", "\"bad\";sf", "\"control\"", "\"chinese\"");
    CAPTURE(identifier);
    HttpMessage message = request("/p?twice=1&twice=2");
    message.add("Bad", "\x01");
    message.add("Control", "a\nb");
    message.add("Chinese", "不动产");
    const auto value = value_of(identifier, message);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().fault() == Fault::bad_request);
    CHECK(value_of("\"chinese\";bs", message) == std::string{":5LiN5Yqo5Lqn:"});
}

TEST_CASE("a response has a status and nothing of a request", "[signing]") {
    const HttpMessage response{.status = 503};
    CHECK(value_of("\"@status\"", response) == std::string{"503"});
    for (const std::string name : {"@method", "@authority", "@path", "@query", "@scheme", "@target-uri"}) {
        CHECK_FALSE(value_of("\"" + name + "\"", response).has_value());
    }
}

TEST_CASE("spellings of one query parameter have one value", "[signing]") {
    CHECK(value_of("\"@query-param\";name=\"a\"", request("/?a=%7e+%41")) == std::string{"%7E%20A"});
    CHECK(value_of("\"@query-param\";name=\"a\"", request("/?%61=1%")) == std::string{"1%25"});
    CHECK(value_of("\"@query-param\";name=\"a\"", request("/?a")) == std::string{});
    CHECK(value_of("\"@query-param\";name=\"a\"", request("/?a=%FF")) == std::string{"%EF%BF%BD"});
}
