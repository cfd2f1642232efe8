#include "core/items/shelf.h"

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::items;

namespace {

Library one_item(const std::string& name) {
    return {
        {"A",
         {.code = "A", .name = name, .version = 1, .materials = {{.name = "申请书", .need = "1", .source = "10"}}}}};
}

}  // namespace

TEST_CASE("each import is kept whole; the same again is none", "[items]") {
    const support::ScratchFolder folder;
    Shelf shelf{folder.path() + "/items"};
    CHECK(shelf.editions().value().empty());  // nothing there yet
    const auto first = shelf.put(one_item("甲"), 2, "2026-11-29T08:00:00.000+08:00");
    REQUIRE(first.has_value());
    REQUIRE(first->has_value());
    CHECK((*first)->number == 1);
    CHECK((*first)->broken == 2);
    CHECK_FALSE(shelf.put(one_item("甲"), 0, "2026-11-30T08:00:00.000+08:00").value().has_value());
    CHECK(shelf.put(one_item("乙"), 0, "2026-11-30T08:00:00.000+08:00").value()->number == 2);
    const auto editions = Shelf{folder.path() + "/items"}.editions();  // as the next run finds them
    REQUIRE(editions.has_value());
    REQUIRE(editions->size() == 2);
    CHECK(editions->front().at == "2026-11-29T08:00:00.000+08:00");
    CHECK(editions->front().items == 1);
    CHECK(editions->front().materials == 1);
    CHECK(shelf.read(1).value().find("A")->second.name == "甲");
    CHECK(shelf.read(2).value().find("A")->second.name == "乙");
    CHECK_FALSE(shelf.read(3).has_value());
    CHECK_FALSE(shelf.read(0).has_value());
}

TEST_CASE("an edition that was altered is refused", "[items]") {
    const support::ScratchFolder folder;
    Shelf shelf{folder.path()};
    REQUIRE(shelf.put(one_item("甲"), 0, "2026-11-29T08:00:00.000+08:00").has_value());
    std::ofstream{folder.path() + "/000001.jsonl", std::ios::app} << '\n';
    const auto read = shelf.read(1);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().detail().find("was altered") != std::string::npos);
}

TEST_CASE("a folder that can't be written is said with the system's reason", "[items]") {
    Shelf shelf{"/proc/nowhere"};
    const auto put = shelf.put(one_item("甲"), 0, "2026-11-29T08:00:00.000+08:00");
    REQUIRE_FALSE(put.has_value());
    CHECK(put.error().detail().find("/proc/nowhere") != std::string::npos);
}
