#include "core/base/text.h"
#include "core/codec/compression.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Small;

namespace {

Small csv(const std::string& layout, const std::string& more = "") {
    return {.head = "source: {format: csv, " + more + "layout: {" + layout + "}}\n",
            .rows = "fields: []\nlists: [{to: l, from: \"row[*]\", fields: [{to: x, from: X}, {to: y, from: Y}]}]\n"};
}

}  // namespace

TEST_CASE("a CSV file is one record with its rows, found by header or by position", "[mapping]") {
    struct Row {
        const char* why;
        std::string layout;
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"header", "columns: [X, Y]", "X,Y\r\n1,a\r\n2,b\r\n", R"({"l":[{"x":"1","y":"a"},{"x":"2","y":"b"}]})"},
        {"in any order, more columns", "columns: [X, Y]", "Z,Y,X\n-,a,1", R"({"l":[{"x":"1","y":"a"}]})"},
        {"a byte order mark", "columns: [X, Y]", "\xEF\xBB\xBFX,Y\n1,a", R"({"l":[{"x":"1","y":"a"}]})"},
        {"by position", "header: false, columns: [Y, X]", "1,a\n", R"({"l":[{"x":"a","y":"1"}]})"},
        {"another separator", "separator: \"\t\", columns: [X, Y]", "X\tY\n1\t,", R"({"l":[{"x":"1","y":","}]})"},
        {"quoted and empty", "columns: [X, Y]", "X,Y\n\"a \"\"b\"\"\",\n", R"({"l":[{"x":"a \"b\""}]})"},
        {"no rows", "columns: [X, Y]", "X,Y\n", R"({"l":[]})"},
        {"a field too few", "columns: [X, Y]", "X,Y\n1,a\n\n2\n", "malformed:  layout.columns"},
        {"a field too many", "columns: [X, Y]", "X,Y\n1,a,b\n", "malformed:  layout.columns"},
        {"a column is missing", "columns: [X, Y]", "X\n1\n", "malformed:  layout.header"},
        {"a column comes twice", "columns: [X, Y]", "X,Y,X\n1,2,3\n", "malformed:  layout.header"},
        {"no CSV", "columns: [X, Y]", "X,Y\n1,\"a\n", "malformed:  unwrap.csv"},
        {"nothing", "columns: [X, Y]", " ", "malformed:  unwrap.empty"},
    }));
    CAPTURE(row.why);
    CHECK(csv(row.layout).gives(row.input) == row.wanted);
    if (std::string_view{row.why} == "a field too few") {
        CHECK_THAT(csv(row.layout).run(row.input).errors[0].text_en, ContainsSubstring("line 4"));
    }
}

TEST_CASE("a half character in a CSV cell is that field's error, in a column's name the file's", "[mapping]") {
    const Small gbk = csv("columns: [X, Y]", "charset: gb18030, ");
    CHECK(Small{gbk}.gives("X,Y\n\xD4\xFA\xCE\xF7,1\n") == R"({"l":[{"x":"扎西","y":"1"}]})");
    CHECK(Small{gbk}.gives("X,Y\n\xD4\xFA\xCE,1\n") == "invalid: /l/0/x charset.truncated");
    CHECK(Small{gbk}.gives("X,Y,\xCE\n1,2,3\n") == "malformed:  charset.invalid");
    CHECK(csv("separator: \"|\", columns: [X, Y]", "charset: gb18030, ").gives("X|Y\n\x81\x7C|1\n") ==
          R"({"l":[{"x":"亅","y":"1"}]})");  // 7C is the second octet of a character, too
    const std::string wide{"X\0,\0Y\0\n\0\x4E\x62,\0001\0", 14};
    CHECK(csv("columns: [X, Y]", "charset: utf-16le, ").gives(wide) == R"({"l":[{"x":"扎","y":"1"}]})");
}

