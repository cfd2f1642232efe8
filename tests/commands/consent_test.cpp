// A consent as its people type it: the issuer signs, the platform registers and calls, the administrator revokes.

#include <filesystem>
#include <fstream>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "examples/departments/people.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

std::string in_days(int days) {
    return to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{24 * days});
}

std::string consent_yaml() {
    const auto demo = departments::demo_person();
    return "datong: consent/v1\nid: c-2026-000001\nissuer: city-consent\ngateway: shili\nconsumer: portal\nperson: "
           "{id_type: \"111\", id_no: \"" +
           demo.person.id +
           "\"}\nservices: [fund-deposit-certificate]\npurpose: housing-loan\nmode: view\nfrequency: "
           "{uses: 2, per: consent}\nvalid_from: " +
           in_days(-1) + "\nvalid_to: " + in_days(30) + "\ngiven: {at: " + in_days(-1) + ", how: window}\n";
}

/// A machine with all that the three of them have.
class Desk {
public:
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        const std::string file = installation.path(name);
        std::ofstream{file, std::ios::binary} << text;
        return file;
    }
    [[nodiscard]] Ran sign(const std::string& file) const {
        return commands::datong({"consent", "sign", file, "--key", installation.path("keys/city-consent.key.pem"),
                                 "--keyid", "city-consent-2026"});
    }
    [[nodiscard]] Ran as_portal(const Serving& serving, std::vector<std::string> words) const {
        std::vector<std::string> all{DATONG_CALL,
                                     "--url",
                                     serving.url(),
                                     "--ca",
                                     installation.path("keys/ca.pem"),
                                     "--trust",
                                     installation.path("keys/trust.jwks"),
                                     "--key",
                                     installation.path("keys/portal.key.pem"),
                                     "--keyid",
                                     "portal-2026"};
        all.insert(all.end(), words.begin(), words.end());
        return commands::run(all);
    }
    [[nodiscard]] Ran administer(std::vector<std::string> words) const {
        words.insert(words.begin(), "consent");
        words.insert(words.end(), {"--config", installation.config()});
        return commands::datong(words, installation.environment);
    }

    Installation installation;
};

std::string fund_call() {
    auto body = codec::read_json(fund_body()).value();
    auto& context = *body.find("context");
    std::erase_if(context.members_to_edit(),
                  [](const auto& member) { return member.name == "matter" || member.name == "case_number"; });
    context.put("purpose", record::Record::text("housing-loan"));
    context.put("consent", record::Record::text("c-2026-000001"));
    return codec::write_json(body);
}

}  // namespace

TEST_CASE("a consent is signed, registered, used and revoked from the command line", "[commands][consent]") {
    Desk desk;
    Serving serving{desk.installation};
    desk.installation.environment["DATONG_ADMIN_PORT"] = serving.admin_port();
    const Ran none = desk.administer({"list"});
    CAPTURE(none.out, none.err);
    CHECK(none.code == 0);
    CHECK_THAT(none.out, ContainsSubstring("没有登记的同意书"));

    const Ran jws = desk.sign(desk.write("consent.yaml", consent_yaml()));
    CAPTURE(jws.err);
    REQUIRE(jws.code == 0);
    const std::string consent = desk.write("consent.jws", jws.out);
    const std::string body = desk.write("body.json", fund_call());
    const std::vector<std::string> call{"service", "fund-deposit-certificate", "--body", body};
    CHECK_THAT(desk.as_portal(serving, call).out, ContainsSubstring("consent_not_accepted"));
    const Ran registered = desk.as_portal(serving, {"register-consent", consent});
    CAPTURE(registered.out, registered.err);
    REQUIRE(registered.code == 0);
    CHECK_THAT(registered.out, ContainsSubstring("in_force"));
    const Ran called = desk.as_portal(serving, call);
    CAPTURE(called.out, called.err);
    CHECK(called.code == 0);
    CHECK_THAT(desk.as_portal(serving, {"consent", "c-2026-000001"}).out, ContainsSubstring("uses left 1"));
    CHECK(desk.as_portal(serving, {"consent", "../usage"}).code == 2);

    const Ran list = desk.administer({"list", "--json"});
    CAPTURE(list.out, list.err);
    REQUIRE(list.code == 0);
    const auto all = codec::read_json(list.out).value();
    REQUIRE(all.items().size() == 1);
    CHECK(all.items().front().text_of("state") == "in_force");
    CHECK(list.out.find(departments::demo_person().person.id) == std::string::npos);
    CHECK_THAT(desk.administer({"list", "--consumer", "one-window"}).out, ContainsSubstring("没有登记的同意书"));
    CHECK_THAT(desk.administer({"show", "c-2026-000001"}).out, ContainsSubstring("mode: view"));
    CHECK(desk.administer({"show", "c-0"}).code == 1);
    CHECK(desk.administer({"revoke", "c-2026-000001"}).code == 2);  // no reason
    const Ran revoked = desk.administer({"revoke", "c-2026-000001", "--reason", "本人到窗口撤回"});
    CAPTURE(revoked.out, revoked.err);
    CHECK(revoked.code == 0);
    CHECK_THAT(revoked.out, ContainsSubstring("已撤回 revoked"));
    CHECK_THAT(desk.as_portal(serving, call).out, ContainsSubstring("consent_not_accepted"));
    CHECK(desk.administer({"revoke", "c-2026-000001", "--reason", "again"}).code == 0);
    CHECK(serving.end() == 0);
    const Ran proven = commands::datong(
        {"verify", desk.installation.path("evidence"), "--keys", desk.installation.path("keys/trust.jwks")});
    CAPTURE(proven.out, proven.err);
    CHECK(proven.code == 0);
    CHECK(desk.administer({"list"}).code == 1);  // nobody answers
}

