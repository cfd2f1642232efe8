#include <filesystem>

#include "core/access/dossier.h"
#include "core/evidence/entry.h"
#include "core/evidence/verify.h"
#include "core/keeping/backup.h"
#include "core/keyring/secret_file.h"
#include "core/store/applications.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/approved_grants.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

void keep(const std::string& folder, const access::Dossier& dossier) {
    const auto subject_key = keyring::read_secret(folder + "/keys/subject.key");
    REQUIRE(subject_key);
    support::keep_dossier(folder + "/state/datong.db", dossier, *subject_key);
}

/// Before the first start: an application of portal's was approved.
GatewayUnderTest::Options approved_before() {
    return {.change = [](const std::string& config) { keep(config + "/..", support::approved_dossier()); }};
}

/// Behind the gateway's back: as after a revocation that was kept, and a crash before the files were written.
void revoke_in_store(const GatewayUnderTest& gateway) {
    access::Dossier dossier = support::approved_dossier();
    dossier.state = access::State::revoked;
    keep(gateway.folder(), dossier);
}

Record trial_body(const GatewayUnderTest& gateway) {
    Record body = gateway.body(kMarket);
    body.find("context")->put("purpose", Record::text("enterprise-opening"));
    return body;
}

codec::HttpMessage call(const GatewayUnderTest& gateway) {
    return gateway.platform("portal").call(kMarket, trial_body(gateway));
}

/// The files of a folder in place of those that are there. (Without `recursive` the library copies nothing of a
/// folder.)
void put_back(const std::string& copy, const std::string& folder) {
    std::filesystem::copy(copy, folder,
                          std::filesystem::copy_options::overwrite_existing | std::filesystem::copy_options::recursive);
    REQUIRE(read_file(folder + "/roll.jws") == read_file(copy + "/roll.jws"));
}

GatewayUnderTest::Options with(const access::Dossier& dossier) {
    return {.change = [dossier](const std::string& config) { keep(config + "/..", dossier); }};
}

}  // namespace

TEST_CASE("what is kept as approved is in force after a start, and what was taken back can't be put back",
          "[journey][access][security]") {
    access::Dossier dossier = support::approved_dossier("2099-12-31");
    GatewayUnderTest gateway{with(dossier)};
    const auto answer = call(gateway);
    REQUIRE(answer.status == 200);
    CHECK(json_of(answer).find("approval")->text_of("application") == "a-2026-0001");
    const std::string grants = gateway.folder() + "/state/grants";
    const std::string copy = gateway.folder() + "/copy";
    std::filesystem::copy(grants, copy);

    gateway.stop();
    dossier.state = access::State::revoked;
    keep(gateway.folder(), dossier);
    gateway.restart();
    CHECK(call(gateway).status == 403);
    CHECK_FALSE(std::filesystem::exists(grants + "/a-2026-0001.yaml"));
    put_back(copy, grants);
    gateway.restart();
    CHECK(call(gateway).status == 403);
    CHECK_FALSE(std::filesystem::exists(grants + "/a-2026-0001.yaml"));
}

TEST_CASE("an approval that is over ends by itself, and the evidence says so", "[journey][access]") {
    GatewayUnderTest gateway{with(support::approved_dossier("2026-03-31"))};
    CHECK(call(gateway).status == 403);
    CHECK_FALSE(std::filesystem::exists(gateway.folder() + "/state/grants/a-2026-0001.yaml"));
    gateway.stop();
    std::vector<evidence::Administration> acts;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&acts](const Record& entry) {
        if (entry.text_of("kind") == "administration") {
            acts.push_back(evidence::read_administration(entry).value());
        }
        return true;
    }));
    REQUIRE(acts.size() == 1);
    CHECK(acts.front().act == "access.expire");
    CHECK(acts.front().target == "a-2026-0001");
    CHECK(acts.front().actor == "clock");
    CHECK(gateway.verify().valid);
}