TEST_CASE("NULs fill a column as blanks do, and another control character is no text", "[mapping]") {
    struct Row {
        const char* why;
        std::string cell;
        std::string wanted;
    };
    using namespace std::string_literals;
    const auto row = GENERATE(values<Row>({
        {"all NUL", "\0\0\0\0\0\0"s, "invalid: /a required"},
        {"NULs and blanks", "\0 \0 \0 "s, "invalid: /a required"},
        {"NULs behind", "ab\0\0\0\0"s, R"({"a":"ab"})"},
        {"NULs in front", "\0\0\0\0ab"s, R"({"a":"ab"})"},
        {"NULs behind blanks", "ab  \0\0"s, R"({"a":"ab"})"},
        {"NULs behind Chinese", "\xD4\xFA\xCE\xF7\0\0"s, R"({"a":"扎西"})"},
        {"a NUL inside", "ab\0cd "s, "invalid: /a charset.invalid"},
        {"behind Chinese", "\xD4\xFA\0ab "s, "invalid: /a charset.invalid"},
        {"01", "a\x01"s + "b   ", "invalid: /a charset.invalid"},
        {"an escape", "a\x1B[2J ", "invalid: /a charset.invalid"},
        {"a backspace at the end", "abcde\b", "invalid: /a charset.invalid"},
        {"half a character", "\xD4\xFA\xCE\0\0\0"s, "invalid: /a charset.invalid"},
        {"a tab", "ab\tcd ", R"({"a":"ab\tcd"})"},
        {"line ends", "ab\r\ncd", R"({"a":"ab\r\ncd"})"},
    }));
    CAPTURE(row.why);
    const std::string layout =
        "charset: gb18030, record_bytes: 6, line_end: none, layout: {R: {rows: one, columns: {A: "
        "[1, 6]}}}}\n";
    Small small{.head = "source: {format: fixed, " + layout, .rows = "fields: [{to: a, from: R.A, required: true}]\n"};
    CHECK(small.gives(row.cell) == row.wanted);
    small.rows = "fields: [{to: a, compute: R.A, required: true}]\n";
    CHECK(small.gives(row.cell) == row.wanted);
    small.rows = "defaults: {trim: false}\nfields: [{to: yes, compute: \"R.A == 'ab'\"}]\n";
    CHECK(small.gives("ab\0\0\0\0"s) == R"({"yes":true})");
}

TEST_CASE("a control character in JSON is its field's error, a NUL behind a text filling", "[mapping]") {
    Small small{.rows = "fields: [{to: a, from: a, required: true}, {to: yes, compute: \"b == 'x'\"}]\n"};
    CHECK(small.gives(R"({"a":"x\u0000","b":"x\u0000\u0000"})") == R"({"a":"x","yes":true})");
    CHECK(small.gives(R"({"a":"\u0000","b":"x"})") == "invalid: /a required");
    CHECK(small.gives(R"({"a":"x\u0000y","b":"x"})") == "invalid: /a charset.invalid");
    CHECK(small.gives(R"({"a":"x","b":"x\u001b"})") == "invalid: /yes charset.invalid");
    for (const std::string& text :
         {"\\u0001 34567", "\\t234567\\u001f", "\\t2345678\\u000b0", "\\t23 5678 0123\\u0002 6789"}) {
        CAPTURE(text);
        CHECK(small.gives("{\"a\":\"x" + text + "x\",\"b\":\"x\"}") == "invalid: /a charset.invalid");
    }
    CHECK(small.gives(R"({"a":"x\ty\r\nz\u007f","b":"y"})") == "{\"a\":\"x\\ty\\r\\nz\x7F\",\"yes\":false}");
}

TEST_CASE("a half character in the key of a sort, or of what is distinct, is the list's error", "[mapping]") {
    for (const std::string key : {"sort: {by: X}", "distinct_by: X"}) {
        CAPTURE(key);
        Small small{.head = "source: {format: csv, charset: gb18030, layout: {columns: [X, Y]}}\n",
                    .rows = "fields: []\nlists: [{to: l, from: \"row[*]\", limit: 1, " + key +
                            ", fields: [{to: y, from: Y}]}]\n"};
        CHECK(small.gives("X,Y\n\xD4\xFA\xCE\xF7,1\n\xD4\xFA,2\n") ==
              (key.starts_with("sort") ? R"({"l":[{"y":"2"}]})" : R"({"l":[{"y":"1"}]})"));
        CHECK(small.gives("X,Y\n\xD4\xFA\xCE,1\n\xD4\xFA,2\n") == "invalid: /l charset.truncated");
    }
}

