#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Small;

namespace {

/// A source schema beside the small mapping: d is a list of {s (sensitive), p (personal), x, y, z: list of {q}},
/// o has the member s.
Small with_schema(std::string rows, std::string format = "json") {
    Small small{.head = "source: {format: " + format + ", schema: s.source.yaml}\n", .rows = std::move(rows)};
    small.files.put("s.source.yaml",
                    "datong: source/v1\nfields:\n"
                    "  - {path: a, nullable: true}\n"
                    "  - {path: d, type: list}\n"
                    "  - {path: d.s, class: sensitive, nullable: true}\n"
                    "  - {path: d.p, class: personal, nullable: true}\n"
                    "  - {path: d.x, class: public, nullable: true}\n"
                    "  - {path: d.y, nullable: true}\n"
                    "  - {path: d.z, type: list, nullable: true}\n"
                    "  - {path: d.z.q, class: personal, nullable: true}\n"
                    "  - {path: d.w, type: list}\n"
                    "  - {path: d.w.q, class: personal, nullable: true}\n"
                    "  - {path: e, type: list, nullable: true}\n"
                    "  - {path: e.y, nullable: true}\n"
                    "  - {path: o, type: object, nullable: true}\n"
                    "  - {path: o.s, class: sensitive, nullable: true}\n");
    return small;
}

}  // namespace

TEST_CASE("a list that came as one object is a list of one for every selector of a path", "[mapping]") {
    struct Row {
        std::string row;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"{to: a, from: \"d[?@.x=='1'].s\"}", R"({"a":"S"})"},
        {"{to: a, from: \"d[?@.x=='2'].s\"}", "{}"},
        {"{to: a, from: \"d[-1].s\"}", R"({"a":"S"})"},
        {"{to: a, from: \"d[0:1].s\"}", R"({"a":"S"})"},
        {"{to: a, from: \"d[?@.z[?@.q=='k']].s\"}", R"({"a":"S"})"},
        {"{to: a, from: \"d[?@.x=='1'].z[-1].q\"}", R"({"a":"k"})"},
        {"{to: m, compute: \"count(d[?@.x=='1'])\"}", R"({"m":1})"},
        {"{to: yes, compute: \"any(d[?@.x=='1'].s == 'S')\"}", R"({"yes":true})"},
    }));
    CAPTURE(row.row);
    const std::string rows = "fields:\n  - " + row.row + "\n";
    CHECK(with_schema(rows, "xml").gives("<r><d><s>S</s><x>1</x><z><q>k</q></z></d></r>") == row.wanted);
    for (const char* json :
         {R"({"d":{"s":"S","x":"1","z":{"q":"k"}}})", R"({"d":[{"s":"S","x":"1","z":[{"q":"k"}]}]})"}) {
        CAPTURE(json);
        CHECK(with_schema(rows).gives(json) == row.wanted);
        CHECK(Small{.rows = rows}.gives(json) == row.wanted);
    }
}

TEST_CASE("a list below a query gives its items, and is missing where JSON lacks it", "[mapping]") {
    Small small = with_schema("fields: []\nlists: [{to: l, from: \"d[?@.x=='1']\", fields: [{to: x, from: s}]}]\n");
    CHECK(small.gives(R"({"d":[{"x":"1","s":"p"},{"x":"2","s":"q"}]})") == R"({"l":[{"x":"p"}]})");
    CHECK(small.gives(R"({"d":{"x":"1","s":"p"}})") == R"({"l":[{"x":"p"}]})");
    CHECK(small.gives(R"({"d":[{"x":"2","s":"q"}]})") == R"({"l":[]})");
    CHECK(small.gives(R"({"d":[]})") == R"({"l":[]})");
    for (const char* missing : {"{\"a\":\"1\"}", R"({"d":null})", R"({"d":""})"}) {
        CAPTURE(missing);
        CHECK(small.gives(missing) == "invalid: /l list.missing");
    }
    small.rows = "fields: []\nlists: [{to: l, from: \"d[-1].w\", fields: [{to: x, from: q}]}]\n";
    CHECK(small.gives(R"({"d":[{},{"w":{"q":"k"}}]})") == R"({"l":[{"x":"k"}]})");
    CHECK(small.gives(R"({"d":[{},{"w":[]}]})") == R"({"l":[]})");
    CHECK(small.gives(R"({"d":[{}]})") == "invalid: /l list.missing");
    small.rows = "fields: []\nlists: [{to: l, from: \"e[?@.y]\", fields: [{to: x, from: y}]}]\n";
    CHECK(small.gives(R"({"a":"1"})") == R"({"l":[]})");
    CHECK(small.gives(R"({"e":null})") == R"({"l":[]})");
    small.rows = "fields: []\nlists: [{to: l, from: \"d[?@.y]\", fields: [{to: x, from: z.q}]}]\n";
    CHECK(errors(small.compile().mistakes) == "M212 small.yaml:7:57 -> z[*].q");
}

