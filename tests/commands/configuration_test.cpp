#include <filesystem>
#include <fstream>

#include "core/catalogue/load.h"
#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong::commands;

TEST_CASE("check counts what a good configuration holds and names its snapshot", "[commands]") {
    const Installation installation;
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("21 departments, 32 sources, 41 services, 2 consumers"));
    CHECK_THAT(ran.out, ContainsSubstring("snapshot "));
    CHECK(ran.err.empty());
}

TEST_CASE("check leaves no evidence and no ports behind", "[commands]") {
    const Installation installation;
    REQUIRE(datong::commands::datong({"check", "-c", installation.config()}, installation.environment).code == 0);
    CHECK(std::filesystem::is_empty(installation.path("evidence")));
}

TEST_CASE("check names file, line and column of a typo, and the nearest right name", "[commands]") {
    const Installation installation;
    installation.replace("config/services/tax-clearance.yaml", "deadline_ms", "dedline_ms");
    installation.replace("config/services/business-licence.yaml", "department: market", "department: markt");

    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);

    CHECK(ran.code == 78);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring("config/services/tax-clearance.yaml:24:1 "));
    CHECK_THAT(ran.err, ContainsSubstring("deadline_ms"));
    CHECK_THAT(ran.err, ContainsSubstring("config/services/business-licence.yaml:") && ContainsSubstring("markt") &&
                            ContainsSubstring("try: market"));
}

TEST_CASE("check names an environment variable that is not set", "[commands]") {
    Installation installation;
    REQUIRE(installation.environment.erase("DATONG_LAND_URL") == 1);
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("departments/land.yaml:13:"));
    CHECK_THAT(ran.err, ContainsSubstring("DATONG_LAND_URL"));
    CHECK_THAT(ran.err, !ContainsSubstring("DATONG_TAX_FOLDER"));
}

TEST_CASE("check judges the mappings' tests about persons by where the service finds them", "[commands][security]") {
    const Installation installation;
    // the spouse in the place of the person: the neighbour's record would be refused as well, the right one too
    installation.replace("config/services/marriage-record.yaml", "/holder/idNo", "/spouse/idNo");
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("civil/marriage-record.yaml:") && ContainsSubstring("C219") &&
                            ContainsSubstring("答的是所问的人") && !ContainsSubstring("别人"));

    const Installation other;
    other.replace("config/services/talent-certificate.yaml", "{id: /holder/idNo, name: /holder/name}", "none");
    const Ran nobody = datong::commands::datong({"check", "--config", other.config()}, other.environment);
    CHECK(nobody.code == 78);
    CHECK_THAT(nobody.err, ContainsSubstring("C219") && ContainsSubstring("would pass for that of the person asked"));
}

TEST_CASE("check of a folder that can't be read is no check of an empty one", "[commands][security]") {
    const std::string folder = GENERATE("grants", "matters");
    CAPTURE(folder);
    const Installation installation;
    const std::string path = installation.path("config/" + folder);
    std::filesystem::remove_all(path);
    const auto check = [&] {
        return datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    };
    REQUIRE(check().code == 0);                   // none at all is allowed
    std::filesystem::create_symlink(path, path);  // as a share that is away: neither there nor not there
    const Ran ran = check();
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("C203") && ContainsSubstring("config/" + folder) &&
                            ContainsSubstring("无法读取目录") && ContainsSubstring("can't read this folder: "));
}

TEST_CASE("check of a file that breaks off while it is read is no check of a shorter one", "[commands][security]") {
    const Installation installation;
    const auto files = datong::catalogue::disk_files();
    CHECK_FALSE(files.read("/proc/self/mem"));  // is opened, and gives an error when it is read
    CHECK(files.read("/dev/null") == "");
    const std::string long_one(100'000, 'x');
    std::ofstream{installation.path("long")} << long_one;
    CHECK(files.read(installation.path("long")) == long_one);

    std::filesystem::create_symlink("/proc/self/mem", installation.path("config/grants/zz.yaml"));
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("C203") && ContainsSubstring("config/grants/zz.yaml"));
}