TEST_CASE("a CSV file of one row is that record", "[mapping]") {
    const auto one = [](const std::string& more) {
        return Small{.head = "source: {format: csv, layout: {rows: one, columns: [X, Y]" + more + "}}\n",
                     .rows = "fields: [{to: a, from: X}]\n"};
    };
    CHECK(one("").gives("X,Y\n1,2\n") == R"({"a":"1"})");
    CHECK(one("").gives("X,Y\n") == "invalid:  rows.empty");
    CHECK(one("").gives("X,Y\n1,2\n3,4\n") == "invalid:  rows.many");
    CHECK(one(", empty: not_found").gives("X,Y\n") == "not_found");
}

TEST_CASE("the schema says which columns of a CSV file must be there", "[mapping]") {
    Small small{.head = "source: {format: csv, schema: file.yaml}\n",
                .rows = "fields: []\nlists: [{to: l, from: row, fields: [{to: x, from: X}, {to: y, from: Y}]}]\n"};
    const std::string head = "datong: source/v1\nid: f\nversion: 1.0.0\nfields:\n";
    small.files.put("file.yaml", head + "  - {path: row.X}\n  - {path: row.Y, nullable: true}\n");
    CHECK(small.gives("X\n1\n") == R"({"l":[{"x":"1"}]})");
    CHECK(small.gives("Y\n1\n") == "malformed:  layout.header");
    small.head = "source: {format: csv, schema: file.yaml, layout: {header: false}}\n";
    CHECK(small.gives("1,2\n") == R"({"l":[{"x":"1","y":"2"}]})");
    small.head = "source: {format: csv, schema: file.yaml, layout: {header: false, columns: [X]}}\n";
    CHECK(errors(small.compile().mistakes) == "M701 small.yaml:4:50 -> columns: [..., Y]");
    small.files.put("file.yaml", head + "  - {path: X}\n");
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring("M211 small.yaml:4:50 -> row"));
}

TEST_CASE("more rows than a mapping takes are refused", "[mapping][security]") {
    Small small = csv("columns: [X, Y]");
    small.rows = "defaults: {max_items: 2}\n" + small.rows;
    CHECK(small.gives("X,Y\n1,2\n3,4\n") != "");
    CHECK(small.gives("X,Y\n1,2\n3,4\n5,6\n") == "invalid:  rows.max");
    small.head = "source: {format: csv, layout: {max: 1, columns: [X, Y]}}\n";
    CHECK(small.gives("X,Y\n1,2\n3,4\n") == "invalid:  rows.max");
    CHECK(small.gives("X,Y\n1,2\n") == R"({"l":[{"x":"1","y":"2"}]})");
}

TEST_CASE("a query string or form is a record of its fields", "[mapping]") {
    struct Row {
        const char* why;
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"fields", "a=x+y&b=%D4%FA%CE%F7&c=", R"({"a":"x y","b":"扎西"})"},
        {"a query", "?a=1", R"({"a":"1"})"},
        {"twice", "a=1&a=2", "invalid: /a path.multiple"},
        {"half a character", "b=%CE", "invalid: /b charset.truncated"},
        {"a broken escape", "a=%4", "malformed:  unwrap.form"},
        {"a broken name", "%CE=1", "malformed:  charset.invalid"},
    }));
    CAPTURE(row.why);
    Small small{.head = "source: {format: kv, charset: gb18030}\n",
                .rows = "fields: [{to: a, from: a}, {to: b, from: b}]\n"};
    CHECK(small.gives(row.input) == row.wanted);
}

