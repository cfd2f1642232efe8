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
