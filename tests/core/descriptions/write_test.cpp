#include "core/descriptions/write.h"

#include <algorithm>
#include <set>

#include "core/catalogue/loading.h"
#include "core/codec/json.h"
#include "core/codec/soap.h"
#include "core/descriptions/openapi.h"
#include "core/descriptions/wsdl.h"
#include "core/mapping/mapping.h"
#include "core/yaml/node.h"
#include "tests/core/descriptions/sample.h"

using namespace datong;
using namespace datong::descriptions::tests;
using descriptions::Draft;

namespace {

Draft draft_of(const descriptions::Interface& described) {
    return descriptions::write_draft(described, {.department = "d", .source = "s", .description = "x\n# y"});
}

const std::string& text_of(const Draft& made, const std::string& path) {
    const auto found = std::ranges::find(made.files, path, &descriptions::DraftFile::path);
    INFO(path);
    REQUIRE(found != made.files.end());
    return found->text;
}

mapping::Compiled compile(const Draft& made, const std::string& path) {
    return mapping::compile(path,
                            [&](std::string_view name) -> std::optional<std::string> {
                                const auto found = std::ranges::find(made.files, "mappings/" + std::string{name},
                                                                     &descriptions::DraftFile::path);
                                return found == made.files.end() ? std::nullopt : std::optional{found->text};
                            },
                            {.test_division = true});
}

/// Every scalar below a node.
std::string all_of(const yaml::Node& node) {
    std::string out = node.text + '\n';
    for (const auto& entry : node.entries) {
        out += all_of(entry.second);
    }
    for (const yaml::Node& item : node.items) {
        out += all_of(item);
    }
    return out;
}

/// Every file is YAML or JSON, every mapping compiles, and no path comes twice.
void check(const Draft& made) {
    std::set<std::string> paths;
    for (const descriptions::DraftFile& file : made.files) {
        CAPTURE(file.path, file.text);
        CHECK(paths.insert(file.path).second);
        if (file.path.ends_with(".json")) {
            CHECK(codec::read_json(file.text).has_value());
        } else {
            CHECK(yaml::parse(file.text, file.path).has_value());
        }
    }
    for (const descriptions::DraftedOperation& one : made.operations) {
        for (const std::string& path : {one.request, one.response}) {
            const auto compiled = compile(made, path);
            CAPTURE(path, text_of(made, "mappings/" + path));
            for (const Mistake& mistake : compiled.mistakes) {
                if (mistake.severity == Severity::error) {
                    FAIL_CHECK(to_line(mistake));
                }
            }
            CHECK(compiled.mapping != nullptr);
        }
        CHECK_FALSE(has_gap(one.gaps, "datong map check"));
    }
}

}  // namespace

TEST_CASE("every draft passes the check of mappings", "[descriptions]") {
    const auto [folder, name] = GENERATE(table<const char*, const char*>(
        {{"asmx", "HouseQuery.wsdl"}, {"axis1", "BdcService.wsdl"}, {"cxf", "TaxService.wsdl"}}));
    check(draft_of(descriptions::read_wsdl(name, beside(folder), {}).value()));
    check(draft_of(descriptions::read_openapi("m", read_sample("openapi/market.yaml"), {}).value()));
    check(draft_of(descriptions::read_openapi("f", read_sample("openapi/fund.json"), {}).value()));
}

TEST_CASE("a drafted request is the envelope that the service reads", "[descriptions]") {
    const Draft made = draft_of(descriptions::read_wsdl("HouseQuery.wsdl", beside("asmx"), {}).value());
    const auto compiled = compile(made, "d/query-house.request.yaml");
    REQUIRE(compiled.mapping != nullptr);
    const auto query = codec::read_json(R"({"Page":1})");
    const auto context = codec::read_json(R"({"subject":{"name":"示例甲","id_no":"999901199001010010"}})");
    mapping::Input input{};
    input.tree = &*query;
    input.context = &*context;
    const mapping::Output out = compiled.mapping->run(input);
    REQUIRE(out.outcome == mapping::Outcome::ok);
    CHECK_THAT(out.wire, ContainsSubstring("<soap:Body><QueryHouse xmlns=\"http://tempuri.org/\"><XM>示例甲</XM><ZJH>"
                                           "999901199001010010</ZJH><Page>1</Page></QueryHouse></soap:Body>"));
}

