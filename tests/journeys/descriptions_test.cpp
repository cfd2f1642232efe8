#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "core/wsse/document.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

HttpMessage ask(const GatewayUnderTest& gateway, const std::string& target,
                const std::string& consumer = "one-window") {
    const Platform platform = gateway.platform(consumer);
    const HttpMessage request = platform.prepare_get(target);
    HttpMessage answer = platform.send(request);
    CAPTURE(target, answer.body);
    CHECK(platform.check_signature(answer, request).has_value());  // refusals, too
    return answer;
}

std::set<std::string> names_in(const HttpMessage& answer, const char* list, const char* member) {
    std::set<std::string> names;
    const Record read = json_of(answer);
    REQUIRE(read.find(list) != nullptr);
    for (const Record& one : read.find(list)->items()) {
        names.insert(one.text_of(member));
    }
    return names;
}

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    write_text(file, text.replace(at, what.size(), with));
}

void take_matches(const std::string& text, const std::regex& pattern, std::set<std::string>& into) {
    for (std::sregex_iterator at{text.begin(), text.end(), pattern}; at != std::sregex_iterator{}; ++at) {
        into.insert((*at)[1].str());
    }
}

/// What would tell a caller where or what a department's system is: addresses, folders, paths, tables.
std::set<std::string> secrets_of(GatewayUnderTest& gateway) {
    std::set<std::string> secrets;
    for (const auto& [name, value] : gateway.city().environment()) {
        secrets.insert(value);
        take_matches(value, std::regex{"://([^/]+)"}, secrets);
    }
    for (const auto& file : std::filesystem::directory_iterator{gateway.folder() + "/config/departments"}) {
        const std::string text = read_file(file.path());
        take_matches(text, std::regex{"(?:FROM|JOIN|INTO|UPDATE) ([A-Za-z_]+)"}, secrets);
        take_matches(text, std::regex{"path: (/[^ ,}]+)"}, secrets);
        take_matches(text, std::regex{"url: \"[^\"]*\\}(/[^\"]+)\""}, secrets);
    }
    std::erase_if(secrets, [](const std::string& one) { return one.size() < 3; });
    return secrets;
}

std::string without(std::string text, const std::string& part) {
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part)) {
        text.erase(at, part.size());
    }
    return text;
}

}  // namespace

TEST_CASE("a consumer is told what it may call, under which grants, and nothing of anybody else's",
          "[journey][descriptions]") {
    GatewayUnderTest gateway;
    const HttpMessage services = ask(gateway, "/v1/services");
    REQUIRE(services.status == 200);
    const auto names = names_in(services, "services", "service");
    CHECK(names.contains("tax-clearance"));
    CHECK(names.contains("case-push-tax"));
    CHECK(names.size() == gateway.program().current().get()->services.size());
    for (const Record& one : json_of(services).find("services")->items()) {
        if (one.text_of("service") == "tax-clearance") {
            CHECK(one.text_of("version") == "1.0.0");
            CHECK(one.text_of("title") == "税收完税证明");
            CHECK(one.text_of("title_en") == "Tax clearance");
            CHECK(one.text_of("kind") == "query");
            CHECK(one.find("issuer")->text_of("id") == "tax");
            CHECK(one.find("paths")->text_of("openapi") == "/v1/services/tax-clearance/openapi.json");
            const Record& grant = one.find("grants")->items().front();
            CHECK(grant.text_of("grant") == "one-window-existing-home-transfer");
            CHECK(grant.text_of("valid_to") == "2027-12-31");
            CHECK(grant.find("purposes")->items().front().scalar() == "existing-home-transfer");
            CHECK(grant.find("fields")->items().size() >= 1);
        }
    }
    CHECK(names_in(ask(gateway, "/v1/services", "portal"), "services", "service") ==
          std::set<std::string>{"business-licence", "fund-deposit-certificate"});
    CHECK(names_in(ask(gateway, "/v1/grants", "portal"), "grants", "grant") ==
          std::set<std::string>{"portal-business-licence", "portal-fund-by-consent", "portal-verify-licence"});
    const auto matters = names_in(ask(gateway, "/v1/matters"), "matters", "matter");
    CHECK(matters.contains("case-push-existing-home-transfer"));
    CHECK(matters.contains("existing-home-transfer"));
    const HttpMessage none = ask(gateway, "/v1/matters", "portal");
    CHECK(none.status == 200);
    CHECK(json_of(none).find("matters")->items().empty());
}

TEST_CASE("OpenAPI and WSDL of a service and a matter come signed, with the address that was called",
          "[journey][descriptions]") {
    GatewayUnderTest gateway;
    const std::string base = "https://127.0.0.1:" + std::to_string(gateway.program().port());
    for (const std::string of : {"/v1/services/tax-clearance", "/v1/matters/existing-home-transfer"}) {
        CAPTURE(of);
        const HttpMessage openapi = ask(gateway, of + "/openapi.json");
        REQUIRE(openapi.status == 200);
        CHECK(json_of(openapi).text_of("openapi") == "3.1.0");
        CHECK(json_of(openapi).find("servers")->items().front().text_of("url") == base);
        const HttpMessage wsdl = ask(gateway, of + "/wsdl");
        REQUIRE(wsdl.status == 200);
        CHECK(wsdl.field("content-type") == "text/xml; charset=utf-8");
        const auto read = wsse::Document::read(wsdl.body);
        REQUIRE(read.has_value());
        CHECK(wsse::is(read->root(), "http://schemas.xmlsoap.org/wsdl/", "definitions"));
        CHECK_THAT(wsdl.body, ContainsSubstring("location=\"" + base + "/soap/"));
    }
}

