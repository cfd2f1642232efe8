#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Small;

TEST_CASE("what a mapping says twice or by half is a mistake, not half of it", "[mapping]") {
    struct Row {
        const char* why;
        std::string rows;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"several paths for one", "fields: [{to: a, from: [a, b]}]", "M107 small.yaml:6:24 -> from_any"},
        {"a list of one path", "fields: [{to: a, from: [a]}]", "M107 small.yaml:6:24 -> from_any"},
        {"several paths of the context", "fields: [{to: a, from_ctx: [matter, now]}]", "M107 small.yaml:6:28 -> cases"},
        {"several to choose from", "fields: [{to: a, from_any: [a, b]}]", ""},
        {"several paths in a case", "fields: [{to: a, cases: [{else: true, from: [a, b]}]}]",
         "M107 small.yaml:6:45 -> from_any"},
        {"an error and a path", "fields: [{to: a, cases: [{else: true, from: a, error: {rule: x.y, message: z}}]}]",
         "M108 small.yaml:6:26"},
        {"an error alone", "fields: [{to: a, cases: [{else: true, error: {rule: x.y, message: z}}]}]", ""},
        {"a blank distinct_by",
         "fields: []\nlists: [{to: l, from: rows, distinct_by: \"\", fields: [{to: x, from: x}]}]",
         "M107 small.yaml:7:42"},
        {"a blank key of a sort",
         "fields: []\nlists: [{to: l, from: rows, sort: {by: \"\"}, fields: [{to: x, from: x}]}]",
         "M107 small.yaml:7:40"},
        {"a check of no list", "fields: []\nchecks: [{id: c, each: \"\", that: \"a == '1'\", message: m}]",
         "M107 small.yaml:7:24"},
    }));
    CAPTURE(row.why);
    Small small{.rows = row.rows + "\n"};
    CHECK(errors(small.compile().mistakes) == row.wanted);
}

TEST_CASE("a kind of fixed-width records is told by a place and by what stands there", "[mapping]") {
    struct Row {
        std::string select;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"", ""},
        {"select: {at: 1, is: D}, ", ""},
        {"select: {is: D}, ", "M108"},
        {"select: {at: 1}, ", "M108"},
        {"select: {}, ", "M108"},
        {"select: {at: 0, is: D}, ", "M109"},
        {"select: {at: 1, is: ''}, ", "M109"},
    }));
    CAPTURE(row.select);
    const std::string columns = row.select.find("at: 1, is: D") != std::string::npos ? "{X: [2, 3]}" : "{X: [1, 4]}";
    Small small{.head = "source: {format: fixed, record_bytes: 4, layout: {D: {" + row.select +
                        "rows: many, columns: " + columns + "}}}\n",
                .rows = "fields: []\nlists: [{to: l, from: \"D[*]\", fields: [{to: x, from: X}]}]\n"};
    const std::string found = errors(small.compile().mistakes);
    CHECK(found.substr(0, 4) == row.wanted);
    if (row.wanted.empty() && !row.select.empty()) {
        CHECK(small.gives("D123\nE456\n") == "malformed:  layout.select");
    }
}

TEST_CASE("a fixed-width file has no more rows of a kind than its layout or a list takes", "[mapping][security]") {
    const auto file = [](std::size_t rows) {
        std::string out;
        for (std::size_t i = 0; i < rows; ++i) {
            out += "D1\n";
        }
        return out;
    };
    const auto reading = [](const std::string& max, const std::string& more) {
        return Small{.head = "source: {format: fixed, record_bytes: 2, layout: {D: {rows: many, " + max +
                             "columns: {X: [1, 2]}}}}\n",
                     .rows = "defaults: {max_items: 3}\nfields: [{to: m, compute: \"count(D)\"}]\n" + more};
    };
    CHECK(reading("", "").gives(file(3)) == R"({"m":3})");
    CHECK(reading("", "").gives(file(4)) == "invalid:  rows.max");
    CHECK(reading("max: 5, ", "").gives(file(5)) == R"({"m":5})");
    CHECK(reading("max: 5, ", "").gives(file(6)) == "invalid:  rows.max");
    const std::string list = "lists: [{to: l, from: \"D[*]\", max: 4, fields: [{to: x, from: X}]}]\n";
    CHECK(reading("", list).run(file(4)).outcome == mapping::Outcome::ok);
    CHECK(reading("", list).gives(file(5)) == "invalid:  rows.max");
}

TEST_CASE("binary is no charset of text", "[mapping]") {
    struct Row {
        std::string head;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"source: {format: json, unwrap: [decode_base64, {decode_charset: binary}]}\n", "M301 -> gb18030"},
        {"source: {format: json, unwrap: [decode_base64, {decode_charset: gbk}]}\n", ""},
        {"source: {format: json, charset: binary}\n", "M301 -> gb18030"},
        {"source: {format: csv, charset: binary, layout: {columns: [a]}}\n", ""},
    }));
    CAPTURE(row.head);
    const auto codes = [](Small small) {
        std::string out;
        for (const Mistake& one : small.compile().mistakes) {
            out += one.severity != Severity::error ? "" : one.code + (one.hint.empty() ? "" : " -> " + one.hint);
        }
        return out;
    };
    const std::string rows = "fields: [{to: a, value: x}]\n";
    CHECK(codes({.head = row.head, .rows = rows}) == row.wanted);
    for (const std::string target :
         {"target: {format: json, charset: binary, schema: small.schema.json}\n",
          "target: {format: json, schema: small.schema.json, wrap: [to_json, {encode_charset: binary}]}\n"}) {
        CHECK(codes({.target = target, .rows = rows}) == "M301 -> gb18030");
    }
}