TEST_CASE("a drafted response reads what the service answers", "[descriptions]") {
    const Draft made = draft_of(descriptions::read_wsdl("HouseQuery.wsdl", beside("asmx"), {}).value());
    const auto compiled = compile(made, "d/get-contract.yaml");
    REQUIRE(compiled.mapping != nullptr);
    mapping::Input input{};
    input.bytes =
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><GetContractResponse "
        "xmlns=\"http://tempuri.org/\"><GetContractResult><HTBH>A1</HTBH><BASJ>2026-01-01T00:00:00</BASJ><HTJE>100.10</"
        "HTJE>"
        "<State>Filed</State><Buyers><Buyer><姓名>示例甲</姓名><证件号码>999901199001010010</证件号码><Share>0.5</"
        "Share></Buyer>"
        "</Buyers><Tags><string>a</string><string>b</string></Tags></GetContractResult></GetContractResponse></"
        "soap:Body>"
        "</soap:Envelope>";
    const mapping::Output out = compiled.mapping->run(input);
    REQUIRE(out.outcome == mapping::Outcome::ok);
    CHECK(
        out.wire ==
        R"({"HTBH":"A1","BASJ":"2026-01-01T00:00:00","HTJE":"100.10","State":"Filed","Buyers":{"Buyer":[{"姓名":"示例甲",)"
        R"("证件号码":"999901199001010010","Share":"0.5"}]},"Tags":{"string":[{"value":"a"},{"value":"b"}]}})");
}

namespace {

/// A document/literal service `q` of two elements.
descriptions::Interface described_as(const std::string& input, const std::string& output) {
    const std::string text =
        R"(<definitions name="a" targetNamespace="urn:a" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:a"
 xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema"><types>
<x:schema targetNamespace="urn:a" elementFormDefault="qualified"><x:element name="q"><x:complexType>)" +
        input + R"(</x:complexType></x:element><x:element name="r"><x:complexType>)" + output +
        R"(</x:complexType></x:element></x:schema></types>
<message name="qi"><part name="p" element="t:q"/></message><message name="qo"><part name="p" element="t:r"/></message>
<portType name="P"><operation name="q"><input message="t:qi"/><output message="t:qo"/></operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
<operation name="q"><s:operation soapAction="urn:q"/><input><s:body use="literal"/></input>
<output><s:body use="literal"/></output></operation></binding>
<service name="S"><port name="p" binding="t:B"><s:address location="http://127.0.0.1/x"/></port></service>
</definitions>)";
    return descriptions::read_wsdl("a.wsdl", made_of({{"a.wsdl", text}}), {}).value();
}

std::string sent(const Draft& made, const std::string& query) {
    const auto compiled = compile(made, "d/q.request.yaml");
    REQUIRE(compiled.mapping != nullptr);
    const auto tree = codec::read_json(query);
    const auto context = codec::read_json("{}");
    mapping::Input input{};
    input.tree = &*tree;
    input.context = &*context;
    return compiled.mapping->run(input).wire;
}

}  // namespace

