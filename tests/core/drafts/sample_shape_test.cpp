#include "core/drafts/sample_shape.h"

#include "tests/support/catch.h"

using namespace datong;

namespace {

constexpr const char* kSoap =
    R"(<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns:getXResponse xmlns:ns="urn:x"><return><![CDATA[<?xml version="1.0" encoding="GBK"?><RESPONSE><HEAD><CODE>0000</CODE><MSG>ok</MSG></HEAD><DATA><ROW><XM>示例甲</XM><SFZH>999901199001010010</SFZH></ROW></DATA></RESPONSE>]]></return></ns:getXResponse></soapenv:Body></soapenv:Envelope>)";

}  // namespace

TEST_CASE("the layers around a record are found and written as a mapping takes them off", "[drafts]") {
    struct Row {
        const char* why;
        const char* sample;
        std::vector<std::string> unwrap;
        const char* none;
    };
    const auto row = GENERATE(values<Row>({
        {"a list in data",
         R"({"resultCode":"200","resultMsg":"ok","data":[{"XM":"示例甲","SFZH":"999901199001010010","ZT":"1"}]})",
         {R"(outcome: {code: resultCode, ok: ["200"]})", R"(take: "data[*]")"},
         "data"},
        {"a head beside the data",
         R"({"head":{"code":"0"},"body":{"record":{"XM":"示例甲","SFZH":"999901199001010010"}}})",
         {R"(outcome: {code: head.code, ok: ["0"]})", R"(take: "body.record")"},
         "body.record"},
        {"nothing around it", R"({"XM":"示例甲","SFZH":"999901199001010010"})", {}, ""},
        {"JSON in a string",
         R"({"code":0,"data":"{\"XM\":\"示例甲\",\"SFZH\":\"999901199001010010\",\"ZT\":\"1\"}"})",
         {R"(outcome: {code: code, ok: ["0"]})", R"(take: "data")", "parse_json"},
         ""},
        {"XML in CDATA in SOAP",
         kSoap,
         {"soap", R"(take: "return")", "parse_xml", R"(outcome: {code: HEAD.CODE, ok: ["0000"]})",
          R"(take: "DATA.ROW")"},
         "DATA.ROW"},
    }));
    CAPTURE(row.why);
    const auto shape = drafts::shape_of(row.sample, {});
    REQUIRE(shape);
    CHECK(shape->unwrap == row.unwrap);
    CHECK(shape->none == row.none);
    CHECK(shape->record.text_of("XM") == "示例甲");
}

TEST_CASE("a path that is said goes before the guess", "[drafts]") {
    const char* sample = R"({"code":"1","a":{"x":"1","y":"2","z":"3"},"b":{"XM":"示例甲"}})";
    CHECK(drafts::shape_of(sample, {})->record.find("x") != nullptr);
    const auto said = drafts::shape_of(sample, {"b"});
    REQUIRE(said);
    CHECK(said->record.text_of("XM") == "示例甲");
    CHECK(said->unwrap.back() == R"(take: "b")");
    CHECK_FALSE(drafts::shape_of(sample, {"nowhere"}).has_value());
}

TEST_CASE("what holds no record is refused", "[drafts]") {
    for (const char* sample : {"", "<html>", "plain", "[]", "{}", R"({"a":[]})", R"(["x"])"}) {
        CAPTURE(sample);
        CHECK(drafts::shape_of(sample, {}).error().fault() == Fault::bad_request);
    }
}