TEST_CASE("check of a file that is not there says which", "[commands]") {
    const Ran ran = datong::commands::datong({"check", "--config", "nowhere/gateway.yaml"});
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("nowhere/gateway.yaml"));
}

TEST_CASE("a key file that anybody's text stands in stops check without showing it", "[commands][security]") {
    const Installation installation;
    installation.replace("keys/land.key.pem", "PRIVATE", "PR1VATE");
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("land.key.pem"));
    CHECK_THAT(ran.err, !ContainsSubstring("PR1VATE"));
}

namespace {

/// One word of the configuration that is written wrong, and what check must say of it.
struct Wrong {
    const char* why;
    const char* file;
    const char* what;
    const char* with;
    const char* place;
    const char* hint;
};

}  // namespace

TEST_CASE("check compares names with the schemas: place and nearest right name", "[commands][security]") {
    const auto row = GENERATE(values<Wrong>({
        {"a field of a grant", "grants/portal-business-licence.yaml", "/inBusiness", "/inBuisness",
         ":5:", "try: /inBusiness"},
        {"a field without its slash", "grants/portal-business-licence.yaml", "/name,", "name,", ":5:", "try: /name"},
        {"the id of the person", "services/realestate-certificate.yaml", "/holders/*/idNo", "/holders/*/idNO", ":15:14",
         "try: /holders/*/idNo"},
        {"the name of the person, in no list", "services/realestate-certificate.yaml", "/holders/*/name",
         "/holders/name", ":15:37", "try: /holders/*/name"},
        {"a person that is an object", "services/tax-clearance.yaml", "/taxpayer/idNo", "/taxpayer", ":14:14",
         "has no '/taxpayer'"},
        {"nobody, where the certificate has personal fields", "services/tax-clearance.yaml",
         "{id: /taxpayer/idNo, name: /taxpayer/name}", "none", ":14:9", "not none"},
        {"record_time", "services/tax-clearance.yaml", "/issuedDate", "/issueDate", ":15:14", "try: /issuedDate"},
        {"record_time without its slash", "services/tax-clearance.yaml", "/issuedDate", "issuedDate", ":15:14",
         "/issuedDate"},
        {"searched_division", "services/realestate-certificate.yaml", "searched_division: divisionCode",
         "searched_division: division_code", ":12:20", "try: divisionCode"},
        {"a member of a material's query", "matters/existing-home-transfer.yaml",
         "query: {divisionCode:", "query: {divisoncode:", ":19:", "try: divisionCode"},
        {"a path into the call", "matters/existing-home-transfer.yaml", "$.facts.divisionCode", "$.fact.divisionCode",
         ":19:", "$.facts.NAME"},
        {"a path to what a person does not have", "matters/existing-home-transfer.yaml", "$.facts.divisionCode",
         "$.subject.age", ":19:", "$.facts.NAME"},
        {"a service's version that no call can name", "services/tax-clearance.yaml", "version: 1.0.0",
         "version: v1.0.0", ":3:10 ", "MAJOR.MINOR.PATCH"},
        {"a version of two parts", "services/tax-clearance.yaml", "version: 1.0.0", "version: \"1.0\"", ":3:10 ",
         "MAJOR.MINOR.PATCH"},
        {"a version with a leading nought", "services/tax-clearance.yaml", "version: 1.0.0", "version: 01.0.0",
         ":3:10 ", "MAJOR.MINOR.PATCH"},
        {"a MAJOR that datong-call can't say", "services/tax-clearance.yaml", "version: 1.0.0", "version: 10000.0.0",
         ":3:10 ", "MAJOR.MINOR.PATCH"},
        {"a matter's version", "matters/existing-home-transfer.yaml", "version: 1.1.0", "version: \"\\u4e00.1.0\"",
         ":3:10 ", "MAJOR.MINOR.PATCH"},
    }));
    CAPTURE(row.why);
    const Installation installation;
    installation.replace(std::string{"config/"} + row.file, row.what, row.with);

    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);

    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring(std::string{row.file} + row.place) && ContainsSubstring(row.hint));
}

