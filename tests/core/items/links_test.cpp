#include "core/items/links.h"

#include <algorithm>

#include "tests/support/catch.h"

using namespace datong::items;

namespace {

Links links_of(const std::string& lines, std::vector<Broken>& broken) {
    const auto rows = read_rows("clmc,dzzzdm,dzzzmc,service\n" + lines, "links.csv", broken);
    REQUIRE(rows.has_value());
    return read_links(*rows, broken);
}

const LinkedMaterial* find(const std::vector<LinkedMaterial>& all, const std::string& name) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&name](const LinkedMaterial& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("names are compared without what clerks write differently", "[items]") {
    CHECK(folded("《营业执照》（副本）") == "营业执照");
    CHECK(folded(" 营业 执照 (复印件)") == "营业执照");
    CHECK(folded("营业　执照") == "营业执照");
    CHECK(folded("（原件）") == "(原件)");  // nothing would be left
    CHECK(folded("证（甲）书") == "证(甲)书");
}

TEST_CASE("each material stands to the services as the table and its source say", "[items]") {
    std::vector<Broken> broken;
    const Links links = links_of("营业执照,,,business-licence\n居民身份证,,,\n完税证明,,,tax-clearence\n", broken);
    CHECK(broken.empty());
    Item first{.code = "A", .name = "甲"};
    first.materials = {{.name = "《营业执照》（副本）", .need = "1", .source = "20"},
                       {.name = "居民身份证（原件）", .need = "1", .source = "20"},
                       {.name = "完税证明", .need = "3", .source = "20"},
                       {.name = "婚姻登记证明", .need = "1", .source = "20", .source_explain = "民政部门"},
                       {.name = "申请书", .need = "1", .source = "10"},
                       {.name = "维修资金结清证明", .need = "2", .source = "99"}};
    Item second{.code = "B", .name = "乙"};
    second.materials = {{.name = "营业执照", .need = "2", .source = "20"}};
    const auto all =
        link({{"A", first}, {"B", second}}, links, [](std::string_view id) { return id == "business-licence"; });
    REQUIRE(all.size() == 6);
    CHECK(all.front().name == "《营业执照》（副本）");  // two items ask for it
    CHECK(all.front().items == 2);
    CHECK(all.front().needed == 1);
    CHECK(all.front().standing == Standing::linked);
    CHECK(all.front().service == "business-licence");
    CHECK(find(all, "居民身份证（原件）")->standing == Standing::no_service);
    CHECK(find(all, "完税证明")->standing == Standing::unknown_service);
    CHECK(find(all, "婚姻登记证明")->standing == Standing::not_linked);
    CHECK(find(all, "婚姻登记证明")->explain == "民政部门");
    CHECK(find(all, "申请书")->standing == Standing::own);
    CHECK(find(all, "维修资金结清证明")->standing == Standing::other);
}

TEST_CASE("a broken line of the table is named", "[items]") {
    std::vector<Broken> broken;
    const Links links =
        links_of(",,,business-licence\n营业执照,,,business-licence\n《营业执照》,,,tax-clearance\n", broken);
    CHECK(links.size() == 1);
    REQUIRE(broken.size() == 2);
    CHECK(broken[0].where == "links.csv:2");
    CHECK(broken[1].where == "links.csv:4");
}
