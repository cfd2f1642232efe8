#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Small;

namespace {

/// The differences of a file's only test.
std::string differences(Small small, const std::string& test) {
    small.rows += "tests:\n  - {name: first, input_json: {a: x, rows: [{x: p}]}, expect: {a: x, l: [{x: p}]}}\n  - " +
                  test + "\n";
    (void)small.compile();
    const auto results = mapping::run_tests("small.yaml", small.files.reader(), {.test_division = true});
    std::string out;
    for (const auto& result : results) {
        for (const std::string& one : result.differences) {
            out += one + '\n';
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a mapping's own test fails when what comes out is not what it says", "[mapping]") {
    struct Row {
        const char* why;
        std::string test;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"as expected", "{name: t, input_text: '{\"a\":\"x\"}', expect: {a: x, l: []}}", ""},
        {"another value", "{name: t, extends: 0, expect: {a: y, l: [{x: p}]}}", "at '/a': wanted \"y\", got \"x\"\n"},
        {"another kind", "{name: t, extends: 0, set: {a: 1}, expect_partial: {a: 1}}",
         "at '/a': wanted 1, got \"1\"\n"},
        {"missing", "{name: t, extends: first, expect: {a: x, b: z, l: [{x: p}]}}",
         "at '/b': wanted \"z\", got nothing\n"},
        {"more than expected", "{name: t, extends: 0, expect: {l: [{x: p}]}}", "at '/a': not wanted, got \"x\"\n"},
        {"partly", "{name: t, extends: 0, expect_partial: {l: [{x: p}]}}", ""},
        {"items", "{name: t, extends: 0, expect_partial: {l: []}}", "at '/l': wanted 0 items, got 1\n"},
        {"patched", "{name: t, extends: 0, patch: {\"rows[0].x\": q, rows.0.y: r}, expect_partial: {l: [{x: q}]}}", ""},
        {"taken away", "{name: t, extends: 0, patch: {a: ~}, expect_partial: {l: [{x: p}]}}",
         "outcome: wanted ok, got invalid\nerror at '/a': required from $.a (必填项没有值 | a required field has no "
         "value)\n"},
        {"patch names nothing", "{name: t, extends: 0, patch: {\"rows[4].x\": q}, expect_partial: {a: x}}",
         "the patch 'rows[4].x' names no place in the input\n"},
        {"an error wanted", "{name: t, extends: 0, set: {a: ''}, expect_errors: [{path: /a, rule: required}]}", ""},
        {"another error", "{name: t, extends: 0, set: {a: ''}, expect_errors: [{path: /b, rule: required}]}",
         "error wanted and not there: '/b' required\n"
         "error not wanted at '/a': required from $.a (必填项没有值 | a required field has no value)\n"},
        {"source of an error",
         "{name: t, extends: 0, set: {a: ''}, expect_errors: [{path: /a, rule: required, source: b}]}",
         "error wanted and not there: '/a' required\n"
         "error not wanted at '/a': required from $.a (必填项没有值 | a required field has no value)\n"},
        {"no error came", "{name: t, extends: 0, expect_errors: []}", "outcome: wanted an error, got ok\n"},
        {"a warning wanted", "{name: t, extends: 0, expect_warnings: [{path: /a, rule: long}]}",
         "warning wanted and not there: '/a' long\n"},
        {"outcome", "{name: t, input_text: '', expect_outcome: malformed}", ""},
        {"another outcome", "{name: t, extends: 0, expect_outcome: not_found}", "outcome: wanted not_found, got ok\n"},
        {"no input", "{name: t, expect: {a: x}}", "the test says nothing about its input\n"},
        {"no file", "{name: t, input: samples/none.json, expect: {a: x}}", "can't read the file 'samples/none.json'\n"},
        {"expected file", "{name: t, extends: 0, expect: none.json}", "can't read the file 'none.json'\n"},
        {"circle", "{name: t, extends: t}", "extends names no test, or goes in a circle\n"},
        {"time", "{name: t, extends: 0, at: yesterday, expect_partial: {a: x}}", "'at' is no RFC 3339 time\n"},
        {"spliced", "{name: t, extends: 0, splice: {at: 7, bytes: z}, expect_partial: {a: z}}", ""},
        {"encoded", "{name: t, input_gb18030: '{\"a\":\"甲\"}', expect_outcome: malformed}", ""},
    }));
    CAPTURE(row.why);
    const Small small{.rows =
                          "fields: [{to: a, from: a, required: true}]\n"
                          "lists: [{to: l, from: rows, fields: [{to: x, from: x}]}]\n"};
    const std::string got = differences(small, row.test);
    CHECK(got.substr(0, row.wanted.size() + (row.wanted.empty() ? got.size() : 0)) == row.wanted);
}

TEST_CASE("tests beside the mapping run too, and a mapping that does not compile fails them", "[mapping]") {
    Small small{.rows = "fields: [{to: a, from: a}]\n"};
    (void)small.compile();
    small.files.put("small.test.yaml", "tests:\n  - {name: beside, input_json: {a: x}, expect: {a: y}}\n");
    const auto results = mapping::run_tests("small.yaml", small.files.reader(), {});
    REQUIRE(results.size() == 1);
    CHECK(results[0].name == "beside");
    CHECK(results[0].where.file == "small.test.yaml");
    CHECK(results[0].where.line == 2);
    CHECK_FALSE(results[0].passed);
    small.files.put("small.test.yaml", "tests:\n  - {name: beside, input_json: {a: x}, expct: {a: y}}\n");
    CHECK_THAT(mapping::run_tests("small.yaml", small.files.reader(), {}).at(0).differences.at(0),
               ContainsSubstring("M105 small.test.yaml:2:40"));
    for (const auto& [file, wanted] : {std::pair{"test:\n  - {name: x, input_json: {a: x}, expect: {a: x}}\n", "M108"},
                                       std::pair{"tests: {name: x, input_json: {a: x}, expect: {a: x}}\n", "M107"},
                                       std::pair{"tests: []\ntset: []\n", "M105"}}) {
        CAPTURE(file);
        small.files.put("small.test.yaml", file);
        const auto wrong = mapping::run_tests("small.yaml", small.files.reader(), {});
        REQUIRE(wrong.size() == 1);
        CHECK_FALSE(wrong[0].passed);
        CHECK_THAT(wrong[0].differences.at(0), ContainsSubstring(wanted));
    }
    small.files.put("small.yaml", "datong: mapping/v1\n");
    const auto broken = mapping::run_tests("small.yaml", small.files.reader(), {});
    REQUIRE(broken.size() == 1);
    CHECK_FALSE(broken[0].passed);
    const auto missing = mapping::run_tests("none.yaml", small.files.reader(), {});
    REQUIRE(missing.size() == 1);
    CHECK_THAT(missing[0].differences.at(0), ContainsSubstring("can't read"));
}
