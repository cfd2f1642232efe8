#include "tests/core/access/hall.h"

using namespace datong;
using namespace datong::access_tests;

TEST_CASE("whom an application is no matter of hears of it as of one that is not there", "[access][security]") {
    Hall hall;
    const auto done = hall.submit(kApplicant, good_application());
    REQUIRE(done);
    const std::string id = done->dossier.id;
    const Actor other{"bank-sun", {Role::consumer}, "bank", {"9999"}};
    const Deed deed = GENERATE(Deed{.act = Act::amend, .text = good_application()}, Deed{.act = Act::approve},
                               Deed{.act = Act::promote}, Deed{.act = Act::request_changes, .reason = "x"},
                               Deed{.act = Act::refuse}, Deed{.act = Act::revoke}, Deed{.act = Act::reopen});
    CAPTURE(access::name_of(deed.act));
    for (const Actor& actor : {kLand, other}) {
        const auto there = hall.act(actor, id, deed);
        const auto nowhere = hall.act(actor, "a-2026-0099", deed);
        REQUIRE_FALSE(there);
        REQUIRE_FALSE(nowhere);
        CHECK(there.error().code == "application_unknown");
        CHECK(there.error().code == nowhere.error().code);
        CHECK(there.error().status == nowhere.error().status);
        CHECK(replaced(there.error().detail, id, "a-2026-0099") == nowhere.error().detail);
    }
    CHECK(hall.desk.find(id)->history.size() == 1);
}
