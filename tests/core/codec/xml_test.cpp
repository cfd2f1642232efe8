#include "core/codec/xml.h"

#include <string>

#include "core/charset/charset.h"
#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using codec::read_xml;
using record::Record;

namespace {

/// The content as JSON, or the error.
std::string as_json(std::string_view text, bool is_text = false) {
    const auto root = read_xml(text, is_text);
    return root ? codec::write_json(root->content) : root.error().detail();
}

std::string in(std::string_view utf8, charset::Charset charset) {
    const auto bytes = charset::encode(utf8, charset);
    REQUIRE(bytes.has_value());
    return *bytes;
}

}  // namespace

TEST_CASE("elements become members by their local names", "[codec]") {
    const auto [xml, json] = GENERATE(table<std::string, std::string>({
        {"<a>x</a>", R"("x")"},
        {"<a/>", R"("")"},
        {"<a> </a>", R"(" ")"},
        {"<a><b>1</b><c/></a>", R"({"b":"1","c":""})"},
        {"<a>\n  <b>1</b>\n  <b>2</b>\n</a>", R"({"b":["1","2"]})"},
        {"<a><b>1</b><c>2</c><b>3</b></a>", R"({"b":["1","3"],"c":"2"})"},
        {"<a i='1' j='2'>t</a>", R"({"@i":"1","@j":"2","#text":"t"})"},
        {"<a i='1'/>", R"({"@i":"1"})"},
        {"<a b='1'><b>2</b></a>", R"({"@b":"1","b":"2"})"},
        {"<a>x<b>1</b>y</a>", R"({"#text":"xy","b":"1"})"},
        {"<a>x<![CDATA[<&]]>y</a>", R"("x<&y")"},
        {"<a><![CDATA[<r/>]]></a>", R"("<r/>")"},
        {"<a>&lt;&amp;&#x4E2D;&#13;</a>", R"("<&中\r")"},
        {"<a i='&amp;&lt;&#38;#38;&quot;'/>", R"({"@i":"&<&#38;\""})"},
        {"<a><!-- c --><?p i?>x</a>", R"("x")"},
        {"<n:a xmlns:n='u' xmlns='v' n:i='1'><n:b/><b/></n:a>", R"({"@i":"1","b":["",""]})"},
        {"<a><b>1</b><b><c>2</c></b></a>", R"({"b":["1",{"c":"2"}]})"},
        {"<不动产><坐落>街</坐落></不动产>", R"({"坐落":"街"})"},
        {"\xEF\xBB\xBF<a>x</a>", R"("x")"},
    }));
    CAPTURE(xml);
    CHECK(as_json(xml) == json);
    CHECK(as_json(xml, true) == json);
}

TEST_CASE("the document element gives its name and namespace", "[codec]") {
    const auto root = read_xml("<s:Envelope xmlns:s='urn:x'/>", true);
    REQUIRE(root.has_value());
    CHECK(root->name == "Envelope");
    CHECK(root->uri == "urn:x");
}

TEST_CASE("the charset of bytes is the declared one, by our own decoder", "[codec]") {
    using charset::Charset;
    const std::string name = "扎西·次仁";
    const std::string rare = "𠀀㐀龴";
    CHECK(as_json(in("<?xml version='1.0' encoding='GBK'?><a>" + name + "</a>", Charset::gbk)) == "\"" + name + "\"");
    CHECK(as_json(in("<?xml version='1.0' encoding=\"gb2312\" ?><a>" + name + "</a>", Charset::gbk)) ==
          "\"" + name + "\"");
    CHECK(as_json(in("<?xml version='1.0' encoding='GB18030'?><a>" + rare + "</a>", Charset::gb18030)) ==
          "\"" + rare + "\"");
    CHECK(as_json(in("<?xml version='1.0' encoding='UTF-16'?><a>" + rare + "</a>", Charset::utf_16)) ==
          "\"" + rare + "\"");
    CHECK(as_json(in("<a>" + rare + "</a>", Charset::utf_16be)) == "\"" + rare + "\"");
    CHECK(as_json("<?xml version='1.0' encoding='UTF-8'?><a>" + rare + "</a>") == "\"" + rare + "\"");
}

TEST_CASE("an inner declaration of settled text is ignored", "[codec]") {
    CHECK(as_json("<?xml version=\"1.0\" encoding=\"GBK\"?><a>不动产</a>", true) == "\"不动产\"");
    CHECK(as_json("<?xml version=\"1.0\" encoding=\"ebcdic\"?><a>不动产</a>", true) == "\"不动产\"");
}

TEST_CASE("what can't be decoded is refused", "[codec][security]") {
    const auto [xml, reason] = GENERATE(table<std::string, std::string>({
        {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "encoding"},
        {"<?xml version='1.0' encoding='UTF-7'?><a/>", "encoding"},
        {"<?xml version='1.0' encoding='UTF-16'?><a/>", "encoding"},
        {"<?xml version='1.0' encoding='GBK'?><a>\xD6</a>", "charset.invalid"},
        {"<?xml version='1.0' encoding='GBK'?><a>\xD6\xD0</a>\xD6", "charset.truncated"},
        {"<a>\xD6\xD0</a>", "not UTF-8"},
        {std::string("<a>\0</a>", 8), "NUL"},
    }));
    CAPTURE(xml);
    CHECK_THAT(as_json(xml), ContainsSubstring(reason));
}

TEST_CASE("the parser's work is bounded before it begins and while it goes on", "[codec][security]") {
    const auto nested = [](int depth) {
        std::string text;
        for (int i = 0; i < depth; ++i) {
            text += "<a>";
        }
        for (int i = 0; i < depth; ++i) {
            text += "</a>";
        }
        return text;
    };
    CHECK(read_xml(nested(64), true).has_value());
    CHECK_THAT(as_json(nested(65)), ContainsSubstring("too deep"));
    const auto attributes = [](int count) {
        std::string text = "<a";
        for (int i = 0; i < count; ++i) {
            text += " a" + std::to_string(i) + "='>'";
        }
        return text + "/>";
    };
    CHECK(read_xml(attributes(64), true).has_value());
    CHECK_THAT(as_json(attributes(65)), ContainsSubstring("attributes"));
    CHECK_THAT(as_json(attributes(200'000)), ContainsSubstring("attributes"));
    std::string many = "<a>";
    for (int i = 0; i < 100'000; ++i) {
        many += "<b/>";
    }
    CHECK_THAT(as_json(many + "</a>"), ContainsSubstring("too many"));
    const auto large = read_xml("<a>12345</a>", true, {.max_bytes = 8});
    REQUIRE_FALSE(large.has_value());
    CHECK(large.error().fault() == Fault::body_too_large);
}

TEST_CASE("many names under one parent are grouped in time, and a large text is read", "[codec][security]") {
    std::string many = "<a>";
    for (int i = 0; i < 90'000; ++i) {
        many += "<b" + std::to_string(i % 45'000) + "/>";
    }
    const auto root = read_xml(many + "</a>", true);
    REQUIRE(root.has_value());
    CHECK(root->content.members().size() == 45'000);
    CHECK(root->content.members().front().value.items().size() == 2);
    const auto large = read_xml("<a>" + std::string(12U << 20, 'x') + "</a>", true);
    REQUIRE(large.has_value());
    CHECK(large->content.scalar().size() == 12U << 20);
}

TEST_CASE("malformed XML is refused with its line and without its content", "[codec][security]") {
    const auto xml = GENERATE(as<std::string>{}, "", "secret", "<a>\n<secret>\n</a>", "<a>&secret;</a>", "<a b=c/>",
                              "<a b='1' b='2'/>", "<a/><b/>", "<a/>secret", "<x:a/>", "<a x:b='1'/>", "<a><b></a></b>",
                              "<a>]]></a>", "<a>&#0;</a>", "<a>&#x1F;</a>", "<a", "<a>\x01</a>", "<a b='<'/>");
    CAPTURE(xml);
    const auto root = read_xml(xml, true);
    REQUIRE_FALSE(root.has_value());
    CHECK(root.error().fault() == Fault::bad_request);
    CHECK_THAT(root.error().detail(), !ContainsSubstring("secret"));
}

TEST_CASE("what is written is read again as it was", "[codec]") {
    const std::string json =
        R"({"@id":"a\"<\n","name":"扎西 & <次仁>","list":["1",{"@x":"2","#text":" t\r"}],"empty":"","deep":{"er":"]]>"}})";
    const auto content = codec::read_json(json);
    REQUIRE(content.has_value());
    const auto xml = codec::write_xml(*content, "root", "urn:a&b", true);
    REQUIRE(xml.has_value());
    CHECK(xml->starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root xmlns=\"urn:a&amp;b\" id="));
    const auto again = read_xml(*xml, false);
    REQUIRE(again.has_value());
    CHECK(again->uri == "urn:a&b");
    CHECK(codec::write_json(again->content) == json);
}

TEST_CASE("scalars, null, bytes and empty lists have their XML", "[codec]") {
    const auto xml = codec::write_xml(*codec::read_json(R"({"n":1.50,"b":true,"z":null,"l":[]})"), "a");
    CHECK(xml == "<a><n>1.50</n><b>true</b><z/></a>");
    CHECK(codec::write_xml(Record::text("x"), "a") == "<a>x</a>");
    CHECK(codec::write_xml(Record{}, "a") == "<a/>");
    Record bytes;
    bytes.put("f", Record::bytes("\xFF"));
    CHECK(codec::write_xml(bytes, "a") == "<a><f>/w==</f></a>");
}

TEST_CASE("names and characters that are no XML are not written", "[codec][security]") {
    const auto name = GENERATE(as<std::string>{}, "", "1a", "a b", "a>", "a/><evil", "-a", ":a", "a:", "a:b:c",
                               "a\xC3\x97", "#other", "@", "@1");
    CAPTURE(name);
    Record record;
    record.put(name, Record::text("x"));
    const auto xml = codec::write_xml(record, "a");
    REQUIRE_FALSE(xml.has_value());
    CHECK(xml.error().fault() == Fault::internal);
    CHECK_FALSE(codec::write_xml(Record{}, name).has_value());
    CHECK(codec::write_xml(Record::text("\x01"), "a").error().fault() == Fault::bad_request);
    CHECK_FALSE(codec::write_xml(Record::text("\xEF\xBF\xBF"), "a").has_value());
    CHECK_FALSE(codec::write_xml(Record::list({Record::list()}), "a").has_value());
    CHECK(codec::write_xml(record.is_object() ? Record::text("不") : Record{}, "坐落") == "<坐落>不</坐落>");
}
