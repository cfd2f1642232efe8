#include "core/access/overview.h"

#include "tests/core/access/hall.h"

using namespace datong;
using namespace datong::access_tests;

TEST_CASE("the matrix has what is granted and has not ended, by consumer and service", "[access]") {
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const auto snapshot = city(key, "grants/");
    const auto grant = [](std::string id, std::vector<std::string> services, record::Date to) {
        return policy::Grant{.id = std::move(id),
                             .consumer = "portal",
                             .services = std::move(services),
                             .fields = {"*"},
                             .valid_from = {2026, 1, 1},
                             .valid_to = to};
    };
    snapshot->grants = {grant("both", {"ownership", "licence"}, {2026, 12, 31}),
                        grant("over", {"licence"}, {2026, 2, 28}), grant("withdrawn", {"licence"}, {2026, 12, 31})};
    *snapshot->grants.back().approval.withdrawn = true;
    const auto all = access::matrix(*snapshot, {2026, 3, 2});
    REQUIRE(all.size() == 2);
    CHECK(all[0].service->id == "licence");
    CHECK(all[1].service->id == "ownership");
    CHECK(all[0].grant->id == "both");
}

TEST_CASE("a grant by subsets stands in the matrix with what they show and ask, and with its caps", "[access]") {
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const auto snapshot = city(key, "grants/");
    auto& licence = *snapshot->services.find("licence")->second;
    licence.subsets = {{.id = "name-only", .title = {"仅名称"}, .fields = {"/name"}, .needed = {"/name"}}};
    licence.subsets.push_back({.id = "in-business",
                               .title = {"在营"},
                               .verify = {{.predicate = {.field = "/status"}}},
                               .needed = {"/status"}});
    policy::Grant grant{.id = "some", .consumer = "portal", .services = {"licence"}, .valid_to = {2026, 12, 31}};
    grant.subsets = {"name-only", "in-business"};
    grant.of_subsets["licence"] = {"/name"};
    grant.most.rows = 3;
    snapshot->grants = {grant};
    const auto all = access::matrix(*snapshot, {2026, 3, 2});
    REQUIRE(all.size() == 1);
    CHECK(all.front().subsets == grant.subsets);
    CHECK(all.front().seen == std::vector<std::string>{"/name"});
    CHECK(all.front().verified == std::vector<std::string>{"/status"});
    CHECK(all.front().most.rows == 3);
    CHECK(all.front().most.persons == snapshot->gateway.most.persons);
}
