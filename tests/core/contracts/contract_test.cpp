#include "core/contracts/contract.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "core/codec/json.h"
#include "core/contracts/openapi.h"
#include "core/contracts/wsdl.h"
#include "core/contracts/xsd.h"
#include "core/wsse/xml_form.h"
#include "tests/core/contracts/services.h"
#include "tests/core/contracts/xml_judge.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::contracts;
using record::Record;
using tests::DescribedService;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

/// What a caller's tools would send who know the XSD: no `type` says what is what.
std::string without_types(std::string xml) {
    for (const std::string type : {"number", "boolean", "list", "object"}) {
        const std::string attribute = " type=\"" + type + "\"";
        for (std::size_t at = xml.find(attribute); at != std::string::npos; at = xml.find(attribute)) {
            xml.erase(at, attribute.size());
        }
    }
    return xml;
}

Record read_back(const std::string& xml, const Contract& contract, const Record& schema) {
    const auto document = wsse::Document::read(xml);
    REQUIRE(document.has_value());
    auto read = wsse::read_xml_form(document->root(), contract.uri, schema);
    CAPTURE(xml);
    REQUIRE(read.has_value());
    return std::move(*read);
}

bool has_program(const std::string& name) {
    return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

bool runs(const std::string& command) {
    const int status = std::system(("(" + command + ") >/dev/null 2>&1").c_str());
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("every service's answers and calls are valid by its XSD and come back from XML", "[contracts]") {
    const auto services = tests::described_services();
    REQUIRE(services.size() >= 25);
    for (const DescribedService& one : services) {
        CAPTURE(one.service->id);
        const Contract contract = contract_of(*one.service);
        const std::string xsd = xsd_of(contract);
        for (const auto& [name, record, schema] : {std::tuple{kAnswer, tests::answer_of(one), &contract.answer},
                                                   std::tuple{kCall, tests::call_of(*one.service), &contract.call}}) {
            if (name == kCall && one.service->is_submit()) {
                continue;  // its query is the case, which only the department's own sample would fill
            }
            const std::string xml = wsse::write_xml_form(record, name, contract.uri);
            CAPTURE(name);
            CHECK(tests::judged_by_schema(xsd, xml) == "");
            CHECK(codec::write_json(read_back(xml, contract, {})) == codec::write_json(record));
        }
    }
}

TEST_CASE("tools that know the XSD need not write what is a number or a list", "[contracts]") {
    for (const DescribedService& one : tests::described_services()) {
        CAPTURE(one.service->id);
        const Contract contract = contract_of(*one.service);
        const Record answer = tests::answer_of(one);
        const std::string bare = without_types(wsse::write_xml_form(answer, kAnswer, contract.uri));
        CHECK(tests::judged_by_schema(xsd_of(contract), bare) == "");
        CHECK(codec::write_json(read_back(bare, contract, contract.answer)) == codec::write_json(answer));
    }
}

TEST_CASE("an answer that was tampered with is not valid by the XSD", "[contracts]") {
    const auto services = tests::described_services();
    const auto tax = std::find_if(services.begin(), services.end(),
                                  [](const DescribedService& one) { return one.service->id == "tax-clearance"; });
    REQUIRE(tax != services.end());
    const Contract contract = contract_of(*tax->service);
    const std::string xsd = xsd_of(contract);
    const std::string xml = wsse::write_xml_form(tests::answer_of(*tax), kAnswer, contract.uri);
    REQUIRE(tests::judged_by_schema(xsd, xml) == "");
    CHECK(tests::judged_by_schema(xsd, replaced(xml, "<outcome>found", "<outcome>fond")) != "");
    CHECK(tests::judged_by_schema(xsd, replaced(xml, "<issuedDate>", "<issuedDate>x")) != "");
    CHECK(tests::judged_by_schema(xsd, replaced(xml, "<exchange>01a2-test</exchange>", "")) != "");
    CHECK(tests::judged_by_schema(xsd, replaced(xml, "<inArrears type=\"boolean\">", "<inArrears type=\"number\">")) !=
          "");
    CHECK(tests::judged_by_schema(xsd, replaced(xml, "<certificate>", "<x/><certificate>")) != "");
    CHECK(tests::judged_by_schema(xsd, replaced(xml, contract.uri, "urn:datong:service:other:1")) != "");
}

TEST_CASE("a problem is valid by its XSD, and so is our header", "[contracts]") {
    const Record problem = codec::read_json(R"({"type":"urn:datong:problem:request_invalid","code":"request_invalid",
        "status":422,"title":"t","title_en":"t","blame":"consumer","may_retry":false,"todo":"x","todo_en":"x",
        "exchange":"e","errors":[{"field":"/a","rule":"r","message":"m","message_en":"m"}]})")
                               .value();
    const std::string xml = wsse::write_xml_form(problem, kProblem, kProblemUri);
    CHECK(tests::judged_by_schema(xsd_of_problem(), xml) == "");
    CHECK(tests::judged_by_schema(xsd_of_problem(), replaced(xml, "<blame>consumer", "<blame>nobody")) != "");
    const std::string call = R"(<Call xmlns="urn:datong:call:1" xmlns:u="urn:u" u:Id="c"><id>7</id></Call>)";
    CHECK(tests::judged_by_schema(xsd_of_header(), call) == "");
    CHECK(tests::judged_by_schema(xsd_of_header(), replaced(call, "<id>7</id>", "<id/>")) != "");
}

TEST_CASE("a contract names nothing of the department's system, and is the same text every time",
          "[contracts][security]") {
    for (const DescribedService& one : tests::described_services()) {
        CAPTURE(one.service->id);
        const Contract contract = contract_of(*one.service);
        const std::string openapi = codec::write_json(openapi_of(contract, "https://gateway.example"));
        const std::string wsdl = wsdl_of(contract, "https://gateway.example");
        for (const std::string& text : {openapi, wsdl}) {
            CHECK(text.find(one.service->request->id()) == std::string::npos);
            CHECK(text.find(one.service->response->id() + "@") == std::string::npos);
            CHECK(text.find("127.0.0.1") == std::string::npos);
            CHECK(text.find("x-class") == std::string::npos);
            CHECK(text.find("$defs") == std::string::npos);
        }
        CHECK(wsdl == wsdl_of(contract_of(*one.service), "https://gateway.example"));
        CHECK(openapi == codec::write_json(openapi_of(contract_of(*one.service), "https://gateway.example")));
    }
}

TEST_CASE("a matter's contract has 202 where a service is slow, and files where one has some", "[contracts]") {
    struct Row {
        const char* why;
        bool submits;
        bool slow;
        bool files;
        bool has_202;
    };
    const auto row = GENERATE(values<Row>({{"plain", false, false, false, false},
                                           {"slow", false, true, false, true},
                                           {"with files", false, false, true, false},
                                           {"both", false, true, true, true},
                                           {"of cases that are pushed", true, false, false, true}}));
    CAPTURE(row.why);
    catalogue::Service plain;
    catalogue::Service other;
    if (row.slow) {
        other.slow = catalogue::Slow{};
    }
    if (row.files) {
        other.files.emplace_back();
    }
    catalogue::Material first;
    first.service = &plain;
    catalogue::Material last;
    last.service = &other;
    catalogue::Requirement requirement;
    requirement.any_of = {{first}, {first, last}};
    catalogue::Matter matter;
    matter.id = "m";
    matter.version = "1.0.0";
    matter.submits = row.submits;
    matter.requirements = {catalogue::Requirement{}, requirement};
    const Contract contract = contract_of(matter);
    const Record openapi = openapi_of(contract, "https://gateway.example");
    const Record& responses = *openapi.find("paths")->find("/v1/matters/m/materials")->find("post")->find("responses");
    const Record* later = responses.find("202");
    CHECK((later != nullptr) == row.has_202);
    CHECK((later == nullptr || later->find("headers")->find("Location") != nullptr));
    CHECK(responses.members().size() == (row.has_202 ? 3U : 2U));
    CHECK((contract.call.find("properties")->find("files") != nullptr) == row.files);
    CHECK((openapi.find("paths")->find("/v1/exchanges/{exchange}/files/{number}") != nullptr) == row.files);
    CHECK((xsd_of(contract).find("name=\"files\"") != std::string::npos) == row.files);
    CHECK((wsdl_of(contract, "https://gateway.example").find("#mtom") != std::string::npos) == row.files);
}

TEST_CASE("gSOAP makes a client of a WSDL", "[contracts][interop]") {
    if (!has_program("wsdl2h") || !has_program("soapcpp2")) {
        WARN("skipped: gSOAP (wsdl2h, soapcpp2) is not installed");
        return;
    }
    const support::ScratchFolder folder;
    int read = 0;
    for (const DescribedService& one : tests::described_services()) {
        if (one.service->id > "case-z" && one.service->id != "tax-clearance") {
            continue;  // a second each: some of every kind will do
        }
        CAPTURE(one.service->id);
        folder.write("service.wsdl", wsdl_of(contract_of(*one.service), "https://gateway.example"));
        const std::string go = "cd " + folder.path() + " && ";
        CHECK(runs(go + "wsdl2h -s -o service.h service.wsdl && ! grep -q 'not found' service.h"));
        CHECK(folder.read("service.h").find("gateway.example/soap/" + one.service->id) != std::string::npos);
        CHECK(runs(go + "soapcpp2 -C -x -I/usr/share/gsoap/import service.h"));
        ++read;
    }
    CHECK(read >= 5);
}

TEST_CASE("the schemas of every OpenAPI document are JSON Schema by another's judgement, and answers fit them",
          "[contracts][interop]") {
    if (!runs("python3 -c 'import jsonschema; jsonschema.Draft202012Validator'")) {
        WARN("skipped: python3-jsonschema is not installed");
        return;
    }
    constexpr const char* kJudge = R"(
import json, sys, jsonschema
one = json.load(open(sys.argv[1], encoding='utf-8'))
schemas = one['openapi']['components']['schemas']
assert one['openapi']['openapi'] == '3.1.0' and len(one['openapi']['paths']) == 1
for schema in schemas.values():
    jsonschema.Draft202012Validator.check_schema(schema)
for name in ('Answer', 'Call'):
    if name in one:
        jsonschema.Draft202012Validator(schemas[name]).validate(one[name])
spoilt = dict(one['Answer'], outcome='nonsense')
assert not jsonschema.Draft202012Validator(schemas['Answer']).is_valid(spoilt)
)";
    const support::ScratchFolder folder;
    folder.write("judge.py", kJudge);
    for (const DescribedService& one : tests::described_services()) {
        CAPTURE(one.service->id);
        Record all = Record::object();
        all.put("openapi", openapi_of(contract_of(*one.service), "https://gateway.example"));
        all.put("Answer", tests::answer_of(one));
        if (!one.service->is_submit()) {
            all.put("Call", tests::call_of(*one.service));
        }
        folder.write("one.json", codec::write_json(all));
        CHECK(runs("python3 " + (folder / "judge.py") + ' ' + (folder / "one.json")));
    }
}
