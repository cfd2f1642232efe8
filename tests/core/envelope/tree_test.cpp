#include "core/envelope/tree.h"

#include "core/codec/soap.h"
#include "tests/support/catch.h"

using namespace datong;
using envelope::Tree;

namespace {

std::string soap(std::string_view uri, const std::string& inner) {
    return "<e:Envelope xmlns:e=\"" + std::string{uri} + "\">" + inner + "</e:Envelope>";
}

}  // namespace

TEST_CASE("a block goes into the Header, and the Body stays as it was", "[envelope]") {
    const auto uri = GENERATE(codec::kSoap11, codec::kSoap12);
    const std::string body = "<e:Body><m:q xmlns:m=\"urn:m\" t=\"m:x\"><![CDATA[<a>]]>&#13;甲</m:q></e:Body>";
    const auto [before, after] = GENERATE_COPY(table<std::string, std::string>(
        {{"", "<e:Header><h xmlns=\"urn:h\">1</h></e:Header>"},
         {"<e:Header/>", "<e:Header><h xmlns=\"urn:h\">1</h></e:Header>"},
         {"<e:Header><o/></e:Header>", "<e:Header><o/><h xmlns=\"urn:h\">1</h></e:Header>"}}));
    auto tree = Tree::read(soap(uri, before + body));
    REQUIRE(tree.has_value());
    CHECK(tree->version() == (uri == codec::kSoap11 ? "1.1" : "1.2"));
    REQUIRE(tree->add_header("<h xmlns=\"urn:h\">1</h>").has_value());
    CHECK(tree->write() == soap(uri, after + body));
}

TEST_CASE("a business element called Header is not taken for the envelope's", "[envelope][security]") {
    auto tree = Tree::read(soap(codec::kSoap11, "<Header xmlns=\"urn:x\"/><e:Body/>"));
    REQUIRE(tree.has_value());
    REQUIRE(tree->add_header("<h/>").has_value());
    CHECK(tree->write() == soap(codec::kSoap11, "<e:Header><h/></e:Header><Header xmlns=\"urn:x\"/><e:Body/>"));
}

TEST_CASE("what is no envelope makes no tree", "[envelope][security]") {
    const auto text = GENERATE(as<std::string>{}, "", "x", "<html/>", soap("urn:other", "<e:Body/>"),
                               soap(codec::kSoap11, ""), soap(codec::kSoap11, "<Body/>"),
                               "<!DOCTYPE e [<!ENTITY x \"y\">]>" + soap(codec::kSoap11, "<e:Body>&x;</e:Body>"),
                               soap(codec::kSoap11, "<e:Body>"));
    CAPTURE(text);
    const auto tree = Tree::read(text);
    REQUIRE_FALSE(tree.has_value());
    CHECK(tree.error().fault() == Fault::bad_request);
}
