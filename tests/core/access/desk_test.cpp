#include <thread>

#include "core/access/kept.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
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

namespace {

/// Whether the portal is let through now, with those grants.
bool is_let_through(const catalogue::Snapshot& snapshot) {
    return snapshot.granted
        .permit({.consumer = "portal",
                 .service = "licence",
                 .purpose = "enterprise-enquiry",
                 .division = "999901",
                 .today = {2026, 3, 2}})
        .has_value();
}

}  // namespace

TEST_CASE("what was revoked stays void through a later load of files that could not be written", "[access][security]") {
    Hall hall;
    const Dossier before = hall.desk.find(hall.approved()).value();
    const auto put = [&hall](const std::shared_ptr<catalogue::Snapshot>& next) {
        return hall.desk.take(*next, [&] { hall.snapshot = next; });
    };
    REQUIRE(put(hall.loaded_with(before)).empty());
    REQUIRE(is_let_through(*hall.snapshot));
    hall.snapshot->gateway.access.folder = "/dev/null/grants/";
    const auto revoked = hall.act(kSecurity, before.id, {.act = Act::revoke, .reason = "依据已废止"});
    REQUIRE(revoked);
    REQUIRE(revoked->mistakes.size() == 1);
    CHECK(revoked->mistakes.front().code == "C244");
    CHECK_FALSE(is_let_through(*hall.snapshot));

    const Mistakes mistakes = put(hall.loaded_with(before));
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes.front().code == "C245");
    CHECK_FALSE(has_errors(mistakes));
    CHECK_FALSE(is_let_through(*hall.snapshot));
}

TEST_CASE("a load that says another word than the approval is void", "[access][security]") {
    Hall hall;
    Dossier dossier = hall.desk.find(hall.approved()).value();
    SECTION("a stage that was not reached") {
        dossier.stage = "production";
    }
    SECTION("another approver") {
        dossier.approved_by = {"ghost-1", "ghost-2"};
    }
    SECTION("a field more") {
        dossier.text = replaced(dossier.text, "/status", "/idNo");
    }
    SECTION("an application that is not there") {
        dossier.id = "a-2026-0009";
    }
    const auto next = hall.loaded_with(dossier);
    CHECK(hall.desk.take(*next, [] {}).size() == 1);
    CHECK_FALSE(is_let_through(*next));
}

TEST_CASE("a subset that shows more than it did is told of with the approved grant that names it",
          "[access][security]") {
    const auto with_subset = [](catalogue::Snapshot& city, const catalogue::Subset& subset) {
        city.services.find("licence")->second->subsets = {subset};
    };
    const catalogue::Subset was{.id = "brief", .title = {"摘要"}, .fields = {"/status"}, .needed = {"/status"}};
    Hall hall;
    with_subset(*hall.snapshot, was);
    const auto submitted =
        hall.submit(kApplicant, replaced(good_application(), "fields: [/name, /status]", "subsets: [brief]"));
    REQUIRE(submitted);
    const std::string id = submitted->dossier.id;
    REQUIRE(hall.act(kMarket, id, {.act = Act::approve}));
    REQUIRE(hall.act(kSecurity, id, {.act = Act::approve}));
    const Dossier dossier = hall.desk.find(id).value();
    const auto taken_with = [&](const catalogue::Subset& subset) {
        const auto next = hall.loaded_with(dossier);
        with_subset(*next, subset);
        return hall.desk.take(*next, [] {});
    };
    CHECK(taken_with(was).empty());
    catalogue::Subset now = was;
    SECTION("a field more") {
        now.fields = now.needed = {"/status", "/name"};
    }
    SECTION("all") {
        now.fields = now.needed = {"*"};
    }
    const Mistakes told = taken_with(now);
    REQUIRE(told.size() == 1);
    CHECK(told.front().code == "C251");
    CHECK(told.front().severity == Severity::warning);
    CHECK(told.front().where.file.ends_with(hall.grant_file(id)));
    CHECK_THAT(told.front().text_en, ContainsSubstring("licence/brief"));
}

