#include <set>

#include "core/steps/identifiers.h"
#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using tests::run;

namespace {

const Table& shipped() {
    static const auto kTable = tests::surroundings().tables.at("divisions");
    return *kTable;
}

std::size_t valid_on(const record::Date& day, std::string_view kind, bool (*is_wanted)(const std::string& code)) {
    std::size_t count = 0;
    for (const TableRow& row : shipped().rows()) {
        const bool lives = shipped().find(row.from, day) == &row;
        count += lives && *Table::cell(row, "kind") == kind && is_wanted(row.from) ? 1 : 0;
    }
    return count;
}

bool is_province(const std::string& code) {
    return code.ends_with("0000");
}
bool is_city(const std::string& code) {
    return code.ends_with("00") && !is_province(code);
}
bool is_county(const std::string& code) {
    return !code.ends_with("00");
}

}  // namespace

TEST_CASE("the shipped table has as many divisions as the country had at the end of 2024", "[steps]") {
    CHECK(valid_on({2024, 12, 31}, "", is_province) == 34);
    CHECK(valid_on({2024, 12, 31}, "", is_city) == 333);
    CHECK(valid_on({2024, 12, 31}, "", is_county) == 2846);
    CHECK(valid_on({2024, 12, 31}, "test", is_county) == 3);
    CHECK(shipped().rows().size() == 7163);
}

TEST_CASE("every code that came out of another is in the table and belongs to a province", "[steps]") {
    std::size_t successors = 0;
    for (const TableRow& row : shipped().rows()) {
        CAPTURE(row.from);
        CHECK(row.from.size() == 6);
        CHECK_FALSE(row.label.empty());
        CHECK(shipped().has(row.from.substr(0, 2) + "0000"));
        for (const std::string_view next : split(*Table::cell(row, "successors"), ';')) {
            CHECK((next.empty() || shipped().has(next)));
            successors += next.empty() ? 0 : 1;
        }
    }
    CHECK(successors > 3000);
}

TEST_CASE("an id's division has to have been valid at some time where the mapping names the table", "[steps]") {
    const auto id_of = [](const std::string& first) { return first + *resident_id_check(first); };
    CHECK(run("check_resident_id", "", Value{id_of("44012619700101001")}) == id_of("44012619700101001"));
    CHECK(run("check_resident_id", "", Value{id_of("44030119900101001")}) == id_of("44030119900101001"));
    CHECK(run("check_resident_id", "", Value{id_of("44019919900101001")}) == "!id.division");
    CHECK(run("check_resident_id", "{division: off}", Value{id_of("44019919900101001")}) == id_of("44019919900101001"));
    const auto at_birth = tests::make("check_resident_id", "{division: at_birth}");
    Warnings warnings;
    CHECK(tests::outcome(*at_birth.step, Value{id_of("44011620150101001")}, &warnings) == id_of("44011620150101001"));
    REQUIRE(warnings.size() == 1);  // 萝岗区 ended in 2014
    CHECK(warnings.front().rule == "id.division");
    warnings.clear();
    CHECK(tests::outcome(*at_birth.step, Value{id_of("44011620141231001")}, &warnings) == id_of("44011620141231001"));
    CHECK(warnings.empty());
}

TEST_CASE("an organisation's division is measured by its shape unless the step names a table", "[steps]") {
    const std::string first_17 = "91310141MA1K00015";
    const std::string code = first_17 + *uscc_check(first_17);
    CHECK(run("check_uscc", "{org_code: off}", Value{code}) == code);
    CHECK(run("check_uscc", "{org_code: off, table: divisions}", Value{code}) == "!uscc.division");
}

TEST_CASE("a division is called by the name that it had on the day", "[steps]") {
    CHECK(run("division_name", "{at: 1984-01-01}", Value{std::string{"440111"}}) == "郊区");
    CHECK(run("division_name", "", Value{std::string{"440111"}}) == "白云区");
    CHECK(run("division_name", "{full: true}", Value{std::string{"429004"}}) == "湖北省仙桃市");
    CHECK(run("division_name", "{full: true}", Value{std::string{"999901"}}) == "示例省示例市示例一区");
    CHECK(run("division_parent", "city", Value{std::string{"429004"}}) == "429000");
    CHECK(run("division_parent", "city", Value{std::string{"440126"}}) == "440100");
}

TEST_CASE("a code that was given up is followed over several changes and never guessed", "[steps]") {
    CHECK(run("division_current", "", Value{std::string{"440126"}}) == "440113");
    CHECK(run("division_current", "{at: 1995-01-01}", Value{std::string{"440126"}}) == "440181");
    CHECK(run("division_current", "", Value{std::string{"440127"}}) == "!division.split");
}

TEST_CASE("the reserved divisions of the table count only in installations for tests", "[steps][security]") {
    Surroundings live = tests::surroundings();
    live.test_division = false;
    for (const std::string code : {"999901", "999900", "990000", "999942"}) {
        for (const auto& [step, argument] :
             {std::pair{"division_current", ""}, std::pair{"division_name", ""},
              std::pair{"division_parent", "province"}, std::pair{"check_admin_division", ""}}) {
            CAPTURE(step, code);
            const auto made = tests::make(step, argument, live);
            REQUIRE(made.step != nullptr);
            CHECK(tests::outcome(*made.step, Value{code}) == "!division.unknown");
        }
    }
    CHECK(run("check_admin_division", "", Value{std::string{"999942"}}) == "999942");
    CHECK(run("division_parent", "province", Value{std::string{"999901"}}) == "990000");
}

TEST_CASE("steps that need the table of divisions say how to name it", "[steps]") {
    Surroundings none = tests::surroundings();
    none.tables.erase("divisions");
    for (const auto& [step, argument] :
         {std::pair{"division_current", ""}, std::pair{"division_name", ""}, std::pair{"division_parent", "city"}}) {
        const auto made = tests::make(step, argument, none);
        CAPTURE(step);
        CHECK(made.step == nullptr);
        REQUIRE(made.mistakes.size() == 1);
        CHECK(made.mistakes.front().code == "M401");
        CHECK(made.mistakes.front().hint == "tables: {divisions: tables/divisions.csv}");
    }
    CHECK(run("division_current", "{table: gender}", Value{std::string{"440126"}}) == "mistake");
}
