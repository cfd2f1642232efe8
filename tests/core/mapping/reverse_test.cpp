#include <random>

#include "core/mapping/engine.h"
#include "core/mapping/tests_runner.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Files;
using datong::mapping::tests::lines;
using datong::mapping::tests::Small;

namespace {

constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds{1700000000}};

/// A reversible file of one record and details, with a row of every kind of step that has an inverse.
Small turning(const std::string& rows = {}) {
    Small small{.head =
                    "source: {format: fixed, schema: in.yaml, charset: gb18030, record_bytes: 30, line_end: lf, "
                    "layout: {H: {select: {at: 1, is: H}, rows: one, columns: {A: [2, 10], B: [12, 1], C: [13, 8], "
                    "E: [21, 2], Z: [23, 8]}}, D: {select: {at: 1, is: D}, rows: many, columns: {X: [2, 9], "
                    "N: [11, 4], FILLER: [15, 16]}}}}\n",
                .target = "target: {format: json, schema: small.schema.json}\nreverse: true\ntables: {e: e.csv}\n",
                .rows = rows.empty() ? R"y(fields:
  - {to: a, from: H.A, steps: [{check_length: {max: 5}}], required: true}
  - {to: yes, from: H.B, steps: [{parse_boolean: {when_true: ["Y"], when_false: ["N"]}}], required: true}
  - {to: day, from: H.C, steps: [{parse_date: yyyyMMdd}]}
  - {to: e, from: H.E, steps: [{lookup: e}]}
  - {to: b, value: constant, reverse: none}
lists:
  - to: l
    from: "D[*]"
    fields:
      - {to: x, from: X}
      - {to: n, from: N, steps: [parse_integer]}
reverse_fields:
  - {to: H.Z, compute: "count(l)", steps: [{to_text: {width: 8, pad: "0"}}]}
ignore: [D.FILLER]
)y"
                                     : rows};
    small.files.put("e.csv", "from,to,preferred\n01,one,y\n02,one,\n10,two,\n");
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: H.A, class: sensitive}\n"
                    "  - {path: H.B}\n  - {path: H.C, nullable: true}\n  - {path: H.E, nullable: true}\n"
                    "  - {path: H.Z}\n  - {path: D, type: list}\n  - {path: D.X, nullable: true}\n"
                    "  - {path: D.N, nullable: true}\n  - {path: D.FILLER}\n");
    return small;
}

std::string back(Small small, const std::string& json) {
    const auto compiled = small.compile();
    if (compiled.mapping == nullptr) {
        return lines(compiled.mistakes);
    }
    const record::Record tree = codec::read_json(json).value();
    const auto out = compiled.mapping->run_reverse({.tree = &tree, .now = kNow});
    std::string text = out.outcome == mapping::Outcome::ok ? out.wire : std::string{name_of(out.outcome)};
    for (const mapping::Finding& one : out.errors) {
        text += ' ' + one.path + ' ' + one.rule;
    }
    return text;
}

}  // namespace

TEST_CASE("the same rows bring the unified record back into the department's file", "[mapping]") {
    CHECK(back(turning(), R"({"a":"扎西","yes":true,"day":"2023-05-01","e":"one","l":[{"x":"p","n":7},{}]})") ==
          "H\xD4\xFA\xCE\xF7      Y202305010100000002\n"
          "Dp        7                   \n"
          "D                             \n");
    struct Row {
        const char* why;
        std::string input;
        std::string wanted;
    };
    for (const Row& row : std::vector<Row>{
             {"a required value is missing", R"({"yes":true,"l":[]})", "invalid /H/A required"},
             {"a value of another type", R"({"a":"x","yes":"no","l":[]})", "invalid /H/B reverse.type"},
             {"no day", R"({"a":"x","yes":true,"day":"2023-02-30","l":[]})", "invalid /H/C reverse.type"},
             {"a code without a row", R"({"a":"x","yes":true,"e":"three","l":[]})", "invalid /H/E lookup.missing"},
             {"too long", R"({"a":"扎西次仁卓玛","yes":true,"l":[]})", "invalid /H/A layout.too_long"},
         }) {
        CAPTURE(row.why);
        CHECK(back(turning(), row.input) == row.wanted);
    }
    Small forward{.rows = "fields: [{to: a, from: a}]\n"};
    CHECK(back(forward, "{}") == "malformed  reverse.none");
    CHECK_FALSE(forward.compile().mapping->is_reversible());
}

