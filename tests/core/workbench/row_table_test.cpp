#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/codec/csv.h"
#include "core/workbench/row_table.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

/// Block and flow rows, comments in every place, keys that no table shows, a list in a list.
constexpr const char* kFile = R"(datong: mapping/v1   # first
id: a.b
version: 1.0.0
source: {format: json}
target: {format: json, schema: x.json}
# before the rows
fields:
  # about a
  - {to: a, from: A, steps: [upper, {replace: {"（": "("}}]}   # behind a
  - to: b.c          # behind the name
    from: B
    # inside
    steps:
      - trim         # why trim
      - {pad_left: {width: 3, char: "0"}}
    required: true
    reverse: none
  - {to: d, value: "1", reverse: none}
  - {to: e, compute: "A == '1'", note: "= looks like a formula"}
  - to: f
    cases:
      - {when: "A == '1'", value: false}   # in a case
      - {else: true, from: F, steps: [lower]}
  - {to: g, from_any: [G, H], default: ""}
lists:
  - to: l
    from: "L[*]"
    filter: "x == '1'"
    fields:
      - {to: x, from: X}
    lists:
      - to: m
        from: M
        fields: [{to: y, from: Y}, {to: z, from: Z}]
# the end
checks: []
)";

std::string words(const Mistakes& mistakes) {
    std::string out;
    for (const Mistake& one : mistakes) {
        out += to_line(one) + '\n';
    }
    return out;
}

std::string exported(const std::string& yaml) {
    const auto csv = workbench::export_rows(yaml, "a.yaml");
    INFO((csv ? std::string{} : words(csv.error())));
    REQUIRE(csv.has_value());
    return *csv;
}

std::string imported(const std::string& yaml, const std::string& csv) {
    const auto got = workbench::import_rows(yaml, "a.yaml", csv, "a.csv");
    return got ? got->yaml : words(got.error());
}

/// The table with one cell replaced, by row name and column name.
std::string with_cell(const std::string& csv, const std::string& row, const std::string& column,
                      const std::string& put) {
    auto rows = codec::read_csv(csv).value();
    std::size_t at = 0;
    while (rows[0][at] != column) {
        ++at;
    }
    for (auto& cells : rows) {
        if (cells[0] == row) {
            cells[at] = put;
        }
    }
    return codec::write_csv(rows, true);
}

std::string without_row(const std::string& csv, const std::string& row) {
    auto rows = codec::read_csv(csv).value();
    std::erase_if(rows, [&](const auto& cells) { return cells[0] == row; });
    return codec::write_csv(rows, true);
}

std::string with_row(const std::string& csv, std::vector<std::string> cells) {
    auto rows = codec::read_csv(csv).value();
    cells.resize(rows[0].size());
    rows.push_back(std::move(cells));
    return codec::write_csv(rows, true);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

std::string crlf(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '\n' ? "\r\n" : std::string(1, c);
    }
    return out;
}

}  // namespace

TEST_CASE("a table shows every row, in the columns that Excel opens", "[workbench]") {
    const std::string csv = exported(kFile);
    CHECK(csv.starts_with("\xEF\xBB\xBFto,label,from,steps,when,required,default,on_error,class,note\r\n"));
    CHECK_THAT(csv, ContainsSubstring("a,,A,\"upper, {replace: {（: (}}\",,,,,,\r\n"));
    CHECK_THAT(csv, ContainsSubstring("b.c,,B,\"trim, {pad_left: {width: 3, char: \"\"0\"\"}}\",,true,,,,\r\n"));
    CHECK_THAT(csv, ContainsSubstring("d,,value: 1,,,,,,,\r\n"));
    CHECK_THAT(
        csv, ContainsSubstring("f,,\"cases: {when: A == '1', value: false},\n{else: true, from: F, steps: [lower]}\""));
    CHECK_THAT(csv, ContainsSubstring("g,,\"from_any: G, H\",,,,\"\"\"\"\"\",,,\r\n"));
    CHECK_THAT(csv, ContainsSubstring("l[].x,,X,") && ContainsSubstring("l[].m[].z,,Z,"));
}

TEST_CASE("export and import without a change give the identical file", "[workbench]") {
    CHECK(imported(kFile, exported(kFile)) == kFile);
    CHECK(imported(crlf(kFile), exported(crlf(kFile))) == crlf(kFile));
    const std::string marked = "\xEF\xBB\xBF" + std::string{kFile};
    CHECK(imported(marked, exported(marked)) == marked);
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{DATONG_SOURCE_DIR "/mappings"}) {
        if (!entry.is_regular_file()) {
            continue;
        }
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string yaml{std::istreambuf_iterator<char>{file}, {}};
        if (entry.path().extension() != ".yaml" || yaml.find("datong: mapping/v1") == std::string::npos) {
            continue;
        }
        CAPTURE(entry.path().string());
        CHECK(imported(yaml, exported(yaml)) == yaml);
        ++files;
    }
    CHECK(files >= 10);
}