TEST_CASE("check warns of a query's division that is sent and not said to be searched", "[commands][security]") {
    const Installation installation;
    const auto check = [&installation] {
        return datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    };
    const Ran good = check();
    CHECK(good.code == 0);
    CHECK_THAT(good.err, !ContainsSubstring("C253"));

    constexpr const char* kService = "config/services/realestate-encumbrance.yaml";
    installation.replace(kService, "searched_division: divisionCode\n", "");
    const Ran warned = check();
    CAPTURE(warned.err);
    CHECK(warned.code == 0);
    CHECK_THAT(warned.err, ContainsSubstring("C253") && ContainsSubstring("realestate-encumbrance.yaml:12:10 ") &&
                               ContainsSubstring("searched_division: divisionCode"));

    installation.replace(kService, "request:", "searched_division: none\nrequest:");
    const Ran said = check();
    CAPTURE(said.err);
    CHECK(said.code == 0);
    CHECK_THAT(said.err, !ContainsSubstring("C253"));
}

TEST_CASE("a gateway's name that is no id is told, and kept: what is signed names it", "[commands]") {
    const std::string name = GENERATE(as<std::string>{}, "shili_gw", "Shili", "示例", "\"Shi Li/..\\n<b>\"");
    CAPTURE(name);
    const Installation installation;
    installation.replace("config/gateway.yaml", "name: shili", "name: " + name);
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.err, ContainsSubstring("gateway.yaml:4:7 ") && ContainsSubstring("C103") &&
                            ContainsSubstring("One that runs keeps its own"));
}

TEST_CASE("outside the test division the gateway must name its authorities", "[commands][security]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "test_division: true", "test_division: false");
    const Ran any = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(any.code == 78);
    CHECK_THAT(any.err, ContainsSubstring("C216") && ContainsSubstring("gateway.yaml:12:3"));

    installation.replace("config/gateway.yaml", "listen:\n", "listen:\n  authorities: [\"127.0.0.1:8443\"]\n");
    const Ran named = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK_THAT(named.err, !ContainsSubstring("C216"));
}

TEST_CASE("where every connection shows a certificate, every consumer names its own", "[commands][security]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "client: optional", "client: required");
    const Ran none = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(none.code == 78);
    CHECK_THAT(none.err, ContainsSubstring("consumers/one-window.yaml:") &&
                             ContainsSubstring("consumers/portal.yaml:") && ContainsSubstring("C215"));

    installation.replace("config/consumers/one-window.yaml", "keys:",
                         "certificates: [{file: \"${DATONG_KEYS}/tls.chain.pem\"}, {subject: \"CN=x\"}]\nkeys:");
    installation.replace("config/consumers/portal.yaml",
                         "keys:", "certificates: [{sha256: \"" + std::string(64, 'a') + "\"}]\nkeys:");
    const Ran good = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(good.err);
    CHECK(good.code == 0);

    installation.replace("config/consumers/portal.yaml", std::string(64, 'a'), "abc");
    const Ran bad = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(bad.code == 78);
    CHECK_THAT(bad.err, ContainsSubstring("consumers/portal.yaml:4:") && ContainsSubstring("fingerprint"));
}

TEST_CASE("keys prints retired keys with their time, and nobody calls with one", "[commands][security]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "subject_key:",
                         "retired: [{id: gateway-2025, file: \"${DATONG_KEYS}/market.pub.pem\", from: 2025-01-01, "
                         "to: 2026-01-31}]\nsubject_key:");
    installation.replace("config/consumers/portal.yaml", "keys:",
                         "retired: [{id: portal-2025, file: \"${DATONG_KEYS}/tax.pub.pem\", to: 2026-01-31}]\nkeys:");
    const Ran ran = datong::commands::datong({"keys", "--config", installation.config()}, installation.environment);
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out,
               ContainsSubstring("\"kid\":\"gateway-2025\"") && ContainsSubstring("\"datong_from\":\"2025-01-01\"") &&
                   ContainsSubstring("\"datong_to\":\"2026-01-31\"") && ContainsSubstring("\"kid\":\"portal-2025\""));

    installation.replace("config/consumers/portal.yaml", "portal-2025", "portal-2026");
    const Ran twice = datong::commands::datong({"keys", "--config", installation.config()}, installation.environment);
    CHECK(twice.code == 78);
    CHECK_THAT(twice.err, ContainsSubstring("portal-2026"));
}

