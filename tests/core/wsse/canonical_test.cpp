#include "core/wsse/canonical.h"

#include <cstdio>

#include <unistd.h>

#include "core/wsse/exclusive.h"
#include "tests/core/wsse/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::wsse;

namespace {

struct Mode {
    const char* folder;
    CanonicalForm form;
};

std::vector<std::string> prefixes_of(const std::string& base) {
    std::vector<std::string> prefixes;
    if (tests::has_data(base + ".ns")) {
        std::istringstream words{tests::data(base + ".ns")};
        for (std::string word; words >> word;) {
            prefixes.push_back(word);
        }
    }
    return prefixes;
}

}  // namespace

TEST_CASE("documents of the canonical XML examples come out octet by octet", "[wsse]") {
    using Kind = CanonicalForm::Kind;
    tests::Tally tally;
    for (const Mode& mode : {Mode{"without-comments", {.kind = Kind::inclusive_1_0}},
                             Mode{"with-comments", {.kind = Kind::inclusive_1_0, .with_comments = true}},
                             Mode{"exc-without-comments", {.kind = Kind::exclusive_1_0}},
                             Mode{"1-1-without-comments", {.kind = Kind::inclusive_1_1}}}) {
        for (const std::string& name : tests::names_in(std::string{"c14n/"} + mode.folder, ".xml")) {
            const std::string base = std::string{"c14n/"} + mode.folder + '/' + name;
            CAPTURE(base);
            const auto document = Document::read(tests::data(base + ".xml"));
            if (!document) {
                ++tally.by_policy[document.error().detail().find("declaration") != std::string::npos
                                      ? "document type declaration"
                                      : "not well-formed"];
                continue;
            }
            if (tests::has_data(base + ".xpath")) {
                ++tally.by_policy["a set of nodes by XPath"];
                continue;
            }
            CanonicalForm form = mode.form;
            form.prefixes = prefixes_of(base);
            const auto canonical = canonicalise(*document, nullptr, form);
            const std::string wanted = std::string{"c14n/expected/"} + mode.folder + '/' + name;
            if (!tests::has_data(wanted)) {
                CHECK_FALSE(canonical.has_value());
                tally.passed += canonical.has_value() ? 0 : 1;
                continue;
            }
            CHECK(canonical == tests::data(wanted));
            ++(canonical == tests::data(wanted) ? tally.passed : tally.failed);
        }
    }
    tally.print("c14n");
    CHECK(tally.failed == 0);
    CHECK(tally.passed + tally.refused() == 76);
}

TEST_CASE("an element is canonical with what it needs of its surroundings, and without the signature in it", "[wsse]") {
    const auto document = Document::read(
        "<a:e xmlns:a='urn:a' xmlns:b='urn:b'><a:x z='1' y='2'><b:s>sig</b:s><!-- c "
        "--><t/>&lt;\xe7\x94\xb2</a:x></a:e>");
    REQUIRE(document);
    Element x = children_of(document->root()).front();
    CHECK(canonicalise(*document, x, {}) ==
          "<a:x xmlns:a=\"urn:a\" y=\"2\" z=\"1\"><b:s xmlns:b=\"urn:b\">sig</b:s><t></t>&lt;\xe7\x94\xb2</a:x>");
    CHECK(canonicalise(*document, x, {.kind = CanonicalForm::Kind::inclusive_1_0}, children_of(x).front()) ==
          "<a:x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" y=\"2\" z=\"1\"><t></t>&lt;\xe7\x94\xb2</a:x>");
    CHECK(canonicalise(*document, x, {.with_comments = true, .prefixes = {"b"}}) ==
          "<a:x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" y=\"2\" z=\"1\"><b:s>sig</b:s><!-- c "
          "--><t></t>&lt;\xe7\x94\xb2</a:x>");
}