TEST_CASE("a changed cell changes its place in the file and nothing else", "[workbench]") {
    struct Case {
        const char* why;
        std::string row, column, put;
        std::string before, after;
    };
    const auto one = GENERATE(values<Case>({
        {"a path", "a", "from", "A.B", "from: A,", "from: A.B,"},
        {"another kind of source", "a", "from", "from_ctx: now", "from: A,", "from_ctx: now,"},
        {"a constant with a hash", "a", "from", "value: 1 # 2", "from: A,", "value: \"1 # 2\","},
        {"steps in brackets", "a", "steps", "trim, upper", "[upper, {replace: {\"（\": \"(\"}}]", "[trim, upper]"},
        {"steps taken away", "a", "steps", "", ", steps: [upper, {replace: {\"（\": \"(\"}}]", ""},
        {"a new key in brackets", "a", "on_error", "omit", "\"(\"}}]}", "\"(\"}}], on_error: omit}"},
        {"a key before others", "d", "required", "true", "value: \"1\", rev", "value: \"1\", required: true, rev"},
        {"a key of a block", "b.c", "required", "", "    required: true\n", ""},
        {"a new key of a block", "b.c", "class", "personal", "    required: true\n",
         "    required: true\n    class: personal\n"},
        {"a label behind a comment", "b.c", "when", "B != '1'", "    required: true\n",
         "    when: B != '1'\n    required: true\n"},
        {"an empty text", "d", "default", "\"\"", "\"1\", rev", "\"1\", default: \"\", rev"},
        {"an empty text taken away", "g", "default", "", ", default: \"\"", ""},
        {"a label of a nested list in brackets", "l[].m[].y", "label", "标签, 甲", "from: Y}",
         "from: Y, label: \"标签, 甲\"}"},
        {"cases", "f", "from", "F",
         "cases:\n      - {when: \"A == '1'\", value: false}   # in a case\n      - {else: true, from: F, steps: "
         "[lower]}",
         "from: F"},
    }));
    CAPTURE(one.why);
    std::string wanted = replaced(kFile, one.before, one.after);
    if (one.row == "f") {
        wanted = replaced(wanted, "  - to: f\n", "  # in a case\n  - to: f\n");  // the comment outlives its case
    }
    const std::string csv = with_cell(exported(kFile), one.row, one.column, one.put);
    CHECK(imported(kFile, csv) == wanted);
    CHECK(exported(wanted) == csv);
    CHECK(imported(crlf(kFile), csv) == crlf(wanted));
}

TEST_CASE("changed steps of a block keep the comments that stood among them", "[workbench]") {
    const std::string got = imported(kFile, with_cell(exported(kFile), "b.c", "steps", "trim"));
    CHECK(
        got ==
        replaced(replaced(kFile,
                          "    steps:\n      - trim         # why trim\n      - {pad_left: {width: 3, char: \"0\"}}\n",
                          "    steps: [trim]\n"),
                 "  - to: b.c ", "  # why trim\n  - to: b.c "));
}

TEST_CASE("removed rows are taken out and new ones stand behind the last of their list", "[workbench]") {
    const std::string csv = exported(kFile);
    CHECK(imported(kFile, without_row(csv, "e")) ==
          replaced(kFile, "  - {to: e, compute: \"A == '1'\", note: \"= looks like a formula\"}\n", ""));
    CHECK(imported(kFile, without_row(csv, "l[].m[].y")) == replaced(kFile, "{to: y, from: Y}, ", ""));
    CHECK(imported(kFile, without_row(csv, "l[].m[].z")) == replaced(kFile, ", {to: z, from: Z}", ""));
    CHECK(imported(kFile, with_row(csv, {"n.o", "名", "N", "trim", "", "true"})) ==
          replaced(kFile, "default: \"\"}\n",
                   "default: \"\"}\n  - {to: n.o, from: N, steps: [trim], required: true, label: 名}\n"));
    CHECK(imported(kFile, with_row(without_row(csv, "l[].x"), {"l[].w", "", "W"})) ==
          replaced(kFile, "{to: x, from: X}", "{to: w, from: W}"));
    CHECK(imported(kFile, with_row(csv, {"l[].m[].w", "", "W"})) ==
          replaced(kFile, "from: Z}]", "from: Z}, {to: w, from: W}]"));
    const std::string open = "datong: mapping/v1\nfields:\n  - to: a\n    from: A";
    CHECK(imported(open, with_cell(with_row(exported(open), {"b", "", "B"}), "a", "class", "public")) ==
          open + "\n    class: public\n  - {to: b, from: B}");
}