TEST_CASE("bytes come back as they came, not as the text of their text", "[mapping]") {
    struct Row {
        std::string step;
        std::string sent;
        std::string unified;
    };
    const auto row = GENERATE(values<Row>({
        {"decode_base64", "AP8=", "AP8="},
        {"decode_hex", "00ff", "AP8="},
    }));
    CAPTURE(row.step);
    Small small{.head = "source: {format: json, schema: in.yaml}\n",
                .target = "target: {format: json, schema: small.schema.json}\nreverse: true\n",
                .rows = "fields: [{to: a, from: A, steps: [" + row.step + "], required: true}]\n"};
    small.files.put("in.yaml", "datong: source/v1\nid: in\nversion: 1.0.0\nfields: [{path: A}]\n");
    CHECK(small.gives("{\"A\":\"" + row.sent + "\"}") == "{\"a\":\"" + row.unified + "\"}");
    CHECK(back(small, "{\"a\":\"" + row.unified + "\"}") == "{\"A\":\"" + row.sent + "\"}");
    CHECK(back(small, R"({"a":"no Base64"})") == "invalid /A reverse.type");
}

TEST_CASE("what can't be reversed is a mistake where it stands", "[mapping]") {
    struct Row {
        const char* why;
        std::string from;
        std::string to;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"a constant", ", reverse: none", "", "M801 small.yaml:13:5 -> reverse: none"},
        {"a step without inverse", "[{check_length: {max: 5}}]", "[upgrade_resident_id]",
         "M801 small.yaml:9:32 -> reverse: none"},
        {"when", "from: H.E, ", "from: H.E, when: \"H.B == 'Y'\", ", "M801 small.yaml:12:5 -> reverse: none"},
        {"a filter", "    from: \"D[*]\"\n", "    from: \"D[*]\"\n    filter: \"X != '1'\"\n",
         "M801 small.yaml:15:5 -> reverse: {left_out: ignore}"},
        {"a column is not fed",
         "reverse_fields:\n  - {to: H.Z, compute: \"count(l)\", steps: [{to_text: {width: 8, pad: \"0\"}}]}\n", "",
         "M801 small.yaml:4:9 -> required: true"},
        {"a column is fed twice", "to: H.Z", "to: H.A", "M801 small.yaml:21:10; M801 small.yaml:4:9 -> required: true"},
        {"reverse is neither", "reverse: none", "reverse: no", "M801 small.yaml:13:39 -> none"},
        {"a path that can't be written", "from: H.A", "from: \"H['A']\"", ""},
    }));
    CAPTURE(row.why);
    Small small = turning();
    const std::size_t at = small.rows.find(row.from);
    REQUIRE(at != std::string::npos);
    small.rows.replace(at, row.from.size(), row.to);
    CHECK(errors(small.compile().mistakes) == row.wanted);
}

TEST_CASE("a code table that can't say which code was meant does not reverse", "[mapping]") {
    Small small = turning();
    small.files.put("e.csv", "from,to,preferred\n01,one,\n02,one,\n10,two,\n");
    CHECK(errors(small.compile().mistakes) == "M801 small.yaml:12:32 -> preferred: y");
    small.files.put("e.csv", "from,to,preferred\n01,one,y\n02,one,y\n10,two,\n");
    CHECK(errors(small.compile().mistakes) == "M801 small.yaml:12:32 -> preferred: y");
    small.files.put("e.csv", "from,to,valid_from,valid_to\n01,one,,2019-12-31\n02,one,2020-01-01,\n10,two,,\n");
    CHECK(errors(small.compile().mistakes).empty());
    CHECK(back(small, R"({"a":"x","yes":true,"e":"one","l":[]})").substr(20, 2) == "02");
}

