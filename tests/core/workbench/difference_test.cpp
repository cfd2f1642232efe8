#include "core/workbench/difference.h"
#include "core/workbench/effect.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using mapping::tests::Files;
using mapping::tests::Small;

namespace {

constexpr const char* kLand = "land/realestate-certificate.yaml";

/// "kind what [part: before -> after]" a line for each change of the land example.
std::string changes(const Files& after) {
    const Files before;
    const auto got = workbench::changes_between({kLand, before.reader()}, {kLand, after.reader()});
    REQUIRE(got.has_value());
    std::string out;
    for (const workbench::Change& one : *got) {
        out += (one.kind == workbench::Change::Kind::added     ? "+ "
                : one.kind == workbench::Change::Kind::removed ? "- "
                                                               : "~ ") +
               one.what;
        for (const auto& part : one.parts) {
            out += " [" + part.name + ": " + part.before + " -> " + part.after + ']';
        }
        out += '\n';
    }
    return out;
}

std::string differences(Small before, Small after, const std::string& sample) {
    const auto one = before.compile();
    const auto other = after.compile();
    INFO(mapping::tests::lines(one.mistakes) + mapping::tests::lines(other.mistakes));
    REQUIRE(one.mapping != nullptr);
    REQUIRE(other.mapping != nullptr);
    const mapping::Input input{.bytes = sample};
    std::string out;
    for (const auto& difference : workbench::differences_between(*one.mapping, one.mapping->run(input), *other.mapping,
                                                                 other.mapping->run(input))) {
        out += difference.path + ": " + difference.before + " -> " + difference.after + '\n';
    }
    return out;
}

Small small(const std::string& rows) {
    Small out;
    out.rows = rows;
    return out;
}

}  // namespace

TEST_CASE("a mapping is the same as itself, and as itself written in another way", "[workbench]") {
    CHECK(changes({}).empty());
    Files other;
    other.edit(kLand, "  - {to: house.floor, from: SZC}\n", "  # floor\n  - to: 'house.floor'\n    from: \"SZC\"\n");
    CHECK(changes(other).empty());
}

TEST_CASE("a diff names rows by their target, with what was and what is", "[workbench]") {
    struct Case {
        const char* from;
        const char* to;
        const char* wanted;
    };
    const auto one = GENERATE(values<Case>({
        {"  - {to: house.floor, from: SZC}\n", "", "- row house.floor\n"},
        {"fields:\n", "fields:\n  - {to: new.one, from: SZC}\n", "+ row new.one\n"},
        {"{parse_amount: {unit: 万元}}], on_error: omit", "{parse_amount: {unit: 元}}]",
         "~ row house.priceFen [steps: {parse_amount: {unit: 万元}} -> {parse_amount: {unit: 元}}] [on_error: omit -> "
         "]\n"},
        {"when: \"$.GYFS == '2'\"", "when: \"$.GYFS == '1'\"",
         "~ row holders[].sharePercent [when: $.GYFS == '2' -> $.GYFS == '1']\n"},
        {"    max: 200\n", "    max: 20\n", "~ list holders [max: 200 -> 20]\n"},
        {"  - {to: house.floor, from: SZC}", "  - {to: house.floor, from: SZC, required: true}",
         "~ row house.floor [required:  -> true]\n"},
    }));
    CAPTURE(one.from);
    Files after;
    after.edit(kLand, one.from, one.to);
    CHECK(changes(after) == one.wanted);
}

TEST_CASE("a diff names the rows of code tables", "[workbench]") {
    Files after;
    const std::string table = after.read("tables/land/gyfs.csv").value();
    const std::size_t second = table.find('\n', table.find('\n') + 1);
    after.put("tables/land/gyfs.csv", table.substr(0, second) + "\n8,eight,八\n");
    const std::string got = changes(after);
    CHECK_THAT(got, ContainsSubstring("+ table gyfs: 8\n") && ContainsSubstring("- table gyfs: 2\n"));
}

TEST_CASE("the effect of a change is where outputs differ, with values masked", "[workbench][security]") {
    const Small before = small(
        "fields:\n  - {to: a, from: a}\n  - {to: open, value: x1}\n  - {to: n, from: num, steps: [parse_integer]}\n");
    const Small after = small("fields:\n  - {to: a, from: b}\n  - {to: open, value: x2}\n");
    const std::string got = differences(before, after, R"({"a":"secret-one","b":"secret-two","num":"7"})");
    CHECK_THAT(got, ContainsSubstring("/a: ") && ContainsSubstring("/open: x1 -> x2\n") && ContainsSubstring("/n: "));
    CHECK(got.find("secret") == std::string::npos);
    CHECK(differences(before, before, R"({"a":"secret-one","num":"7"})").empty());
    CHECK(differences(before, after, R"({"a":"v","b":"v","num":"x"})") ==
          "" + std::string{": invalid: /n parse_integer -> ok\n"});
}

TEST_CASE("a changed number of items is a difference of each item's fields", "[workbench]") {
    const Small before = small("fields: []\nlists:\n  - {to: l, from: rows, fields: [{to: x, from: x}]}\n");
    const Small after =
        small("fields: []\nlists:\n  - {to: l, from: rows, filter: \"x != 'b'\", fields: [{to: x, from: x}]}\n");
    CHECK_THAT(differences(before, after, R"({"rows":[{"x":"a"},{"x":"b"}]})"), ContainsSubstring("/l/1/x: "));
    CHECK_THAT(differences(before, after, R"({"rows":[{"x":"b"}]})"),
               ContainsSubstring("/l/0/x: ") && ContainsSubstring("/l:  -> []"));
}
