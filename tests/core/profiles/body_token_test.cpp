#include "core/profiles/body_token.h"

#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::profiles;

namespace {

Place place(const std::string& text) {
    auto made = Place::parse(text);
    REQUIRE(made.has_value());
    return std::move(*made);
}

codec::HttpMessage request(const std::string& body) {
    codec::HttpMessage made;
    made.method = "POST";
    made.target = "/q";
    made.body = body;
    return made;
}

/// What would change more than one value if it were pasted.
std::string attack() {
    return GENERATE(as<std::string>{}, R"(","admin":"1)", "</token><admin>1</admin><token>", "a&b=c", "%00", "]]>",
                    "a\\", "${x}", "t1&token=t2", "'; drop table x; --");
}

}  // namespace

TEST_CASE("a token goes into JSON, XML, a form, the query and a header", "[profiles]") {
    const Secret token{"t-1"};
    auto json = request(R"({"head":{"xzqdm":"999901","token":""},"data":{"money":100.10}})");
    REQUIRE(put_token(json, {.where = TokenPlace::json, .place = place("head.token")}, token));
    CHECK(json.body == R"({"head":{"xzqdm":"999901","token":"t-1"},"data":{"money":100.10}})");
    auto bare = request(R"({"data":[{"a":1}]})");
    REQUIRE(put_token(bare, {.where = TokenPlace::json, .place = place("head.token")}, token));
    REQUIRE(put_token(bare, {.where = TokenPlace::json, .place = place("data.0.token")}, token));
    CHECK(bare.body == R"({"data":[{"a":1,"token":"t-1"}],"head":{"token":"t-1"}})");
    auto xml = request("<req xmlns=\"urn:x\"><head><token></token></head><id>1</id></req>");
    const auto root = codec::read_xml(xml.body, true);
    xml.body = codec::write_xml(root->content, root->name, root->uri, true).value();
    REQUIRE(put_token(xml, {.where = TokenPlace::xml, .place = place("head.token")}, token));
    CHECK(codec::read_xml(xml.body, true)->content.find_path({"head", "token"})->scalar() == "t-1");
    CHECK(codec::read_xml(xml.body, true)->uri == "urn:x");
    auto form = request("a=1&b=%D5%C5");
    REQUIRE(put_token(form, {.where = TokenPlace::form, .name = "token"}, token));
    CHECK(form.body == "a=1&b=%D5%C5&token=t-1");
    auto inside = request("gxData=" + codec::percent_encode(R"({"head":{"token":""}})") + "&x=1");
    REQUIRE(put_token(inside, {.where = TokenPlace::form_json, .place = place("head.token"), .name = "gxData"}, token));
    CHECK(codec::read_form(inside.body)->front().value == R"({"head":{"token":"t-1"}})");
    auto query = request("");
    REQUIRE(put_token(query, {.where = TokenPlace::query, .name = "access_token"}, token));
    REQUIRE(put_token(query, {.where = TokenPlace::query, .name = "b"}, token));
    CHECK(query.target == "/q?access_token=t-1&b=t-1");
    auto header = request("");
    REQUIRE(put_token(header, {.where = TokenPlace::header, .name = "X-Token"}, token));
    CHECK(header.field("X-Token") == "t-1");
}

TEST_CASE("a token can't change anything but its own place", "[profiles][security]") {
    const std::string evil = attack();
    CAPTURE(evil);
    const Secret token{evil};
    auto json = request(R"({"head":{"token":""},"admin":"0"})");
    REQUIRE(put_token(json, {.where = TokenPlace::json, .place = place("head.token")}, token));
    const auto read = codec::read_json(json.body);
    REQUIRE(read.has_value());
    CHECK(read->find_path({"head", "token"})->scalar() == evil);
    CHECK(read->text_of("admin") == "0");
    CHECK(read->members().size() == 2);
    auto xml = request("<r><head><token></token></head><admin>0</admin></r>");
    const auto root = codec::read_xml(xml.body, true);
    xml.body = codec::write_xml(root->content, root->name).value();
    REQUIRE(put_token(xml, {.where = TokenPlace::xml, .place = place("head.token")}, token));
    const auto again = codec::read_xml(xml.body, true);
    REQUIRE(again.has_value());
    CHECK(again->content.find_path({"head", "token"})->scalar() == evil);
    CHECK(again->content.text_of("admin") == "0");
    auto form = request("admin=0");
    REQUIRE(put_token(form, {.where = TokenPlace::form, .name = "token"}, token));
    const auto fields = codec::read_form(form.body);
    REQUIRE(fields->size() == 2);
    CHECK(fields->back().value == evil);
    auto query = request("");
    REQUIRE(put_token(query, {.where = TokenPlace::query, .name = "token"}, token));
    CHECK(query.target == "/q?token=" + codec::percent_encode(evil));
}

TEST_CASE("a token that can't stand where it should, and a body that can't take one, are refused",
          "[profiles][security]") {
    auto header = request("");
    CHECK_FALSE(put_token(header, {.where = TokenPlace::header, .name = "X-Token"}, Secret{"a\r\nX-Admin: 1"}));
    CHECK_FALSE(put_token(header, {.where = TokenPlace::header, .name = "X-Token"}, Secret{"张"}));
    CHECK(header.fields.empty());
    struct Row {
        const char* why;
        TokenPlace where;
        const char* body;
        const char* at;
    };
    const auto row = GENERATE(values<Row>({
        {"no JSON", TokenPlace::json, "<x/>", "head.token"},
        {"a text in the way", TokenPlace::json, R"({"head":"x"})", "head.token"},
        {"no such item", TokenPlace::json, R"({"head":[]})", "head.0.token"},
        {"no XML", TokenPlace::xml, "{}", "token"},
        {"inner namespaces", TokenPlace::xml, "<a><b xmlns=\"urn:b\">1</b></a>", "token"},
        {"a comment", TokenPlace::xml, "<a><!-- x --><b>1</b></a>", "token"},
        {"no such field", TokenPlace::form_json, "x=1", "token"},
    }));
    CAPTURE(row.why);
    auto message = request(row.body);
    CHECK_FALSE(put_token(message, {.where = row.where, .place = place(row.at), .name = "gxData"}, Secret{"t"}));
    CHECK(message.body == row.body);
}

TEST_CASE("a token is read from JSON and XML, and only where it is one", "[profiles][security]") {
    CHECK(read_token(R"({"data":{"token":"t"}})", place("data.token"))->reveal() == "t");
    CHECK(read_token(R"({"data":{"token":12}})", place("data.token"))->reveal() == "12");
    CHECK(read_token("<r><token>t</token></r>", place("token"))->reveal() == "t");
    CHECK(read_token(R"({"list":[{"t":"1"},{"t":"2"}]})", place("list.1.t"))->reveal() == "2");
    for (const char* body : {"", "null", "{}", R"({"data":{}})", R"({"data":{"token":""}})", R"({"data":{"token":{}}})",
                             "<html><body>503</body></html>", R"({"data":[]})"}) {
        CAPTURE(body);
        const auto token = read_token(body, place("data.token"));
        REQUIRE_FALSE(token.has_value());
        CHECK(token.error().fault() == Fault::department_invalid);
    }
    CHECK_FALSE(read_token(R"({"t":")" + std::string(70'000, 'x') + R"("})", place("t")).has_value());
    CHECK_FALSE(Place::parse("a..b").has_value());
    CHECK_FALSE(Place::parse("").has_value());
}