TEST_CASE("a row says itself how it is reversed", "[mapping]") {
    Small small = turning();
    const std::string row = "{to: e, from: H.E, steps: [{lookup: e}]}";
    small.rows.replace(small.rows.find(row), row.size(),
                       "{to: c, from: H.E, steps: [{left: 2}], reverse: {from: d, steps: [{right: 2}]}}");
    CHECK(back(small, R"({"a":"x","yes":true,"d":"abcd","l":[]})").substr(20, 2) == "cd");
}

TEST_CASE("formats that have no bytes come back as records, and those that can't come back say so", "[mapping]") {
    const std::string rows =
        "reverse: true\nfields: [{to: a, from: one.X}]\n"
        "lists: [{to: l, from: all, fields: [{to: x, from: X}]}]\n";
    Small small{.head = "source: {format: rows, schema: in.yaml, sets: {one: {rows: one}, all: {rows: many}}}\n",
                .rows = rows};
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: one.X}\n"
                    "  - {path: all, type: list}\n  - {path: all.X}\n");
    const auto mapping = small.compile().mapping;
    REQUIRE(mapping != nullptr);
    const record::Record tree = codec::read_json(R"({"a":"1","l":[{"x":"2"}]})").value();
    const auto out = mapping->run_reverse({.tree = &tree, .now = kNow});
    CHECK(codec::write_json(out.target) == R"({"one":[{"X":"1"}],"all":[{"X":"2"}]})");
    CHECK(mapping->run({.tree = &out.target, .now = kNow}).wire == R"({"a":"1","l":[{"x":"2"}]})");
    small.head = "source: {format: xml, schema: in.yaml}\n";
    CHECK(errors(small.compile().mistakes) == "M801 small.yaml:4:9 -> root: ROOT");
    small.head = "source: {format: kv, schema: in.yaml, unwrap: [{take: x}]}\n";
    CHECK(errors(small.compile().mistakes) == "M801 small.yaml:4:48");
    small.head = "source: {format: csv, schema: in.yaml}\n";
    small.rows = "reverse: true\nfields: []\nlists: [{to: l, from: row, fields: [{to: x, from: X}]}]\n";
    small.files.put("in.yaml", "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: row.X}\n");
    CHECK(back(small, R"({"l":[{"x":"a,b"},{"x":"2"}]})") == "X\r\n\"a,b\"\r\n2\r\n");
}

TEST_CASE("values with a form of their own come back in the department's", "[mapping]") {
    Small small{.head = "source: {format: kv, schema: in.yaml}\n",
                .target = "target: {format: json, schema: out.json}\n",
                .rows = R"y(reverse: true
fields:
  - {to: tags, from: T, steps: [{split: ","}]}
  - {to: fen, from: F, steps: [{parse_amount: {unit: 元}}]}
  - {to: month, from: M, steps: [{parse_yearmonth: yyyyMM}]}
  - {to: rate, from: R, steps: [{parse_decimal: {scale: 2}}]}
  - {to: at, from: A, steps: [{parse_datetime: "yyyy-MM-dd HH:mm:ss"}]}
)y"};
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: T}\n  - {path: F}\n  - {path: M}\n"
                    "  - {path: R}\n  - {path: A}\n");
    small.files.put("out.json", R"({"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}},
        "fen":{"type":"integer"},"month":{"type":"string"},"rate":{"type":"number"},"at":{"type":"string"}}})");
    const auto compiled = small.compile();
    CAPTURE(lines(compiled.mistakes));
    REQUIRE(compiled.mapping != nullptr);
    const auto there =
        compiled.mapping->run({.bytes = "T=a,b&F=1.05&M=202309&R=1.50&A=2023-10-08+09:00:00", .now = kNow});
    CHECK(there.wire ==
          R"({"tags":["a","b"],"fen":105,"month":"2023-09","rate":1.50,"at":"2023-10-08T09:00:00+08:00"})");
    const auto again = compiled.mapping->run_reverse({.bytes = there.wire, .now = kNow});
    CHECK(codec::write_json(again.target) ==
          R"({"T":"a,b","F":"1.05","M":"202309","R":"1.50","A":"2023-10-08 09:00:00"})");
}

