#include "adapters/rest/body.h"

#include "adapters/rest/condition.h"
#include "adapters/rest/request.h"
#include "adapters/rest/rest_adapter.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/http_handler.h"

using namespace datong;
using namespace datong::adapters::rest;
using record::Record;
using support::AdapterBench;

namespace {

Record fields(std::initializer_list<std::pair<const char*, std::string>> pairs) {
    Record made = Record::object();
    for (const auto& [name, value] : pairs) {
        made.put(name, Record::text(value));
    }
    return made;
}

adapter::Pattern pattern(const std::string& text) {
    auto parsed = adapter::Pattern::parse(text);
    REQUIRE(parsed.has_value());
    return std::move(*parsed);
}

Result<codec::HttpMessage> request(const Operation& operation, const Record& values) {
    adapter::Ask what;
    what.fields = values;
    return request_for(operation, what, {.exchange = "e-1", .deadline = {}});
}

std::string attack() {
    return GENERATE(as<std::string>{}, R"(","admin":"1)", "</a><admin>1</admin><a>", "a&admin=1", "]]><x/>", "&lt;",
                    "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "\\", "\r\n--datong\r\n", "'; drop table x; --",
                    "张\"三");
}

}  // namespace

TEST_CASE("fields become JSON, XML or a multipart as the operation says", "[adapters][rest]") {
    Record values = fields({{"page", "1"}, {"Params.Name", "张三"}, {"Params.Kind", "2"}});
    values.put("rows", Record::number("100.10"));
    Operation operation{.method = "POST", .path = pattern("/q"), .query = {"page"}, .format = BodyFormat::json};
    const auto json = request(operation, values);
    REQUIRE(json.has_value());
    CHECK(json->target == "/q?page=1");
    CHECK(json->body == R"({"Params":{"Name":"张三","Kind":"2"},"rows":100.10})");
    CHECK(json->field("Content-Type") == "application/json");
    operation.format = BodyFormat::xml;
    operation.root = "req";
    operation.root_uri = "urn:q";
    const auto xml = request(operation, values);
    REQUIRE(xml.has_value());
    const auto read = codec::read_xml(xml->body, false);
    REQUIRE(read.has_value());
    CHECK(read->name == "req");
    CHECK(read->uri == "urn:q");
    CHECK(read->content.find_path({"Params", "Name"})->scalar() == "张三");
    CHECK(xml->field("Content-Type") == "application/xml");
    operation.format = BodyFormat::multipart;
    operation.content_type = "multipart/form-data";
    operation.charset = charset::Charset::gbk;
    values.put("file", Record::bytes("%PDF\xFF"));
    const auto parts = request(operation, values);
    REQUIRE(parts.has_value());
    CHECK_THAT(parts->field("Content-Type").value(), ContainsSubstring("multipart/form-data; boundary=datong-"));
    CHECK_THAT(parts->body, ContainsSubstring("name=\"Params.Name\"\r\n\r\n\xD5\xC5\xC8\xFD\r\n"));
    CHECK_THAT(parts->body,
               ContainsSubstring("filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n%PDF\xFF"));
}

TEST_CASE("no value changes anything but itself, in any format", "[adapters][rest][security]") {
    const std::string evil = attack();
    CAPTURE(evil);
    const Record values = fields({{"a", evil}, {"admin", "0"}});
    Operation operation{.method = "POST", .path = pattern("/q"), .format = BodyFormat::json};
    const auto json = codec::read_json(request(operation, values)->body);
    REQUIRE(json.has_value());
    CHECK(json == values);
    operation.format = BodyFormat::xml;
    operation.root = "r";
    const auto xml = codec::read_xml(request(operation, values)->body, false);
    REQUIRE(xml.has_value());
    CHECK(xml->content.members().size() == 2);
    CHECK(xml->content.text_of("admin") == "0");
    operation.format = BodyFormat::form;
    const auto form = codec::read_form(request(operation, values)->body);
    REQUIRE(form->size() == 2);
    CHECK(form->front().value == evil);
    operation.format = BodyFormat::multipart;
    const auto parts = request(operation, values);
    const std::string boundary =
        parts->field("Content-Type")->substr(std::string{"multipart/form-data; boundary="}.size());
    std::size_t count = 0;
    for (std::size_t at = parts->body.find("--" + boundary); at != std::string::npos;
         at = parts->body.find("--" + boundary, at + 1)) {
        ++count;
    }
    CHECK(count == 3);  // two parts and the end
}

TEST_CASE("a name can't end a part's header, nor get in another's way", "[adapters][rest][security]") {
    const Body parts = multipart_body(fields({{"a\"; filename=\"x\r\nX-Evil: 1", "1"}}));
    CHECK(parts.bytes.find("\r\nX-Evil") == std::string::npos);
    CHECK_THAT(parts.bytes, ContainsSubstring("name=\"a%22; filename=%22x%0D%0AX-Evil: 1\""));
    CHECK_FALSE(json_body(fields({{"a", "1"}, {"a.b", "2"}})).has_value());
    CHECK_FALSE(json_body(fields({{"a..b", "2"}})).has_value());
    CHECK(xml_body(fields({{"a", std::string{"\x01"}}}), "r", "").error().fault() == Fault::request_invalid);
    CHECK(xml_body(fields({{"a b", "1"}}), "r", "").error().fault() == Fault::internal);
}

