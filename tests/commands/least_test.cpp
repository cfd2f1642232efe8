#include "tests/commands/installation.h"
#include "tests/support/approved_grants.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// An installation with what an approval made.
struct Approved {
    Installation installation;

    explicit Approved(const policy::Grant& grant) {
        by("gateway").publish({{"a-2026-0001.yaml", catalogue::to_yaml(grant)}});
    }

    [[nodiscard]] support::ApprovedGrants by(const std::string& key) const {
        return {installation.path("state/grants/"), "shili", "gateway-2026",
                installation.read("keys/" + key + ".key.pem")};
    }
    [[nodiscard]] Ran check() const {
        return commands::datong({"check", "--config", installation.config()}, installation.environment);
    }
};

}  // namespace

TEST_CASE("fields of a sensitive service without a reason stop the check by file, line and column",
          "[commands][access][least][security]") {
    const Installation installation;
    installation.replace("config/grants/one-window-existing-home-transfer.yaml",
                         "see_sensitive: 转移登记须核对权属、抵押查封和税费明细\n", "");
    const Ran checked = commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(checked.err);
    CHECK(checked.code == 78);
    CHECK_THAT(checked.err, ContainsSubstring("one-window-existing-home-transfer.yaml:5:9") &&
                                ContainsSubstring("C250") && ContainsSubstring("realestate-certificate") &&
                                ContainsSubstring("tax-clearance") && ContainsSubstring("see_sensitive:"));
}

TEST_CASE("an approved grant by a subset loads, and the matrix shows it with its caps", "[commands][access][least]") {
    policy::Grant grant = support::approved_grant();
    grant.services = {"medical-insurance"};
    grant.fields.clear();
    grant.subsets = {"age-of-majority"};
    grant.most.persons = 1;
    grant.most.subjects_per_hour = 500;
    const Approved approved{grant};
    const Installation& installation = approved.installation;
    const Ran checked = approved.check();
    CAPTURE(checked.err);
    CHECK(checked.code == 0);
    CHECK_THAT(checked.err, !ContainsSubstring("a-2026-0001"));
    const auto access = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "access");
        words.insert(words.end(), {"--config", installation.config()});
        return commands::datong(std::move(words), installation.environment);
    };
    const Ran shown = access({"matrix", "--consumer", "portal"});
    CHECK_THAT(shown.out, ContainsSubstring("子集 subsets age-of-majority") &&
                              ContainsSubstring("可核验 verifies /holder/birthDate") &&
                              ContainsSubstring("100 条 rows  1 人 persons  500 人/小时"));
    const Ran who = access({"who-can", "medical-insurance/holder/birthDate", "--json"});
    CHECK_THAT(who.out, ContainsSubstring(R"("subsets":["age-of-majority"])") &&
                            ContainsSubstring(R"("most":{"rows":100,"persons":1,"subjects_per_hour":500)"));
    const Ran sensitive = access({"who-can", "realestate-certificate/holders/*/idNo"});
    CHECK_THAT(sensitive.out, ContainsSubstring("敏感 sensitive") && ContainsSubstring("查看理由 because 转移登记"));
}

TEST_CASE("an approved grant whose service became sensitive since is left out with a warning that names it",
          "[commands][access][least][security]") {
    const Approved approved{support::approved_grant()};
    const Installation& installation = approved.installation;
    REQUIRE_THAT(approved.check().err, !ContainsSubstring("a-2026-0001"));
    installation.replace("config/services/business-licence.yaml", "kind: query\n", "kind: query\nsensitive: true\n");
    installation.replace("config/grants/portal-business-licence.yaml",
                         "fields:", "see_sensitive: 企业开办须核对登记\nfields:");
    const Ran checked = approved.check();
    CAPTURE(checked.err);
    CHECK(checked.code == 0);  // nobody may edit it: the start goes on without it
    CHECK_THAT(checked.err, ContainsSubstring("a-2026-0001.yaml") && ContainsSubstring("C250") &&
                                ContainsSubstring("warning") && ContainsSubstring("business-licence"));
    const Ran matrix = commands::datong({"access", "matrix", "--consumer", "portal", "--config", installation.config()},
                                        installation.environment);
    CHECK_THAT(matrix.out, ContainsSubstring("企业开办须核对登记") && !ContainsSubstring("a-2026-0001"));
}

TEST_CASE("an approved grant with a reason is in force for a service that is sensitive", "[commands][access][least]") {
    policy::Grant grant = support::approved_grant();
    grant.see_sensitive = "企业开办须核对登记信息";
    const Approved approved{grant};
    const Installation& installation = approved.installation;
    installation.replace("config/services/business-licence.yaml", "kind: query\n", "kind: query\nsensitive: true\n");
    installation.replace("config/grants/portal-business-licence.yaml",
                         "fields:", "see_sensitive: 企业开办须核对登记\nfields:");
    const Ran checked = approved.check();
    CHECK(checked.code == 0);
    CHECK_THAT(checked.err, !ContainsSubstring("C250"));
}
