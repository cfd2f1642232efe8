#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Small;

TEST_CASE("a field goes from null over its steps to its default and the target's schema", "[mapping]") {
    struct Row {
        const char* why;
        std::string row;
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"trimmed", "{to: a, from: a}", R"({"a":" x　"})", R"({"a":"x"})"},
        {"empty is null", "{to: a, from: a}", R"({"a":" "})", "{}"},
        {"absent and required", "{to: a, from: a, required: true}", "{}", "invalid: /a required"},
        {"null and default", "{to: a, from: a, default: z}", R"({"a":null})", R"({"a":"z"})"},
        {"default is not for errors", "{to: e, from: a, default: two}", R"({"a":"x"})", "invalid: /e schema.enum"},
        {"steps skip null", "{to: n, from: a, steps: [parse_integer]}", "{}", "{}"},
        {"a step fails", "{to: n, from: a, steps: [parse_integer]}", R"({"a":"x"})", "invalid: /n parse_integer"},
        {"on_error omit", "{to: n, from: a, steps: [parse_integer], on_error: omit}", R"({"a":"x"})", "{}"},
        {"on_error default", "{to: n, from: a, steps: [parse_integer], on_error: default, default: 7}", R"({"a":"x"})",
         R"({"n":7})"},
        {"on_error keep", "{to: a, from: a, steps: [{check_length: {max: 2}}], on_error: keep}", R"({"a":"xyz"})",
         R"({"a":"xyz"})"},
        {"keep must still fit", "{to: f, from: a, steps: [{check_length: {max: 2}}], on_error: keep}",
         R"({"a":"xyzz"})", "invalid: /f check.length"},
        {"enum", "{to: e, from: a}", R"({"a":"three"})", "invalid: /e schema.enum"},
        {"length", "{to: f, from: a}", R"({"a":"abcd"})", "invalid: /f schema.length"},
        {"pattern", "{to: f, from: a}", R"({"a":"Abc"})", "invalid: /f schema.pattern"},
        {"range", "{to: n, from: a, steps: [parse_integer]}", R"({"a":"10"})", "invalid: /n schema.range"},
        {"date format", "{to: day, from: a}", R"({"a":"2023-02-30"})", "invalid: /day schema.format"},
        {"when is false", "{to: a, from: a, when: \"b == 'y'\", required: true}", R"({"b":"n"})", "{}"},
        {"when is true", "{to: a, from: a, when: \"b == 'y'\", required: true}", R"({"b":"y"})",
         "invalid: /a required"},
        {"when met several", "{to: a, from: a, when: \"b == 'y'\"}", R"({"a":"1","b":["y","n"]})",
         "invalid: /a path.multiple"},
        {"several for one", "{to: a, from: a}", R"({"a":["x","y"]})", "invalid: /a path.multiple"},
        {"[*] says at most one", "{to: a, from: \"a[*]\"}", R"({"a":["x","y"]})", "invalid: /a path.multiple"},
        {"[*] takes one", "{to: a, from: \"a[*]\"}", R"({"a":["x"]})", R"({"a":"x"})"},
        {"an object in a list of one", "{to: a, from: o.x}", R"({"o":[{"x":"1"}]})", R"({"a":"1"})"},
        {"an object in a list of two", "{to: a, from: o.x}", R"({"o":[{"x":"1"},{}]})", "invalid: /a path.multiple"},
        {"an object in an empty list", "{to: a, from: o.x}", R"({"o":[]})", "{}"},
        {"items' objects in lists of one", "{to: a, from: \"rows[*].o.x\", steps: [{join: \"-\"}]}",
         R"({"rows":[{"o":[{"x":"1"}]},{"o":{"x":"2"}}]})", R"({"a":"1-2"})"},
        {"items' objects in a list of two", "{to: a, from: \"rows[*].o.x\", steps: [{join: \"-\"}]}",
         R"({"rows":[{"o":[{"x":"1"},{"x":"2"}]}]})", "invalid: /a path.multiple"},
        {"counted through a list of two", "{to: m, compute: \"count(o.x)\"}", R"({"o":[{"x":"1"},{"x":"2"}]})",
         "invalid: /m path.multiple"},
        {"members for one value", "{to: a, from: a}", R"({"a":{"x":1}})", "invalid: /a path.object"},
        {"numbers keep their digits", "{to: a, from: a}", R"({"a":100.10})", R"({"a":"100.10"})"},
        {"booleans are text", "{to: a, from: a}", R"({"a":true})", R"({"a":"true"})"},
        {"from_any takes the first that is there", "{to: a, from_any: [a, b, c]}", R"({"a":"","b":"y","c":"z"})",
         R"({"a":"y"})"},
        {"from_all joins", "{to: a, from_all: [a, b], steps: [{join: \"-\"}]}", R"({"a":"x","b":"y"})",
         R"({"a":"x-y"})"},
        {"a list for a list step", "{to: a, from: a, steps: [{join: \"-\"}]}", R"({"a":["x","y"]})", R"({"a":"x-y"})"},
        {"the only one of a list", "{to: a, from: a, steps: [only, upper]}", R"({"a":["x"]})", R"({"a":"X"})"},
        {"the only one of two", "{to: a, from: a, steps: [only]}", R"({"a":["x","y"]})", "invalid: /a list.not_single"},
        {"the first of a list", "{to: a, from: \"a[*]\", steps: [first]}", R"({"a":["x","y"]})", R"({"a":"x"})"},
        {"the sum of a list", "{to: m, from: a, steps: [sum]}", R"({"a":[1,2]})", "invalid: /m schema.type"},
        {"split and joined", "{to: a, from: a, steps: [{split: \",\"}, distinct, {join: \";\"}]}", R"({"a":"x,y,x"})",
         R"({"a":"x;y"})"},
        {"from_ctx", "{to: a, from_ctx: purpose.code}", "{\"a\":1}", R"({"a":"0301"})"},
        {"now", "{to: a, from_ctx: now}", "{\"a\":1}", R"({"a":"2025-01-01T00:00:00+08:00"})"},
        {"an RFC 9535 filter", "{to: a, from: \"rows[?@.x=='2'].y\"}",
         R"({"rows":[{"x":"1","y":"p"},{"x":"2","y":"q"}]})", R"({"a":"q"})"},
        {"nested target", "{to: o.p, from: a}", R"({"a":"x"})", R"({"o":{"p":"x"}})"},
        {"a number stays one", "{to: price, from: a, steps: [{parse_decimal: {scale: 2}}]}", R"({"a":"1.50"})",
         R"({"price":1.50})"},
    }));
    CAPTURE(row.why);
    Small small{.rows = "fields:\n  - " + row.row + "\n", .context = R"({"purpose":{"code":"0301"}})"};
    CHECK(small.gives(row.input) == row.wanted);
}

