#include "tests/core/access/hall.h"

using namespace datong;
using namespace datong::access_tests;

TEST_CASE("an approved application becomes a grant's file that the roll names", "[access]") {
    Hall hall;
    const std::string id = hall.approved();
    CHECK(id == "a-2026-0001");
    REQUIRE(hall.folder.has(hall.grant_file(id)));
    const auto roll = hall.roll();
    REQUIRE(roll);
    CHECK(roll->lists(id + ".yaml", hall.folder.read(hall.grant_file(id))));
    CHECK(roll->number == hall.desk.roll());
    CHECK(hall.reloads == 1);
    CHECK(hall.noted == std::vector<std::string>{id, id, id});
    const auto kept = hall.desk.find(id);
    REQUIRE(kept);
    REQUIRE(kept->history.size() == 3);
    CHECK(kept->history[1].account == "market-li");
    CHECK(kept->history[1].act == Act::approve);
}

TEST_CASE("a revoked grant is void at once, whatever becomes of the reload", "[access][security]") {
    Hall hall;
    const std::string id = hall.approved();
    Mistakes mistakes;
    const auto application = access::read_application(good_application(), id, mistakes);
    hall.snapshot->grants.push_back(access::to_grant(hall.desk.find(id).value(), application.value()));
    hall.snapshot->granted = policy::GrantIndex{hall.snapshot->grants};
    const policy::Asked asked{.consumer = "portal",
                              .service = "licence",
                              .purpose = "enterprise-enquiry",
                              .division = "999901",
                              .today = {2026, 3, 2}};
    REQUIRE(hall.snapshot->granted.permit(asked));
    const auto done = hall.act(kSecurity, id, {.act = Act::revoke, .reason = "依据已废止"});
    REQUIRE(done);
    CHECK_FALSE(hall.snapshot->granted.permit(asked));
    CHECK_FALSE(hall.folder.has(hall.grant_file(id)));
    CHECK_FALSE(hall.roll()->lists(id + ".yaml", "anything"));
    CHECK(hall.roll()->grants.empty());
    CHECK(hall.reloads == 2);
    CHECK(hall.desk.find(id)->history.back().reason == "依据已废止");
}

TEST_CASE("what can't be recorded is not done", "[access][security]") {
    Hall hall;
    const auto submitted = hall.submit(kApplicant, good_application());
    REQUIRE(submitted);
    const std::string id = submitted->dossier.id;
    REQUIRE(hall.act(kMarket, id, {.act = Act::approve}));
    hall.can_note = false;
    const auto refused = hall.act(kSecurity, id, {.act = Act::approve});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "evidence_unavailable");
    CHECK(hall.desk.find(id)->state == State::submitted);
    CHECK_FALSE(hall.folder.has(hall.grant_file(id)));
}

TEST_CASE("an application that is wrong, or whose applicant may not, uses up no number", "[access]") {
    Hall hall;
    const auto wrong = hall.submit(kApplicant, replaced(good_application(), "[licence]", "[licnce]"));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == "application_invalid");
    CHECK_THAT(wrong.error().detail, ContainsSubstring("C201") && ContainsSubstring("licence"));
    CHECK_FALSE(hall.submit(kMarket, good_application()));
    CHECK(hall.submit(kApplicant, good_application())->dossier.id == "a-2026-0001");
    CHECK(hall.act(kMarket, "a-2026-0009", {.act = Act::approve}).error().code == "application_unknown");
}

TEST_CASE("what there is to grant is looked at again when it takes effect", "[access][security]") {
    Hall hall;
    const auto submitted = hall.submit(kApplicant, good_application());
    REQUIRE(submitted);
    hall.snapshot->services.erase("licence");
    const auto approved = hall.act(kMarket, submitted->dossier.id, {.act = Act::approve});
    REQUIRE_FALSE(approved);
    CHECK_THAT(approved.error().detail, ContainsSubstring("C201"));
    // and what can't take effect any more can still be refused
    CHECK(hall.act(kSecurity, submitted->dossier.id, {.act = Act::refuse, .reason = "服务已下线"}));
}

TEST_CASE("an approval that is over ends by itself, and can't be put back from a copy of the folder",
          "[access][security]") {
    Hall hall;
    const std::string id = hall.approved();
    const std::string grant = hall.folder.read(hall.grant_file(id));
    const std::string roll = hall.folder.read("grants/roll.jws");
    CHECK_FALSE(hall.desk.settle(hall.note()).value());
    hall.clock.advance(std::chrono::days{305});
    CHECK(hall.desk.settle(hall.note()).value());
    CHECK(hall.desk.find(id)->state == State::expired);
    CHECK_FALSE(hall.folder.has(hall.grant_file(id)));
    CHECK(hall.noted.size() == 4);
    CHECK(hall.desk.find(id)->history.back().account == "clock");
    hall.folder.write(hall.grant_file(id), grant);
    hall.folder.write("grants/roll.jws", roll);
    Desk again = hall.open();
    CHECK(again.settle(hall.note()).value());
    CHECK_FALSE(hall.folder.has(hall.grant_file(id)));
}

TEST_CASE("grants' files that are missing are made anew from what is kept", "[access]") {
    Hall hall;
    const std::string id = hall.approved();
    const std::string grant = hall.folder.read(hall.grant_file(id));
    std::filesystem::remove_all(hall.folder / "grants");
    Desk again = hall.open();
    CHECK(again.settle(hall.note()).value());
    CHECK(hall.folder.read(hall.grant_file(id)) == grant);
}

TEST_CASE("what should have been decided is counted", "[access]") {
    Hall hall;
    REQUIRE(hall.submit(kApplicant, good_application()));
    CHECK(hall.desk.overdue().value() == 0);
    hall.clock.advance(std::chrono::days{15});  // ten working days and a holiday: due on the 17th
    CHECK(hall.desk.overdue().value() == 0);
    hall.clock.advance(std::chrono::days{1});
    CHECK(hall.desk.overdue().value() == 1);
}

TEST_CASE("promoted grants say so, and are signed anew", "[access]") {
    Hall hall;
    const std::string id = hall.approved();
    REQUIRE(hall.act(kMarket, id, {.act = Act::promote}));
    CHECK_THAT(hall.folder.read(hall.grant_file(id)), ContainsSubstring("stage: sandbox"));
    REQUIRE(hall.act(kSecurity, id, {.act = Act::promote}));
    CHECK_THAT(hall.folder.read(hall.grant_file(id)), ContainsSubstring("stage: production"));
    CHECK(hall.roll()->lists(id + ".yaml", hall.folder.read(hall.grant_file(id))));
}