TEST_CASE("a running gateway that finds an older roll and its files put back takes nothing of them",
          "[journey][access][security]") {
    access::Dossier dossier = support::approved_dossier("2099-12-31");
    GatewayUnderTest gateway{with(dossier)};
    const std::string grants = gateway.folder() + "/state/grants";
    const std::string copy = gateway.folder() + "/copy";
    std::filesystem::copy(grants, copy);
    gateway.stop();
    dossier.state = access::State::revoked;
    keep(gateway.folder(), dossier);
    gateway.restart();
    const std::string before = gateway.program().current().get()->digest;
    CHECK(gateway.admin("POST", "/v1/reload").status == 200);

    put_back(copy, grants);
    const auto reloaded = gateway.admin("POST", "/v1/reload");
    CHECK(reloaded.status == 422);
    CHECK_THAT(reloaded.body, ContainsSubstring("C223") && ContainsSubstring("an earlier one that somebody put back") &&
                                  ContainsSubstring("roll.jws"));
    CHECK(gateway.program().current().get()->digest == before);
    CHECK(call(gateway).status == 403);

    gateway.restart();
    CHECK_FALSE(std::filesystem::exists(grants + "/a-2026-0001.yaml"));
    CHECK(gateway.admin("POST", "/v1/reload").status == 200);
}

TEST_CASE("a backup brings the applications, of which the grants are made anew", "[journey][access]") {
    const GatewayUnderTest gateway{with(support::approved_dossier("2099-12-31"))};
    const auto key = crypto::SigningKey::from_pem(read_file(gateway.folder() + "/keys/gateway.key.pem"));
    REQUIRE(key);
    const std::string folder = gateway.folder() + "/backup";
    REQUIRE(keeping::create_backup({.evidence_folder = gateway.folder() + "/evidence",
                                    .store_file = gateway.folder() + "/state/datong.db",
                                    .at = "2026-03-02T10:00:00.000+08:00",
                                    .keyid = "gateway-2026"},
                                   *key, folder));
    const auto store = store::Applications::open(folder + "/state/datong.db.access");
    REQUIRE(store);
    CHECK((*store)->find("a-2026-0001").value().has_value());
}

TEST_CASE("where nobody signs in nobody applies: two persons could be one", "[journey][access][security]") {
    GatewayUnderTest gateway;
    const auto applied = gateway.admin("POST", "/v1/access", support::approved_dossier("2026-12-31").text);
    CHECK(applied.status == 409);
    CHECK_THAT(applied.body, ContainsSubstring("accounts_off"));
    CHECK(json_of(gateway.admin("GET", "/v1/access")).find("applications")->items().empty());
    CHECK(gateway.admin("GET", "/v1/access/a-2026-0001").status == 404);
}

TEST_CASE("an answer names the approval that allowed it, and shows no more than was approved", "[journey][access]") {
    const GatewayUnderTest gateway{approved_before()};
    const auto answer = call(gateway);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record body = json_of(answer);
    const Record* approval = body.find("approval");
    REQUIRE(approval != nullptr);
    CHECK(approval->text_of("grant") == "a-2026-0001");
    CHECK(approval->text_of("application") == "a-2026-0001");
    CHECK(approval->text_of("stage") == "sandbox");
    CHECK(approval->text_of("approved_at") == "2026-03-02T10:00:00.000+08:00");
    CHECK(body.find("content")->members().size() == 2);
}

TEST_CASE("files that nobody's approval made are void, whatever their roll says", "[journey][access][security]") {
    const GatewayUnderTest gateway;
    support::ApprovedGrants grants{gateway.folder() + "/state/grants/", "shili", "gateway-2026",
                                   read_file(gateway.folder() + "/keys/gateway.key.pem")};
    grants.publish({{"a-2026-0001.yaml", catalogue::to_yaml(support::approved_grant())}});
    const auto reloaded = gateway.admin("POST", "/v1/reload");
    REQUIRE(reloaded.status == 200);
    CHECK_THAT(reloaded.body, ContainsSubstring("C245") && ContainsSubstring("a-2026-0001.yaml"));
    CHECK(call(gateway).status == 403);
}