TEST_CASE("an issuer's word of revocation is signed and brought from the command line", "[commands][consent]") {
    Desk desk;
    Serving serving{desk.installation};
    const Ran jws = desk.sign(desk.write("consent.yaml", consent_yaml()));
    REQUIRE(desk.as_portal(serving, {"register-consent", desk.write("consent.jws", jws.out)}).code == 0);
    const Ran word = desk.sign(desk.write("word.yaml",
                                          "datong: consent-revocation/v1\nconsent: c-2026-000001\ngateway: "
                                          "shili\nat: " +
                                              in_days(0) + "\nreason: withdrawn\n"));
    CAPTURE(word.err);
    REQUIRE(word.code == 0);
    const Ran revoked = desk.as_portal(serving, {"revoke-consent", "c-2026-000001", desk.write("word.jws", word.out)});
    CAPTURE(revoked.out, revoked.err);
    CHECK(revoked.code == 0);
    CHECK_THAT(desk.as_portal(serving, {"consent", "c-2026-000001"}).out, ContainsSubstring("revoked"));
    CHECK(desk.as_portal(serving, {"register-consent", desk.installation.path("consent.jws")}).code == 1);
}

TEST_CASE("what an issuer would sign is checked first, with the place and the nearest name", "[commands][consent]") {
    const Desk desk;
    struct Row {
        const char* what;
        const char* with;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"services:", "servces:", "did you mean 'services'"},
        {"mode: view", "mode: look", "/mode must be one of verify, view, store"},
        {"how: window", "how: phone", "/given/how must be one of window"},
        {"id_no: \"", "id_no: ", "/person/id_no must be letters, digits"},
        {"uses: 2", "uses: none", "/frequency/uses must be a whole number"},
    }));
    CAPTURE(row.what);
    std::string text = consent_yaml();
    text.replace(text.find(row.what), std::string{row.what}.size(), row.with);
    const Ran refused = desk.sign(desk.write("consent.yaml", text));
    CAPTURE(refused.out, refused.err);
    CHECK(refused.code == 2);
    CHECK(refused.out.empty());
    CHECK_THAT(refused.err, ContainsSubstring(row.says));
    CHECK(refused.err.find(departments::demo_person().person.id) == std::string::npos);
    CHECK(desk.sign(desk.installation.path("nothing.yaml")).code == 2);
}

TEST_CASE("each command about consents says how it is used", "[commands][consent]") {
    for (const char* name : {"list", "show", "revoke", "sign"}) {
        const Ran help = commands::datong({"consent", name, "--help"});
        CAPTURE(name, help.err);
        CHECK(help.code == 0);
        CHECK_THAT(help.out, ContainsSubstring("Usage"));
    }
    CHECK_THAT(commands::datong({"consent", "--help"}).out, ContainsSubstring("docs/consent.md"));
    CHECK(commands::datong({"consent"}).code == 2);
}

TEST_CASE("issuers of consents are read with the place of each mistake", "[commands][consent][configuration]") {
    Installation installation;
    struct Row {
        const char* what;
        const char* with;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"consumers: [portal, one-window]", "consumers: [portl]", "portal"},
        {"consumers: [portal, one-window]", "consumer: [portal]", "consumers"},
        {"consumers: [portal, one-window]", "consumers: []", "C102"},
        {"city-consent.pub.pem", "portal.pub.pem", "C202"},
        {"city-consent-2026", "portal-2026", "C202"},
        {"consent_issuers:\n  - id", "consent_issuers:\n    id", "C103"},
    }));
    CAPTURE(row.what, row.with);
    installation.replace("config/gateway.yaml", row.what, row.with);
    const Ran checked = commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(checked.out, checked.err);
    CHECK(checked.code == 78);
    CHECK_THAT(checked.out + checked.err, ContainsSubstring(row.says));
    CHECK_THAT(checked.out + checked.err, ContainsSubstring("gateway.yaml"));
}
