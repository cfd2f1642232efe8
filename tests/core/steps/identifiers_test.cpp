#include "core/steps/identifiers.h"

#include <fstream>
#include <sstream>

#include "core/codec/json.h"
#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using tests::run;

namespace {

/// The identifier part of the shared known-answer vectors.
record::Record vectors() {
    std::ifstream file{std::string{DATONG_TEST_DATA} + "/domain/vectors.json"};
    std::ostringstream text;
    text << file.rdbuf();
    auto tree = codec::read_json(text.str());
    REQUIRE(tree.has_value());
    const record::Record* identifiers = tree->find("identifiers");
    REQUIRE(identifiers != nullptr);
    return *identifiers;
}

std::vector<std::string> texts(const record::Record& node, std::string_view name) {
    std::vector<std::string> out;
    const record::Record* list = node.find(name);
    REQUIRE(list != nullptr);
    for (const record::Record& item : list->items()) {
        out.emplace_back(item.scalar());
    }
    return out;
}

/// Good ones pass unchanged, bad ones are refused; gives how many were tried.
std::size_t judge(const record::Record& node, std::string_view step) {
    const std::vector<std::string> good = texts(node, "valid");
    const std::vector<std::string> bad = texts(node, "invalid");
    for (const std::string& one : good) {
        CAPTURE(step, one);
        CHECK(run(step, "", Value{one}) == one);
    }
    for (const std::string& one : bad) {
        CAPTURE(step, one);
        CHECK(run(step, "", Value{one}).starts_with('!'));
    }
    return good.size() + bad.size();
}

}  // namespace

TEST_CASE("identifier checks agree with the shared vectors", "[steps]") {
    const record::Record all = vectors();
    CHECK(judge(*all.find("uscc_gb32100"), "check_uscc") == 12);
    CHECK(judge(*all.find("citizen_id_gb11643"), "check_resident_id") == 7);
    CHECK(judge(*all.find("licence_id_gbt36904"), "check_certificate_id") == 2);
    CHECK(judge(*all.find("real_estate_unit_gbt37346"), "check_real_estate_unit") == 3);
    CHECK(mod_37_36_check("A12425GABC1234002") == 'M');
    CHECK(texts(*all.find("registration_number_15"), "valid").size() == 1);
    CHECK(texts(*all.find("registration_number_15"), "invalid").size() == 1);
    for (const std::string& good : texts(*all.find("registration_number_15"), "valid")) {
        CHECK(mod_11_10_check(good.substr(0, 14)) == good.back());
    }
    for (const std::string& bad : texts(*all.find("registration_number_15"), "invalid")) {
        CHECK(mod_11_10_check(bad.substr(0, 14)) != bad.back());
    }
    CHECK(resident_id_check("11010519491231002") == 'X');
}

TEST_CASE("a resident id is checked as published examples say", "[steps]") {
    struct Row {
        std::string id;
        std::string verdict;
        std::string why;
    };
    const auto row = GENERATE(values<Row>({{"11010519491231002X", "11010519491231002X", "the standard's own example"},
                                           {"34052419800101001X", "34052419800101001X", "the standard's own example"},
                                           {"440524188001010014", "440524188001010014", "a birth of 1880"},
                                           {"110105194912310021", "!id.checksum", "0, 1 and X all differ"},
                                           {"360426199113010079", "!id.birthdate", "month 13"},
                                           {"990426199112010074", "!id.division", "no province 99"},
                                           {"11010519491231002x", "!id.format", "a small letter"},
                                           {"1101051949123100 2X", "!id.length", "19 characters"},
                                           {"11010519491231０2X", "!id.length", "a full-width digit has three bytes"},
                                           {"", "!id.length", "nothing"}}));
    CAPTURE(row.why);
    Surroundings by_shape = tests::surroundings();
    by_shape.tables.erase("divisions");
    const auto made = tests::make("check_resident_id", "", by_shape);
    REQUIRE(made.step != nullptr);
    CHECK(tests::outcome(*made.step, Value{row.id}) == row.verdict);
    // the standard's second example is of a county that there never was
    const bool invented = row.id.starts_with("340524");
    CHECK(run("check_resident_id", "", Value{row.id}) == (invented ? "!id.division" : row.verdict));
}