TEST_CASE("what was revoked is void after a reload and a start, though the roll could not be written",
          "[journey][access][security]") {
    GatewayUnderTest gateway{approved_before()};
    REQUIRE(call(gateway).status == 200);
    revoke_in_store(gateway);
    CHECK_THAT(gateway.admin("POST", "/v1/reload").body, ContainsSubstring("C245"));
    CHECK(call(gateway).status == 403);

    // a directory stands where the new roll would be written
    const std::string grants = gateway.folder() + "/state/grants/";
    std::filesystem::create_directory(grants + std::string{catalogue::kRollFile} + ".tmp");
    gateway.restart();
    CHECK(call(gateway).status == 403);
    const Record readiness = json_of(gateway.admin("GET", "/readyz"));
    REQUIRE(readiness.find("overdue_retention") != nullptr);
    CHECK(readiness.find("overdue_retention")->items().front().scalar() == "access");
    CHECK_THAT(gateway.log(), ContainsSubstring("grant_void") && ContainsSubstring("store_failed"));
    std::filesystem::remove(grants + std::string{catalogue::kRollFile} + ".tmp");
    gateway.restart();
    CHECK_FALSE(std::filesystem::exists(grants + "a-2026-0001.yaml"));
    CHECK(json_of(gateway.admin("GET", "/readyz")).find("overdue_retention") == nullptr);
}

TEST_CASE("a reload with an approved grant that was edited keeps what is in force", "[journey][access][security]") {
    GatewayUnderTest gateway{approved_before()};
    const std::string before = gateway.program().current().get()->digest;
    const std::string file = gateway.folder() + "/state/grants/a-2026-0001.yaml";
    std::string text = read_file(file);
    text.replace(text.find("/status"), 7, "/capitalFen");
    write_text(file, text);

    const auto reloaded = gateway.admin("POST", "/v1/reload");
    CHECK(reloaded.status == 422);
    CHECK_THAT(reloaded.body, ContainsSubstring("C223") && ContainsSubstring("a-2026-0001.yaml"));
    CHECK(gateway.program().current().get()->digest == before);
    const auto answer = call(gateway);
    REQUIRE(answer.status == 200);
    CHECK(json_of(answer).find("content")->find("capitalFen") == nullptr);
}

TEST_CASE("what was approved before its service became sensitive is left out by a reload and a start, with a warning",
          "[journey][access][least][security]") {
    GatewayUnderTest gateway{approved_before()};
    REQUIRE(call(gateway).status == 200);
    const auto replace = [&gateway](const std::string& name, const std::string& what, const std::string& with) {
        const std::string file = gateway.folder() + "/config/" + name;
        std::string text = read_file(file);
        write_text(file, text.replace(text.find(what), what.size(), with));
    };
    replace("grants/portal-business-licence.yaml", "fields:", "see_sensitive: 企业开办须核对登记\nfields:");
    replace("services/business-licence.yaml", "kind: query\n", "kind: query\nsensitive: true\n");
    const auto reloaded = gateway.admin("POST", "/v1/reload");
    CAPTURE(reloaded.body);
    REQUIRE(reloaded.status == 200);
    CHECK_THAT(reloaded.body, ContainsSubstring("C250") && ContainsSubstring("a-2026-0001.yaml"));
    CHECK(json_of(call(gateway)).text_of("code") == "not_permitted");
    gateway.restart();
    CHECK(json_of(call(gateway)).text_of("code") == "not_permitted");
    // its file stands where it was: taken back is something else
    CHECK(std::filesystem::exists(gateway.folder() + "/state/grants/a-2026-0001.yaml"));

    replace("services/business-licence.yaml", "sensitive: true\n", "");
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(call(gateway).status == 200);
}