TEST_CASE("a query is followed through the schema: its names, its lists and its classes", "[mapping][security]") {
    struct Row {
        const char* why;
        std::string rows;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"sensitive to internal", "fields: [{to: open, from: \"d[?@.x=='1'].s\"}]",
         "M501 -> steps: [mask_...] 或 x-class: sensitive"},
        {"masked", "fields: [{to: open, from: \"d[?@.x=='1'].s\", steps: [mask_name]}]", ""},
        {"internal to internal", "fields: [{to: open, from: \"d[?@.x=='1'].y\"}]", ""},
        {"its filter reads what is personal", "fields: [{to: open, from: \"d[?@.p=='1'].y\"}]",
         "M501 -> steps: [mask_...] 或 x-class: personal"},
        {"personal below a query in a filter", "fields: [{to: open, from: \"d[?@.z[?@.q=='1']].y\"}]",
         "M501 -> steps: [mask_...] 或 x-class: personal"},
        {"counted in an expression", "fields: [{to: open, compute: \"first(d[?@.x=='1'].s)\"}]",
         "M501 -> steps: [mask_...] 或 x-class: sensitive"},
        {"one class of several places", "fields: [{to: open, from: \"$..s\"}]",
         "M501 -> steps: [mask_...] 或 x-class: sensitive"},
        {"from the back", "fields: [{to: open, from: \"d[-1].s\"}]", "M501 -> steps: [mask_...] 或 x-class: sensitive"},
        {"its filter's name", "fields: [{to: a, from: \"d[?@.zz=='1'].y\"}]", "M211 -> z"},
        {"the name behind", "fields: [{to: a, from: \"d[?@.x=='1'].nope\"}]", "M211"},
        {"the name before", "fields: [{to: a, from: \"dd[?@.x=='1'].y\"}]", "M211 -> d"},
        {"an absolute path in its filter", "fields: [{to: a, from: \"d[?@.x==$.aa].y\"}]", "M211 -> a"},
        {"a name anywhere", "fields: [{to: a, from: \"$..nope\"}]", "M211"},
        {"through a list", "fields: [{to: a, from: \"d[?@.x].z.q\"}]", "M212 -> z[*].q"},
        {"brackets behind one", "fields: [{to: a, from: \"o[?@.s].s\"}]", "M212"},
        {"members of a list", "fields: [{to: a, from: \"d.*\"}]", "M212 -> [*]"},
        {"an item for one value", "fields: [{to: a, from: \"d[-1]\"}]", "M212 -> lists:"},
        {"no list", "fields: []\nlists: [{to: l, from: \"$['o']['s']\", fields: [{to: x, from: \"@\"}]}]",
         "M212 -> type: list"},
        {"rows of a query have its shape",
         "fields: []\nlists: [{to: l, from: \"d[?@.x]\", fields: [{to: x, from: nope}]}]", "M211"},
        {"rows of several places have their highest class",
         "fields: []\nlists: [{to: u, from: \"$..[?@.y]\", fields: [{to: x, from: y}]}]",
         "M501 -> steps: [mask_...] 或 x-class: sensitive"},
    }));
    CAPTURE(row.why);
    Small small = with_schema(row.rows + "\n");
    small.target = "target: {format: json, schema: t.schema.json}\n";
    small.files.put("t.schema.json", R"({"type":"object","x-class":"internal","properties":{
        "open":{"type":"string"},"a":{"type":"string","x-class":"sensitive"},
        "u":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}},
        "l":{"type":"array","items":{"type":"object","x-class":"sensitive","properties":{"x":{"type":"string"}}}}}})");
    std::string found;
    for (const Mistake& one : small.compile().mistakes) {
        if (one.severity == Severity::error) {
            found += (found.empty() ? "" : "; ") + one.code + (one.hint.empty() ? "" : " -> " + one.hint);
        }
    }
    CHECK(found == row.wanted);
}

TEST_CASE("a filter in a path is refused over cells that nobody has decoded, an index is not", "[mapping]") {
    const std::string rows = "source: {format: rows, sets: {d: {rows: many, charset: gb18030}}}\n";
    const std::string csv = "source: {format: csv, charset: gb18030, layout: {columns: [x]}}\n";
    Small small{.head = rows, .rows = "fields: [{to: a, from: \"d[?@.x=='有效'].x\"}]\n"};
    CHECK(errors(small.compile().mistakes) == "M211 small.yaml:6:24 -> filter:");
    small.head = csv;
    small.rows = "fields: [{to: m, compute: \"count(row[?@.x=='有效'])\"}]\n";
    CHECK(errors(small.compile().mistakes).starts_with("M211 "));
    small.rows = "fields: [{to: a, from: \"row[-1].x\"}]\n";
    CHECK(small.gives("x\n1\n\xD3\xD0\xD0\xA7\n") == R"({"a":"有效"})");
    small.head = "source: {format: rows, charset: utf-8, sets: {d: {rows: many, charset: gb18030}}}\n";
    small.rows = "fields: [{to: a, from: \"d[-1].x\"}]\n";
    const auto compiled = small.compile();
    REQUIRE(compiled.mapping != nullptr);
    record::Record row = record::Record::object();
    row.put("x", record::Record::bytes("\xD3\xD0\xD0\xA7"));
    record::Record tree = record::Record::object();
    tree.put("d", record::Record::list({row}));
    mapping::Input input{};
    input.tree = &tree;
    CHECK(compiled.mapping->run(input).wire == R"({"a":"有效"})");
}

