#include <chrono>

#include "core/mapping/engine.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Small;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    out.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i) {
        out += part;
    }
    return out;
}

std::string outcome_of(const mapping::Output& out) {
    return std::string{name_of(out.outcome)} + (out.errors.empty() ? "" : " " + out.errors[0].rule);
}

}  // namespace

TEST_CASE("a hostile record ends in an error that has a name", "[mapping][security]") {
    struct Row {
        const char* why;
        std::string source;
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"deep JSON lists", "{format: json}", repeated("[", 1'000'000), "malformed unwrap.json"},
        {"deep JSON objects", "{format: json}", repeated("{\"a\":", 100'000), "malformed unwrap.json"},
        {"deep XML", "{format: xml}", repeated("<a>", 100'000), "malformed unwrap.xml"},
        {"wide JSON", "{format: json}", "{\"a\":[0" + repeated(",0", 1'000'000) + "]}", "malformed unwrap.json"},
        {"wide XML", "{format: xml}", "<r>" + repeated("<a/>", 200'000) + "</r>", "malformed unwrap.xml"},
        {"many XML attributes", "{format: xml}", "<r" + repeated(" a=\"1\"", 100) + "/>", "malformed unwrap.xml"},
        {"wide CSV", "{format: csv, layout: {rows: one, columns: [a]}}", "a" + repeated(",", 5000),
         "malformed unwrap.csv"},
        {"many fields of a form", "{format: kv}", repeated("b&", 20'000), "malformed unwrap.form"},
        {"a JSON name twice", "{format: json}", R"({"a":"1","a":"2"})", "malformed unwrap.json"},
        {"an XML name twice", "{format: xml}", "<r><a>1</a><a>2</a></r>", "invalid path.multiple"},
        {"a column twice", "{format: csv, layout: {rows: one, columns: [a]}}", "a,a\n1,2\n", "malformed layout.header"},
        {"a field twice", "{format: kv}", "a=1&a=2", "invalid path.multiple"},
        {"bytes that are no UTF-8 in JSON", "{format: json}", "{\"a\":\"\xC0\xAF\"}", "malformed unwrap.json"},
        {"bytes that are no UTF-8 in XML", "{format: xml}", "<r><a>\xED\xA0\x80</a></r>", "malformed unwrap.xml"},
        {"bytes that are no GB18030", "{format: json, charset: gb18030}", "{\"a\":\"\xFF\"}",
         "malformed charset.invalid"},
        {"bytes in a cell", "{format: csv, layout: {rows: one, columns: [a]}}", "a\n\xC0\xAF\n",
         "invalid charset.invalid"},
        {"a null byte in XML", "{format: xml}", std::string{"<r><a>\0</a></r>", 15}, "malformed unwrap.xml"},
        {"a document type", "{format: xml}", "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r><a>1</a></r>",
         "malformed unwrap.xml"},
        {"a packed bomb", "{format: json, unwrap: [decode_base64, {inflate: gzip, max_bytes: 10}]}",
         "H4sIAAAAAAACA0tMJAwAwnx2xCQAAAA=", "malformed unwrap.too_large"},
    }));
    CAPTURE(row.why);
    Small small{.head = "source: " + row.source + "\n", .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(outcome_of(small.run(row.input)) == row.wanted);
}

TEST_CASE("ten megabytes in one field go through the steps or are refused, and no finding repeats them",
          "[mapping][security]") {
    const std::string big = repeated("扎 ", 2'500'000);
    Small small{.rows =
                    "fields: [{to: f, from: a, steps: [collapse_space, to_halfwidth, upper, {replace: {x: y}}]}]\n"};
    const auto refused = small.run("{\"a\":\"" + big + "\"}");
    REQUIRE(outcome_of(refused) == "invalid schema.length");
    CHECK(refused.errors[0].value.size() < 1000);
    small.rows = "fields: [{to: a, from: a, steps: [remove_space, {check_pattern: '^(\\p{Han}+)+$'}]}]\n";
    const auto out = small.run("{\"a\":\"" + big + "\"}");
    CHECK(out.outcome == mapping::Outcome::ok);
    CHECK(out.target.text_of("a").size() == 7'500'000);
    small.rows = "fields: [{to: a, from: a, steps: [{check_length: {max: 10}}]}]\n";
    CHECK(outcome_of(small.run("{\"a\":\"" + big + "\"}")) == "invalid check.length");
}

TEST_CASE("a list of twenty thousand items is refused as too long, not mapped", "[mapping][security]") {
    Small small{.rows = "fields: []\nlists: [{to: l, from: rows, fields: [{to: x, from: x}]}]\n"};
    const std::string rows = "{\"rows\":[{}" + repeated(",{}", 19'999) + "]}";
    CHECK(outcome_of(small.run(rows)) == "invalid list.max");
    small.rows = "defaults: {max_items: 20000}\n" + small.rows;
    small.rows.replace(small.rows.find("{to: x, from: x}"), 16, "{to: x, from: x, required: true}");
    const auto out = small.run(rows);
    CHECK(out.errors.size() == mapping::kMaxFindings);
    CHECK(out.truncated);
}

TEST_CASE("joined columns of millions of places are refused before they are made into records", "[mapping][security]") {
    const auto zip = [](const std::string& more) {
        return Small{.rows = "fields: []\nlists: [{to: l, zip: {sep: ',', columns: {x: a, y: b}}, " + more +
                             ", fields: [{to: x, from: x}]}]\n"};
    };
    const auto input = [](std::size_t places) {
        const std::string commas(places - 1, ',');
        return "{\"a\":\"" + commas + "\",\"b\":\"" + commas + "\"}";
    };
    const std::string uneven = "{\"a\":\"1" + std::string(1000, ',') + "\",\"b\":\"1\"}";
    CHECK(outcome_of(zip("max: 20").run(input(20))) == "ok");
    CHECK(outcome_of(zip("max: 20").run(input(21))) == "invalid list.max");
    CHECK(outcome_of(zip("max: 20").run(uneven)) == "invalid list.max");  // it was not counted to the end
    CHECK(outcome_of(zip("max: 2000").run(uneven)) == "invalid zip.count");
    CHECK(zip("filter: \"x == '1'\"").gives(input(100'000)) == R"({"l":[]})");
    CHECK(zip("filter: \"x == '1'\"").gives(input(100'001)) == "invalid: /l list.max");
    CHECK(outcome_of(zip("distinct_by: y, max: 1").run(input(100'001))) == "invalid list.max");

    const auto seconds = [&zip](const std::string& text) {
        const std::string both = "{\"a\":\"" + text + "\",\"b\":\"" + text + "\"}";
        const auto begin = std::chrono::steady_clock::now();
        (void)zip("max: 20").run(both);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    const double one_place = seconds(std::string(4 << 20, 'x'));
    const double commas = seconds(std::string(4 << 20, ','));
    CAPTURE(one_place, commas);
    CHECK(commas < 5 * one_place);  // a record for each: dozens of times
}

TEST_CASE("a text of more than a hundred thousand parts is not split", "[mapping][security]") {
    Small small{.rows = "fields: [{to: m, from: a, steps: [{split: {sep: ',', drop_empty: false}}, count]}]\n"};
    const auto input = [](std::size_t parts) { return "{\"a\":\"x" + std::string(parts - 1, ',') + "x\"}"; };
    CHECK(small.gives(input(100'000)) == R"({"m":100000})");
    CHECK(small.gives(input(100'001)) == "invalid: /m list.max");
    CHECK(small.gives(input(4 << 20)) == "invalid: /m list.max");
}

TEST_CASE("what a filter in a path did not come to is not taken for absent", "[mapping][security]") {
    Small small{.rows = "fields: [{to: a, from: \"rows[?count($..*) > 0 && @.x == '9'].x\"}]\n"};
    const std::string last = R"({"x":"9"}]})";
    CHECK(small.gives("{\"rows\":[" + repeated(R"({"x":"1"},)", 10) + last) == R"({"a":"9"})");
    CHECK(small.gives("{\"rows\":[" + repeated(R"({"x":"1"},)", 1500) + last) == "invalid: /a path.too_large");
    small.rows = "fields: []\nlists: [{to: l, from: \"rows[?count($..*) > 0]\", fields: [{to: x, from: x}]}]\n";
    CHECK(small.gives("{\"rows\":[" + repeated(R"({"x":"1"},)", 1500) + last) == "invalid: /l path.too_large");
}

TEST_CASE("what each item asks of a long list is bound over the whole record", "[mapping][security]") {
    const auto lists = [](std::size_t items) {
        const std::string more = repeated(R"(,{"x":"a","y":"b"})", items - 1);
        return R"({"rows":[{"x":"a","y":"b"})" + more + R"(],"e":[{"y":"b"})" + more + "]}";
    };
    for (const char* filter : {"x in $.e[*].y", "any($.e[*].y == x)", "x in $.e[?@.y].y"}) {
        CAPTURE(filter);
        Small small{.rows = "fields: []\nlists: [{to: l, from: rows, filter: \"" + std::string{filter} +
                            "\", fields: [{to: x, from: x}]}]\n"};
        CHECK(small.gives(lists(1000)) == R"({"l":[]})");
        CHECK(small.gives(lists(3300)) == "invalid: /l path.too_large");
    }
    Small small{
        .rows = "fields: []\nlists: [{to: l, from: rows, max: 4000, fields: [{to: x, from: \"$.e[?@.y=='z'].y\"}]}]\n"};
    CHECK(outcome_of(small.run(lists(100))) == "ok");
    CHECK(outcome_of(small.run(lists(3300))) == "invalid path.too_large");
    // nothing passes over it: what would be left out is there
    for (const char* lenient : {"on_error: omit", "on_error: default, default: none"}) {
        CAPTURE(lenient);
        small.rows =
            "fields: []\nlists: [{to: l, from: rows, max: 4000, fields: [{to: x, from: \"$.e[?@.y=='z'].y\", " +
            std::string{lenient} + "}]}]\n";
        CHECK(outcome_of(small.run(lists(3300))) == "invalid path.too_large");
    }
    small.rows =
        "fields: []\nlists: [{to: l, from: rows, max: 4000, on_item_error: drop, fields: [{to: x, from: "
        "\"$.e[?@.y=='z'].y\"}]}]\nchecks: [{id: few, that: \"count(target.l) >= 0\", message: x}]\n";
    CHECK(outcome_of(small.run(lists(3300))) == "invalid path.too_large");
}

TEST_CASE("distinct in an expression costs no more than the step, which looks each value up once",
          "[mapping][security]") {
    std::string values = "\"v\"";
    for (int i = 1; i < 60'000; ++i) {
        values += ",\"v" + std::to_string(i) + '"';
    }
    const std::string input = "{\"a\":[" + values + "]}";
    const auto seconds = [&input](const std::string& row) {
        Small small{.rows = "fields: [{to: m, " + row + "}]\n"};
        const auto begin = std::chrono::steady_clock::now();
        CHECK(small.gives(input) == R"({"m":60000})");
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    const double step = seconds("from: \"a[*]\", steps: [distinct, count]");
    const double expression = seconds("compute: \"count(distinct(a[*]))\"");
    CAPTURE(step, expression);
    CHECK(expression < 10 * step);  // hundreds of times where each is compared with all
}
