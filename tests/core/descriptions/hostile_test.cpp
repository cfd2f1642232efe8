#include "core/descriptions/openapi.h"
#include "core/descriptions/wsdl.h"
#include "tests/core/descriptions/sample.h"

using namespace datong;
using namespace datong::descriptions::tests;
using descriptions::read_wsdl;

namespace {

std::string wsdl(const std::string& inside) {
    return "<w:definitions xmlns:w=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
           "xmlns:s=\"http://schemas.xmlsoap.org/wsdl/soap/\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\">" +
           inside + "</w:definitions>";
}

std::string types(const std::string& inside) {
    return "<w:types><xs:schema targetNamespace=\"urn:t\">" + inside + "</xs:schema></w:types>";
}

/// One operation `q` whose element is `q`.
const std::string kPort =
    "<w:message name=\"in\"><w:part name=\"p\" element=\"t:q\"/></w:message><w:portType name=\"P\"><w:operation "
    "name=\"q\"><w:input message=\"t:in\"/><w:output message=\"t:in\"/></w:operation></w:portType><w:binding "
    "name=\"B\" "
    "type=\"t:P\"><s:binding style=\"document\"/><w:operation name=\"q\"><s:operation "
    "soapAction=\"\"/><w:input><s:body "
    "use=\"literal\"/></w:input></w:operation></w:binding><w:service name=\"S\"><w:port name=\"O\" binding=\"t:B\">"
    "<s:address location=\"http://127.0.0.1\"/></w:port></w:service>";

std::string refused(const std::map<std::string, std::string>& files) {
    const auto made = read_wsdl("a.wsdl", made_of(files), {});
    return made ? "read" : codes(made.error());
}

}  // namespace

TEST_CASE("a hostile WSDL ends in a mistake with a name", "[descriptions][security]") {
    std::string deep = "<xs:element name=\"q\"/>";
    for (int i = 0; i < 80; ++i) {
        deep.insert(0, "<xs:a>").append("</xs:a>");
    }
    struct Row {
        const char* why;
        std::string text;
        const char* code;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"a DTD", "<!DOCTYPE d>" + wsdl(kPort), "I102"},
        {"an entity", "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + wsdl("&x;"), "I102"},
        {"5 MB", wsdl("<!--" + std::string(5U << 20U, 'x') + "-->"), "I101"},
        {"10 MB of elements", wsdl([] {
             std::string many;
             for (int i = 0; i < 500'000; ++i) {
                 many += "<w:x/>";
             }
             return many;
         }()),
         "I102"},
        {"too deep", wsdl(types(deep)), "I102"},
        {"not well-formed", "<w:definitions", "I102"},
        {"something else", "<html/>", "I102"},
        {"empty", "", "I102"},
        {"WSDL 2.0", "<description xmlns=\"http://www.w3.org/ns/wsdl\"/>", "I102"},
        {"an import of a local file", wsdl("<w:import location=\"file:///etc/passwd\"/>" + kPort), "I103"},
        {"an import of a host", wsdl("<w:import location=\"http://10.0.0.1/x\"/>" + kPort), "I103"},
        {"an import of what is not there", wsdl("<w:import location=\"b.wsdl\"/>" + kPort), "I103"},
        {"an import of itself", wsdl("<w:import location=\"a.wsdl\"/>" + kPort), "I104"},
        {"no service", wsdl(""), "I105"},
        {"no binding",
         wsdl("<w:service name=\"S\"><w:port name=\"O\" binding=\"t:B\"><s:address "
              "location=\"\"/></w:port></w:service>"),
         "I105"},
        {"no such element", wsdl(kPort), "I105"},
    }));
    CAPTURE(row.why);
    CHECK(refused({{"a.wsdl", row.text}}) == row.code);
}

TEST_CASE("WSDL files that import each other in a circle, and too many files, are refused",
          "[descriptions][security]") {
    CHECK(refused({{"a.wsdl", wsdl("<w:import location=\"b.wsdl\"/>" + kPort)},
                   {"b.wsdl", wsdl("<w:import location=\"a.wsdl\"/>")}}) == "I104");
    std::map<std::string, std::string> files{{"a.wsdl", wsdl(types("<xs:include schemaLocation=\"0.xsd\"/>") + kPort)}};
    for (int i = 0; i < 80; ++i) {
        files[std::to_string(i) + ".xsd"] =
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:include schemaLocation=\"" +
            std::to_string(i + 1) + ".xsd\"/></xs:schema>";
    }
    CHECK(refused(files) == "I104");
}