TEST_CASE("no cell becomes a formula, and each comes back as it was", "[workbench][security]") {
    const std::string csv = exported(kFile);
    CHECK_THAT(csv, ContainsSubstring(",'= looks like a formula\r\n"));
    for (const char* text :
         {"=1+1", "+86", "-1",   "@SUM(A1)", "'quoted", "''=x", "＝1", "plain",   "\"q\" and , ;", "\"", "a\nb",
          "#x",   "~",   "null", "- a",      "a: b",    "!x",   "\\d", " outer ", "[x]",           "{x"}) {
        CAPTURE(text);
        const std::string yaml = "datong: mapping/v1\nfields:\n  - {to: a, from: A, note: x}\n";
        auto rows = codec::read_csv(exported(yaml)).value();
        rows[1][9] = std::string{"'"} + text;  // as a table shows a text that begins with one of them
        const bool guarded =
            std::string_view{"=+-@'"}.find(text[0]) != std::string_view::npos || text == std::string{"＝1"};
        rows[1][9] = guarded          ? rows[1][9]
                     : text[0] == '"' ? "\"" + std::string{text[1] == 0 ? "\\\"" : "\\\"q\\\" and , ;"} + "\""
                                      : text;
        const std::string wanted = codec::write_csv(rows, true);
        const std::string changed = imported(yaml, wanted);
        CHECK(exported(changed) == wanted);
        if (guarded) {
            CHECK_FALSE(rows[1][9].starts_with(text));
        }
    }
}

TEST_CASE("a table that does not fit is refused with its place, and the file stays", "[workbench]") {
    const std::string csv = exported(kFile);
    CHECK_THAT(imported(kFile, replaced(csv, "steps", "stepps")),
               ContainsSubstring("T101 a.csv:1:4") && ContainsSubstring("try: steps\n"));
    CHECK_THAT(imported(kFile, replaced(csv, "to,label", "name,label")), ContainsSubstring("T102"));
    CHECK_THAT(imported(kFile, with_row(csv, {"a", "", "A"})), ContainsSubstring("T103 a.csv:12:1"));
    CHECK_THAT(imported(kFile, with_row(csv, {"", "", "A"})), ContainsSubstring("T103"));
    CHECK_THAT(imported(kFile, with_row(csv, {"k[].a", "", "A"})),
               ContainsSubstring("T104 a.csv:12:1") && ContainsSubstring("l[]."));
    CHECK_THAT(imported(kFile, with_cell(csv, "a", "steps", "{trim")), ContainsSubstring("T105 a.csv:2:4"));
    CHECK_THAT(imported(kFile, "to,note,steps\r\n\r\na,\"b\nc\",trim\r\n\r\nb,,{trim\r\n"),
               ContainsSubstring("T105 a.csv:6:3"));
    CHECK_THAT(imported(kFile, "\r\n\r\nto,stepps\r\n"), ContainsSubstring("T101 a.csv:3:2"));
    CHECK_THAT(imported(kFile, without_row(csv, "l[].x")), ContainsSubstring("T106"));
    CHECK_THAT(imported(kFile, "\xEF\xBB\xBF"), ContainsSubstring("T105"));
    CHECK_THAT(imported(kFile, "to,from\r\n\"a"), ContainsSubstring("T105") && ContainsSubstring("line 2"));
}

TEST_CASE("columns that a table lacks are left as they are", "[workbench]") {
    CHECK(imported("datong: mapping/v1\nfields:\n  - {to: a, from: A, note: n}  # c\n", "to,from\r\na,B\r\n") ==
          "datong: mapping/v1\nfields:\n  - {to: a, from: B, note: n}  # c\n");
}

TEST_CASE("what a spreadsheet would write back in another form is kept from it", "[workbench]") {
    const std::string yaml =
        "datong: mapping/v1\nfields:\n  - {to: a, value: x, default: \"007\", required: true, note: \"2023-09\", "
        "label: \"5\"}\n";
    const std::string csv = exported(yaml);
    CHECK_THAT(csv, ContainsSubstring("a,5,value: x,,,true,'007,,,'2023-09\r\n"));
    CHECK(imported(yaml, csv) == yaml);
    CHECK(imported(yaml, with_cell(csv, "a", "required", "TRUE")) == yaml);
    for (const char* text : {"true", "FALSE", "1e5", "12345678901234567890", "1/2", "50%", "0.10", "09:00"}) {
        CAPTURE(text);
        const std::string changed = imported(yaml, with_cell(csv, "a", "note", text));
        CHECK_THAT(exported(changed), ContainsSubstring(std::string{",'"} + text + "\r\n"));
        CHECK(imported(changed, exported(changed)) == changed);
    }
    CHECK_THAT(exported(imported(yaml, with_cell(csv, "a", "note", "12"))), ContainsSubstring(",12\r\n"));
}

TEST_CASE("a table in GBK and a file that is no mapping are refused with what to do", "[workbench]") {
    CHECK_THAT(imported(kFile, "to,label\r\na,\xC3\xFB\r\n"),
               ContainsSubstring("T105") && ContainsSubstring("CSV UTF-8"));
    CHECK_THAT(imported("datong: source/v1\nfields: [{path: a}]\n", "to\r\n"), ContainsSubstring("T108"));
    CHECK_FALSE(workbench::export_rows("datong: source/v1\nfields: [{path: a}]\n", "a.yaml").has_value());
}