TEST_CASE("documents from strangers are bounded, and refused before anything is fetched or expanded",
          "[wsse][security]") {
    CHECK(Document::read("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>").error().detail() ==
          "xml: a document type declaration");
    CHECK_FALSE(Document::read("<a>&x;</a>"));
    CHECK_FALSE(Document::read("<a><b></a>"));
    CHECK_FALSE(Document::read(""));
    std::string deep;
    for (int i = 0; i < 65; ++i) {
        deep.append("<a>");
    }
    CHECK(Document::read(deep).error().detail() == "xml: too deep");
    CHECK(Document::read("<a><b/><b/></a>", {.max_elements = 2}).error().detail() == "xml: too many elements");
    CHECK(Document::read("<a b='1' c='2'/>", {.max_attributes = 1}).error().detail() == "xml: too many attributes");
    CHECK(Document::read("<a/>", {.max_bytes = 3}).error().fault() == Fault::body_too_large);
    for (const char* odd : {"<p:a/>", "<a p:b=''/>", "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
                            "<a xmlns:p='urn:x'><b p:c='' q:c='' xmlns:q='urn:x'/></a>"}) {
        CAPTURE(odd);
        const auto read = Document::read(odd);
        REQUIRE_FALSE(read);
        CHECK(read.error().detail() == "xml: a prefix that is not bound, or an attribute twice");
    }
    CHECK(Document::read("<a xmlns:p='urn:x' xmlns:q='urn:y' p:b='1' q:b='2' b='3' xml:b='4'/>"));
}

TEST_CASE("a document ends with its last octet, in whatever encoding", "[wsse][security]") {
    const std::string xml =
        "<?xml version='1.0'?>\n<!-- c --><a xmlns='urn:x' b=\"1&lt;\">t<![CDATA[x]]>&#65;<b/><?pi x?></a>\n<!-- d -->";
    const auto wide = [](std::string_view text, bool big_endian) {
        std::string out;
        for (const char c : text) {
            out.append(big_endian ? 1 : 0, '\0').append(1, c).append(big_endian ? 0 : 1, '\0');
        }
        return out;
    };
    const auto octets_of = [](const std::string& text) {
        const auto document = Document::read(text);
        return document ? canonicalise(*document, document->root(), {}).value() : document.error().detail();
    };
    const std::string canonical = R"(<a xmlns="urn:x" b="1&lt;">txA<b></b><?pi x?></a>)";
    const std::size_t end = xml.find("</a>") + 4;
    int read = 0;
    for (std::size_t size = 0; size <= xml.size(); ++size) {
        CAPTURE(size);
        const std::string cut = xml.substr(0, size);
        const bool is_whole = size == xml.size() || size == end || size == end + 1;
        for (const std::string& written : {cut, "\xEF\xBB\xBF" + cut, "\xFF\xFE" + wide(cut, false),
                                           "\xFE\xFF" + wide(cut, true), wide(cut, false), wide(cut, true)}) {
            CHECK((octets_of(written) == canonical) == is_whole);
            read += is_whole ? 1 : 0;
        }
    }
    CHECK(read == 18);
    for (const std::size_t at : {end, end + 1, xml.size()}) {  // where it could end
        for (const char* behind : {"", "<b/>", "&&"}) {
            const std::string hidden = xml.substr(0, at) + '\0' + behind;
            CHECK(octets_of(hidden) == "xml: a NUL");
            CHECK(octets_of(wide(hidden, false)) == "xml: a NUL");
            CHECK(octets_of(wide(hidden, true)) == "xml: a NUL");
        }
    }
}

TEST_CASE("of a document that can't be read nothing is printed", "[wsse][security]") {
    std::FILE* printed = std::tmpfile();
    REQUIRE(printed != nullptr);
    const int before = ::dup(STDERR_FILENO);
    REQUIRE(::dup2(::fileno(printed), STDERR_FILENO) == STDERR_FILENO);
    const auto read = Document::read(
        "<?xml version='1.0' encoding='GBK'?><a>\xff\xff"
        "1990</a>");
    const auto malformed = Document::read("<a>440000199001010000&");
    REQUIRE(::dup2(before, STDERR_FILENO) == STDERR_FILENO);
    ::close(before);
    CHECK_FALSE(read);
    CHECK_FALSE(malformed);
    CHECK(std::fseek(printed, 0, SEEK_END) == 0);
    CHECK(std::ftell(printed) == 0);
    std::fclose(printed);
}