TEST_CASE("types that hold themselves, multiply or never end are cut and said", "[descriptions][security]") {
    std::string wide;
    for (int i = 0; i < 9; ++i) {
        wide += "<xs:complexType name=\"T" + std::to_string(i) + "\"><xs:sequence>";
        for (int k = 0; k < 10; ++k) {
            wide += "<xs:element name=\"e" + std::to_string(k) + "\" type=\"t:T" + std::to_string(i + 1) + "\"/>";
        }
        wide += "</xs:sequence></xs:complexType>";
    }
    std::string groups;  // ten of ten of ten ... without one element
    for (int i = 0; i < 12; ++i) {
        groups += "<xs:group name=\"G" + std::to_string(i) + "\"><xs:sequence>";
        for (int k = 0; k < 10; ++k) {
            groups += "<xs:group ref=\"t:G" + std::to_string(i + 1) + "\"/>";
        }
        groups += "</xs:sequence></xs:group>";
    }
    const auto inside = GENERATE_COPY(values<std::string>({
        "<xs:element name=\"q\" type=\"t:T\"/><xs:complexType name=\"T\"><xs:sequence><xs:element name=\"x\" "
        "type=\"t:T\"/>"
        "</xs:sequence></xs:complexType>",
        "<xs:element name=\"q\" type=\"t:T\"/><xs:complexType name=\"T\"><xs:complexContent><xs:extension "
        "base=\"t:T\"/>"
        "</xs:complexContent></xs:complexType>",
        "<xs:element name=\"q\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:restriction base=\"t:T\"/></xs:simpleType>",
        "<xs:element name=\"q\"><xs:complexType><xs:sequence><xs:element "
        "ref=\"t:q\"/></xs:sequence></xs:complexType></xs:element>",
        "<xs:element name=\"q\" type=\"t:T\"/><xs:complexType name=\"T\"><xs:group ref=\"t:G\"/></xs:complexType>"
        "<xs:group name=\"G\"><xs:sequence><xs:group ref=\"t:G\"/></xs:sequence></xs:group>",
        "<xs:element name=\"q\" type=\"t:T0\"/>" + wide,
        "<xs:element name=\"q\" ref=\"t:q\"/>",
        "<xs:element name=\"q\" type=\"t:T\"/><xs:complexType name=\"T\"><xs:group ref=\"t:G0\"/></xs:complexType>" +
            groups,
    }));
    const auto made = read_wsdl("a.wsdl", made_of({{"a.wsdl", wsdl(types(inside) + kPort)}}), {});
    REQUIRE(made.has_value());
    CHECK_FALSE(made->operations.at(0).gaps.empty());
}

TEST_CASE("a hostile OpenAPI description ends in a mistake with a name", "[descriptions][security]") {
    const std::string deep = "{\"openapi\":\"3.0.0\",\"paths\":" + std::string(600, '[') + std::string(600, ']') + "}";
    struct Row {
        const char* why;
        std::string text;
        const char* codes;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"5 MB", std::string(5U << 20U, ' '), "I101"},
        {"no JSON", "{\"openapi\":", "I102"},
        {"too deep", deep, "I102"},
        {"another kind", "{\"asyncapi\":\"2.0.0\"}", "I102"},
        {"a list", "[]", "I102"},
        {"YAML with an alias", "openapi: 3.0.0\na: &x 1\nb: *x\n", "M103"},
        {"YAML with a tag", "openapi: !!python/object:os.system x\n", "M104"},
        {"nothing in it", "openapi: 3.0.0\npaths: {}\n", "I105"},
        {"a reference to another file", R"({"openapi":"3.1.0","paths":{"/a":{"$ref":"/etc/passwd#/x"}}})", "I103 I105"},
        {"a reference in a circle", R"({"openapi":"3.1.0","paths":{"/a":{"$ref":"#/paths/~1a"}}})", "I103 I105"},
    }));
    CAPTURE(row.why);
    const auto made = descriptions::read_openapi("a", row.text, {});
    REQUIRE_FALSE(made.has_value());
    CHECK(codes(made.error()).substr(0, 4) == std::string{row.codes}.substr(0, 4));
}

TEST_CASE("schemas that hold themselves or multiply are cut and said", "[descriptions][security]") {
    std::string wide =
        R"({"openapi":"3.0.0","paths":{"/a":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/s/0"}}}}}}}},"s":{)";
    for (int i = 0; i < 9; ++i) {
        wide += '"' + std::to_string(i) + R"(":{"properties":{)";
        for (int k = 0; k < 10; ++k) {
            wide +=
                (k == 0 ? "\"p" : ",\"p") + std::to_string(k) + R"(":{"$ref":"#/s/)" + std::to_string(i + 1) + "\"}";
        }
        wide += "}},";
    }
    const auto made = descriptions::read_openapi("a", wide + R"("9":{"type":"string"}}})", {});
    REQUIRE(made.has_value());
    CHECK(has_gap(made->operations.at(0).gaps, "cut at field"));
    CHECK(made->operations.at(0).gaps.size() < 100);
}