TEST_CASE("one key is one consumer's: a message over SOAP names its caller by the key alone", "[commands][security]") {
    const Installation installation;
    installation.replace("config/consumers/portal.yaml", "portal.pub.pem", "one-window.pub.pem");
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("C202") && ContainsSubstring("one-window-2026"));
}

TEST_CASE("a map where a list belongs, and a state that no licence has, are not passed over", "[commands][security]") {
    struct Row {
        const char* file;
        const char* what;
        const char* with;
        const char* says;
    };
    constexpr const char* kCalendar = "calendar: calendar.yaml";
    constexpr const char* kMatter = "matters/company-setup.yaml";
    const auto row = GENERATE_COPY(values<Row>({
        {"gateway.yaml", kCalendar, "calendar: calendar.yaml\nusage: {withheld: {purposes: [audit], days: 180}}",
         "'withheld' must be a list"},
        {"gateway.yaml", kCalendar, "calendar: calendar.yaml\naccess: {legal_bases: {number: a, title: b}}",
         "'legal_bases' must be a list"},
        {"gateway.yaml", "authorities: [{url: \"${DATONG_TSA_URL:-}\", anchor: \"${DATONG_TSA_ANCHOR:-}\"}]",
         "authorities: {url: \"http://a.example\", anchor: a}", "'authorities' must be a list"},
        {"consumers/one-window.yaml",
         "keys: [{id: one-window-2026, file: \"${DATONG_KEYS:-keys}/one-window.pub.pem\"}]",
         "keys: {id: one-window-2026, file: a}", "'keys' must be a list"},
        {kMatter, "requirements:", "requirements: {id: a}\nx:", "'requirements' must be a list"},
        {kMatter, "requirements:", "requirements: []\nx:", "requirements must name at least one"},
        {kMatter, "questions:", "questions: {fact: a}\nx:", "'questions' must be a list"},
        {kMatter, "    choices:", "    choices: {value: a}\n    x:", "'choices' must be a list"},
        {kMatter, "    any_of:", "    any_of: {all_of: []}\n    x:", "'any_of' must be a list"},
        {kMatter, "      - all_of:", "      - all_of: {material: a}\n        x:", "'all_of' must be a list"},
        {"licences.yaml", "voided: [history, ended]", "voided: [histroy, ended]", "no code 'histroy'"},
        {"licences.yaml", "inactive: [unpaid]", "inactive: [unpayed]", "try: unpaid"},
    }));
    CAPTURE(row.file, row.with);
    const Installation installation;
    installation.replace(std::string{"config/"} + row.file, row.what, row.with);
    const Ran ran = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring(row.says) && ContainsSubstring(row.file));
}

TEST_CASE("a file that is not read is named", "[commands]") {
    const Installation installation;
    for (const char* folder : {"departments", "services", "consumers", "grants", "matters", "languages"}) {
        CAPTURE(folder);
        std::filesystem::create_directories(installation.path("config/" + std::string{folder}));
        const std::string file = installation.path("config/" + std::string{folder} + "/new.yml");
        std::ofstream{file} << "datong: grant/v1\n";
        const Ran ran =
            datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
        CHECK(ran.code == 0);
        CHECK_THAT(ran.err, ContainsSubstring("C252 " + file) && ContainsSubstring("此文件未读取") &&
                                ContainsSubstring("new.yaml"));
        std::filesystem::remove(file);
    }
    const Ran none = datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(none.code == 0);
    CHECK(none.err.find("C252") == std::string::npos);
}
