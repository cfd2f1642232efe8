#include "core/policy/grants.h"

#include "tests/support/catch.h"

using namespace datong;
using policy::Asked;
using policy::Grant;

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

TEST_CASE("a grant by subsets lets these be asked, and nothing else", "[policy][security]") {
    std::vector<Grant> all = grants();
    all.front().fields.clear();
    all.front().subsets = {"ownership-only", "transferable-now"};
    all.front().of_subsets["realestate-certificate"] = {"/status"};
    const policy::GrantIndex index{all};
    const std::vector<std::string> fields{"/status"};
    struct Row {
        const char* why;
        bool verify;
        const char* subset;
        bool permitted;
    };
    const auto row = GENERATE(values<Row>({
        {"no subset: what its subsets show", false, "", true},
        {"one of them by its name", false, "ownership-only", true},
        {"one that is asked by predicates", true, "transferable-now", true},
        {"predicates of one's own", true, "", false},
        {"another subset, even of the same fields", false, "status-only", false},
    }));
    CAPTURE(row.why);
    Asked asked = good();
    asked.verify = row.verify;
    asked.subset = row.subset;
    asked.needed = fields;
    CHECK(index.permit(asked).has_value() == row.permitted);
    CHECK(all.front().fields_of("realestate-certificate") == fields);
    CHECK(all.front().fields_of("tax-clearance").empty());
}

TEST_CASE("a grant of fields lets a subset be asked that it covers whole", "[policy][security]") {
    std::vector<Grant> all = grants();
    all.front().fields = {"/status", "/holders/*/name"};
    all.front().verify = {"/transferable"};
    const policy::GrantIndex index{all};
    struct Row {
        bool verify;
        std::vector<std::string> needed;
        bool permitted;
    };
    const auto row = GENERATE(values<Row>({
        {false, {"/status"}, true},
        {false, {"/status", "/holders/*/name"}, true},
        {false, {"/status", "/holders"}, false},
        {false, {"*"}, false},
        {true, {"/transferable"}, true},
        {true, {"/transferable", "/status"}, false},
    }));
    Asked asked = good();
    asked.verify = row.verify;
    asked.subset = "some";
    asked.needed = row.needed;
    CHECK(index.permit(asked).has_value() == row.permitted);
}
