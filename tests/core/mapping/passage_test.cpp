#include <algorithm>

#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::Passage;
using datong::mapping::tests::Small;

namespace {

constexpr const char* kRows = R"(fields:
  - {to: a, from: a, when: "b == '1'"}
  - to: c
    cases:
      - {when: "b == '1'", value: one}
      - {else: true, from: d, steps: [upper]}
checks:
  - {id: never, when: "a == 'x'", that: "target.a != 'x'", path: /a, message: no x}
tests:
  - {name: yes, input_json: {a: y, b: "1"}, expect: {a: y, c: one}}
)";

/// "line what value" of every mark, in order.
std::string marks_of(const std::string& more_tests) {
    Small small;
    small.rows = kRows + more_tests;
    const auto compiled = small.compile();
    REQUIRE(compiled.mapping != nullptr);
    Passage passage;
    const auto runs = mapping::run_tests(*compiled.mapping, "small.yaml", small.files.reader(), &passage);
    CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& one) { return one.result.passed; }));
    std::string out;
    for (const Passage::Mark& mark : passage.marks) {
        out += std::to_string(mark.line) + ' ' + std::to_string(static_cast<int>(mark.what)) + mark.value + '\n';
    }
    return out;
}

}  // namespace

TEST_CASE("a run's passage says which rows, sides of a condition and cases it went through", "[mapping]") {
    // written 0, when_true 1, when_false 2, taken 3, given 4
    CHECK(marks_of("") == "7 0\n7 1\n8 0\n10 3\n13 2\n");
    CHECK(marks_of("  - {name: no, input_json: {b: \"2\", d: low}, expect: {c: LOW}}\n") ==
          "7 0\n7 1\n7 2\n8 0\n10 3\n11 3\n11 4low\n13 2\n");
}

TEST_CASE("tests run with another version of a mapping show what that version gives", "[mapping]") {
    Small old;
    old.rows = kRows;
    REQUIRE(old.compile().mapping != nullptr);
    Small changed;
    changed.rows = kRows;
    changed.rows.replace(changed.rows.find("value: one"), 10, "value: two");
    const auto other = changed.compile();
    REQUIRE(other.mapping != nullptr);
    const auto runs = mapping::run_tests(*other.mapping, "small.yaml", old.files.reader(), nullptr);
    REQUIRE(runs.size() == 1);
    CHECK_FALSE(runs[0].result.passed);
    CHECK(runs[0].output.wire == R"({"a":"y","c":"two"})");
}
