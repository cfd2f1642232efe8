#include "adapters/rest/request.h"

#include "tests/support/catch.h"

using namespace datong;
using adapters::rest::Operation;
using adapters::rest::request_for;
using record::Record;

namespace {

adapter::Pattern pattern(const std::string& text) {
    auto parsed = adapter::Pattern::parse(text);
    REQUIRE(parsed.has_value());
    return std::move(*parsed);
}

Record fields(std::initializer_list<std::pair<const char*, std::string>> pairs) {
    Record made = Record::object();
    for (const auto& [name, value] : pairs) {
        made.put(name, Record::text(value));
    }
    return made;
}

Result<codec::HttpMessage> request(const Operation& operation, const Record& values, const std::string& body = {},
                                   const std::string& content_type = {}) {
    adapter::Ask what;
    what.fields = values;
    what.body = body;
    what.content_type = content_type;
    return request_for(operation, what, {.exchange = "e-1", .deadline = {}});
}

}  // namespace

TEST_CASE("fields go where the operation says", "[adapters][rest]") {
    const Record values = fields({{"ID", "a b"}, {"page", "2"}, {"姓名", "张三"}});
    SECTION("GET: path, and all others into the query") {
        const auto made = request({.method = "GET", .path = pattern("/owners/{ID}")}, values);
        REQUIRE(made.has_value());
        CHECK(made->target == "/owners/a%20b?page=2&%E5%A7%93%E5%90%8D=%E5%BC%A0%E4%B8%89");
        CHECK(made->body.empty());
        CHECK_FALSE(made->field("Content-Type").has_value());
    }
    SECTION("POST without a body: path, query as listed, the others a form") {
        const auto made = request({.method = "POST", .path = pattern("/q/{ID}"), .query = {"page"}}, values);
        REQUIRE(made.has_value());
        CHECK(made->target == "/q/a%20b?page=2");
        CHECK(made->body == "%E5%A7%93%E5%90%8D=%E5%BC%A0%E4%B8%89");
        CHECK(made->field("Content-Type") == "application/x-www-form-urlencoded");
    }
    SECTION("POST with a body: its own type, or the operation's") {
        const auto mapped = request({.method = "POST", .path = pattern("/q")}, {}, "{}", "application/json");
        CHECK(mapped->body == "{}");
        CHECK(mapped->field("Content-Type") == "application/json");
        const auto said = request({.method = "POST", .path = pattern("/q"), .content_type = "text/plain"}, {}, "{}",
                                  "application/json");
        CHECK(said->field("Content-Type") == "text/plain");
    }
    SECTION("headers, and the exchange's id") {
        const auto made = request({.method = "GET",
                                   .path = pattern("/x"),
                                   .headers = {{"X-Request-Id", pattern("{exchange}")}, {"X-Page", pattern("p{page}")}},
                                   .accept = "application/json"},
                                  values);
        REQUIRE(made.has_value());
        CHECK(made->field("X-Request-Id") == "e-1");
        CHECK(made->field("X-Page") == "p2");
        CHECK(made->field("Accept") == "application/json");
    }
    SECTION("in the department's charset") {
        const auto made = request({.method = "GET", .path = pattern("/x"), .charset = charset::Charset::gbk},
                                  fields({{"XM", "张三"}}));
        CHECK(made->target == "/x?XM=%D5%C5%C8%FD");
    }
}

TEST_CASE("a field can't leave its place in a URL", "[adapters][rest][security]") {
    const std::string attack =
        GENERATE(as<std::string>{}, "a/b", "../admin", "x?admin=1", "x#y", "x&admin=1", "x=1", "%2e%2e",
                 "a\r\nHost: evil", "http://evil", "\\..\\", std::string{"a\0b", 3}, " ", "\xFF", ";x", "//evil");
    CAPTURE(attack);
    const auto made =
        request({.method = "GET", .path = pattern("/owners/{ID}/houses")}, fields({{"ID", attack}, {"q", attack}}));
    REQUIRE(made.has_value());
    CHECK(made->target.starts_with("/owners/"));
    const std::string encoded = codec::percent_encode(attack);
    CHECK(made->target == "/owners/" + encoded + "/houses?q=" + encoded);
    CHECK(encoded.find_first_of("/?#&=\r\n \\;") == std::string::npos);
    CHECK(codec::percent_decode(encoded) == attack);
}

TEST_CASE("a path segment that would climb, or be nothing, is refused", "[adapters][rest][security]") {
    struct Row {
        const char* path;
        const char* value;
    };
    const auto row = GENERATE(values<Row>({{"/owners/{ID}/houses", ".."},
                                           {"/owners/{ID}", "."},
                                           {"/owners/{ID}", ""},
                                           {"/owners/.{ID}/x", "."},
                                           {"/owners/{MISSING}", "1"}}));
    CAPTURE(row.path, row.value);
    const auto made = request({.method = "GET", .path = pattern(row.path)}, fields({{"ID", row.value}}));
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().fault() == Fault::request_invalid);
}

TEST_CASE("a field can't end a header line", "[adapters][rest][security]") {
    const Operation operation{.method = "POST", .path = pattern("/x"), .headers = {{"X-Name", pattern("{N}")}}};
    for (const std::string& attack :
         {std::string{"a\r\nX-Admin: 1"}, std::string{"a\nb"}, std::string{"a\rb"}, std::string{"a\0b", 3}}) {
        const auto made = request(operation, fields({{"N", attack}}));
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().fault() == Fault::request_invalid);
        CHECK(made.error().detail().find("Admin") == std::string::npos);
    }
    CHECK(request(operation, fields({{"N", "张"}}))->field("X-Name") == "%E5%BC%A0");
}

TEST_CASE("a form's field can't make another", "[adapters][rest][security]") {
    const auto made = request({.method = "POST", .path = pattern("/x")}, fields({{"a&b", "1&admin=1"}, {"c", "="}}));
    REQUIRE(made.has_value());
    CHECK(made->body == "a%26b=1%26admin%3D1&c=%3D");
}
