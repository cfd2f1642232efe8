#include "core/items/rows.h"

#include <chrono>

#include "core/charset/charset.h"
#include "core/codec/json.h"
#include "tests/core/items/generated_library.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::items;

namespace {

constexpr const char* kTasks = "row_guid,task_name,task_code,task_version,dept_name,dept_code,cd_operation,cd_time\n";
constexpr const char* kMaterials =
    "row_guid,material_name,is_need,source_type,source_explain,material_format,order_num,task_code,task_guid,cd_"
    "operation\n";
constexpr const char* kCode = "11999901MB0000019U4000715001000";

std::string task(const std::string& guid, int version, const std::string& operation = "I") {
    return guid + ",转移登记," + kCode + ',' + std::to_string(version) + ",示例市自然资源局,11999901MB0000019U," +
           operation + ",2026-01-01 08:00:00\n";
}

std::string material(const std::string& name, const std::string& need, const std::string& source, int order,
                     const std::string& guid = "v2") {
    return ',' + name + ',' + need + ',' + source + ",,1," + std::to_string(order) + ',' + kCode + ',' + guid + ",I\n";
}

Library gathered(const std::string& tasks, const std::string& materials, std::vector<Broken>& broken) {
    const auto first = read_rows(tasks, "tasks.csv", broken);
    const auto second = read_rows(materials, "materials.csv", broken);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    return gather(*first, *second, broken);
}

}  // namespace

TEST_CASE("a city's library of 3,000 items and 20,000 materials is read whole, old versions left behind", "[items]") {
    const auto tables = tests::generate_tables();
    std::vector<Broken> broken;
    const auto began = std::chrono::steady_clock::now();
    const Library library = gathered(tables.tasks, tables.materials, broken);
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(broken.empty());
    CHECK(library.size() == tests::kItems);
    CHECK(count_materials(library) == tests::kMaterials);
    CHECK(took < std::chrono::seconds{10});  // a bound against a quadratic way, not a measurement
    const auto again = read_library(write_library(library));
    REQUIRE(again.has_value());
    CHECK(write_library(*again) == write_library(library));
}

TEST_CASE("the newest version that is not deleted counts, with its own materials", "[items]") {
    std::vector<Broken> broken;
    const Library library =
        gathered(kTasks + task("v1", 1) + task("v3", 3, "D") + task("v2", 2),
                 kMaterials + material("旧材料", "1", "10", 1, "v1") + material("权属证书", "1", "20", 2) +
                     material("申请书", "1", "10", 1) + material("撤下的", "1", "10", 1, "v3"),
                 broken);
    CHECK(broken.empty());
    REQUIRE(library.contains(kCode));
    const Item& item = library.find(kCode)->second;
    CHECK(item.version == 2);
    REQUIRE(item.materials.size() == 2);
    CHECK(item.materials[0].name == "申请书");  // by order_num
    CHECK(item.materials[1].name == "权属证书");
}

TEST_CASE("of a row that was sent twice the last one counts", "[items]") {
    std::vector<Broken> broken;
    const std::string renamed = std::string{"v2,转移登记（存量房）,"} + kCode + ",2,局,11,U,2026-02-01 08:00:00\n";
    CHECK(gathered(kTasks + task("v2", 2) + renamed, kMaterials, broken).find(kCode)->second.name ==
          "转移登记（存量房）");
    CHECK(gathered(kTasks + renamed + task("v2", 2), kMaterials, broken).find(kCode)->second.name ==
          "转移登记（存量房）");
    const std::string gone = std::string{"v2,转移登记,"} + kCode + ",2,局,11,D,2026-03-01 08:00:00\n";
    CHECK(gathered(kTasks + task("v2", 2) + gone, kMaterials, broken).empty());
}

TEST_CASE("a broken line is named and the rest is imported", "[items]") {
    struct Row {
        std::string line;
        const char* why;
    };
    const auto row = GENERATE(values<Row>({
        {",,1,20,,1,1,11999901MB0000019U4000715001000,v2,I\n", "material_name is empty"},
        {material("证", "4", "20", 1), "is_need must be 1, 2 or 3"},
        {material("证", "1", "5", 1), "source_type must be 10, 20 or 99"},
        {material("证", "1", "20", 1, "nobody"), "name no valid version"},
        {",证,1,20,,1,1,11999901MB0000019U4000715001999,,I\n", "name no valid version"},
        {"a,b,c\n", "has 3 columns, not 10"},
        {",\xff\xff,1,20,,1,1,11999901MB0000019U4000715001000,v2,I\n", "neither UTF-8 nor GB 18030"},
    }));
    CAPTURE(row.why);
    std::vector<Broken> broken;
    const Library library =
        gathered(kTasks + task("v2", 2),
                 kMaterials + material("前", "1", "10", 1) + row.line + material("后", "1", "10", 2), broken);
    REQUIRE(broken.size() == 1);
    CHECK(broken.front().where == "materials.csv:3");
    CHECK(broken.front().text_en.find(row.why) != std::string::npos);
    CHECK(library.find(kCode)->second.materials.size() == 2);
}

