#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

/// One word of the configuration that is written wrong, and what check must say of it.
struct Wrong {
    const char* why;
    const char* file;
    const char* what;
    const char* with;
    const char* place;
    const char* says;
};

Ran check(const Installation& installation) {
    return datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
}

}  // namespace

TEST_CASE("an operation that its source does not have stops check: place and nearest right name", "[commands]") {
    const auto row = GENERATE(values<Wrong>({
        {"soap", "services/realestate-certificate.yaml", "getBdcInfo", "getBdcInfox", ":10:12 ", "try: getBdcInfo"},
        {"file", "services/tax-clearance.yaml", "operation: query", "operation: qurey", ":10:12 ", ""},
        {"rest", "services/business-licence.yaml", "Qyxxcx", "Qyxxcy", ":10:12 ", "try: Qyxxcx"},
        {"sql", "services/fund-deposit-certificate.yaml", "account", "acount", ":10:12 ", "try: account"},
        {"a push", "services/case-push-land.yaml", "operation: push", "operation: pusch", ":9:12 ", "try: push"},
        {"what asks for a push later", "services/case-push-land.yaml", "operation: find", "operation: fnid", ":18:20 ",
         "no operation 'fnid'"},
        {"the case register", "gateway.yaml", "operation: getCase", "operation: getCas", ":31:14 ", "try: getCase"},
    }));
    CAPTURE(row.why);
    const Installation installation;
    installation.replace(std::string{"config/"} + row.file, row.what, row.with);
    const Ran ran = check(installation);
    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring(std::string{row.file} + row.place) && ContainsSubstring(row.says) &&
                            ContainsSubstring("C201") && ContainsSubstring(" has no operation '"));
}

TEST_CASE("a plug-in's operations are known as far as its settings list them", "[commands]") {
    Installation installation;
    installation.environment["DATONG_DBF_PLUGIN"] = "/nowhere.so";  // refused, which is a warning
    constexpr const char* kFile = "config/departments/market.yaml";
    installation.replace(kFile, "adapter: rest", "adapter: dbf");
    installation.replace("config/services/business-licence.yaml", "Qyxxcx", "Qyxxcy");
    const Ran listed = check(installation);
    CAPTURE(listed.err);
    CHECK(listed.code == 78);
    CHECK_THAT(listed.err, ContainsSubstring("business-licence.yaml:10:12 ") && ContainsSubstring("try: Qyxxcx"));

    // one that knows its operations itself says there only which must be asked once
    constexpr const char* kWhole =
        "{method: POST, path: /entquery/Qyxxcx, content_type: application/x-www-form-urlencoded}";
    installation.replace(kFile, kWhole, "{safe: false}");
    const Ran unsafe_alone = check(installation);
    CAPTURE(unsafe_alone.err);
    CHECK(unsafe_alone.code == 0);

    installation.replace(kFile, "operations:", "tables:");
    const Ran not_listed = check(installation);
    CAPTURE(not_listed.err);
    CHECK(not_listed.code == 0);
}

TEST_CASE("what would stand in signed statements is checked before anything is signed", "[commands]") {
    const auto row = GENERATE(values<Wrong>({
        {"a code that is none", "departments/tax.yaml", "11999901MB0000027N", "hello", ":5:7 ", "has 18 characters"},
        {"a letter that codes don't have", "departments/tax.yaml", "11999901MB0000027N", "11999901MB0O00027N", ":5:7 ",
         "a character that a social credit code can't have"},
        {"another check character", "departments/land.yaml", "11999901MB0000019U", "11999901MB0000019X", ":5:7 ",
         "check character mismatch"},
        {"divisions of a register", "departments/land.yaml", "divisions: [\"9999\"]", "divisions: [\"99\", \"99z9\"]",
         ":8:49 ", "2, 4, 6, 9 or 12 digits"},
        {"a division with a digit too few", "departments/land.yaml", "divisions: [\"9999\"]", "divisions: \"99990\"",
         ":8:42 ", "2, 4, 6, 9 or 12 digits"},
        {"the territory of a grant", "grants/portal-business-licence.yaml", "territory: [\"9999\"]",
         "territory: [\"99x9\"]", ":8:13 ", "2, 4, 6, 9 or 12 digits"},
        {"a city as GB/T 2260 writes it", "departments/land.yaml", "divisions: [\"9999\"]",
         "divisions: [\"999901\", \"999900\"]", ":8:53 ", "try: \"9999\""},
        {"a province", "departments/land.yaml", "divisions: [\"9999\"]", "divisions: [\"990000\"]", ":8:43 ",
         "try: \"99\""},
        {"a grant for a city", "grants/portal-business-licence.yaml", "territory: [\"9999\"]",
         "territory: [\"999900\"]", ":8:13 ", "try: \"9999\""},
    }));
    CAPTURE(row.why);
    const Installation installation;
    installation.replace(std::string{"config/"} + row.file, row.what, row.with);
    const Ran ran = check(installation);
    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring(std::string{row.file} + row.place) && ContainsSubstring(row.says) &&
                            ContainsSubstring("C103"));
}

