#include "core/steps/registry.h"

#include <set>

#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong::steps;

TEST_CASE("the registry has each step once and finds it by name", "[steps]") {
    std::set<std::string> names;
    for (const Entry& entry : entries()) {
        CAPTURE(entry.name);
        CHECK(names.insert(entry.name).second);
        CHECK(find(entry.name) == &entry);
    }
    CHECK(find("trimm") == nullptr);
    CHECK(find("") == nullptr);
    CHECK(nearest_step("parse_dat") == "parse_date");
    CHECK(nearest_step("check_residentid") == "check_resident_id");
    CHECK_FALSE(nearest_step("xyzzy").has_value());
}

TEST_CASE("an inverse is made of the same argument", "[steps]") {
    const datong::yaml::Node where;
    datong::Mistakes mistakes;
    const auto argument = datong::tests::yaml_of("{unit: 分, group: '.', pad: {width: 15, char: '0'}}");
    const auto back = make_inverse(*find("parse_amount"), &argument, where, datong::tests::surroundings(), mistakes);
    REQUIRE(back != nullptr);
    CHECK(datong::tests::outcome(*back, Value{Money{2638250}}) == "000000002638250");
    const auto patterns = datong::tests::yaml_of("[yyyy/M/d, yyyyMMdd]");
    const auto date = make_inverse(*find("parse_date"), &patterns, where, datong::tests::surroundings(), mistakes);
    REQUIRE(date != nullptr);
    CHECK(datong::tests::outcome(*date, Value{datong::record::Date{2024, 5, 1}}) == "2024/5/1");
    const auto pairs = datong::tests::yaml_of("{（: '(', ）: ')'}");
    const auto brackets = make_inverse(*find("replace"), &pairs, where, datong::tests::surroundings(), mistakes);
    REQUIRE(brackets != nullptr);
    CHECK(datong::tests::outcome(*brackets, Value{std::string{"(甲)"}}) == "（甲）");
    CHECK(make_inverse(*find("mask_name"), nullptr, where, datong::tests::surroundings(), mistakes) == nullptr);
    CHECK(make_inverse(*find("trim"), nullptr, where, datong::tests::surroundings(), mistakes) == nullptr);
    CHECK(mistakes.empty());
}
