#include "core/wsse/xml_form.h"

#include <chrono>

#include "core/codec/json.h"
#include "core/wsse/canonical.h"
#include "core/wsse/xml_names.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::wsse;
using record::Record;

namespace {

constexpr std::string_view kUri = "urn:datong:test:1";

Record json(std::string_view text) {
    return codec::read_json(text).value();
}

Result<Record> read(const std::string& xml, const Record& schema = {}) {
    const auto document = Document::read(xml);
    REQUIRE(document.has_value());
    return read_xml_form(document->root(), kUri, schema);
}

std::string in_root(const std::string& inner) {
    return "<r xmlns=\"urn:datong:test:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">" + inner + "</r>";
}

}  // namespace

TEST_CASE("a record comes back from its XML form octet by octet, without a schema", "[contracts]") {
    const auto text = GENERATE(values<const char*>(
        {R"({"a":"x","b":100.10,"c":1e5,"d":-0,"e":true,"f":false,"g":null})", R"({"empty":{},"list":[],"text":""})",
         R"([[1,[2,[]]],{"item":["x"]},null,""])", R"({"中文名":"示例甲","a b":"1","1st":"2","xml":"3","_x0041_":"4"})",
         R"({"":"no name","_x_":"looks like none","_xA":"5","a:b":"6","é":"7","😀":"8","龦":"9"})",
         R"({"t":"  two\n lines\t& <tags> ]]> \r","u":"\u0001\u001f","v":"\ufffe \uffff"})",
         R"({"lines":"\n","blank":" "})", R"("a text alone")", "12.50", "null"}));
    CAPTURE(text);
    const std::string xml = write_xml_form(json(text), "r", kUri);
    CAPTURE(xml);
    const auto back = read(xml);
    REQUIRE(back.has_value());
    CHECK(codec::write_json(*back) == codec::write_json(json(text)));
}

TEST_CASE("a text of nothing but what XML can't hold comes back, in the time that its length takes",
          "[contracts][security]") {
    std::string text;
    while (text.size() < (1U << 20U)) {
        text += "\xEF\xBF\xBF\xEF\xBF\xBE\xEF\xBE\xBF";  // the third is a character
    }
    const auto begin = std::chrono::steady_clock::now();
    const std::string xml = write_xml_form(Record::text(text), "r", kUri);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{1});
    CHECK(xml.find("\xEF\xBF") == std::string::npos);
    const auto back = read(xml);
    REQUIRE(back.has_value());
    CHECK(back->scalar() == text);
}

TEST_CASE("the XML form is canonical as it is written", "[contracts]") {
    const std::string xml = write_xml_form(json(R"({"b":[1,null,"x"],"a":{"c":"<&>\r\"'"},"e":{}})"), "r", kUri);
    const auto document = Document::read(xml);
    REQUIRE(document.has_value());
    CHECK(wsse::canonicalise(*document, document->root(), {}) == xml);
}

TEST_CASE("where an element does not say its type, the schema does", "[contracts]") {
    const Record schema = json(R"({"type": "object", "properties": {
        "n": {"type": ["integer", "null"]}, "b": {"type": "boolean"}, "t": {"type": "string"}, "o": {"type": "object"},
        "l": {"type": "array", "items": {"type": "number"}}}})");
    const auto read_back = read(in_root("<n> 7 </n>\n<b>1</b><t>7</t><o/><l><item>1.50</item></l>"), schema);
    REQUIRE(read_back.has_value());
    CHECK(codec::write_json(*read_back) == R"({"n":7,"b":true,"t":"7","o":{},"l":[1.50]})");
    const auto alone = read(in_root("<n>7</n><l><item>1</item></l>"));
    REQUIRE(alone.has_value());
    CHECK(codec::write_json(*alone) == R"({"n":"7","l":{"item":"1"}})");
}

TEST_CASE("what is not in the XML form is refused by its place, never by its content", "[contracts][security]") {
    struct Row {
        const char* why;
        const char* inner;
    };
    const auto row = GENERATE(values<Row>({
        {"a member twice", "<a>1</a><a>2</a>"},
        {"the same member in two spellings", "<a>1</a><_x0061_>2</_x0061_>"},
        {"text beside members", "<a>1</a>secret"},
        {"another namespace", "<a xmlns=\"urn:other\">1</a>"},
        {"no namespace", "<a xmlns=\"\">1</a>"},
        {"a comment in a text", "<a>se<!-- x -->cret</a>"},
        {"a processing instruction in a text", "<a>se<?x y?>cret</a>"},
        {"an attribute that is not ours", "<a role=\"secret\">1</a>"},
        {"a type that is none", "<a type=\"secret\">1</a>"},
        {"a number that is none", "<a type=\"number\">secret</a>"},
        {"a number with a plus", "<a type=\"number\">+1</a>"},
        {"a number with a leading zero", "<a type=\"number\">01</a>"},
        {"a boolean that is none", "<a type=\"boolean\">secret</a>"},
        {"JSON that is no text", "<a type=\"json\">{}</a>"},
        {"nil that holds text", "<a xsi:nil=\"true\">secret</a>"},
        {"a list that holds another element", "<a type=\"list\"><b/></a>"},
        {"a list that holds text", "<a type=\"list\">secret</a>"},
        {"an object of text", "<a type=\"object\">secret</a>"},
        {"an escape of half a character", "<_xD800_>1</_xD800_>"},
        {"a member's elements in a text", "<a type=\"text\"><b/></a>"},
    }));
    CAPTURE(row.why);
    const auto refused = read(in_root(row.inner));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::bad_request);
    CHECK(refused.error().detail().find("secret") == std::string::npos);
    CHECK(read(in_root("<a>1</a>")).has_value());
}

TEST_CASE("an element of another namespace is no call", "[contracts][security]") {
    CHECK_FALSE(read("<r xmlns=\"urn:datong:test:2\"><a>1</a></r>").has_value());
    CHECK_FALSE(read("<r><a>1</a></r>").has_value());
}

TEST_CASE("every name has one XML name that XML takes, and comes back", "[contracts]") {
    for (const std::string name :
         {"idNo", "id_no", "a-b.c", "9", "-", ".", "姓名", "a b", "_x0041_", "_x", "_xyz", "_x_", ""}) {
        CAPTURE(name);
        const std::string xml = to_xml_name(name);
        CHECK(Document::read("<" + xml + "/>").has_value());
        CHECK(from_xml_name(xml) == name);
    }
    CHECK(to_xml_name("idNo") == "idNo");
    CHECK(to_xml_name("姓名") == "姓名");
    CHECK(to_xml_name("1st") == "_x0031_st");
    CHECK(to_xml_name("😀") == "_x0001F600_");
}