TEST_CASE("a broken task is named, and so are the materials that are nobody's then", "[items]") {
    struct Row {
        const char* line;
        const char* why;
    };
    const auto row = GENERATE(values<Row>({
        {"v2,名,1199,2,局,11,I,\n", "task_code must be 31 digits or capitals"},
        {"v2,,11999901MB0000019U4000715001000,2,局,11,I,\n", "task_name is empty"},
        {"v2,名,11999901MB0000019U4000715001000,two,局,11,I,\n", "task_version must be a whole number"},
    }));
    CAPTURE(row.why);
    std::vector<Broken> broken;
    const Library library = gathered(std::string{kTasks} + row.line, kMaterials + material("证", "1", "20", 1), broken);
    CHECK(library.empty());
    REQUIRE(broken.size() == 2);
    CHECK(broken[0].text_en.find(row.why) != std::string::npos);
    CHECK(broken[1].where == "materials.csv:2");
}

TEST_CASE("tables in GB 18030, as JSON and as a database's rows say the same", "[items]") {
    std::vector<Broken> broken;
    const std::string tasks = kTasks + task("v2", 2);
    const std::string materials = kMaterials + material("𠮷祥证（藏文 བོད）", "3", "99", 1);
    const std::string utf8 = write_library(gathered(tasks, materials, broken));
    const auto gb = [](const std::string& text) { return *charset::encode(text, charset::Charset::gb18030); };
    CHECK(write_library(gathered(gb(tasks), gb(materials), broken)) == utf8);

    const auto json_tasks = codec::read_json(
        std::string{R"([{"ROW_GUID":"v2","TASK_NAME":"转移登记","task_code":")"} + kCode +
        R"(","task_version":2,"dept_name":"示例市自然资源局","dept_code":"11999901MB0000019U","cd_operation":"I"}])");
    const auto json_materials = codec::read_json(
        std::string{R"([{"material_name":"𠮷祥证（藏文 བོད）","is_need":3,"source_type":"99","source_explain":null,)"} +
        R"("material_format":1,"order_num":"1","task_code":")" + kCode + R"(","task_guid":"v2"}])");
    REQUIRE(json_tasks.has_value());
    REQUIRE(json_materials.has_value());
    CHECK(write_library(gather(rows_of(*json_tasks, "tasks", broken), rows_of(*json_materials, "materials", broken),
                               broken)) == utf8);
    CHECK(broken.empty());
}

TEST_CASE("a file that is no table is refused as a whole", "[items]") {
    std::vector<Broken> broken;
    CHECK_FALSE(read_rows("", "tasks.csv", broken).has_value());
    CHECK_FALSE(read_rows("{}", "tasks.json", broken).has_value());
    CHECK_FALSE(read_rows("[{", "tasks.json", broken).has_value());
    CHECK(read_rows("[]", "tasks.json", broken).value().empty());
}

TEST_CASE("a table in JSON may be as large as one in CSV, and what is wrong with one is said", "[items]") {
    std::string text = "[";
    for (int row = 0; row < 12'000; ++row) {
        text += row == 0 ? "{" : ",{";
        for (int column = 0; column < 9; ++column) {
            text += (column == 0 ? "\"c" : ",\"c") + std::to_string(column) + "\":\"" + std::to_string(row) + '"';
        }
        text += '}';
    }
    std::vector<Broken> broken;
    const auto rows = read_rows(text + ']', "cases.json", broken);
    REQUIRE(rows);
    CHECK(rows->size() == 12'000);
    CHECK(rows->back().columns.at("c8") == "11999");
    CHECK(broken.empty());
    const auto cut = read_rows(text, "cases.json", broken);
    REQUIRE_FALSE(cut);
    CHECK_THAT(cut.error().detail(), ContainsSubstring("cases.json: JSON at byte "));
    CHECK_THAT(read_rows("{}", "cases.json", broken).error().detail(), ContainsSubstring("must be a JSON list"));
}