TEST_CASE("where a query chooses the division each register says which it holds", "[commands]") {
    const Installation installation;
    const auto written = GENERATE(as<std::string>{}, "", ", divisions: []");
    CAPTURE(written);
    installation.replace("config/departments/land.yaml", ", divisions: [\"9999\"]", written);
    const Ran ran = check(installation);
    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("services/realestate-certificate.yaml:12:20 ") && ContainsSubstring("C102") &&
                            ContainsSubstring("register realestate has no divisions"));
    CHECK_THAT(ran.err, !ContainsSubstring("services/case-push-land.yaml"));  // its query chooses none
}

TEST_CASE("a name that there is not is told where it stands", "[commands]") {
    const auto row = GENERATE(values<Wrong>({
        {"a department", "services/tax-clearance.yaml", "department: tax", "department: tx", ":8:13 ", "try: tax"},
        {"a source", "services/tax-clearance.yaml", "source: tax-front", "source: tax-fornt", ":9:9 ",
         "try: tax/tax-front"},
        {"a register", "services/tax-clearance.yaml", "[taxpayers]", "[taxpayers, taxpayer]", ":11:24 ",
         "try: taxpayers"},
        {"no register", "services/tax-clearance.yaml", "[taxpayers]", "[]", ":11:12 ", "must name at least one"},
        {"a request mapping", "services/tax-clearance.yaml", "tax/clearance.request", "tax/clearence.request",
         ":12:10 ", "can't read mapping"},
        {"a response mapping", "services/tax-clearance.yaml", "response: tax/clearance", "response: tax/clearence",
         ":13:11 ", "can't read mapping"},
        {"a mapping that asks later", "services/case-push-land.yaml", "acceptance/find.request.yaml",
         "acceptance/fnid.request.yaml", ":18:35 ", "can't read mapping"},
        {"an adapter", "departments/tax.yaml", "adapter: file", "adapter: fle", ":13:14 ", "try: file"},
        {"a grant's consumer", "grants/portal-business-licence.yaml", "consumer: portal", "consumer: potral", ":3:11 ",
         "try: portal"},
        {"a grant's service", "grants/portal-business-licence.yaml", "[business-licence]",
         "[business-licence, business-license]", ":4:30 ", "try: business-licence"},
        {"the case register's department", "gateway.yaml", "department: cases", "department: casse", ":29:15 ",
         "no department 'casse'"},
        {"its source", "gateway.yaml", "source: case-register", "source: case-registre", ":30:11 ",
         "try: cases/case-register"},
        {"its mapping", "gateway.yaml", "cases/case.yaml", "cases/csae.yaml", ":33:13 ", "can't read mapping"},
        {"whom an issuer of consents signs for", "gateway.yaml", "consumers: [portal, one-window]",
         "consumers: [portal, one-windo]", ":45:25 ", "try: one-window"},
        {"a licence's service", "licences.yaml", "service: tax-clearance", "service: tax-clearence", ":24:14 ",
         "try: tax-clearance"},
        {"a licence's place", "licences.yaml", "unitNo: /unitNo", "unitNo: /unitno", ":12:51 ", "has no field"},
        {"a licence's state", "licences.yaml", "[history, ended]", "[history, endde]", ":11:72 ", "no code 'endde'"},
        {"a file's type", "services/discharge-permit.yaml", "application/ofd", "application/odf", ":", "C201"},
    }));
    CAPTURE(row.why);
    const Installation installation;
    installation.replace(std::string{"config/"} + row.file, row.what, row.with);
    const Ran ran = check(installation);
    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring(std::string{row.file} + row.place) && ContainsSubstring(row.says));
}

TEST_CASE("a folder of mappings that is none is told once, where it is named", "[commands]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "mappings: ../mappings", "mappings: ../mapings");
    const Ran ran = check(installation);
    CAPTURE(ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("gateway.yaml:9:11 ") && ContainsSubstring("mappings is no folder"));
    CHECK_THAT(ran.err, !ContainsSubstring("can't read mapping") && !ContainsSubstring("services/"));
}