TEST_CASE("packed layers come off, and one that unpacks to too much is refused by name", "[mapping][security]") {
    Small small{.head = "source: {format: json, unwrap: [{inflate: gzip, max_bytes: 1000}]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    const auto packed = [](const std::string& text, codec::Compression format = codec::Compression::gzip) {
        return codec::compress(text, format).value();
    };
    CHECK(small.gives(packed(R"({"a":"x"})")) == R"({"a":"x"})");
    CHECK(small.gives(packed(R"({"a":")" + std::string(1'000'000, 'x') + "\"}")) == "malformed:  unwrap.too_large");
    CHECK(small.gives(R"({"a":"x"})") == "malformed:  unwrap.inflate");
    CHECK(small.gives(packed(R"({"a":"x"})").substr(0, 20)) == "malformed:  unwrap.inflate");
    small.head = "source: {format: json, unwrap: [{inflate: zlib}]}\n";
    CHECK(small.gives(packed(R"({"a":"x"})", codec::Compression::zlib)) == R"({"a":"x"})");
    small.head = "source: {format: csv, layout: {columns: [X]}, unwrap: [decode_base64, {inflate: gzip}]}\n";
    small.rows = "fields: []\nlists: [{to: l, from: row, fields: [{to: x, from: X}]}]\n";
    CHECK(small.gives(to_base64(packed("X\n1\n"))) == R"({"l":[{"x":"1"}]})");
}

TEST_CASE("what a mapping has no layer for is said by name, not passed over", "[mapping]") {
    const std::string layer = GENERATE("{decrypt: p}", "{verify: p}", "{xslt: a.xsl}");
    Small small{.head = "source: {format: json, unwrap: [" + layer + "]}\n", .rows = "fields: [{to: a, from: a}]\n"};
    const auto mistakes = small.compile().mistakes;
    REQUIRE_FALSE(mistakes.empty());
    CHECK(mistakes[0].code == "M301");
    CHECK_THAT(mistakes[0].text_en, ContainsSubstring(layer.starts_with("{xslt") ? "this version has no"
                                                                                 : "needs keys, a time and headers"));
    small = {.target = "target: {format: json, schema: small.schema.json, wrap: [to_json, {encrypt: p}]}\n",
             .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(small.compile().mapping == nullptr);
}

TEST_CASE("a CSV target has its header, its columns and its charset", "[mapping]") {
    Small small{.target = "target: {format: csv, schema: out.yaml, charset: gb18030}\n",
                .rows = "fields: []\nlists: [{to: row, from: rows, fields: [{to: X, from: x}, {to: Y, from: y}]}]\n"};
    small.files.put("out.yaml",
                    "datong: source/v1\nid: o\nversion: 1.0.0\nfields:\n  - {path: row, type: list}\n"
                    "  - {path: row.Y, nullable: true}\n  - {path: row.X, nullable: true}\n");
    const std::string input = R"({"rows":[{"x":"扎西","y":"a,b"},{"x":"1"}]})";
    const auto out = small.run(input);
    CHECK(out.wire == "Y,X\r\n\"a,b\",\xD4\xFA\xCE\xF7\r\n,1\r\n");
    CHECK(out.content_type == "text/csv; charset=gb18030");
    CHECK(small.gives(R"({"rows":[{"x":"1"}]})") == "Y,X\r\n,1\r\n");
    small.target = "target: {format: csv, schema: out.yaml, charset: gbk}\n";
    CHECK(small.gives(R"({"rows":[{"x":"1"},{"x":"2","y":"😀"}]})") == "invalid: /row/1/Y charset.unmappable");
    small.target =
        "target: {format: csv, schema: out.yaml, layout: {header: false, separator: ';', columns: [X, Y]}}\n";
    CHECK(small.gives(input) == "扎西;a,b\r\n1;\r\n");
    small.target = "target: {format: csv, schema: out.yaml, wrap: [to_csv, {deflate: gzip}], layout: {mark: true}}\n";
    CHECK(codec::decompress(small.run(input).wire, codec::Compression::gzip, 100) ==
          "\xEF\xBB\xBFY,X\r\n\"a,b\",扎西\r\n,1\r\n");
    Small one{.target = "target: {format: csv, schema: one.yaml, layout: {rows: one}}\n",
              .rows = "fields: [{to: A, from: a}, {to: B, from: b}]\n"};
    one.files.put("one.yaml",
                  "datong: source/v1\nid: o\nversion: 1.0.0\nfields:\n  - {path: A, nullable: true}\n"
                  "  - {path: B, nullable: true}\n");
    CHECK(one.gives(R"({"a":"1","b":"\""})") == "A,B\r\n1,\"\"\"\"\r\n");
    small.target = "target: {format: csv, schema: out.yaml, layout: {columns: [X]}}\n";
    CHECK(errors(small.compile().mistakes) == "M701 small.yaml:5:49 -> columns: [..., Y]");
}
