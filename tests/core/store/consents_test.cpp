#include "core/store/consents.h"

#include <algorithm>

#include "core/store/statement.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using datong::store::Consent;
using datong::store::Consents;

namespace {

constexpr std::int64_t kMany = 100;

Consent one(const std::string& id, const std::string& consumer = "portal", const std::string& services = ",fund,") {
    return {.id = id,
            .issuer = "city-consent",
            .consumer = consumer,
            .mac = std::string(32, 'm'),
            .digest = "d-" + id,
            .sealed = "sealed",
            .services = services,
            .registered = 100,
            .until = 1'000};
}

Consents::Wish wish(const std::string& name, std::int64_t now, std::int64_t most, std::int64_t since = 0) {
    return {.consent = "a", .name = name, .most = most, .since = since, .same_since = now - 600, .now = now};
}

store::Revoked revoked(const std::string& consent, const std::string& issuer = "city-consent", std::int64_t at = 200) {
    return {.issuer = issuer, .consent = consent, .at = at, .by = "issuer", .reason = "withdrawn", .digest = "r"};
}

std::int64_t count(const std::string& file, const std::string& table) {
    const auto database = store::Database::open(file, {.version = 1, .tables = ""});
    REQUIRE(database.has_value());
    store::Statement select{database->get(), "SELECT COUNT(*) FROM " + table};
    REQUIRE(select.next());
    return select.number(0);
}

std::vector<std::string> ids(const Result<std::vector<Consent>>& rows) {
    REQUIRE(rows.has_value());
    std::vector<std::string> made;
    for (const Consent& row : *rows) {
        made.push_back(row.id);
    }
    return made;
}

}  // namespace

TEST_CASE("uses are counted in the consent, and the names of calls are kept for ten minutes only", "[store]") {
    const support::ScratchFolder folder;
    const std::string file = folder / "consents.db";
    const auto book = Consents::open(file).value();
    REQUIRE(book->keep(one("a"), kMany).has_value());
    for (int i = 0; i < 50; ++i) {
        CHECK(book->take(wish("call-" + std::to_string(i), 1'000 + i * 100, 60))->number == i + 1);
    }
    CHECK(count(file, "used") == 7);
    CHECK(book->find("a").value()->uses == 50);
    // a new period begins with nothing, and one that is over takes nothing from it
    CHECK(book->take(wish("new", 7'000, 1, 7'000))->number == 51);
    CHECK(book->take(wish("more", 7'000, 1, 7'000))->number == 0);
    CHECK(book->take(wish("of before", 6'999, 1, 6'000))->number == 0);
    CHECK(book->find("a").value()->uses == 51);
    REQUIRE(book->give_back("a", "new").has_value());
    CHECK(book->find("a").value()->in_period == 0);
    CHECK(book->take(wish("more", 7'000, 1, 7'000))->number == 52);  // a number is one call's only
}

TEST_CASE("a consent that was revoked before it came is not kept, and the evidence hears of the revocation only",
          "[store][security]") {
    const support::ScratchFolder folder;
    const std::string file = folder / "consents.db";
    const auto book = Consents::open(file).value();
    REQUIRE(book->revoke(revoked("a")).value());
    const auto kept = book->keep(one("a"), kMany);
    REQUIRE(kept.has_value());
    CHECK_FALSE(kept->is_new);
    CHECK(kept->consent.revoked == 200);
    CHECK(count(file, "consent") == 0);
    const auto notes = book->unnoted(10).value();
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].revoked.has_value());
}

TEST_CASE("one consumer has so many consents in force and no more", "[store][security]") {
    const support::ScratchFolder folder;
    const auto book = Consents::open(folder / "consents.db").value();
    CHECK(book->keep(one("a"), 2)->is_new);
    CHECK(book->keep(one("b"), 2)->is_new);
    CHECK(book->keep(one("c"), 2)->is_full);
    CHECK_FALSE(book->find("c").value().has_value());
    CHECK_FALSE(book->keep(one("a"), 2)->is_full);  // it is there
    CHECK(book->keep(one("d", "one-window"), 2)->is_new);
    Consent later = one("c");
    later.registered = 1'000;  // the others are over
    later.until = 2'000;
    CHECK(book->keep(later, 2)->is_new);
}

TEST_CASE("a list holds what somebody may see, whatever else there is", "[store]") {
    const support::ScratchFolder folder;
    const auto book = Consents::open(folder / "consents.db").value();
    Consent old = one("old", "one-window", ",tax,land,");
    old.registered = 1;
    REQUIRE(book->keep(old, kMany).has_value());
    for (int i = 0; i < 5; ++i) {
        REQUIRE(book->keep(one("p" + std::to_string(i), "portal", ",landing,"), kMany).has_value());
    }
    CHECK(ids(book->all({.is_any = true}, 10)).size() == 6);
    CHECK(ids(book->all({.is_any = true}, 2)).size() == 2);
    CHECK(ids(book->all({.consumer = "one-window"}, 1)) == std::vector<std::string>{"old"});
    CHECK(ids(book->all({.services = {"nothing", "land"}}, 1)) == std::vector<std::string>{"old"});
    CHECK(ids(book->all({}, 10)).empty());
}

TEST_CASE("a revocation whose consent never came is erased when that would have been, and no other", "[store]") {
    const support::ScratchFolder folder;
    const std::string file = folder / "consents.db";
    const auto book = Consents::open(file).value();
    REQUIRE(book->keep(one("a"), kMany).has_value());
    for (const auto& word :
         {revoked("a"), revoked("a", "another"), revoked("never"), revoked("late", "another", 500)}) {
        REQUIRE(book->revoke(word).value());
    }
    REQUIRE(book->forget(0, 300).has_value());
    CHECK(count(file, "revoked") == 4);  // the evidence has not heard of them
    const auto notes = book->unnoted(10).value();
    for (const auto& note : notes) {
        REQUIRE(book->note(note).has_value());
    }
    REQUIRE(book->forget(0, 300).has_value());
    CHECK(count(file, "revoked") == 2);
    CHECK(book->find("a").value()->revoked == 200);
    CHECK(book->keep(one("late"), kMany)->is_new);  // another issuer's word is none about it
}