TEST_CASE("values of a request that come several times are one text of the query", "[descriptions]") {
    const Draft soap = draft_of(described_as(
        R"(<x:sequence><x:element name="id" type="x:string"/><x:element name="b" type="x:int" maxOccurs="5"/>
<x:element name="zjh" type="x:string" minOccurs="0" maxOccurs="unbounded"/></x:sequence>)",
        R"(<x:sequence><x:element name="v" type="x:string"/><x:element name="zjh" type="x:int" maxOccurs="9"/></x:sequence>)"));
    check(soap);
    CHECK_THAT(sent(soap, R"({"id":"1","b":"3, 4"})"),
               ContainsSubstring("<q xmlns=\"urn:a\"><id>1</id><b>3</b><b>4</b></q>"));
    const Draft rest = draft_of(
        descriptions::read_openapi(
            "o.json",
            R"({"openapi":"3.0.0","info":{"title":"t","version":"1"},"servers":[{"url":"http://127.0.0.1"}],"paths":{"/q":
{"post":{"operationId":"q","requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":
{"id":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}},"zjh":{"type":"array","items":{"type":"integer"}}}}}}},"responses":{"200":{"description":"x",
"content":{"application/json":{"schema":{"type":"object","properties":{"a":{"type":"string"}}}}}}}}}}})",
            {})
            .value());
    check(rest);
    CHECK(sent(rest, R"({"id":"1","tags":"x,y","zjh":"1"})") == R"({"id":"1","tags":["x","y"],"zjh":["1"]})");
}

TEST_CASE("an element of two branches of a choice is one field", "[descriptions]") {
    const descriptions::Interface described = described_as(
        R"(<x:sequence><x:element name="id" type="x:string"/></x:sequence>)",
        R"(<x:choice><x:sequence><x:element name="grxm" type="x:string"/><x:element name="sfz" type="x:string"/>
</x:sequence><x:sequence><x:element name="dwmc" type="x:string"/><x:element name="sfz" type="x:string"/></x:sequence>
</x:choice>)");
    CHECK(shown(described.operations[0].output.members) == "grxm:text? sfz:text? dwmc:text?");
    check(draft_of(described));
    const descriptions::Interface twice =
        described_as(R"(<x:sequence><x:element name="id" type="x:string"/></x:sequence>)",
                     R"(<x:sequence><x:element name="a" type="x:string"/><x:element name="b" type="x:string"/>
<x:element name="a" type="x:string"/></x:sequence>)");
    CHECK(shown(twice.operations[0].output.members) == "a:text* b:text");
    check(draft_of(twice));
}

TEST_CASE("the source of a draft says what must be filled in", "[descriptions]") {
    const Draft soap = draft_of(descriptions::read_wsdl("HouseQuery.wsdl", beside("asmx"), {}).value());
    const std::string& text = text_of(soap, "sources/d.s.yaml");
    CHECK_THAT(text, ContainsSubstring("adapter: soap"));
    CHECK_THAT(text, ContainsSubstring(
                         "AuthHeader: {uri: \"http://tempuri.org/\", values: {UserName: \"\", Password: \"\"}}"));
    CHECK_THAT(text, ContainsSubstring("TO FILL IN"));
    CHECK(has_gap(soap.operations[0].gaps, "DataSet"));
    const Draft rest = draft_of(descriptions::read_openapi("m", read_sample("openapi/market.yaml"), {}).value());
    CHECK_THAT(text_of(rest, "sources/d.s.yaml"), ContainsSubstring("method: GET, path: \"/v1/entities/{uniscid}\""));
    CHECK_THAT(text_of(rest, "sources/d.s.yaml"), ContainsSubstring("ca: keys/d-ca.pem"));
}

TEST_CASE("what a description calls its fields can't become YAML of its own", "[descriptions][security]") {
    descriptions::Interface hostile{.is_soap = true, .url = "http://h/\"\nx: y"};
    descriptions::Operation one;
    one.name = "a: b\n- c";
    one.label = "l\", evil: \"1";
    one.element = "q";
    one.uri = "urn:\"\n}x";
    one.action = "\"\\\n";
    for (const char* name :
         {"ok", "a.b", "a b", "a\nb", "x: y", "", "-", "a]", "#text", "@id", "null", "true", "1a", "{a}", "~", "é"}) {
        descriptions::Shape shape;
        shape.name = name;
        shape.label = "标签: \"x\" # y, {z}";
        shape.codes = {"\"", "\n", "a, b"};
        one.input.members.push_back(shape);
        one.output.members.push_back(shape);
    }
    descriptions::Operation twice = one;
    hostile.operations = {one, twice};
    check(draft_of(hostile));
}

