#include "core/charset/charset.h"
#include "core/mapping/engine.h"
#include "core/mapping/tests_runner.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::lines;
using datong::mapping::tests::Small;

namespace {

constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds{1700000000}};

constexpr const char* kFields =
    "reverse: true\nfields: [{to: a, from: A}, {to: b, from: \"B.@k\"}]\n"
    "lists: [{to: l, from: L.I, fields: [{to: x, from: X}]}]\n";

Small layered(const std::string& source) {
    Small small{.head = "source: {schema: in.yaml, " + source + "}\n", .rows = kFields};
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: L.I, type: list}\n"
                    "  - {path: L.I.X}\n  - {path: A}\n  - {path: \"B.@k\"}\n");
    return small;
}

constexpr const char* kTarget = R"({"a":"扎西<&","b":"1","l":[{"x":"p"},{"x":"q"}]})";

/// What comes back, or the rules; then what that gives again.
std::string there_and_again(Small small) {
    const auto compiled = small.compile();
    if (compiled.mapping == nullptr) {
        return lines(compiled.mistakes);
    }
    const auto back = compiled.mapping->run_reverse({.bytes = kTarget, .now = kNow});
    std::string out = back.wire;
    for (const mapping::Finding& one : back.errors) {
        out += ' ' + one.path + ' ' + one.rule;
    }
    const auto again = compiled.mapping->run({.bytes = back.wire, .now = kNow});
    for (const mapping::Finding& one : again.errors) {
        out += " again " + one.path + ' ' + one.rule;
    }
    CHECK(again.wire == kTarget);
    return out;
}

}  // namespace

TEST_CASE("a record comes back as the XML that it was read from, in the order of its schema", "[mapping]") {
    CHECK(there_and_again(layered("format: xml, root: R")) ==
          "<R><L><I><X>p</X></I><I><X>q</X></I></L><A>扎西&lt;&amp;</A><B k=\"1\"/></R>");
    const std::string gb = there_and_again(layered("format: xml, root: R, charset: gb18030"));
    CHECK(gb.starts_with("<?xml version=\"1.0\" encoding=\"GB18030\"?>\n<R>"));
    CHECK_THAT(charset::decode(gb, charset::Charset::gb18030).value(), ContainsSubstring("<A>扎西&lt;&amp;</A>"));
}