TEST_CASE("a division that was not valid at birth only warns", "[steps]") {
    Surroundings around = tests::surroundings();
    auto table = Table::parse("from,label,valid_from,valid_to\n110201,x,1980-01-01,1989-12-31\n", "t.csv");
    REQUIRE(table.has_value());
    around.tables.insert_or_assign("divisions", std::make_shared<const Table>(std::move(*table)));
    const auto at_birth = tests::make("check_resident_id", "{division: at_birth, table: divisions}", around);
    const auto historic = tests::make("check_resident_id", "{table: divisions}", around);
    REQUIRE(at_birth.step != nullptr);
    REQUIRE(historic.step != nullptr);
    const std::string born_later = "110201199312010077";
    Warnings warnings;
    CHECK(tests::outcome(*at_birth.step, Value{born_later}, &warnings) == born_later);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].rule == "id.division");
    warnings.clear();
    CHECK(tests::outcome(*historic.step, Value{born_later}, &warnings) == born_later);
    CHECK(warnings.empty());
    CHECK(tests::outcome(*historic.step, Value{std::string{"11010519491231002X"}}) == "!id.division");
}

TEST_CASE("the test division is a division only in installations for tests", "[steps][security]") {
    Surroundings live = tests::surroundings();
    live.test_division = false;
    struct Row {
        std::string step;
        std::string id;
        std::string rule;
    };
    const auto row = GENERATE(values<Row>(
        {{"check_resident_id", "999901199001010010", "!id.division"},
         {"check_uscc", "11999901MB0000019U", "!uscc.division"},
         {"check_real_estate_unit", "999901001001GB00001F00010001", "!unit.division"},
         {"check_admin_division", "999901", "!division.unknown"},
         {"check_certificate_id", "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R",
          "!certificate.division"}}));
    CAPTURE(row.step);
    const auto made = tests::make(row.step, "", live);
    REQUIRE(made.step != nullptr);
    CHECK(tests::outcome(*made.step, Value{row.id}) == row.rule);
    CHECK(run(row.step, "", Value{row.id}) == row.id);
}

TEST_CASE("ids of residents from Hong Kong, Macao and Taiwan pass, foreign residents' only when asked", "[steps]") {
    for (const std::string first : {"81000019900101001", "82000019900101001", "83000019900101001"}) {
        const std::string id = first + *resident_id_check(first);
        CHECK(run("check_resident_id", "", Value{id}) == id);
    }
    const std::string first = "91115619900101001";
    const std::string foreigner = first + *resident_id_check(first);
    CHECK(run("check_resident_id", "", Value{foreigner}) == "!id.division");
    CHECK(run("check_resident_id", "{foreign: true}", Value{foreigner}) == foreigner);
}

TEST_CASE("a number of 15 is read in the nineteen hundreds and never guessed for centenarians", "[steps]") {
    CHECK(run("upgrade_resident_id", "", Value{std::string{"999901800101001"}}) == "999901198001010016");
    for (const std::string sequence : {"996", "997", "998", "999"}) {
        CHECK(run("upgrade_resident_id", "", Value{"999901800101" + sequence}) == "!id.century");
    }
    CHECK(run("upgrade_resident_id", "", Value{std::string{"999901800101995"}}).starts_with("999901198001019"));
    CHECK(run("check_resident_id", "", Value{std::string{"999901800101001"}}) == "!id.length");
}

TEST_CASE("a social credit code may fail its inner check only when the mapping says so", "[steps]") {
    // A good outer check character over an organisation code whose own is wrong.
    std::string code = "91999901MA0000014";
    code += *uscc_check(code);
    CHECK(run("check_uscc", "", Value{code}) == "!uscc.org_code");
    CHECK(run("check_uscc", "{org_code: off}", Value{code}) == code);
    const auto warning = tests::make("check_uscc", "{org_code: warn}");
    REQUIRE(warning.step != nullptr);
    Warnings warnings;
    CHECK(tests::outcome(*warning.step, Value{code}, &warnings) == code);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].rule == "uscc.org_code");
}

TEST_CASE("public social credit codes pass and their known exceptions need the table", "[steps]") {
    for (const std::string code : {"11100000000013338W", "91350100M000100Y43", "11430000006122244L",
                                   "11330105002500287C", "11100000MB03271699"}) {
        CAPTURE(code);
        CHECK(run("check_uscc", "", Value{code}) == code);
    }
    CHECK(run("check_uscc", "", Value{std::string{"91350211M0000XUF46"}}) == "!uscc.checksum");
    CHECK(run("check_uscc", "{exceptions: uscc-exceptions.csv}", Value{std::string{"91350211M0000XUF46"}}) ==
          "91350211M0000XUF46");
    CHECK(run("check_uscc", "{exceptions: nowhere.csv}", Value{std::string{"91350211M0000XUF46"}}) == "mistake");
}