TEST_CASE("a test with round_trip fails when a law of the reverse is broken", "[mapping]") {
    Files files;
    const auto differences = [&] {
        std::string out;
        for (const auto& result : mapping::run_tests("tax/clearance.yaml", files.reader(), {.test_division = true})) {
            for (const std::string& one : result.differences) {
                out += one + '\n';
            }
        }
        return out;
    };
    CHECK(differences().empty());
    files.edit("tax/clearance.yaml", "width: 6, pad: \"0\"}}]}", "width: 5, pad: \"0\"}}]}");
    CHECK_THAT(differences(), ContainsSubstring("GetPut at '/T/BS': wanted \"000002\", got \"00002\""));
    files = {};
    files.edit("tax/clearance.yaml", "from: H.SWJG, ",
               "from: H.SWJG, reverse: {from: taxpayer.uscc, steps: [{left: 11}]}, ");
    CHECK_THAT(differences(), ContainsSubstring("GetPut at '/H/SWJG'"));
    files = {};
    files.edit("tax/clearance.yaml", "reverse: true ", "reverse: false");
    CHECK_THAT(differences(), ContainsSubstring("does not say reverse: true"));
}

TEST_CASE("both laws hold of whatever valid values stand in a record", "[mapping][security]") {
    Small small = turning();
    const auto mapping = small.compile().mapping;
    REQUIRE(mapping != nullptr);
    std::mt19937 random{20250101};
    const auto upto = [&](int most) { return std::uniform_int_distribution<int>{0, most}(random); };
    const auto text = [&](int most) {
        static const std::vector<std::string> kParts{"a", "Z", "0", "扎", "·", "-", "’", "漢", "x y"};
        std::string out;
        for (int i = upto(most); i > 0; --i) {
            out += kParts[static_cast<std::size_t>(upto(static_cast<int>(kParts.size()) - 1))];
        }
        return out;
    };
    for (int i = 0; i < 500; ++i) {
        record::Record target = record::Record::object();
        target.put("a", record::Record::text("名" + text(1)));
        target.put("yes", record::Record::boolean(upto(1) == 1));
        if (upto(3) != 0) {
            const record::Date day = {1900 + upto(199), 1 + upto(11), 1 + upto(27)};
            target.put("day", record::Record::text(record::to_text(day)));
        }
        if (upto(3) != 0) {
            target.put("e", record::Record::text(upto(1) == 1 ? "one" : "two"));
        }
        target.put("b", record::Record::text("constant"));
        record::Record items = record::Record::list();
        for (int k = upto(4); k > 0; --k) {
            record::Record item = record::Record::object();
            if (upto(2) != 0) {
                item.put("x", record::Record::text("c" + text(2)));
            }
            if (upto(2) != 0) {
                item.put("n", record::Record::integer(upto(9)));
            }
            items.add(std::move(item));
        }
        target.put("l", std::move(items));
        CAPTURE(codec::write_json(target));
        const auto there = mapping->run_reverse({.tree = &target, .now = kNow});
        REQUIRE(there.outcome == mapping::Outcome::ok);
        const auto again = mapping->run({.bytes = there.wire, .now = kNow});
        REQUIRE(again.outcome == mapping::Outcome::ok);
        CHECK(again.target == target);
        const auto source = mapping::read_source(mapping->program().source, {.bytes = there.wire});
        CHECK(mapping::broken_laws(mapping->program(), *source.root, again.target, {.now = kNow}).empty());
    }
}
