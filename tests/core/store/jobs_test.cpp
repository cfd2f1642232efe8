#include "core/store/jobs.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <tuple>

#include "core/store/awaited.h"
#include "core/store/meant.h"
#include "tests/support/catch.h"
#include "tests/support/refusing_store.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using store::Job;
using store::Jobs;
using store::Stage;

namespace {

Job job(const std::string& id, const std::string& key) {
    return {
        .id = id,
        .consumer = "one-window",
        .key = key,
        .fingerprint = std::string{"f\0g", 3},
        .target = "/v1/services/case-push-land",
        .case_number = "999901-2024-000001",
        .sealed = "sealed request",
        .created = 1'000,
        .parts = {{.material = "land", .service = "case-push-land"}, {.material = "tax", .service = "case-push-tax"}}};
}

std::unique_ptr<Jobs> open(const support::ScratchFolder& folder) {
    auto jobs = Jobs::open(folder / "state/datong.db");
    REQUIRE(jobs);
    return std::move(*jobs);
}

Job found(Jobs& jobs, const std::string& id) {
    auto one = jobs.find("one-window", id);
    REQUIRE(one);
    REQUIRE(*one);
    return std::move(**one);
}

}  // namespace

TEST_CASE("a key stands for the submission that had it first, also after the file is opened again", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    const auto first = jobs->reserve(job("e1", "k1"));
    REQUIRE(first);
    CHECK(first->is_new);
    jobs = open(folder);
    const auto second = jobs->reserve(job("e2", "k1"));
    REQUIRE(second);
    CHECK_FALSE(second->is_new);
    CHECK(second->job.id == "e1");
    CHECK(second->job.fingerprint == job("e1", "k1").fingerprint);
    CHECK(second->job.sealed == "sealed request");
    REQUIRE(second->job.parts.size() == 2);
    CHECK(second->job.parts[1].stage == Stage::reserved);
    Job others = job("e3", "k1");
    others.consumer = "portal";
    CHECK(jobs->reserve(others)->is_new);  // everybody's keys are their own
    CHECK_FALSE(*jobs->find("portal", "e1"));
}

TEST_CASE("the right to send is given once, whoever asks at the same time", "[store][security]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    auto others = open(folder);  // as another process would
    REQUIRE(jobs->reserve(job("e1", "k1")));
    std::atomic<int> given{};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            const auto claimed = (i % 2 == 0 ? jobs : others)->claim("e1", "land");
            given += claimed && *claimed ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(given == 1);
    CHECK(found(*jobs, "e1").parts[0].stage == Stage::sent);
    CHECK_FALSE(*jobs->claim("e1", "nobody"));
    CHECK_FALSE(*jobs->claim("nothing", "land"));
    REQUIRE(jobs->release("e1", "land"));
    CHECK(*jobs->claim("e1", "land"));
}

TEST_CASE("a last word stays, and what has none is listed", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    CHECK(jobs->unsettled(10)->empty());
    REQUIRE(*jobs->claim("e1", "land"));
    REQUIRE(*jobs->claim("e1", "tax"));
    REQUIRE(jobs->note(
        "e1", {.material = "tax", .service = "case-push-tax", .stage = Stage::pending, .outcome = "deferred"}));
    const auto open_ones = jobs->unsettled(10);
    REQUIRE(open_ones->size() == 2);
    CHECK(open_ones->front().outcome == "unknown");
    CHECK(open_ones->back().outcome == "deferred");
    CHECK(open_ones->back().key == "k1");
    REQUIRE(jobs->note("e1", {.material = "land",
                              .service = "case-push-land",
                              .stage = Stage::settled,
                              .outcome = "accepted",
                              .sealed = "receipt"}));
    REQUIRE(jobs->note(
        "e1", {.material = "land", .service = "case-push-land", .stage = Stage::pending, .outcome = "unknown"}));
    CHECK(found(*jobs, "e1").parts[0].stage == Stage::settled);
    CHECK(found(*jobs, "e1").parts[0].sealed == "receipt");
    REQUIRE(jobs->release("e1", "land"));  // what was settled is not sent again
    CHECK_FALSE(*jobs->claim("e1", "land"));
    CHECK(jobs->unsettled(10)->size() == 1);
    CHECK(jobs->unsettled(0)->empty());
}

TEST_CASE("a key under which nothing was sent is free again, another is not", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    REQUIRE(jobs->drop_if_untouched("e1"));
    REQUIRE(jobs->reserve(job("e2", "k1"))->is_new);
    REQUIRE(*jobs->claim("e2", "tax"));
    REQUIRE(jobs->drop_if_untouched("e2"));
    CHECK_FALSE(jobs->reserve(job("e3", "k1"))->is_new);
}