TEST_CASE("text with a comment or an element in it is not taken for its parts", "[wsse][security]") {
    const auto document = Document::read("<a><b>x<!-- -->y</b><c>x<d/></c><e>x<![CDATA[y]]></e></a>");
    REQUIRE(document);
    const auto children = children_of(document->root());
    CHECK_FALSE(text_of(children[0]));
    CHECK_FALSE(text_of(children[1]));
    CHECK(text_of(children[2]) == "xy");
}

TEST_CASE("a document whose canonical form would cost far more than it is not read", "[wsse][security]") {
    const auto declared = [](int count, const std::string& uri) {
        std::string attributes;
        for (int i = 0; i < count; ++i) {
            attributes += " xmlns:a" + std::to_string(i) + "=\"" + uri + '"';
        }
        return attributes;
    };
    const auto nested = [&](int inner) {  // in scope together, and never more than allowed of one element
        return "<a" + declared(20, "u:b") + "><b" + declared(inner, "u:c") + "/></a>";
    };
    CHECK(Document::read(nested(12)));
    const auto many = Document::read(nested(13));
    REQUIRE_FALSE(many);
    CHECK_THAT(many.error().detail(), ContainsSubstring("too many namespaces in scope"));
    // what is declared beside each other is not in scope together
    CHECK(Document::read("<r><a" + declared(30, "u:b") + "/><a" + declared(30, "u:b") + "/></r>"));
    CHECK(Document::read("<a" + declared(1, std::string(256, 'u')) + "/>"));
    const auto long_name = Document::read("<a" + declared(1, std::string(257, 'u')) + "/>");
    REQUIRE_FALSE(long_name);
    CHECK_THAT(long_name.error().detail(), ContainsSubstring("too long"));
}

namespace {

/// The same form by libxml2's canonicaliser, which is asked wherever there are prefixes; nobody uses this one.
const CanonicalForm kByLibxml2{.kind = CanonicalForm::Kind::exclusive_1_0, .prefixes = {"nobody-uses-it"}};

/// Every element of a document, the root included.
void collect(Element element, std::vector<Element>& all) {
    all.push_back(element);
    for (Element child : children_of(element)) {
        collect(child, all);
    }
}

}  // namespace

TEST_CASE("what is written straight from the tree is octet by octet what libxml2's canonicaliser writes",
          "[wsse][security]") {
    std::size_t documents = 0;
    std::size_t elements = 0;
    std::size_t written = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{DATONG_TEST_DATA}) {
        if (!entry.is_regular_file() || entry.file_size() > (std::size_t{64} << 10)) {
            continue;
        }
        const std::string name = std::filesystem::relative(entry.path(), DATONG_TEST_DATA).string();
        const auto document = Document::read(tests::data(name));
        if (!document) {
            continue;
        }
        CAPTURE(name);
        ++documents;
        std::vector<Element> all;
        collect(document->root(), all);
        for (std::size_t i = 0; i < all.size() && i < 100; ++i) {
            CAPTURE(path_of(all[i]));
            const auto theirs = canonicalise(*document, all[i], kByLibxml2);
            const auto ours = write_exclusive(all[i], nullptr, std::size_t{1} << 20);
            ++elements;
            if (!ours || !theirs) {
                continue;  // libxml2 is asked; or it will have no part of a document that has a relative name elsewhere
            }
            ++written;
            REQUIRE(*ours == *theirs);
            const Element below = children_of(all[i]).empty() ? nullptr : children_of(all[i]).back();
            const auto without = canonicalise(*document, all[i], kByLibxml2, below);
            REQUIRE(canonicalise(*document, all[i], {}, below).value() == without.value());
        }
    }
    std::cout << "exclusive form: " << written << " of " << elements << " elements of " << documents
              << " documents written straight from the tree, all as libxml2 writes them\n";
    CHECK(documents > 300);
    CHECK(written > elements * 9 / 10);
}