TEST_CASE("a description can't name a variable of the environment", "[descriptions][security]") {
    const std::string text = "a $${TOKSEC} ${TOKSEC:-x} ${ $$";
    descriptions::Interface hostile{.is_soap = GENERATE(true, false), .url = "http://h/" + text};
    descriptions::Operation one;
    one.name = one.label = one.action = one.element = one.uri = one.path = text;
    one.method = "POST";
    one.query = {text};
    one.headers.push_back({.name = text, .label = text, .members = {{.name = text}}});
    for (const char* name : {"ok", "a${TOKSEC}"}) {
        one.input.members.push_back({.name = name, .label = text, .codes = {text}});
        one.output.members.push_back({.name = name, .label = text, .codes = {text}});
    }
    hostile.operations = {one};
    const Draft made = draft_of(hostile);
    check(made);
    CHECK(has_gap(made.operations[0].gaps, "names none"));
    catalogue::Files files;
    files.environment = [](const std::string&) { return std::optional<std::string>{"s3cr3t"}; };
    for (const descriptions::DraftFile& file : made.files) {
        CAPTURE(file.path, file.text);
        if (file.path.starts_with("mappings/")) {
            continue;  // nothing is expanded there
        }
        CHECK_THAT(file.text, ContainsSubstring("TO FILL IN: the description writes a variable"));
        auto node = yaml::parse(file.text, file.path);
        REQUIRE(node);
        Mistakes mistakes;
        catalogue::expand(*node, files, mistakes);
        CHECK(mistakes.empty());
        CHECK_THAT(all_of(*node), !ContainsSubstring("s3cr3t"));
        CHECK_THAT(all_of(*node), ContainsSubstring(text));
        if (const yaml::Node* source = node->find("s"); source != nullptr) {
            const yaml::Node& settings = *source->find("settings");
            CHECK(settings.text_of("url") == hostile.url);
            REQUIRE(settings.find("operations")->find(text) != nullptr);  // as the service names it
        }
    }
}

TEST_CASE("two dollar signs and a brace name no variable, one does", "[descriptions]") {
    const auto [written, read] = GENERATE(table<const char*, const char*>({{"${A}", "v"},
                                                                           {"$${A}", "${A}"},
                                                                           {"$$${A}", "$${A}"},
                                                                           {"x$${A}y${A}z", "x${A}yvz"},
                                                                           {"${A}$${", "v${"},
                                                                           {"${", "${"},
                                                                           {"$$", "$$"},
                                                                           {"${B:-$}", "$"}}));
    CAPTURE(written);
    catalogue::Files files;
    files.environment = [](const std::string& name) {
        return name == "A" ? std::optional<std::string>{"v"} : std::nullopt;
    };
    yaml::Node node;
    node.text = written;
    Mistakes mistakes;
    catalogue::expand(node, files, mistakes);
    CHECK(node.text == read);
    CHECK(mistakes.empty());
}

TEST_CASE("ids are made of what may stand in them", "[descriptions]") {
    const auto [name, id] = GENERATE(table<const char*, const char*>({{"queryBdcInfo", "query-bdc-info"},
                                                                      {"GetHTTPStatus", "get-httpstatus"},
                                                                      {"get/v1/{id}", "get-v1-id"},
                                                                      {"查询", ""},
                                                                      {"查询A1", "a1"},
                                                                      {"12ab", "ab"},
                                                                      {"__x__", "x"}}));
    CHECK(descriptions::id_of(name) == id);
}