TEST_CASE("answers and keys are forgotten by age, what is open is kept", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    REQUIRE(jobs->reserve(job("e2", "k2")));
    for (const char* material : {"land", "tax"}) {
        REQUIRE(*jobs->claim("e1", material));
        REQUIRE(jobs->note("e1", {.material = material,
                                  .service = "s",
                                  .stage = Stage::settled,
                                  .outcome = "accepted",
                                  .sealed = "receipt"}));
    }
    REQUIRE(*jobs->claim("e2", "land"));
    REQUIRE(jobs->forget(1'001, 0));
    CHECK(found(*jobs, "e1").sealed.empty());
    CHECK(found(*jobs, "e1").parts[0].sealed.empty());
    CHECK(found(*jobs, "e1").parts[0].outcome == "accepted");
    CHECK(found(*jobs, "e2").sealed == "sealed request");  // its status will still be asked
    REQUIRE(jobs->forget(1'001, 1'001));
    CHECK_FALSE(*jobs->find("one-window", "e1"));
    CHECK(*jobs->find("one-window", "e2"));
}

TEST_CASE("what was recorded of one case is erased by order, and outcomes and keys stay", "[store][security]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    Job other = job("e3", "k3");
    other.case_number = "another";
    REQUIRE(jobs->reserve(job("e1", "k1")));
    REQUIRE(jobs->reserve(job("e2", "k2")));
    REQUIRE(jobs->reserve(other));
    for (const char* id : {"e1", "e3"}) {
        for (const char* material : {"land", "tax"}) {
            REQUIRE(*jobs->claim(id, material));
            REQUIRE(jobs->note(id, {.material = material,
                                    .service = "s",
                                    .stage = Stage::settled,
                                    .outcome = "accepted",
                                    .sealed = "sealed receipt"}));
        }
    }
    REQUIRE(*jobs->claim("e2", "land"));
    REQUIRE(jobs->erase("", "", {}));
    REQUIRE(jobs->erase("", "", 0));  // before 1970
    CHECK(jobs->holds("", "", 0) == false);
    CHECK(jobs->holds("", "", 1'001) == true);
    CHECK(found(*jobs, "e1").sealed == "sealed request");
    REQUIRE(jobs->erase("", job("e1", "k1").case_number, {}));
    CHECK(found(*jobs, "e1").sealed.empty());
    CHECK(found(*jobs, "e1").parts[0].sealed.empty());
    CHECK(found(*jobs, "e1").parts[0].outcome == "accepted");
    CHECK(found(*jobs, "e2").sealed == "sealed request");  // its status will still be asked
    CHECK(found(*jobs, "e3").sealed == "sealed request");
    REQUIRE(jobs->erase("e3", "", 1'000));
    CHECK(found(*jobs, "e3").sealed == "sealed request");
    REQUIRE(jobs->erase("e3", "", 1'001));
    CHECK(found(*jobs, "e3").sealed.empty());
    CHECK(jobs->holds("", "", 1'001) == false);  // e2 keeps its own until its last word
    CHECK(jobs->settle());
    CHECK_FALSE(jobs->reserve(job("e4", "k1"))->is_new);
    CHECK(folder.read("state/datong.db").find("sealed receipt") == std::string::npos);
    CHECK(folder.read("state/datong.db-wal").find("sealed receipt") == std::string::npos);
}

TEST_CASE("what an order to erase means is found by an index", "[store]") {
    const support::ScratchFolder folder;
    (void)open(folder);
    const auto later = store::AwaitedBook::open(folder / "state/datong.db.later");
    REQUIRE(later);
    const auto [exchange, case_number, before] = GENERATE(table<std::string, std::string, std::optional<std::int64_t>>(
        {{"e1", "", std::nullopt}, {"", "c1", std::nullopt}, {"", "", 7}, {"e1", "c1", 7}, {"", "c1", 7}}));
    const store::Meant meant{exchange, case_number, before};
    for (const auto& [file, table, id] :
         {std::tuple{"state/datong.db", "job", "id"}, {"state/datong.db.later", "awaited", "exchange"}}) {
        const auto other = store::Database::open(folder / file, {.version = 1, .tables = ""});
        REQUIRE(other);
        store::Statement explain{other->get(), "EXPLAIN QUERY PLAN SELECT " + std::string{id} + " FROM " + table +
                                                   " WHERE " + meant.condition(id)};
        std::string plan;
        while (explain.next()) {
            plan += explain.text(3) + '\n';
        }
        REQUIRE(explain.status());
        CAPTURE(table, plan);
        CHECK_THAT(plan, ContainsSubstring("SEARCH") && !ContainsSubstring("SCAN"));
    }
}

TEST_CASE("the file is its user's only, and one that can't be used says so", "[store][security]") {
    const support::ScratchFolder folder;
    (void)open(folder);
    struct stat state{};
    REQUIRE(::stat((folder / "state/datong.db").c_str(), &state) == 0);
    CHECK((state.st_mode & 077) == 0);

    folder.write("broken.db", std::string(4'096, 'x'));
    const auto broken = Jobs::open(folder / "broken.db");
    REQUIRE_FALSE(broken);
    CHECK(broken.error().fault() == Fault::unavailable);
    CHECK_THAT(broken.error().detail(), ContainsSubstring("broken.db"));
    CHECK_FALSE(Jobs::open(folder / "broken.db/below.db"));

    sqlite3* later = nullptr;
    REQUIRE(sqlite3_open((folder / "later.db").c_str(), &later) == SQLITE_OK);
    REQUIRE(sqlite3_exec(later, "PRAGMA user_version = 2", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(later);
    const auto newer = Jobs::open(folder / "later.db");
    REQUIRE_FALSE(newer);
    CHECK_THAT(newer.error().detail(), ContainsSubstring("later version"));
}

TEST_CASE("a store that can't be written says so and keeps what it has", "[store][slow]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    sqlite3* limited = nullptr;
    REQUIRE(sqlite3_open((folder / "state/datong.db").c_str(), &limited) == SQLITE_OK);
    REQUIRE(sqlite3_exec(limited, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto refused = jobs->claim("e1", "land");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault() == Fault::unavailable);
    CHECK_FALSE(jobs->reserve(job("e2", "k2")));
    REQUIRE(sqlite3_exec(limited, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(limited);
    CHECK(found(*jobs, "e1").parts[0].stage == Stage::reserved);
    CHECK(jobs->reserve(job("e2", "k2"))->is_new);
    CHECK(*jobs->claim("e1", "land"));
}

TEST_CASE("what the disk does not take of a submission is known at once, and written when it takes it", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    REQUIRE(jobs->claim("e1", "land").value());
    const store::Part accepted{.material = "land",
                               .service = "case-push-land",
                               .stage = Stage::settled,
                               .outcome = "accepted",
                               .sealed = "sealed answer"};
    store::Part unknown = accepted;
    unknown.stage = Stage::pending;
    unknown.outcome = "unknown";
    const auto land = [](const Job& one) {
        return *std::find_if(one.parts.begin(), one.parts.end(),
                             [](const auto& part) { return part.material == "land"; });
    };
    {
        const support::RefusingStore store{folder / "state/datong.db", "UPDATE OF outcome ON part"};
        CHECK_FALSE(jobs->note("e1", unknown));
        CHECK(land(found(*jobs, "e1")).outcome == "unknown");
        CHECK_FALSE(jobs->note("e1", accepted));
        CHECK_FALSE(jobs->note("e1", unknown));  // the last word stays
        CHECK(jobs->owes());
        CHECK(land(found(*jobs, "e1")).sealed == "sealed answer");
        CHECK(land(jobs->reserve(job("e2", "k1"))->job).stage == Stage::settled);
        CHECK(land(found(*open(folder), "e1")).stage == Stage::sent);  // as another process sees it
        // nothing that is written later comes back after an order to erase it
        CHECK_FALSE(jobs->erase("e1", "", std::nullopt));
        CHECK_FALSE(jobs->pay());
    }
    CHECK(jobs->pay());
    CHECK_FALSE(jobs->owes());
    CHECK(land(found(*open(folder), "e1")).outcome == "accepted");
    REQUIRE(jobs->erase("e1", "", std::nullopt));
    CHECK(land(found(*jobs, "e1")).sealed.empty());
    CHECK(land(found(*jobs, "e1")).outcome == "accepted");
}

TEST_CASE("a submission of which something is owed is not forgotten as untouched", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    {
        const support::RefusingStore store{folder / "state/datong.db", "UPDATE OF outcome ON part"};
        // it was there before: nothing was sent by us
        CHECK_FALSE(jobs->note(
            "e1", {.material = "land", .service = "case-push-land", .stage = Stage::settled, .outcome = "accepted"}));
        CHECK_FALSE(jobs->drop_if_untouched("e1"));
        CHECK_FALSE(jobs->claim("e1", "land"));
    }
    REQUIRE(jobs->drop_if_untouched("e1"));
    CHECK(jobs->reserve(job("e2", "k1"))->job.id == "e1");
    jobs.reset();
    CHECK(found(*open(folder), "e1").parts.size() == 2);
}

TEST_CASE("what is owed is written at the end of the process at the latest", "[store]") {
    const support::ScratchFolder folder;
    auto jobs = open(folder);
    REQUIRE(jobs->reserve(job("e1", "k1")));
    REQUIRE(jobs->claim("e1", "land").value());
    {
        const support::RefusingStore store{folder / "state/datong.db", "UPDATE OF outcome ON part"};
        CHECK_FALSE(jobs->note(
            "e1", {.material = "land", .service = "case-push-land", .stage = Stage::settled, .outcome = "accepted"}));
    }
    jobs.reset();
    CHECK(open(folder)->unsettled(10).value().empty());
}
