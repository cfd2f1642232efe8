#include <filesystem>

#include "tests/journeys/gateway_under_test.h"
#include "tests/support/approved_grants.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

/// What an approval made, in the folder where the gateway looks.
support::ApprovedGrants grants_of(const GatewayUnderTest& gateway) {
    return {gateway.folder() + "/state/grants/", "shili", "gateway-2026",
            read_file(gateway.folder() + "/keys/gateway.key.pem")};
}

Record trial_body(const GatewayUnderTest& gateway) {
    Record body = gateway.body(kMarket);
    body.find("context")->put("purpose", Record::text("enterprise-opening"));
    return body;
}

codec::HttpMessage call(const GatewayUnderTest& gateway) {
    return gateway.platform("portal").call(kMarket, trial_body(gateway));
}

}  // namespace

TEST_CASE("an answer names the approval that allowed it, and shows no more than was approved", "[journey][access]") {
    GatewayUnderTest gateway;
    CHECK(call(gateway).status == 403);
    auto grants = grants_of(gateway);
    grants.publish({{"a-2026-0001.yaml", catalogue::to_yaml(support::approved_grant())}});
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);

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

    grants.publish({});
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(call(gateway).status == 403);
}

TEST_CASE("a reload with an approved grant that was edited keeps what is in force", "[journey][access][security]") {
    GatewayUnderTest gateway;
    grants_of(gateway).publish({{"a-2026-0001.yaml", catalogue::to_yaml(support::approved_grant())}});
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
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
