#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

Ran check(const Installation& installation) {
    return datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
}

}  // namespace

TEST_CASE("an operation that its source does not have stops check: place and nearest right name", "[commands]") {
    struct Row {
        const char* why;
        const char* file;
        const char* what;
        const char* with;
        const char* place;
        const char* hint;
    };
    const auto row = GENERATE(values<Row>({
        {"soap", "services/realestate-certificate.yaml", "getBdcInfo", "getBdcInfox", ":10:12 ", "try: getBdcInfo"},
        {"file", "services/tax-clearance.yaml", "operation: query", "operation: qurey", ":10:12 ", ""},
        {"rest", "services/business-licence.yaml", "Qyxxcx", "Qyxxcy", ":9:12 ", "try: Qyxxcx"},
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
    CHECK_THAT(ran.err, ContainsSubstring(std::string{row.file} + row.place) && ContainsSubstring(row.hint) &&
                            ContainsSubstring("C201") && ContainsSubstring(" has no operation '"));
}

TEST_CASE("a plug-in's operations are known as far as its settings list them", "[commands]") {
    const Installation installation;  // its plug-in is refused, which is a warning
    constexpr const char* kFile = "config/departments/market.yaml";
    installation.replace(kFile, "adapter: rest", "adapter: dbf");
    installation.replace("config/services/business-licence.yaml", "Qyxxcx", "Qyxxcy");
    const Ran listed = check(installation);
    CAPTURE(listed.err);
    CHECK(listed.code == 78);
    CHECK_THAT(listed.err, ContainsSubstring("business-licence.yaml:9:12 ") && ContainsSubstring("try: Qyxxcx"));

    installation.replace(kFile, "operations:", "tables:");
    const Ran not_listed = check(installation);
    CAPTURE(not_listed.err);
    CHECK(not_listed.code == 0);
}