TEST_CASE("a condition is made of fields in quotes and goes where the fields go", "[adapters][rest]") {
    Operation operation{.method = "POST", .path = pattern("/q"), .format = BodyFormat::json};
    operation.conditions.emplace_back("Params.Condition", pattern("GMSFHM='{ID}' AND XM='{XM}'"));
    const auto made =
        request(operation, fields({{"ID", "11010519491231002X"}, {"XM", "阿依古丽·麦麦提"}, {"Method", "Query"}}));
    REQUIRE(made.has_value());
    CHECK(made->body ==
          R"({"Method":"Query","Params":{"Condition":"GMSFHM='11010519491231002X' AND XM='阿依古丽·麦麦提'"}})");
    CHECK_FALSE(request(operation, fields({{"ID", "1"}})).has_value());
}

TEST_CASE("nothing leaves the quotes of a condition", "[adapters][rest][security]") {
    const std::string evil =
        GENERATE(as<std::string>{}, "' OR '1'='1", "1' --", "1\\", "1;drop table x", "%", "_", "1/**/", "a--b", "1\"",
                 "", std::string{"1\0", 2}, "1\n", "\xBF'", "\xE2\x80\x99 OR 1=1", "\xEF\xBC\x87", "\xCA\xBC",
                 "(select 1)", "a=b", "\xFF", "1\t", "|| chr(39)", "<", "[a]", "`", "\xE2\x80\xAE");
    CAPTURE(evil);
    Operation operation{.method = "POST", .path = pattern("/q"), .format = BodyFormat::json};
    operation.conditions.emplace_back("C", pattern("ID='{ID}'"));
    const auto made = request(operation, fields({{"ID", evil}}));
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().fault() == Fault::request_invalid);
    CHECK(made.error().detail() == "field ID can't stand in a condition");
    CHECK_FALSE(condition_value("x", std::string(201, '1'), charset::Charset::utf_8).has_value());
}

TEST_CASE("a character whose last octet is a backslash does not eat the quote of a condition",
          "[adapters][rest][security]") {
    struct Row {
        charset::Charset charset;
        const char* name;
        bool goes;
    };
    const auto row = GENERATE(values<Row>({
        {charset::Charset::gbk, "张乗", false},  // 乗 is 81 5C
        {charset::Charset::gb18030, "张乗", false},
        {charset::Charset::big5, "張功", false},  // 功 is A5 5C
        {charset::Charset::gbk, "乗张", true},    // not the last octet: what follows is none to be escaped
        {charset::Charset::gbk, "张三", true},
        {charset::Charset::utf_8, "张乗", true},
    }));
    CAPTURE(row.name);
    Operation operation{.method = "POST", .path = pattern("/q"), .charset = row.charset};
    operation.conditions.emplace_back("C", pattern("XM='{XM}'"));
    const auto made = request(operation, fields({{"XM", row.name}}));
    REQUIRE(made.has_value() == row.goes);
    if (!made) {
        CHECK(made.error().fault() == Fault::request_invalid);
    }
}

TEST_CASE("a condition whose places are not in quotes is refused when it is read", "[adapters][rest][security]") {
    CHECK(is_condition("A='{a}' AND B='{b}'"));
    CHECK(is_condition("A=1"));
    for (const char* text : {"A={a}", "A='{a}{b}'", "A='{a}%'", "A='x{a}'", "A=\"{a}\"", "{a}", "A='{a", "A='{a}"}) {
        CAPTURE(text);
        CHECK_FALSE(is_condition(text));
    }
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(kind(), "url: http://h\noperations: {q: {path: /, conditions: {C: \"A={a}\"}}}\n", mistakes) ==
          nullptr);
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring("single quotes"));
}

TEST_CASE("any method is sent, and megabytes of base64 go through both ways", "[adapters][rest]") {
    std::string method;
    const support::HttpHandler server{[&](const support::HandledRequest& seen) {
        method = seen.method;
        return support::HttpHandler::Answer{.body = seen.body};
    }};
    AdapterBench bench;
    const auto made = bench.make(
        kind(), "url: " + server.url() + "\noperations:\n  q: {method: PROPFIND, path: /}\n  file: {path: /}\n");
    adapter::Ask what;
    what.operation = "q";
    REQUIRE(bench.ask(*made, what).has_value());
    CHECK(method == "PROPFIND");
    what.operation = "file";
    what.body = R"({"pdf":")" + std::string(12U << 20U, 'A') + R"("})";
    what.content_type = "application/json";
    const auto reply = bench.ask(*made, what, std::chrono::seconds{30});
    REQUIRE(reply.has_value());
    CHECK((reply->body == what.body));
    const auto read = codec::read_json(reply->body);
    REQUIRE(read.has_value());
    CHECK(read->find("pdf")->scalar().size() == 12U << 20U);
}