TEST_CASE("what a consumer has no grant for is told like what does not exist", "[journey][descriptions][security]") {
    GatewayUnderTest gateway;
    const auto plain = [](const HttpMessage& answer) {
        Record problem = json_of(answer);
        problem.put("exchange", Record::text(""));
        return codec::write_json(problem);
    };
    for (const std::string end : {"/openapi.json", "/wsdl"}) {
        for (const std::string of : {"/v1/services/", "/v1/matters/"}) {
            CAPTURE(of, end);
            const HttpMessage unknown = ask(gateway, of + "no-such-name" + end, "portal");
            const HttpMessage others =
                ask(gateway, of + (of == "/v1/matters/" ? "existing-home-transfer" : "tax-clearance") + end, "portal");
            CHECK(unknown.status == 404);
            CHECK(others.status == 404);
            CHECK(plain(unknown) == plain(others));
        }
    }
    for (const char* grant : {"portal-business-licence", "portal-fund-by-consent", "portal-verify-licence"}) {
        replace_in(gateway.folder() + "/config/grants/" + grant + ".yaml", "valid_to: 2027-12-31",
                   "valid_to: 2026-06-30");
    }
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(json_of(ask(gateway, "/v1/services", "portal")).find("services")->items().empty());
    CHECK(ask(gateway, "/v1/services/business-licence/wsdl", "portal").status ==
          404);  // a grant that has ended is none
}

TEST_CASE("a description needs the signature of a consumer, fresh and once", "[journey][descriptions][security]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    HttpMessage bare = platform.prepare_get("/v1/services");
    std::erase_if(bare.fields, [](const auto& field) { return field.name.starts_with("Signature"); });
    CHECK(json_of(platform.send(bare)).text_of("code") == "not_signed");
    HttpMessage turned = platform.prepare_get("/v1/services");
    turned.target = "/v1/grants";
    CHECK(json_of(platform.send(turned)).text_of("code") == "signature_invalid");
    const HttpMessage once = platform.prepare_get("/v1/services");
    CHECK(platform.send(once).status == 200);
    CHECK(json_of(platform.send(once)).text_of("code") == "replayed");
    HttpMessage posted = platform.prepare("/v1/services", "{}");
    const HttpMessage refused = platform.send(posted);
    CHECK(refused.status == 405);
    CHECK(refused.field("allow") == "GET");
    CHECK(platform.send(platform.prepare_get("/v1/services/tax-clearance")).status == 405);
    CHECK(platform.send(platform.prepare_get("/v1/services/tax-clearance/openapi.yaml")).status == 404);
}

TEST_CASE("no description tells where or what a department's system is", "[journey][descriptions][security]") {
    GatewayUnderTest gateway;
    const std::string own = "127.0.0.1:" + std::to_string(gateway.program().port());
    std::string all;
    for (const char* list : {"/v1/services", "/v1/matters", "/v1/grants"}) {
        all += ask(gateway, list).body;
    }
    for (const auto& [id, service] : gateway.program().current().get()->services) {
        all += ask(gateway, "/v1/services/" + id + "/openapi.json").body;
        all += ask(gateway, "/v1/services/" + id + "/wsdl").body;
    }
    for (const auto& [id, matter] : gateway.program().current().get()->matters) {
        all += ask(gateway, "/v1/matters/" + id + "/openapi.json").body;
        all += ask(gateway, "/v1/matters/" + id + "/wsdl").body;
    }
    all = without(all, own);
    const auto secrets = secrets_of(gateway);
    CHECK(secrets.size() > 40);
    for (const std::string& secret : secrets) {
        CAPTURE(secret);
        CHECK(all.find(secret) == std::string::npos);
    }
    CHECK(all.find("127.0.0.1") == std::string::npos);
    for (const auto& [id, source] : gateway.program().current().get()->sources) {
        CAPTURE(id);
        CHECK(all.find(id) == std::string::npos);
    }
}

TEST_CASE("who was told what stands in the evidence, and verifies", "[journey][descriptions]") {
    GatewayUnderTest gateway;
    CHECK(ask(gateway, "/v1/services").status == 200);
    CHECK(ask(gateway, "/v1/services/tax-clearance/wsdl").status == 200);
    CHECK(ask(gateway, "/v1/services/tax-clearance/wsdl", "portal").status == 404);
    gateway.stop();
    const auto verdict = gateway.verify();
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 2);
    CHECK(verdict.refusals == 1);
    std::vector<std::string> told;
    (void)evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        if (entry.text_of("kind") == "intent") {
            told.push_back(entry.text_of("consumer") + ' ' + entry.text_of("service"));
        }
        return true;
    });
    CHECK(told == std::vector<std::string>{"one-window description:/v1/services",
                                           "one-window description:/v1/services/tax-clearance/wsdl"});
}
