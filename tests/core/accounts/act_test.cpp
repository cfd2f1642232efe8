#include "core/accounts/act.h"

#include <vector>

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::accounts;

TEST_CASE("a reason holds no person's number", "[accounts][security]") {
    struct Row {
        const char* why;
        std::string reason;
        bool fits;
    };
    const auto row = GENERATE(values<Row>({
        {"words", "按 2026-15 号工单", true},
        {"none", "", true},
        {"ten digits", "order 1234567890", true},
        {"a telephone number", "called 13800000000", false},
        {"an id number", "for 110101199001011234", false},
        {"a line end", "one\ntwo", false},
        {"broken UTF-8", "\xE6\x8C", false},
        {"too long", std::string(257, 'a'), false},
    }));
    CAPTURE(row.why);
    CHECK(check_reason(row.reason).has_value() == row.fits);
}

TEST_CASE("an act is kept once for each outcome, and nothing of it is lost", "[accounts]") {
    std::vector<evidence::Administration> kept;
    bool has_room = false;
    const Act::Keep keep = [&](evidence::Administration told) -> Status {
        if (!has_room) {
            return fail(Fault::evidence_unavailable, "full");
        }
        kept.push_back(std::move(told));
        return {};
    };
    Act act{{.account = "wang", .roles = {Role::security}}, "account.add", "new colleague", keep};
    act.be_about("li");
    act.note("roles: system");
    CHECK_FALSE(act.keep("done"));
    has_room = true;
    REQUIRE(act.keep("done"));
    REQUIRE(act.keep("done"));
    REQUIRE(kept.size() == 1);
    CHECK(kept.front().actor == "wang");
    CHECK(kept.front().roles == "security");
    CHECK(kept.front().target == "li");
    CHECK(kept.front().detail == "roles: system");
    CHECK(kept.front().reason == "new colleague");
    act.be_about("110101199001011234");
    REQUIRE(act.keep("unavailable"));  // what was about to be done failed after all
    CHECK(kept.back().outcome == "unavailable");
    CHECK(kept.back().target == "unfit");
}
