#include "core/policy/grants.h"

#include "core/policy/quotas.h"
#include "tests/support/catch.h"

using namespace datong;
using policy::Asked;
using policy::Grant;
using record::Record;

namespace {

std::vector<Grant> grants() {
    Grant grant;
    grant.id = "g1";
    grant.consumer = "one-window";
    grant.services = {"realestate-certificate"};
    grant.fields = {"*"};
    grant.purposes = {"existing-home-transfer"};
    grant.territory = {"9999"};
    grant.valid_from = {2026, 1, 1};
    grant.valid_to = {2026, 12, 31};
    return {grant};
}

Asked good() {
    return {.consumer = "one-window",
            .service = "realestate-certificate",
            .purpose = "existing-home-transfer",
            .division = "999901",
            .today = {2026, 11, 21}};
}

Record certificate() {
    Record holder = Record::object();
    holder.put("name", Record::text("甲"));
    holder.put("idNo", Record::text("1"));
    Record holders = Record::list();
    holders.add(holder);
    holders.add(holder);
    Record house = Record::object();
    house.put("areaM2", Record::text("88.00"));
    Record whole = Record::object();
    whole.put("certificateNumber", Record::text("n"));
    whole.put("house", std::move(house));
    whole.put("holders", std::move(holders));
    return whole;
}

}  // namespace

TEST_CASE("a grant covers consumer, service, purpose, territory and time, or nothing", "[policy][security]") {
    const auto all = grants();
    const policy::GrantIndex index{all};
    REQUIRE(index.permit(good()).has_value());
    struct Row {
        const char* why;
        void (*change)(Asked&);
    };
    const auto row = GENERATE(values<Row>({
        {"another consumer", [](Asked& a) { a.consumer = "portal"; }},
        {"another service", [](Asked& a) { a.service = "tax-clearance"; }},
        {"another purpose", [](Asked& a) { a.purpose = "curiosity"; }},
        {"another territory", [](Asked& a) { a.division = "540102"; }},
        {"no division", [](Asked& a) { a.division = ""; }},
        {"a division that only begins alike", [](Asked& a) { a.division = "999"; }},
        {"before", [](Asked& a) { a.today = {2025, 12, 31}; }},
        {"after", [](Asked& a) { a.today = {2027, 1, 1}; }},
    }));
    CAPTURE(row.why);
    Asked asked = good();
    row.change(asked);
    const auto permitted = index.permit(asked);
    REQUIRE_FALSE(permitted.has_value());
    CHECK(permitted.error().fault() == Fault::not_permitted);
}

TEST_CASE("nothing is granted where there is no grant", "[policy][security]") {
    CHECK_FALSE(policy::GrantIndex{}.permit(good()).has_value());
}

TEST_CASE("of several grants for a service the first that covers it all decides", "[policy][security]") {
    std::vector<Grant> all;
    for (const char* id : {"elsewhere", "fits", "fits too"}) {
        all.push_back(grants().front());
        all.back().id = id;
    }
    all.front().territory = {"5401"};
    all.push_back(all.front());
    all.back().consumer = "portal";
    const policy::GrantIndex index{all};
    const auto permitted = index.permit(good());
    REQUIRE(permitted.has_value());
    CHECK((*permitted)->id == "fits");
    CHECK(index.of("one-window").size() == 3);
    CHECK(index.of("portal", "realestate-certificate").size() == 1);
    CHECK(index.of("one-window", "pension").empty());
    CHECK(index.of("nobody").empty());
}

TEST_CASE("only the granted fields leave", "[policy][security]") {
    const std::vector<std::string> fields{"/certificateNumber", "/holders/*/name"};
    const Record kept = policy::minimise(certificate(), fields);
    CHECK(kept.find("house") == nullptr);
    REQUIRE(kept.find("holders") != nullptr);
    REQUIRE(kept.find("holders")->items().size() == 2);
    CHECK(kept.find("holders")->items()[0].find("idNo") == nullptr);
    CHECK(kept.find("holders")->items()[1].text_of("name") == "甲");
    CHECK(kept.text_of("certificateNumber") == "n");
}

TEST_CASE("a pointer to a whole branch keeps it, one to nothing keeps nothing", "[policy]") {
    const std::vector<std::string> house{"/house"};
    CHECK(policy::minimise(certificate(), house).find("house")->text_of("areaM2") == "88.00");
    const std::vector<std::string> nothing{"/no/such"};
    CHECK(policy::minimise(certificate(), nothing) == Record::object());
    const std::vector<std::string> everything{"*"};
    CHECK(policy::minimise(certificate(), everything) == certificate());
}

TEST_CASE("a quota ends with its window and not before", "[policy]") {
    policy::Quotas quotas;
    Grant grant = grants().front();
    grant.quota = policy::Quota{.calls = 2, .seconds = 60};
    const std::chrono::system_clock::time_point noon{std::chrono::seconds{1'800'000'000}};
    CHECK(quotas.take(grant, noon).has_value());
    CHECK(quotas.take(grant, noon).has_value());
    const auto third = quotas.take(grant, noon);
    REQUIRE_FALSE(third.has_value());
    CHECK(third.error().fault() == Fault::quota_exceeded);
    CHECK(quotas.take(grant, noon + std::chrono::seconds{60}).has_value());
}

TEST_CASE("looking at a quota takes nothing of it", "[policy]") {
    policy::Quotas quotas;
    Grant grant = grants().front();
    grant.quota = policy::Quota{.calls = 1, .seconds = 60};
    const std::chrono::system_clock::time_point noon{std::chrono::seconds{1'800'000'000}};
    CHECK(quotas.look(grant, noon).has_value());
    CHECK(quotas.look(grant, noon).has_value());
    CHECK(quotas.take(grant, noon).has_value());
    const auto over = quotas.look(grant, noon);
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().fault() == Fault::quota_exceeded);
}
