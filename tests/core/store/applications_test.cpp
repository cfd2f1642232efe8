#include "core/store/applications.h"

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using store::Applications;

TEST_CASE("applications are kept over a restart, each in the place of what it was before", "[store]") {
    const support::ScratchFolder folder;
    {
        const auto store = Applications::open(folder / "a.db");
        REQUIRE(store);
        REQUIRE((*store)->keep({.id = "b", .sealed = "1"}));
        REQUIRE((*store)->keep({.id = "a", .sealed = "2"}));
        REQUIRE((*store)->keep({.id = "b", .sealed = "3"}));
    }
    const auto store = Applications::open(folder / "a.db");
    REQUIRE(store);
    const auto all = (*store)->all();
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK(all->at(0).id == "a");
    CHECK(all->at(1).sealed == "3");
    CHECK((*store)->find("b").value()->sealed == "3");
    CHECK_FALSE((*store)->find("c").value().has_value());
}

TEST_CASE("numbers of applications begin anew each year, those of rolls never, and none is given twice", "[store]") {
    const support::ScratchFolder folder;
    {
        const auto store = Applications::open(folder / "a.db");
        REQUIRE(store);
        CHECK((*store)->last_roll().value() == 0);
        CHECK((*store)->next_number(2026).value() == 1);
        CHECK((*store)->next_number(2026).value() == 2);
        CHECK((*store)->next_number(2027).value() == 1);
        CHECK((*store)->next_roll().value() == 1);
    }
    const auto store = Applications::open(folder / "a.db");
    REQUIRE(store);
    CHECK((*store)->next_number(2026).value() == 3);
    CHECK((*store)->next_roll().value() == 2);
    CHECK((*store)->last_roll().value() == 2);
}

TEST_CASE("a store that is none, or of a later version, is refused", "[store]") {
    const support::ScratchFolder folder;
    folder.write("a.db", "this is no database, whatever its name says, and long enough to be one");
    CHECK_FALSE(Applications::open(folder / "a.db"));
}