TEST_CASE("a part that is written straight from the tree shows what it uses of its surroundings, and no more",
          "[wsse][security]") {
    const CanonicalForm form{.kind = CanonicalForm::Kind::exclusive_1_0};
    for (const std::string part : {
             R"(<part/>)",
             R"(<p:part/>)",
             R"(<part xmlns=""><q:x p:a="1" b="2"/></part>)",
             R"(<p:part xmlns:p="urn:other"><p:x/><q:y xmlns:q="urn:q2"><q:z/></q:y><q:w/></p:part>)",
             R"(<q:part><x xmlns=""/><x/><p:x xml:lang="zh"/></q:part>)",
             R"(<part p:a="&lt;&#13;&#9;" q:b="'"><![CDATA[<&>]]>&#13;text<p:x></p:x> tail</part>)",
             R"(<p:part><p:a xmlns:p="urn:inner" xmlns:q="urn:inner2"><q:b/></p:a><q:b p:c=""/></p:part>)",
             R"(<part xml:space="preserve"><!-- gone --><x><?kept it is?><?bare?></x></part>)",
             R"(<part b="1" q:a="2" p:a="3" a="4&quot;&#10;&amp;>"><x xmlns="urn:d2"><y xmlns=""/></x><x/></part>)",
             R"(<p:part xmlns:z="urn:z" xmlns:a="urn:a"><z:x a:b=""/><a:y z:b=""/><z:x/></p:part>)",
             R"(<part><x xmlns="urn:d"/><x xmlns="urn:e"><y xmlns="urn:d"/><z/></x></part>)",
         }) {
        CAPTURE(part);
        const auto document = Document::read(
            R"(<r xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="en"><other/>)" + part + "</r>");
        REQUIRE(document.has_value());
        const auto children = children_of(document->root());
        REQUIRE(children.size() == 2);
        const auto straight = write_exclusive(children[1], nullptr, 10'000);
        REQUIRE(straight.has_value());
        CHECK(*straight == canonicalise(*document, children[1], kByLibxml2).value_or(""));
        CHECK_FALSE(write_exclusive(children[1], nullptr, straight->size() - 1));
    }
    const auto document = Document::read(R"(<r xmlns:p="urn:p"><p:x p:a="1"><y/></p:x></r>)");
    CHECK(canonicalise(*document, children_of(document->root())[0], form) ==
          R"(<p:x xmlns:p="urn:p" p:a="1"><y></y></p:x>)");
}

TEST_CASE("a namespace that may be relative, or would be written otherwise, is left to libxml2", "[wsse][security]") {
    for (const std::string uri : {"relative", "../up", "urn:a&amp;b", "urn:\xe7\x94\xb2", "?a:b", "1a:b"}) {
        CAPTURE(uri);
        const auto document = Document::read("<r xmlns:p='" + uri + "'><p:x/><y xmlns='" + uri + "'/><z/></r>");
        REQUIRE(document.has_value());
        const auto children = children_of(document->root());
        CHECK_FALSE(write_exclusive(children[0], nullptr, 1'000));
        CHECK_FALSE(write_exclusive(children[1], nullptr, 1'000));
        CHECK_FALSE(write_exclusive(document->root(), nullptr, 1'000));
        CHECK(write_exclusive(children[2], nullptr, 1'000) == "<z></z>");
    }
    const auto relative = Document::read("<p:x xmlns:p='relative'/>");
    REQUIRE(relative.has_value());
    CHECK_FALSE(canonicalise(*relative, relative->root(), {}));
}