TEST_CASE("a filter in a path and a condition read the same text alike", "[mapping][security]") {
    struct Row {
        const char* why;
        std::string value;
        std::string condition;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"as it is", "\"a\"", "== 'a'", "1"},
        {"padded", "\"a \"", "== 'a'", "1"},
        {"padded, and is not", "\"a \"", "!= 'a'", "0"},
        {"a wide blank", "\"a　\"", "== 'a'", "1"},
        {"blanks before it", "\" a\"", "== 'a'", "1"},
        {"another", "\"b \"", "== 'a'", "0"},
        {"a padded number", "\"1 \"", "== 1", "1"},
        {"a padded number in order", "\"12 \"", "> 9", "1"},
        {"a number", "1", "== '1'", "1"},
        {"blank is null", "\"  \"", "== null", "1"},
        {"empty is null", "\"\"", "== null", "1"},
        {"empty is not something", "\"\"", "!= null", "0"},
        {"a null token is null", "\"无 \"", "== null", "1"},
        {"a null token is not something", "\"无\"", "!= null", "0"},
        {"a number that is a null token", "99", "== null", "1"},
        {"null in order", "\" \"", "< 'a'", "0"},
        {"null beside a number", "\"\"", "< 1", "0"},
        {"null", "null", "== null", "1"},
        {"in order with nothing", "\"a\"", "> ''", "1"},
    }));
    CAPTURE(row.why);
    const std::string defaults = "defaults: {null_tokens: [无, '99']}\n";
    const std::string input = R"({"d":[{"x":)" + row.value + R"(}],"a":"7"})";
    const auto counts = [&](Small small) { return small.gives(input); };
    const std::string filter = "fields: [{to: m, compute: \"count(d[?@.x " + row.condition + "])\"}]\n";
    const std::string condition = "fields: [{to: yes, compute: \"any(d[*].x " + row.condition + ")\"}]\n";
    CHECK(counts(with_schema(defaults + filter)) == "{\"m\":" + row.wanted + "}");
    CHECK(counts(Small{.rows = defaults + filter}) == "{\"m\":" + row.wanted + "}");
    CHECK(counts(with_schema(defaults + condition)) == (row.wanted == "1" ? "{\"yes\":true}" : "{\"yes\":false}"));
}

TEST_CASE("what a filter wrote for padded or empty texts finds them still", "[mapping]") {
    const auto count = [](const std::string& value, const std::string& filter, const std::string& defaults = {}) {
        Small small = with_schema(defaults + "fields: [{to: m, compute: \"count(d[?" + filter + "])\"}]\n");
        return small.gives(R"({"d":[{"x":)" + value + R"(}],"a":"7 "})");
    };
    const std::string one = "{\"m\":1}";
    const std::string none = "{\"m\":0}";
    CHECK(count("\"a \"", "@.x == 'a '") == one);
    CHECK(count("\"\"", "@.x == ''") == one);
    CHECK(count("\"  \"", "@.x == ''") == one);
    CHECK(count("\"  \"", "@.x != ''") == none);
    CHECK(count("\"a\"", "@.x != ''") == one);
    CHECK(count("null", "@.x == ''") == none);
    CHECK(count("\"null\"", "@.x == 'null'", "defaults: {null_tokens: ['null']}\n") == one);
    CHECK(count("\"0\"", "@.x == '0'", "defaults: {null_tokens: ['0']}\n") == one);
    CHECK(count("\"a\"", "count(@.z) > 0 || @.x == 'a'", "defaults: {null_tokens: ['0']}\n") == one);
    CHECK(count("\"a\"", "count(@.x) > 0", "defaults: {null_tokens: ['0', '1']}\n") == one);
    CHECK(count("\"7\"", "@.x == $.a") == one);
    CHECK(count("\"  \"", "length(@.x) > 0") == none);
    CHECK(count("\"a \"", "length(@.x) == 1") == one);
    CHECK(count("\"a \"", "match(@.x, 'a')") == one);
    CHECK(count("\"a \"", "@.x == 'a'", "defaults: {trim: false}\n") == none);
    CHECK(count("\"\"", "@.x == null", "defaults: {empty_as_null: false}\n") == none);
    CHECK(count("\"\"", "@.x") == one);
}