TEST_CASE("cases take the first that holds", "[mapping]") {
    Small small{.rows = R"y(fields:
  - to: a
    cases:
      - {when: "b == '1'", from: a, steps: [upper]}
      - {when: "b == '2'", error: {rule: b.closed, message: 已关闭}}
      - {else: true, value: rest}
    steps: [{pad_left: {width: 3, char: "."}}]
)y"};
    CHECK(small.gives(R"({"a":"x","b":"1"})") == R"({"a":"..X"})");
    CHECK(small.gives(R"({"a":"x","b":"2"})") == "invalid: /a b.closed");
    CHECK(small.gives(R"({"a":"x","b":"3"})") == R"({"a":"rest"})");
    CHECK(small.gives(R"({"a":"x"})") == R"({"a":"rest"})");
}

TEST_CASE("named values are computed once and read by expressions", "[mapping]") {
    Small small{.rows = R"y(let:
  - {name: sum, compute: "amount(a, '元') + amount(b, '元')"}
  - {name: word, from: c, steps: [upper]}
fields:
  - {to: m, compute: let.sum}
  - {to: a, value: big, when: "let.sum > 100 and let.word == 'Y'"}
)y"};
    CHECK(small.gives(R"({"a":"1.00","b":"0.50","c":"y"})") == R"({"m":150,"a":"big"})");
    CHECK(small.gives(R"({"a":"1.001","b":"0","c":"y"})") == "invalid:  amount.precision");
}

TEST_CASE("a named value of cases goes through the steps of the case that was taken", "[mapping][security]") {
    Small small{.rows = R"y(let:
  - {name: who, cases: [{when: "b == '1'", from: a, steps: [mask_name]}, {else: true, from: a}], steps: [{pad_left: {width: 4, char: "."}}]}
fields: [{to: a, compute: let.who}]
)y"};
    CHECK(small.gives(R"({"a":"示例甲","b":"1"})") == R"({"a":".示**"})");
    CHECK(small.gives(R"({"a":"示例甲","b":"2"})") == R"({"a":".示例甲"})");
}