TEST_CASE("who is revoked while a load is put in force is void in what is put", "[access][security]") {
    Hall hall;
    const Dossier before = hall.desk.find(hall.approved()).value();
    hall.snapshot = hall.loaded_with(before);
    const auto next = hall.loaded_with(before);
    std::jthread revokes;
    CHECK(hall.desk
              .take(*next,
                    [&] {
                        revokes = std::jthread{[&] {
                            CHECK(hall.act(kSecurity, before.id, {.act = Act::revoke, .reason = "依据已废止"}));
                        }};
                        while (hall.desk.find(before.id)->state != State::revoked) {
                            std::this_thread::yield();
                        }
                        hall.snapshot = next;
                    })
              .empty());
    revokes.join();
    CHECK_FALSE(is_let_through(*next));
}

TEST_CASE("an end that can't be recorded keeps no other's file from being put right", "[access][security]") {
    Hall hall;
    const std::string id = hall.approved();
    std::filesystem::remove(hall.folder / hall.grant_file(id));
    const auto longer = hall.submit(kApplicant, replaced(good_application(), "2026-12-31", "2027-01-31"));
    REQUIRE(longer);
    REQUIRE(hall.act(kMarket, longer->dossier.id, {.act = Act::approve}));
    REQUIRE(hall.act(kSecurity, longer->dossier.id, {.act = Act::approve}));
    std::filesystem::remove_all(hall.folder / "grants");
    hall.clock.advance(std::chrono::days{305});
    hall.can_note = false;
    CHECK_FALSE(hall.desk.settle(hall.note()));
    CHECK(hall.folder.has(hall.grant_file(longer->dossier.id)));
    hall.can_note = true;
    CHECK(hall.desk.settle(hall.note()));
    CHECK(hall.desk.find(id)->state == State::expired);
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
    const auto approved = hall.act(kSecurity, submitted->dossier.id, {.act = Act::approve});
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

TEST_CASE("a row that somebody wrote into the store is no approval", "[access][security]") {
    Hall hall;
    Dossier forged = hall.desk.find(hall.approved()).value();
    const auto store = store::Applications::open(hall.folder / "access.db");
    REQUIRE(store);
    SECTION("sealed by another") {
        forged.id = "a-2026-0007";
        REQUIRE((*store)->keep(access::to_kept(forged, Secret{"another secret of thirty-two oct."}).value()));
    }
    SECTION("moved to another id") {
        auto kept = (*store)->find(forged.id).value().value();
        kept.id = forged.id = "a-2026-0007";
        REQUIRE((*store)->keep(kept));
    }
    SECTION("not sealed at all") {
        forged.id = "a-2026-0007";
        REQUIRE((*store)->keep({.id = forged.id, .sealed = codec::write_json(to_record(forged))}));
    }
    const auto settled = hall.desk.settle(hall.note());
    REQUIRE_FALSE(settled);
    CHECK_THAT(settled.error().detail, ContainsSubstring("a-2026-0007"));
    CHECK_FALSE(hall.folder.has(hall.grant_file(forged.id)));
    CHECK_FALSE(hall.desk.find(forged.id));
    const auto next = hall.loaded_with(forged);
    CHECK(hall.desk.take(*next, [] {}).size() == 1);
    CHECK_FALSE(is_let_through(*next));
    // the others go on
    CHECK(hall.folder.has(hall.grant_file("a-2026-0001")));
    CHECK(hall.desk.all().value().size() == 1);
    const auto other = hall.submit(kApplicant, good_application());
    REQUIRE(other);
    REQUIRE(hall.act(kMarket, other->dossier.id, {.act = Act::approve}));
    REQUIRE(hall.act(kSecurity, other->dossier.id, {.act = Act::approve}));
    CHECK(hall.folder.has(hall.grant_file(other->dossier.id)));
}

TEST_CASE("who is named in an application stands nowhere in the clear", "[access][security]") {
    Hall hall;
    REQUIRE(hall.submit(kApplicant, good_application()));
    for (const char* file : {"access.db", "access.db-wal"}) {
        CHECK(hall.folder.read(file).find("0000-0000") == std::string::npos);
    }
}

TEST_CASE("an application is changed so often, and then made anew; it can always be ended", "[access][security]") {
    Hall hall;
    const std::string id = hall.submit(kApplicant, good_application()).value().dossier.id;
    std::string refused;
    for (int i = 0; i < 300 && refused.empty(); ++i) {
        const auto amended = hall.act(kApplicant, id, {.act = Act::amend, .text = good_application()});
        refused = amended ? "" : amended.error().code;
    }
    CHECK(refused == "too_many");
    CHECK(hall.approved() == "a-2026-0002");
    CHECK(hall.desk.all().value().size() == 2);
    CHECK(hall.act(kSecurity, id, {.act = Act::refuse, .reason = "反复改动"}));
}

TEST_CASE("an organisation has only so many open applications", "[access][security]") {
    Hall hall;
    for (int i = 0; i < 100; ++i) {
        REQUIRE(hall.submit(kApplicant, good_application()));
    }
    CHECK(hall.submit(kApplicant, good_application()).error().code == "too_many");
    REQUIRE(hall.act(kSecurity, "a-2026-0001", {.act = Act::refuse, .reason = "重复"}));
    CHECK(hall.submit(kApplicant, good_application()));
}

TEST_CASE("what was read is approved, and not what it was changed to meanwhile", "[access][security]") {
    Hall hall;
    const auto read = hall.submit(kApplicant, good_application()).value().dossier;
    const std::string wider = replaced(good_application(), "/status", "/idNo");
    REQUIRE(hall.act(kApplicant, read.id, {.act = Act::amend, .text = wider}));
    const std::string of = access::digest_of(read);
    CHECK(hall.act(kSecurity, read.id, {.act = Act::approve, .of = of}).error().code == "changed_meanwhile");
    const std::string of_now = access::digest_of(hall.desk.find(read.id).value());
    CHECK(of_now == to_hex(crypto::sha256(wider)));
    CHECK(hall.act(kSecurity, read.id, {.act = Act::approve, .of = of_now}));
}

TEST_CASE("an end holds before the evidence says so, and is said after a crash", "[access][security]") {
    Hall hall;
    const std::string id = hall.approved();
    hall.snapshot = hall.loaded_with(hall.desk.find(id).value());
    hall.can_note = false;
    const auto revoked = hall.act(kSecurity, id, {.act = Act::revoke, .reason = "依据已废止"});
    REQUIRE_FALSE(revoked);
    CHECK(revoked.error().code == "evidence_unavailable");
    CHECK(hall.desk.find(id)->state == State::revoked);
    CHECK_FALSE(is_let_through(*hall.snapshot));
    hall.can_note = true;
    hall.noted.clear();
    Desk again = hall.open();
    CHECK(again.settle(hall.note()).value());
    CHECK(hall.noted == std::vector<std::string>{id});
    CHECK_FALSE(hall.folder.has(hall.grant_file(id)));
    CHECK_FALSE(again.settle(hall.note()).value());
    CHECK(hall.noted.size() == 1);
}

TEST_CASE("an application of eighty thousand octets is refused at once", "[access][security]") {
    Hall hall;
    const auto many = [](const std::string& what, int times) {
        std::string list = what;
        for (int i = 1; i < times; ++i) {
            list += ", " + what;
        }
        return list;
    };
    std::string text = replaced(good_application(), "[licence]", '[' + many("licence", 4'000) + ']');
    SECTION("in octets") {
        text = replaced(text, "/name, /status", many("/x", 10'000));
    }
    SECTION("in items") {
    }
    SECTION("in the same items") {
        text = replaced(good_application(), "[licence]", "[licence, licence]");
    }
    const auto refused = hall.submit(kApplicant, text);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail, ContainsSubstring("C247"));
    CHECK(refused.error().detail.size() < 1'000);
}
