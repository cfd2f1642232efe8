#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;

namespace {

std::string mistake_of(std::string_view csv) {
    const auto table = Table::parse(csv, "t.csv");
    return table ? "none" : to_line(table.error().front());
}

}  // namespace

TEST_CASE("a code table finds the row that is valid on a day", "[steps]") {
    const auto table = Table::parse(
        "from,to,label,preferred,valid_from,valid_to,colour\n"
        "1,a,甲,y,,2020-12-31,red\n"
        "1,b,乙,,2021-01-01,,blue\n"
        "01,c,\"丙,丁\",n,,,\n",
        "t.csv");
    REQUIRE(table.has_value());
    CHECK(table->find("1", {2020, 12, 31})->to == "a");
    CHECK(table->find("1", {2021, 1, 1})->to == "b");
    CHECK(table->find("01", {2021, 1, 1})->label == "丙,丁");
    CHECK(table->find("001", {2021, 1, 1}) == nullptr);
    CHECK(table->rows().size() == 3);
    CHECK(table->rows()[0].preferred);
    CHECK(*Table::cell(table->rows()[0], "colour") == "red");
    CHECK(*Table::cell(table->rows()[0], "from") == "1");
    CHECK(Table::cell(table->rows()[0], "shape") == nullptr);
    CHECK(table->has_column("colour"));
    CHECK_FALSE(table->has_column("shape"));
}

TEST_CASE("a code table with a mistake is refused with its line", "[steps]") {
    CHECK_THAT(mistake_of(""), ContainsSubstring("M401"));
    CHECK_THAT(mistake_of("code,to\n1,a\n"), ContainsSubstring("from"));
    CHECK_THAT(mistake_of("from,from\n"), ContainsSubstring("twice"));
    CHECK_THAT(mistake_of("from,to\n1,a\n1,b\n"), ContainsSubstring("t.csv:3"));
    CHECK_THAT(mistake_of("from,to\n1\n"), ContainsSubstring("t.csv:2"));
    CHECK_THAT(mistake_of("\nfrom,label\n\n1,\"a\nb\"\n\n1\n"), ContainsSubstring("t.csv:7:1"));
    CHECK_THAT(mistake_of("\r\nfrom,from\r\n"), ContainsSubstring("t.csv:2:1"));
    CHECK_THAT(mistake_of("from,preferred\n1,yes\n"), ContainsSubstring("preferred"));
    CHECK_THAT(mistake_of("from,valid_from\n1,2020/01/01\n"), ContainsSubstring("YYYY-MM-DD"));
    CHECK_THAT(mistake_of("from,valid_from,valid_to\n1,2021-01-01,2020-01-01\n"), ContainsSubstring("before"));
    CHECK_THAT(mistake_of("from,to,valid_from,valid_to\n1,a,,2020-12-31\n1,b,2020-12-31,\n"),
               ContainsSubstring("overlapping"));
    CHECK(mistake_of("\xEF\xBB\xBF"
                     "from,to\r\n1,a\r\n") == "none");
}

TEST_CASE("a look-up says which codes it knows", "[steps]") {
    const auto strict = tests::make("lookup", "gender");
    REQUIRE(strict.step != nullptr);
    CHECK(strict.step->known_inputs() == std::vector<std::string>{"0", "1", "2", "9"});
    CHECK(strict.step->known_outputs() == std::vector<std::string>{"female", "male", "unknown"});
    const auto open = tests::make("lookup", "{table: gender, missing: other}");
    REQUIRE(open.step != nullptr);
    CHECK(open.step->known_inputs().empty());
    CHECK(open.step->known_outputs() == std::vector<std::string>{"female", "male", "unknown", "other"});
    const auto plain = tests::make("trim", "");
    CHECK(plain.step->known_inputs().empty());
    CHECK(plain.step->known_outputs().empty());
}

TEST_CASE("a look-up in a table or column that is not there is a mistake with the nearest name", "[steps]") {
    const auto table = tests::make("lookup", "gendre");
    CHECK(table.step == nullptr);
    REQUIRE(table.mistakes.size() == 1);
    CHECK(table.mistakes[0].code == "M401");
    CHECK(table.mistakes[0].hint == "gender");
    const auto column = tests::make("lookup", "{table: gender, column: colour}");
    CHECK(column.step == nullptr);
    REQUIRE(column.mistakes.size() == 1);
    CHECK(column.mistakes[0].code == "M401");
}

TEST_CASE("a code table may be looked up by any of its columns", "[steps]") {
    const auto table = Table::parse("code,to,from,valid_from\n1,a,x,\n2,b,y,2024-01-01\n", "t.csv", "code");
    REQUIRE(table.has_value());
    CHECK(table->find("1", {2024, 1, 1})->to == "a");
    CHECK(table->find("x", {2024, 1, 1}) == nullptr);
    CHECK(table->find("2", {2023, 12, 31}) == nullptr);
    CHECK(*Table::cell(table->rows()[0], "code") == "1");
    CHECK(*Table::cell(table->rows()[0], "from") == "x");
    const auto by_value = Table::parse("from,to\n1,a\n2,b\n", "t.csv", "to");
    REQUIRE(by_value.has_value());
    CHECK(*Table::cell(*by_value->find("b", {2024, 1, 1}), "from") == "2");
    const auto none = Table::parse("from,to\n1,a\n", "t.csv", "code");
    REQUIRE_FALSE(none.has_value());
    CHECK_THAT(to_line(none.error().front()), ContainsSubstring("'code'"));
    const auto twice = Table::parse("from,to\n1,a\n2,a\n", "t.csv", "to");
    REQUIRE_FALSE(twice.has_value());
    CHECK_THAT(to_line(twice.error().front()), ContainsSubstring("t.csv:3"));
}

TEST_CASE("a code table is read back to the preferred row, or the only one", "[steps]") {
    auto table = Table::parse(
        "from,to,preferred,valid_from,valid_to\n"
        "1,a,y,,\n2,a,n,,\n"
        "3,b,,,2020-12-31\n4,b,,2021-01-01,\n"
        "5,c,,,\n6,c,,,\n"
        "7,d,y,,\n8,d,y,2022-01-01,\n",
        "t.csv");
    REQUIRE(table.has_value());
    const ReverseTable back{std::make_shared<const Table>(std::move(*table)), "to"};
    CHECK(back.find("a", {2024, 1, 1})->from == "1");
    CHECK(back.find("b", {2020, 12, 31})->from == "3");
    CHECK(back.find("b", {2021, 1, 1})->from == "4");
    CHECK(back.find("c", {2024, 1, 1}) == nullptr);
    CHECK(back.find("d", {2021, 1, 1})->from == "7");
    CHECK(back.find("d", {2022, 1, 1}) == nullptr);
    CHECK(back.find("e", {2024, 1, 1}) == nullptr);
    CHECK(back.ambiguous() == std::vector<std::string>{"c", "d"});
}
