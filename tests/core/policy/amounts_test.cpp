#include "core/policy/amounts.h"

#include "core/codec/json.h"
#include "core/policy/fields.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

Record homes() {
    return codec::read_json(R"({"owner": {"idNo": "11010519491231002X", "name": "甲"}, "status": "current", "homes": [
      {"no": "1", "holders": [{"idNo": "11010519491231002x", "name": "甲"}, {"idNo": "2", "name": "乙"}]},
      {"no": "2", "holders": [{"idNo": "2", "name": "乙"}, {"idNo": "3", "name": "丙"}, {"name": "丁"}]},
      {"no": "3", "holders": []}]})")
        .value();
}

const std::vector<std::string> kPersons{"/owner/idNo", "/homes/*/holders/*/idNo"};

policy::Amounts shown(const std::vector<std::string>& fields) {
    return policy::amounts_of(homes(), policy::minimise(homes(), fields), kPersons);
}

}  // namespace

TEST_CASE("an answer is counted by what of the record is shown", "[policy][security]") {
    struct Row {
        const char* why;
        std::vector<std::string> fields;
        std::uint64_t rows;
        std::uint64_t persons;
    };
    const auto row = GENERATE(values<Row>({
        {"all: the items at one place over all lists, each person once, who has no id by himself", {"*"}, 5, 4},
        {"no list is shown", {"/status"}, 0, 0},
        {"the person asked alone", {"/owner/name"}, 0, 1},
        {"the names of others without their ids", {"/homes/*/holders/*/name"}, 5, 4},
        {"the homes without their holders", {"/homes/*/no"}, 3, 0},
        {"their number is said all the same", {"/homes/*/nothing"}, 3, 0},
    }));
    CAPTURE(row.why);
    const policy::Amounts amounts = shown(row.fields);
    CHECK(amounts.rows == row.rows);
    CHECK(amounts.persons == row.persons);
}

TEST_CASE("persons are found where their ids stand at the root and in plain lists, too", "[policy]") {
    const Record whole = codec::read_json(R"({"idNo": "1", "others": ["2", "3", "2"]})").value();
    const std::vector<std::string> persons{"/idNo", "/others/*"};
    CHECK(policy::amounts_of(whole, whole, persons).persons == 3);
    CHECK(policy::amounts_of(whole, whole, {}).persons == 0);
    CHECK(policy::amounts_of(whole, Record::object(), persons).persons == 0);
}
