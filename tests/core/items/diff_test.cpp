#include "core/items/diff.h"

#include "tests/support/catch.h"

using namespace datong::items;

namespace {

Item item(const std::string& code) {
    return {.code = code,
            .name = "事项" + code,
            .version = 1,
            .materials = {{.name = "申请书", .need = "1", .source = "10"},
                          {.name = "完税证明", .need = "1", .source = "20"}}};
}

}  // namespace

TEST_CASE("what changed between two editions is told by item and material", "[items]") {
    Library before{{"A", item("A")}, {"B", item("B")}, {"C", item("C")}};
    Library after{{"B", item("B")}, {"C", item("C")}, {"D", item("D")}};
    Item& changed = after["C"];
    changed.version = 2;
    changed.materials[0].need = "3";
    changed.materials[1].name = "契税完税凭证";
    const auto changes = compare(before, after);
    REQUIRE(changes.size() == 3);
    CHECK(changes[0].kind == ItemChange::Kind::removed);
    CHECK(changes[0].code == "A");
    CHECK(changes[1].kind == ItemChange::Kind::changed);
    CHECK(changes[1].fields == std::vector<std::string>{"version 1 -> 2"});
    CHECK(changes[1].added == std::vector<std::string>{"契税完税凭证"});
    CHECK(changes[1].removed == std::vector<std::string>{"完税证明"});
    CHECK(changes[1].changed == std::vector<std::string>{"申请书: need 1 -> 3"});
    CHECK(changes[2].kind == ItemChange::Kind::added);
    CHECK(compare(before, before).empty());
    CHECK(compare({}, before).size() == 3);
}
