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
        {"a document's number", "示数〔2026〕12号", true},
        {"a day and an hour", "自 2026-12-01 08:30 起", true},
        {"an id number in groups", "for 110101 19900101 1234", false},
        {"with hyphens", "张三 110101-19900101-1234", false},
        {"with dots and strokes", "1101.0119_9001/01-1234", false},
        {"a telephone number in groups", "13 800 000 000", false},
        {"full-width", "１１０１０１１９９００１０１１２３４", false},
        {"full-width in groups", "１３８－００００　００００", false},
        {"with another dash",
         "110101\xE2\x80\x93"
         "19900101\xE2\x80\x93"
         "1234",
         false},
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
