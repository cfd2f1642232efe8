#include "core/store/awaited.h"

#include "core/store/database.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using datong::store::Awaited;
using datong::store::AwaitedBook;
using datong::store::Wait;

namespace {

Awaited one(const std::string& exchange, const std::string& material, std::int64_t next) {
    return {.exchange = exchange,
            .material = material,
            .requirement = "tax",
            .matter = "existing-home-transfer",
            .consumer = "one-window",
            .service = "tax-clearance",
            .case_number = "1",
            .why = "slow",
            .sealed = "sealed",
            .created = 100,
            .until = 1'000,
            .again = 60,
            .next = next};
}

}  // namespace

TEST_CASE("what is awaited comes when it is due, is settled once, and outlives the process", "[store]") {
    const datong::support::ScratchFolder folder;
    const std::string file = folder / "later.db";
    {
        const auto book = AwaitedBook::open(file);
        REQUIRE(book.has_value());
        REQUIRE((*book)->keep({one("a", "clearance", 200), one("a", "deed", 300)}).has_value());
        CHECK_FALSE((*book)->keep({one("b", "clearance", 200), one("a", "deed", 300)}).has_value());
    }
    const auto book = *AwaitedBook::open(file);
    CHECK(book->due(199, 10)->empty());
    REQUIRE(book->due(200, 10)->size() == 1);
    CHECK(book->due(300, 10)->size() == 2);
    CHECK(book->due(300, 1)->size() == 1);
    CHECK(book->of("portal", "a")->empty());
    CHECK(book->of("one-window", "a")->size() == 2);
    CHECK(book->of("one-window", "b")->empty());  // all of a call are kept, or none

    Awaited first = book->waiting("a", "clearance")->front();
    REQUIRE(book->put_off(first, 500, 0).has_value());
    CHECK(book->due(300, 10)->size() == 1);
    first.state = Wait::due;
    first.outcome = "found";
    first.body = "told";
    first.next = 510;
    CHECK(*book->settle(first));
    CHECK_FALSE(*book->settle(first));
    CHECK(book->waiting("a", "clearance")->empty());
    const Awaited settled = book->due(510, 10)->back();
    CHECK(settled.sealed.empty());
    CHECK(settled.body == "told");
    REQUIRE(book->conclude(settled, Wait::told).has_value());
    CHECK(book->due(9'999, 10)->size() == 1);
    CHECK(book->open_ones(10)->size() == 1);
    REQUIRE(book->forget(510).has_value());
    CHECK(book->of("one-window", "a")->size() == 2);
    REQUIRE(book->forget(511).has_value());
    CHECK(book->of("one-window", "a")->size() == 1);  // what is waited for stays
}

TEST_CASE("who hangs holds up neither other consumers nor other services", "[store]") {
    const datong::support::ScratchFolder folder;
    const auto book = *AwaitedBook::open(folder / "later.db");
    for (int i = 0; i < 100; ++i) {
        REQUIRE(book->keep({one("e" + std::to_string(100 + i), "clearance", 200)}).has_value());
    }
    Awaited other = one("later", "deposit", 300);
    other.service = "fund-deposit-certificate";
    REQUIRE(book->keep({other}).has_value());
    const auto asked = book->due(300, 64);
    REQUIRE(asked->size() == 9);
    CHECK(asked->back().exchange == "later");

    for (Awaited& row : *book->open_ones(200)) {
        row.state = Wait::due;
        row.next = 400;
        CHECK(*book->settle(row));
    }
    Awaited portal = one("portals", "clearance", 410);
    portal.consumer = "portal";
    REQUIRE(book->keep({portal}).has_value());
    portal.state = Wait::due;
    CHECK(*book->settle(portal));
    const auto told = book->due(500, 64);
    REQUIRE(told->size() == 9);
    CHECK(told->back().consumer == "portal");
}

TEST_CASE("an erasure before 1970 takes nothing, and one that can't be cut off is owed", "[store][security]") {
    const datong::support::ScratchFolder folder;
    const std::string file = folder / "later.db";
    const auto book = *AwaitedBook::open(file);
    REQUIRE(book->keep({one("a", "clearance", 200)}).has_value());
    CHECK(book->holds({}, {}, 0) == false);
    REQUIRE(book->erase({}, {}, 0).has_value());
    CHECK(book->holds({}, {}, 101) == true);
    CHECK(book->holds("b", {}, std::nullopt) == false);
    CHECK(book->holds({}, {}, std::nullopt) == false);
    CHECK(book->due(200, 10)->size() == 1);
    const auto reader = datong::store::Database::open(file, {.version = 1, .tables = ""});
    REQUIRE(reader.has_value());
    REQUIRE(reader->execute("BEGIN; SELECT count(*) FROM awaited"));  // as a backup does
    CHECK_FALSE(book->erase({}, {}, 101).has_value());
    CHECK(book->holds({}, {}, 101) == false);
    CHECK_FALSE(book->settle().has_value());
    REQUIRE(reader->execute("COMMIT"));
    CHECK(book->settle().has_value());
}

TEST_CASE("a store is opened again, and read, while somebody writes to it", "[store]") {
    const datong::support::ScratchFolder folder;
    const std::string file = folder / "later.db";
    const auto book = AwaitedBook::open(file);
    REQUIRE(book.has_value());
    REQUIRE((*book)->keep({one("a", "clearance", 200)}).has_value());
    const auto writer = datong::store::Database::open(file, {.version = 1, .tables = ""});
    REQUIRE(writer.has_value());
    REQUIRE(writer->execute("BEGIN IMMEDIATE"));
    const auto again = AwaitedBook::open(file);
    REQUIRE(again.has_value());
    CHECK((*again)->due(200, 10)->size() == 1);
    REQUIRE(writer->execute("ROLLBACK"));
}

TEST_CASE("what can't be dropped is owed, and nothing of it is due until it is", "[store]") {
    const datong::support::ScratchFolder folder;
    const std::string file = folder / "later.db";
    const auto book = *AwaitedBook::open(file);
    REQUIRE(book->keep({one("a", "clearance", 200), one("b", "clearance", 200)}));
    const auto other = datong::store::Database::open(file, {.version = 1, .tables = ""});
    REQUIRE(other.has_value());
    REQUIRE(other->execute("CREATE TRIGGER full BEFORE DELETE ON awaited BEGIN SELECT RAISE(ABORT, 'full'); END"));
    CHECK_FALSE(book->drop("a").has_value());
    CHECK_FALSE(book->drop_owed().has_value());
    REQUIRE(book->due(200, 10)->size() == 1);
    CHECK(book->due(200, 10)->front().exchange == "b");
    book->release("a");  // what is owed stays
    CHECK(book->due(200, 10)->size() == 1);
    REQUIRE(other->execute("DROP TRIGGER full"));
    CHECK(book->drop_owed().has_value());
    CHECK(*book->calls_waiting() == std::vector<std::string>{"b"});
}

TEST_CASE("of calls that are held nothing is due, and the others are", "[store]") {
    const datong::support::ScratchFolder folder;
    const auto book = *AwaitedBook::open(folder / "later.db");
    REQUIRE(book->keep({one("a", "clearance", 200), one("b", "clearance", 200), one("c", "clearance", 200)}));
    book->hold({"a", "c"});
    REQUIRE(book->due(200, 10)->size() == 1);
    CHECK(book->due(200, 10)->front().exchange == "b");
    book->release("a");
    CHECK(book->due(200, 10)->size() == 2);
    REQUIRE(book->drop("c"));
    CHECK(book->calls_waiting()->size() == 2);
}
