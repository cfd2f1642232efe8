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
