#include <filesystem>

#include "core/codec/xml.h"
#include "core/workbench/coverage.h"
#include "core/workbench/junit.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using mapping::tests::Small;
using workbench::Coverage;

namespace {

constexpr const char* kRows = R"(tables: {t: codes.csv}
fields:
  - {to: a, from: a, when: "b == '1'", steps: [{lookup: {table: t, missing: x}}]}
  - {to: b, from: c, steps: [{lookup: t}]}
  - to: c
    cases:
      - {when: "b == '1'", from: d, steps: [{check_length: {max: 3}}]}
      - {when: "b == '2'", value: two}
      - {else: true, error: {rule: b.unknown, message: no}}
checks:
  - {id: same, when: "a != null", that: "a == d", path: /a, message: a and d differ}
tests:
)";

Coverage covered_by(const std::string& tests) {
    Small small;
    small.files.put("codes.csv", "from,to\n1,one\n2,two\n");
    small.rows = kRows + tests;
    const auto compiled = small.compile();
    INFO(mapping::tests::lines(compiled.mistakes));
    REQUIRE(compiled.mapping != nullptr);
    mapping::Passage passage;
    const auto runs = mapping::run_tests(*compiled.mapping, "small.yaml", small.files.reader(), &passage);
    for (const auto& run : runs) {
        CAPTURE(run.result.name, run.result.differences);
        CHECK(run.result.passed);
    }
    return workbench::coverage_of("small.yaml", small.files.reader(), runs, passage);
}

std::string not_met(const Coverage& coverage) {
    std::string out;
    for (const workbench::Goal& goal : coverage.goals) {
        if (!goal.met) {
            out += goal.where.file + ':' + std::to_string(goal.where.line) + ' ' + goal.text_en + '\n';
        }
    }
    return out;
}

constexpr const char* kOne =
    "  - {name: one, input_json: {a: x, b: \"1\", c: \"1\", d: x}, expect: {a: x, b: one, c: x}}\n";
constexpr const char* kRest =
    "  - {name: two, input_json: {b: \"2\", c: \"2\"}, expect: {b: two, c: two}}\n"
    "  - {name: differ, input_json: {a: x, b: \"1\", d: y}, expect_errors: [{path: /a, rule: same}]}\n"
    "  - {name: bad, input_json: {b: \"1\", c: \"3\", d: long}, expect_errors: [{path: /b, rule: lookup.missing},"
    " {path: /c, rule: check.length}]}\n"
    "  - {name: unknown, input_json: {b: \"3\"}, expect_errors: [{path: /c, rule: b.unknown}]}\n";

}  // namespace

TEST_CASE("coverage names every row, side, case, code and rule that no test goes through", "[workbench]") {
    CHECK(not_met(covered_by(kOne)) ==
          "small.yaml:8 a: the condition is false\n"
          "small.yaml:9 rule lookup.missing\n"
          "small.yaml:10 rule check.length\n"
          "small.yaml:13 case 2\n"
          "small.yaml:14 case 3\n"
          "small.yaml:10 rule b.unknown\n"
          "small.yaml:16 same: the condition is false\n"
          "small.yaml:16 rule same\n"
          "codes.csv:3 code '2'\n");
}

TEST_CASE("tests that go everywhere cover all, and one less does not", "[workbench]") {
    const Coverage all = covered_by(std::string{kOne} + kRest);
    CHECK(not_met(all).empty());
    CHECK(all.percent() == 100);
    const std::string rest = kRest;
    const Coverage less = covered_by(kOne + rest.substr(0, rest.find("  - {name: unknown")));
    CHECK(less.percent() < 100);
    CHECK(less.met() + 2 == less.goals.size());
    CHECK(covered_by("  []\n").met() == 0);
}

TEST_CASE("a JUnit report holds every test and why one failed", "[workbench]") {
    mapping::TestResult good{"甲 <&>", true, {}, {"a.yaml", 3, 5}};
    mapping::TestResult bad{"bad", false, {"at '/a': wanted \"x\"", "second"}, {"a.yaml", 4, 5}};
    const auto report = workbench::junit_report({{"a.yaml", {good, bad}}, {"b.yaml", {good}}});
    REQUIRE(report.has_value());
    const auto xml = codec::read_xml(*report, true);
    REQUIRE(xml.has_value());
    CHECK(xml->name == "testsuites");
    CHECK(xml->content.text_of("@tests") == "3");
    CHECK(xml->content.text_of("@failures") == "1");
    const auto& first = xml->content.find("testsuite")->items().front();
    const auto& cases = first.find("testcase")->items();
    CHECK(cases[0].text_of("@name") == "甲 <&>");
    CHECK(cases[0].find("failure") == nullptr);
    CHECK(cases[1].find("failure")->text_of("@message") == "at '/a': wanted \"x\"");
    CHECK(cases[1].find("failure")->text_of("#text") == "at '/a': wanted \"x\"\nsecond");
}