TEST_CASE("lists are filtered, freed of doubles, sorted, cut and read item by item", "[mapping]") {
    struct Row {
        const char* why;
        std::string more;
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"as it comes", "", R"([{"x":"1"},{"x":"2"}])", R"({"l":[{"x":"1"},{"x":"2"}]})"},
        {"one that is no list", "", R"({"x":"1"})", R"({"l":[{"x":"1"}]})"},
        {"none", "", "[]", R"({"l":[]})"},
        {"filter", "filter: \"y != '0'\"", R"([{"x":"1","y":"0"},{"x":"2"}])", R"({"l":[{"x":"2"}]})"},
        {"distinct", "distinct_by: x", R"([{"x":"1"},{"x":"2"},{"x":"1"}])", R"({"l":[{"x":"1"},{"x":"2"}]})"},
        {"sorted as text", "sort: {by: x}", R"([{"x":"9"},{"x":"10"}])", R"({"l":[{"x":"10"},{"x":"9"}]})"},
        {"sorted as number", "sort: {by: x, as: number, order: desc}", R"([{"x":"9"},{"y":"-"},{"x":"10"}])",
         R"({"l":[{"x":"10"},{"x":"9"},{"y":"-"}]})"},
        {"sorted with a null key", "sort: {by: x, as: number}", R"([{"x":null},{"x":"9"}])", R"({"l":[{"x":"9"},{}]})"},
        {"sorted by what is no number", "sort: {by: x, as: number, order: desc}\n    limit: 1",
         R"([{"x":"900"},{"x":"12,000"}])", "invalid: /l number.invalid"},
        {"sorted by several keys", "sort: {by: x}\n    limit: 1", R"([{"x":["1","2"]},{"x":"9"}])",
         "invalid: /l path.multiple"},
        {"distinct by several keys", "distinct_by: x\n    limit: 1", R"([{"x":"9"},{"x":["1","2"]}])",
         "invalid: /l path.multiple"},
        {"through a list of one", "", R"([[{"x":"1"}]])", R"({"l":[{"x":"1"}]})"},
        {"limit", "limit: 1", R"([{"x":"1"},{"x":"2"}])", R"({"l":[{"x":"1"}]})"},
        {"too many", "max: 1", R"([{"x":"1"},{"x":"2"}])", "invalid: /l list.max"},
        {"too few", "min: 3", R"([{"x":"1"},{"x":"2"}])", "invalid: /l list.min"},
        {"an item fails", "", R"([{"x":"1"},{"x":["1","2"]}])", "invalid: /l/1/x path.multiple"},
    }));
    CAPTURE(row.why);
    Small small{.rows = "fields: []\nlists:\n  - to: l\n    from: rows\n" +
                        (row.more.empty() ? std::string{} : "    " + row.more + "\n") +
                        "    fields:\n      - {to: x, from: x}\n      - {to: y, from: y}\n"};
    CHECK(small.gives("{\"rows\":" + row.input + "}") == row.wanted);
}

TEST_CASE("a bad item is dropped with a warning only where a check counts the items", "[mapping]") {
    Small small{.rows = R"y(fields: []
lists:
  - to: l
    from: rows
    on_item_error: drop
    fields: [{to: n, from: x, steps: [parse_integer], required: true}]
checks:
  - {id: enough, that: "count(target.l) >= 1", message: 至少一项}
)y"};
    const auto out = small.run(R"({"rows":[{"x":"1"},{"x":"a"},{"x":"3"}]})");
    CHECK(out.wire == R"({"l":[{"n":1},{"n":3}]})");
    REQUIRE(out.warnings.size() == 1);
    CHECK(out.warnings[0].source == "$.rows[1].x");
    CHECK(out.origins.size() == 2);
    CHECK(small.gives(R"({"rows":[{"x":"a"}]})") == "invalid:  enough");
}

TEST_CASE("lists stand inside lists, and items can be plain values", "[mapping]") {
    Small small{.rows = R"y(fields: []
lists:
  - to: l
    from: rows
    fields: [{to: x, from: x}]
    lists:
      - {to: in, from: "tags[*]", fields: [{to: t, from: "@"}]}
)y"};
    CHECK(small.gives(R"({"rows":[{"x":"1","tags":["p","q"]},{"x":"2"}]})") ==
          R"({"l":[{"x":"1","in":[{"t":"p"},{"t":"q"}]},{"x":"2","in":[]}]})");
    const auto out = small.run(R"({"rows":[{"tags":["p",["q","r"]]}]})");
    REQUIRE(out.errors.empty() == false);
    CHECK(out.errors[0].path == "/l/0/in/1/t");
}