TEST_CASE("layers are put back that were taken off", "[mapping]") {
    const std::string soap = there_and_again(
        layered("format: xml, unwrap: [{soap: {action: getResponse, uri: 'urn:x'}}, {take: return}, {parse_xml: R}, "
                "{outcome: {code: HEAD.CODE, ok: ['0000']}}, {take: DATA.ROW}]"));
    CHECK_THAT(soap, ContainsSubstring("<m:getResponse xmlns:m=\"urn:x\"><return>&lt;R&gt;"));
    CHECK_THAT(soap, ContainsSubstring("&lt;HEAD&gt;&lt;CODE&gt;0000&lt;/CODE&gt;&lt;/HEAD&gt;"));
    CHECK_THAT(soap, ContainsSubstring("&lt;DATA&gt;&lt;ROW&gt;&lt;L&gt;"));
    CHECK(there_and_again(
              layered("format: json, unwrap: [{outcome: {code: code, ok: [200]}}, {take: 'data.rows[*]'}]")) ==
          R"({"data":{"rows":[{"A":"扎西<&","B":{"@k":"1"},"L":{"I":[{"X":"p"},{"X":"q"}]}}]},"code":"200"})");
    const std::string based = there_and_again(layered(
        "format: json, unwrap: [{take: body}, decode_base64, {inflate: gzip}, {decode_charset: gbk}, {parse_xml: R}]"));
    CHECK(based.starts_with(R"({"body":"H4sI)"));
    CHECK(there_and_again(layered("format: json, charset: gb18030")).find("\xD4\xFA\xCE\xF7") != std::string::npos);
}

TEST_CASE("a layer that can't be put back exactly is a mistake that says why", "[mapping]") {
    struct Row {
        const char* why;
        std::string source;
        std::string wanted;
    };
    for (const Row& row : std::vector<Row>{
             {"no name of the document", "format: xml", "M801 small.yaml:4:9 -> root: ROOT"},
             {"no name in Body", "format: xml, unwrap: [soap]", "M801 small.yaml:4:49 -> {soap: {action: NAME}}"},
             {"no name of the inner document", "format: xml, root: R, unwrap: [{take: t}, parse_xml]",
              "M801 small.yaml:4:69 -> {parse_xml: ROOT}"},
             {"several codes mean yes", "format: json, unwrap: [{outcome: {code: c, ok: ['0', '1']}}, {take: d}]",
              "M801 small.yaml:4:50 -> ok: [\"0000\"]"},
             {"the third of a list", "format: json, unwrap: [{take: 'd[2]'}]", "M801 small.yaml:4:50"},
             {"prefixes", "format: xml, root: R, namespaces: {n: 'urn:n'}", "M801 small.yaml:4:9"},
             {"root of another format", "format: json, root: R", "M109 small.yaml:4:47"},
         }) {
        CAPTURE(row.why);
        CHECK(errors(layered(row.source).compile().mistakes) == row.wanted);
    }
}

TEST_CASE("a document whose outermost element is another one than declared is malformed", "[mapping][security]") {
    CHECK(layered("format: xml, root: R").gives("<S><A>x</A></S>") == "malformed:  unwrap.root");
    CHECK(layered("format: xml, root: R").gives("<R><A>x</A></R>") == R"({"a":"x","l":[]})");
    CHECK(layered("format: json, unwrap: [{take: t}, {parse_xml: R}]").gives(R"({"t":"<S/>"})") ==
          "malformed:  unwrap.root");
    const std::string soap =
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><b><A>x</A></b></e:Body></e:Envelope>";
    CHECK(layered("format: xml, unwrap: [{soap: {action: a}}]").gives(soap) == "malformed:  unwrap.root");
    CHECK(layered("format: xml, unwrap: [{soap: {action: b}}]").gives(soap) == R"({"a":"x","l":[]})");
}

namespace {

/// A list with more rows than come through, and a column that says which.
Small listed(const std::string& more, const std::string& reverse, const std::string& extra = {}) {
    Small small{.head = "source: {format: json, schema: in.yaml}\n",
                .rows = "reverse: true\nfields: []\nlists:\n  - to: l\n    from: rows\n" + more +
                        (reverse.empty() ? "" : "    reverse: " + reverse + "\n") +
                        "    fields: [{to: x, from: X}, {to: n, from: N, steps: [parse_integer]}]\n" + extra};
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: rows, type: list}\n"
                    "  - {path: rows.X}\n  - {path: rows.N}\n  - {path: rows.T, nullable: true}\n"
                    "  - {path: others, type: list, nullable: true}\n  - {path: others.K, nullable: true}\n"
                    "  - {path: others.V, nullable: true}\n");
    return small;
}

std::string back(Small small, std::string_view json) {
    const auto compiled = small.compile();
    if (compiled.mapping == nullptr) {
        return lines(compiled.mistakes);
    }
    const auto out = compiled.mapping->run_reverse({.bytes = json, .now = kNow});
    std::string text = out.wire;
    for (const mapping::Finding& one : out.errors) {
        text += one.path + ' ' + one.rule;
    }
    return text;
}

