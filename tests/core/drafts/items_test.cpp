#include "core/drafts/items.h"

#include <fstream>
#include <iterator>

#include "tests/support/catch.h"

using namespace datong;
using drafts::Item;
using Codes = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("a table of items is found by its headings, in a workbook and in a CSV file", "[drafts]") {
    std::string bytes;
    SECTION("xlsx") {
        std::ifstream in{DATONG_TEST_DATA "/drafts/items.xlsx", std::ios::binary};
        bytes.assign(std::istreambuf_iterator<char>{in}, {});
    }
    SECTION("csv, other headings in another order") {
        bytes =
            "\xEF\xBB\xBF某表\n\n数据项名称,英文名称 "
            "*,数据类型,必填（是/否）,字段长度,值域\n残疾人证号,CJRZH,varchar,Y,20,\n"
            "姓名,XM,varchar,Y,60,\n公民身份号码,SFZH,varchar,Y,18,\n残疾类别,CJLB,char,是,1,"
            "\"1:视力,2:听力,3:言语,4:肢体,5:智力,6:精神,7:多重\"\n发证日期,FZRQ,date,N,8,\n联系电话,LXDH,varchar,,11,"
            "\n";
    }
    const auto items = drafts::read_item_file(bytes);
    REQUIRE(items);
    REQUIRE(items->size() == 6);
    CHECK((*items)[0].name == "CJRZH");
    CHECK((*items)[0].label == "残疾人证号");
    CHECK((*items)[0].length == 20);
    CHECK((*items)[0].required);
    CHECK((*items)[3].codes.size() == 7);
    CHECK((*items)[3].codes.back() == std::pair<std::string, std::string>{"7", "多重"});
    CHECK((*items)[4].type == Item::Type::date);
    CHECK_FALSE((*items)[4].required);
    CHECK((*items)[5].label == "联系电话");
}

TEST_CASE("codes are read as people write them, and standards are none", "[drafts]") {
    struct Row {
        const char* text;
        Codes codes;
    };
    const auto row = GENERATE(values<Row>({
        {"1-男；2-女", {{"1", "男"}, {"2", "女"}}},
        {"1：男，2：女，9：未说明", {{"1", "男"}, {"2", "女"}, {"9", "未说明"}}},
        {"01 在营\n02 注销", {{"01", "在营"}, {"02", "注销"}}},
        {"A=甲|B=乙", {{"A", "甲"}, {"B", "乙"}}},
        {"0男、1女", {{"0", "男"}, {"1", "女"}}},
        {"GB/T 2261.1", {}},
        {"见附件", {}},
        {"1-只有一个", {}},
        {"男；女", {}},
        {"", {}},
    }));
    CAPTURE(row.text);
    CHECK(drafts::read_codes(row.text) == row.codes);
}

TEST_CASE("what is no table of items says what is missing", "[drafts]") {
    for (const char* text : {"a,b\n1,2\n", "字段名,类型\n", "姓名,性别\n甲,男\n"}) {
        CAPTURE(text);
        CHECK_FALSE(drafts::read_item_file(text).has_value());
    }
    const auto twice = drafts::read_item_file("字段名,类型\nXM,C\nXM,C\n");
    REQUIRE_FALSE(twice);
    CHECK_THAT(twice.error().detail(), ContainsSubstring("row 3"));
}