TEST_CASE("parallel joined columns are zipped into a list", "[mapping]") {
    const std::string rows = R"y(fields: []
lists:
  - to: l
    zip: {sep: [",", "，", "、"], columns: {name: a, id: b}COUNTS}
    fields: [{to: x, from: name}, {to: y, from: id}]
)y";
    const auto with = [&](const std::string& counts) {
        std::string text = rows;
        return Small{.rows = text.replace(text.find("COUNTS"), 6, counts)};
    };
    Small equal = with("");
    CHECK(equal.gives(R"({"a":"甲,乙、丙","b":"1,,3"})") ==
          R"({"l":[{"x":"甲","y":"1"},{"x":"乙"},{"x":"丙","y":"3"}]})");
    CHECK(equal.gives(R"({"a":"甲,乙","b":"1"})") == "invalid: /l zip.count");
    CHECK(with(", counts: pad").gives(R"({"a":"甲,乙","b":"1"})") == R"({"l":[{"x":"甲","y":"1"},{"x":"乙"}]})");
    CHECK(equal.gives("{\"c\":1}") == R"({"l":[]})");
}

TEST_CASE("checks look at the target once, or at each item of a list", "[mapping]") {
    Small small{.rows = R"y(fields: [{to: m, from: a, steps: [parse_integer]}]
lists:
  - {to: l, from: rows, fields: [{to: n, from: x, steps: [parse_integer]}]}
checks:
  - {id: total, when: "b != 'skip'", that: "sum(target.l[*].n) == target.m", path: /m, message: 合计不符}
  - {id: small, each: l, that: "item.n < 10", path: /n, message: 太大, severity: warn}
)y"};
    CHECK(small.gives(R"({"a":"3","rows":[{"x":"1"},{"x":"2"}]})") == R"({"m":3,"l":[{"n":1},{"n":2}]})");
    CHECK(small.gives(R"({"a":"4","rows":[{"x":"1"},{"x":"2"}]})") == "invalid: /m total");
    const auto out = small.run(R"({"b":"skip","a":"4","rows":[{"x":"1"},{"x":"12"}]})");
    CHECK(out.outcome == mapping::Outcome::ok);
    REQUIRE(out.warnings.size() == 1);
    CHECK(out.warnings[0].path == "/l/1/n");
    CHECK(out.warnings[0].rule == "small");
}

TEST_CASE("all errors of a record come together, at most a hundred", "[mapping]") {
    Small small{.rows = R"y(fields:
  - {to: a, from: a, required: true}
  - {to: n, from: b, steps: [parse_integer]}
lists:
  - {to: l, from: rows, fields: [{to: n, from: x, steps: [parse_integer]}]}
)y"};
    CHECK(small.gives(R"({"b":"x","rows":[{"x":"y"}]})") ==
          "invalid: /a required; /n parse_integer; /l/0/n parse_integer");
    std::string rows;
    for (int i = 0; i < 300; ++i) {
        rows += std::string{i == 0 ? "" : ","} + R"({"x":"y"})";
    }
    const auto out = small.run("{\"rows\":[" + rows + "]}");
    CHECK(out.errors.size() == 100);
    CHECK(out.truncated);
    CHECK(out.target.is_null());
    CHECK(out.wire.empty());
    CHECK(out.origins.empty());
}

TEST_CASE("more warnings than are named leave every list whole", "[mapping]") {
    const auto list = [](const std::string& rows) { return "{\"rows\":[" + rows.substr(1) + "]}"; };
    const auto times = [](int count, std::string_view row) {
        std::string out;
        for (int i = 0; i < count; ++i) {
            out.append(",").append(row);
        }
        return out;
    };
    Small small{.rows = R"y(fields: []
lists:
  - {to: l, from: rows, fields: [{to: n, from: x, steps: [parse_integer], on_error: omit}]}
  - {to: k, from: rows, fields: [{to: x, from: x}]}
)y"};
    const auto omitted = small.run(list(times(150, R"({"x":"y"})")));
    CHECK(omitted.outcome == mapping::Outcome::ok);
    CHECK(omitted.target.find("l")->items().size() == 150);
    CHECK(omitted.target.find("k")->items().size() == 150);
    CHECK(omitted.warnings.size() == 100);
    CHECK(omitted.truncated);

    small.rows = R"y(fields: []
lists:
  - to: l
    from: rows
    on_item_error: drop
    fields: [{to: x, from: x, steps: [{check_length: {max: 1}}]}]
    lists: [{to: in, from: "tags[*]", fields: [{to: t, from: "@", steps: [{check_length: {max: 1}}]}]}]
checks: [{id: enough, that: "count(target.l) >= 1", message: 至少一项}]
)y";
    const auto dropped = small.run(list(times(120, R"({"x":"yy"})") + times(30, R"({"x":"y"})")));
    CHECK(dropped.outcome == mapping::Outcome::ok);
    CHECK(dropped.target.find("l")->items().size() == 30);
    CHECK(dropped.warnings.size() == 100);
    // more errors within one item than a record names are that item's, too
    const std::string bad = times(150, R"("yy")");
    const auto one = small.run(list(",{\"tags\":[" + bad.substr(1) + "]}" + times(2, R"({"x":"y","tags":["y"]})")));
    CHECK(one.outcome == mapping::Outcome::ok);
    CHECK(one.target.find("l")->items().size() == 2);
}

