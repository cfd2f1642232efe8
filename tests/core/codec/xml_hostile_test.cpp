#include <chrono>
#include <set>
#include <string>

#include "core/codec/soap.h"
#include "core/codec/xml.h"
#include "tests/core/codec/corpus.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

/// What comes with the files and is none of them.
bool is_a_case(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    return !name.starts_with("LICENSE") && name != "README.md" && name != "INDEX.tsv";
}

/// Elements in each other, each with `of_each` namespaces of its own, around `inner`.
std::string nested(int depth, int of_each, const std::string& inner) {
    std::string begin;
    std::string end;
    for (int at = 0; at < depth; ++at) {
        begin += "<a";
        for (int i = 0; i < of_each; ++i) {
            const std::string name = "p" + std::to_string(at) + "_" + std::to_string(i);
            begin.append(" xmlns:").append(name).append("='urn:").append(name).append("'");
        }
        begin += '>';
        end += "</a>";
    }
    return begin + inner + end;
}

std::string in_soap(const std::string& text) {
    return "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><x>" + text +
           "</x></s:Body></s:Envelope>";
}

}  // namespace

TEST_CASE("hostile XML is refused at once, raw and in a SOAP body", "[codec][security]") {
    // harmless once nothing is expanded: plain documents, and an XInclude that nobody follows
    const std::set<std::string> harmless{"simple.xml", "simple-ns.xml", "xxe-09.xml"};
    int cases = 0;
    int with_doctype = 0;
    int refused = 0;
    for (const auto& path : files_below("xml-hostile")) {
        if (!is_a_case(path)) {
            continue;
        }
        const std::string name = path.filename().string();
        CAPTURE(path.string());
        const std::string text = read_file(path);
        const bool has_doctype = text.find("<!DOCTYPE") != std::string::npos;
        const auto begin = std::chrono::steady_clock::now();
        const auto root = codec::read_xml(text, false);
        const auto soap = codec::read_soap(in_soap(text), false);
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{1});
        CHECK(root.has_value() == harmless.contains(name));
        CHECK_FALSE((has_doctype && (root || soap)));
        ++cases;
        with_doctype += has_doctype ? 1 : 0;
        refused += root ? 0 : 1;
    }
    CHECK(cases == 122);
    CHECK(with_doctype == 74);
    CHECK(refused == 119);
}

TEST_CASE("nothing of a file named by an entity or an XInclude is read", "[codec][security]") {
    const auto root =
        codec::read_xml(read_file(DATONG_TEST_DATA "/xml-hostile/payloads-xxe/readme-blocks/xxe-09.xml"), false);
    REQUIRE(root.has_value());
    CHECK(root->content.find_path({"include", "@href"})->scalar() == "file:///etc/passwd");
    CHECK(root->content.find("include")->members().size() == 2);
}

TEST_CASE("a document type declaration is refused in every charset and every place", "[codec][security]") {
    const auto xml =
        GENERATE(as<std::string>{}, "<!DOCTYPE a><a/>", "<?xml version='1.0'?>\n<!-- x --><!DOCTYPE a []><a/>",
                 "<?xml version='1.0' encoding='GBK'?><!DOCTYPE a><a/>", "<a><!DOCTYPE a></a>", "<!doctype a><a/>",
                 "<!ENTITY a 'b'><a/>", "<a><!ELEMENT a ANY></a>");
    CAPTURE(xml);
    CHECK_FALSE(codec::read_xml(xml, false).has_value());
    CHECK_FALSE(codec::read_xml(xml, true).has_value());
    std::string wide = "\xFF\xFE";
    for (const char c : xml) {
        wide.append(1, c).append(1, '\0');
    }
    CHECK_FALSE(codec::read_xml(wide, false).has_value());
}

TEST_CASE("a DOCTYPE within CDATA, a comment or an attribute is plain text", "[codec]") {
    const auto root = codec::read_xml("<a b='<!DOCTYPE x>'/>", true);
    CHECK_FALSE(root.has_value());  // '<' may not stand in an attribute
    CHECK(codec::read_xml("<a><![CDATA[<!DOCTYPE x>]]></a>", true)->content.scalar() == "<!DOCTYPE x>");
    CHECK(codec::read_xml("<a><!-- <!DOCTYPE x> -->y</a>", true)->content.scalar() == "y");
}

TEST_CASE("namespaces in scope are bounded, for each name is looked for among them", "[codec][security]") {
    std::string many;
    for (int i = 0; i < 90'000; ++i) {
        many += "<p0_0:b/>";
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto refused = codec::read_xml(nested(60, 64, many), false);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{500});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::bad_request);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("namespaces in scope"));
    CHECK_FALSE(codec::read_soap(in_soap(nested(4, 17, "")), false).has_value());
    CHECK(codec::read_xml(nested(4, 10, many), false).has_value());
    CHECK(codec::read_xml(nested(4, 16, ""), false).has_value());
    CHECK_FALSE(codec::read_xml("<r>" + nested(4, 16, "<c xmlns='urn:c'/>") + "</r>", false).has_value());
    std::string beside;  // what has ended is not in scope any more
    for (int i = 0; i < 100; ++i) {
        beside += nested(2, 30, "");
    }
    CHECK(codec::read_xml("<r>" + beside + "</r>", false).has_value());
}