TEST_CASE("the shipped exceptions are codes that fail the check, each of them", "[steps]") {
    std::ifstream file{std::string{DATONG_SOURCE_DIR} + "/mappings/tables/uscc-exceptions.csv"};
    std::ostringstream text;
    text << file.rdbuf();
    const auto table = Table::parse(text.str(), "uscc-exceptions.csv");
    REQUIRE(table.has_value());
    CHECK(table->rows().size() == 2);
    for (const TableRow& row : table->rows()) {
        CAPTURE(row.from);
        CHECK(run("check_uscc", "", Value{row.from}) == "!uscc.checksum");
    }
}

TEST_CASE("published licence identifiers verify, a short issuer with a warning", "[steps]") {
    for (const std::string id : {"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
                                 "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0"}) {
        CAPTURE(id);
        CHECK(run("check_certificate_id", "", Value{id}) == id);
    }
    const auto made = tests::make("check_certificate_id", "");
    REQUIRE(made.step != nullptr);
    Warnings warnings;
    const std::string short_issuer = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9";
    CHECK(tests::outcome(*made.step, Value{short_issuer}, &warnings) == short_issuer);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].rule == "certificate.length");
}

TEST_CASE("a licence identifier with a wrong code inside is refused though its own check is right", "[steps]") {
    const std::string type = "11100000MB03271690022";  // the code's check character is 9
    const std::string rest = "11999901MB0000019U20240000001001";
    const std::string id =
        "1.2.156.3005.2." + type + ".11999901MB0000019U.20240000001.001." + *mod_37_36_check(type + rest);
    CHECK(run("check_certificate_id", "", Value{id}) == "!certificate.uscc");
}

TEST_CASE("a real-estate unit's pairs come from a table where the mapping names one", "[steps]") {
    Surroundings around = tests::surroundings();
    around.read_file = [](std::string_view) -> std::optional<std::string> { return "from\nGC\n"; };
    const auto made = tests::make("check_real_estate_unit", "{pairs: land/pairs.csv}", around);
    REQUIRE(made.step != nullptr);
    CHECK(tests::outcome(*made.step, Value{std::string{"999901001001GC00001F00010001"}}) ==
          "999901001001GC00001F00010001");
    CHECK(tests::outcome(*made.step, Value{std::string{"999901001001GB00001F00010001"}}) == "!unit.pair");
    CHECK(run("check_real_estate_unit", "", Value{std::string{"999901001001JC00001W00000000"}}) ==
          "999901001001JC00001W00000000");
    CHECK(run("check_real_estate_unit", "", Value{std::string{"99990100100100001F00010001"}}) == "!unit.length");
}

TEST_CASE("a division code is looked up at its day, or ever", "[steps]") {
    Surroundings around = tests::surroundings();
    auto table = Table::parse("from,valid_from,valid_to\n330103,,2021-03-31\n330105,2021-04-01,\n", "t.csv");
    REQUIRE(table.has_value());
    around.tables.insert_or_assign("divisions", std::make_shared<const Table>(std::move(*table)));
    const auto verdict = [&around](const std::string& argument, const std::string& code) {
        const auto made = tests::make("check_admin_division", argument, around);
        return made.step != nullptr ? tests::outcome(*made.step, Value{code}) : "mistake";
    };
    CHECK(verdict("{table: divisions}", "330105") == "330105");
    CHECK(verdict("{table: divisions}", "330103") == "!division.unknown");
    CHECK(verdict("{table: divisions, at: any}", "330103") == "330103");
    CHECK(verdict("{table: divisions, at: 2020-01-01}", "330103") == "330103");
    CHECK(verdict("{table: divisions, at: yesterday}", "330103") == "mistake");
    CHECK(verdict("{table: divisions}", "999901") == "999901");
    const auto shipped = [](const std::string& argument, const std::string& code) {
        return run("check_admin_division", argument, Value{code});
    };
    CHECK(shipped("{level: province}", "330000") == "330000");
    CHECK(shipped("{level: city}", "330000") == "!division.level");
    CHECK(shipped("{level: city}", "330100") == "330100");
    CHECK(shipped("{level: county}", "330100") == "!division.level");
    CHECK(shipped("", "330103") == "!division.unknown");
    CHECK(shipped("{at: 2020-01-01}", "330103") == "330103");
    CHECK(shipped("{at: any}", "330103") == "330103");
}