TEST_CASE("findings and traces show values by their class", "[mapping]") {
    Small small{.head = "source: {format: json, schema: small.source.yaml}\n", .rows = R"y(fields:
  - {to: n, from: secret, steps: [parse_integer]}
  - {to: m, from: plain, steps: [parse_integer]}
  - {to: a, from: unsaid, steps: [{check_length: {max: 1}}]}
  - {to: open, from: secret, steps: [{mask: {keep_first: 1, keep_last: 1}}]}
)y"};
    small.files.put("small.source.yaml", R"y(datong: source/v1
id: small
version: 1.0.0
fields:
  - {path: secret, class: sensitive, nullable: true}
  - {path: plain, class: public, nullable: true}
  - {path: unsaid, nullable: true}
)y");
    std::vector<mapping::TraceLine> trace;
    const auto out = small.run(R"({"secret":"abcdef","plain":"uvwxyz","unsaid":"ghijkl"})", &trace);
    REQUIRE(out.errors.size() == 3);
    CHECK(out.errors[0].value.find("bcde") == std::string::npos);
    CHECK(out.errors[0].value_class == "sensitive");
    CHECK(out.errors[0].step == 1);
    CHECK(out.errors[0].where.line == 7);
    CHECK(out.errors[1].value == "uvwxyz");
    CHECK(out.errors[2].value.find("hijk") == std::string::npos);
    REQUIRE(trace.size() == 4);
    CHECK(trace[0].stages[0].first == "from secret");
    CHECK(trace[0].stages[0].second == out.errors[0].value);
    CHECK(trace[3].stages[1] == std::pair<std::string, std::string>{"mask", "a****f"});
}

TEST_CASE("every leaf says where it came from when asked", "[mapping]") {
    Small small{.rows = R"y(fields:
  - {to: a, value: x}
  - {to: b, from: b}
  - {to: m, compute: "integer(c) + 1"}
  - {to: c, from_ctx: purpose.code}
lists:
  - {to: l, from: rows, fields: [{to: x, from: x}, {to: y, from: $.b}]}
)y",
                .context = R"({"purpose":{"code":"7"}})"};
    small.with_origins = false;
    CHECK(small.run(R"({"b":"1","c":"2","rows":[{"x":"3"}]})").origins.empty());
    small.with_origins = true;
    const auto out = small.run(R"({"b":"1","c":"2","rows":[{"x":"3"}]})");
    REQUIRE(out.origins.size() == 6);
    const std::vector<std::pair<std::string, std::string>> wanted{
        {"/a", ""},       {"/b", "$.b"}, {"/m", "$.c"}, {"/c", "ctx.purpose.code"}, {"/l/0/x", "$.rows[0].x"},
        {"/l/0/y", "$.b"}};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CHECK(out.origins[i].path == wanted[i].first);
        CHECK(out.origins[i].source == wanted[i].second);
    }
}

TEST_CASE("the same input at the same moment gives the same bytes", "[mapping]") {
    Small small{.rows = "fields:\n  - {to: a, from_ctx: now}\n  - {to: b, from: b}\n"};
    CHECK(small.gives(R"({"b":"x"})") == small.gives(R"({"b":"x"})"));
    const auto one = small.compile();
    const auto other = small.compile();
    CHECK(one.mapping->digest() == other.mapping->digest());
    CHECK(one.mapping->digest().size() == 64);
    small.rows += "  - {to: c, from: c}\n";
    CHECK(small.compile().mapping->digest() != one.mapping->digest());
}

TEST_CASE("a mapping knows the class of each target path", "[mapping]") {
    const mapping::tests::Files files;
    const auto mapping = files.compile("land/realestate-certificate.yaml").mapping;
    REQUIRE(mapping != nullptr);
    CHECK(mapping->class_of("/holders/0/idNo") == "sensitive");
    CHECK(mapping->class_of("/holders/*/name") == "personal");
    CHECK(mapping->class_of("/status").empty());
    CHECK(mapping->class_of("/nothing").empty());
    CHECK(mapping->id() == "land.realestate-certificate");
    CHECK(mapping->version() == "1.2.0");
    CHECK(mapping->target_format() == "json");
    CHECK(mapping->source_format() == "xml");
    CHECK(mapping->target_schema().find("properties") != nullptr);
}