/// What the laws say of one record of the source.
std::string laws(Small small, const std::string& json) {
    small.rows += "tests: [{name: t, at: '2025-01-01T00:00:00+08:00', input_json: " + json + ", round_trip: true}]\n";
    (void)small.compile();
    std::string out;
    for (const auto& result : mapping::run_tests("small.yaml", small.files.reader(), {})) {
        for (const std::string& one : result.differences) {
            out += one + '\n';
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a list whose rows are chosen or sorted comes back where the mapping says what that may cost", "[mapping]") {
    const std::string filter = "    filter: \"T == '1' and N != '9'\"\n";
    CHECK(errors(listed(filter, "").compile().mistakes) == "M801 small.yaml:9:5 -> reverse: {left_out: ignore}");
    CHECK(back(listed(filter, "{left_out: ignore}"), R"({"l":[{"x":"a","n":1}]})") ==
          R"({"rows":[{"X":"a","N":"1","T":"1"}]})");
    CHECK(back(listed(filter, "{left_out: ignore}"), R"({"l":[{"x":"a","n":1},{"x":"a","n":9}]})") ==
          "/rows/1 reverse.filter");
    const std::string sort = "    sort: {by: N, as: number}\n";
    CHECK(errors(listed(sort, "").compile().mistakes) == "M801 small.yaml:9:5 -> reverse: {order: any}");
    CHECK(back(listed(sort, "{order: any}"), R"({"l":[{"x":"a","n":1}]})") == R"({"rows":[{"X":"a","N":"1"}]})");
    const std::string limit = "    limit: 1\n";
    CHECK(errors(listed(limit, "").compile().mistakes) == "M801 small.yaml:9:5 -> reverse: {left_out: ignore}");
    CHECK(back(listed(limit, "{left_out: ignore}"), R"({"l":[{"x":"a"},{"x":"b"}]})") == "/rows list.max");
    CHECK(errors(listed("    filter: \"T != '1'\"\n", "{left_out: ignore}").compile().mistakes) ==
          "M801 small.yaml:11:13 -> reverse: none");
    CHECK(errors(listed(filter, "some").compile().mistakes) == "M109 small.yaml:12:14 -> none");
    CHECK(errors(listed(filter, "{order: none}").compile().mistakes).starts_with("M109 small.yaml:12:22"));
}

TEST_CASE("the laws of a chosen or sorted list are proven on the rows that come through", "[mapping]") {
    const std::string two = R"({"rows": [{X: b, N: "2", T: "1"}, {X: a, N: "1", T: "1"}, {X: c, N: "3", T: "2"}]})";
    CHECK(laws(listed("    filter: \"T == '1'\"\n", "{left_out: ignore}"), two).empty());
    CHECK(laws(listed("    sort: {by: N}\n", "{order: any}", "ignore: [rows.T]\n"), two).empty());
    CHECK(laws(listed("    filter: \"T == '1'\"\n    sort: {by: N}\n", "{order: any, left_out: ignore}"), two).empty());
    Small shouting = listed("    sort: {by: N}\n", "{order: any}", "ignore: [rows.T]\n");
    shouting.rows.replace(shouting.rows.find("from: X}"), 8, "from: X, reverse: {steps: [upper]}}");
    CHECK_THAT(laws(shouting, two), ContainsSubstring("GetPut at '/rows'"));
}

TEST_CASE("a joined list comes back when the other list does, without what the join brought", "[mapping]") {
    const auto joined = [](const std::string& name, const std::string& more) {
        Small small{.head = "source: {format: json, schema: in.yaml}\n",
                    .target = "target: {format: json, schema: out.json}\n",
                    .rows =
                        "reverse: true\nfields: []\nlists:\n"
                        "  - {to: units, from: units, join: [{with: $.owners, left: K, right: K, as: o}], fields: ["
                        "{to: key, from: K}, " +
                        name + "]}\n" + more};
        small.files.put("in.yaml",
                        "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: units, type: list}\n"
                        "  - {path: units.K}\n  - {path: owners, type: list}\n  - {path: owners.K}\n"
                        "  - {path: owners.V}\n");
        small.files.put("out.json", R"({"type":"object","properties":{
            "units":{"type":"array","items":{"type":"object","properties":{"key":{"type":"string"},"name":{"type":"string"}}}},
            "owners":{"type":"array","items":{"type":"object","properties":{"key":{"type":"string"},"name":{"type":"string"}}}}}})");
        return small;
    };
    const std::string quiet = "{to: name, from: o.V, reverse: none}";
    const std::string owners =
        "  - {to: owners, from: 'owners[*]', fields: [{to: key, from: K}, {to: name, from: V}]}\n";
    CHECK(errors(joined(quiet, "").compile().mistakes).substr(0, 17) == "M801 small.yaml:9");
    CHECK(errors(joined("{to: name, from: o.V}", owners).compile().mistakes).substr(0, 17) == "M801 small.yaml:9");
    CHECK(back(joined(quiet, owners), R"({"units":[{"key":"1","name":"x"}],"owners":[{"key":"1","name":"x"}]})") ==
          R"({"units":[{"K":"1"}],"owners":[{"K":"1","V":"x"}]})");
    CHECK(laws(joined(quiet, owners), R"({units: [{K: "1"}, {K: "2"}], owners: [{K: "2", V: b}, {K: "1", V: a}]})")
              .empty());
}
