#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Small;

namespace {

Small asking(const std::string& target, const std::string& rows = "fields: [{to: A, from: a}, {to: B, from: b}]\n") {
    Small small{.target = "target: " + target + "\n", .rows = rows};
    small.files.put("ask.yaml",
                    "datong: source/v1\nid: ask\nversion: 1.0.0\nfields:\n  - {path: A, nullable: true}\n"
                    "  - {path: B, nullable: true}\n  - {path: L, type: list, nullable: true}\n"
                    "  - {path: L.X, nullable: true}\n");
    return small;
}

}  // namespace

TEST_CASE("a target is written and wrapped as its department wants it", "[mapping]") {
    struct Row {
        const char* why;
        std::string target;
        std::string wire;
        std::string type;
    };
    const auto row = GENERATE(values<Row>({
        {"plain XML", "{format: xml, schema: ask.yaml, root: Q}", "<Q><A>甲&lt;</A><B>2</B></Q>",
         "application/xml; charset=utf-8"},
        {"XML as text in a SOAP element",
         "{format: xml, schema: ask.yaml, root: Q, wrap: [to_xml, {put: arg0}, {soap: {version: '1.1', action: get}}]}",
         "&lt;A&gt;甲&amp;lt;&lt;/A&gt;", "text/xml; charset=utf-8"},
        {"members of the SOAP element",
         "{format: xml, schema: ask.yaml, wrap: [{soap: {action: get, uri: \"urn:x\"}}]}", "<A>甲&lt;</A>",
         "text/xml; charset=utf-8"},
        {"SOAP 1.2", "{format: xml, schema: ask.yaml, wrap: [{soap: {version: '1.2', action: get}}]}", "<A>甲&lt;</A>",
         "application/soap+xml; charset=utf-8; action=\"get\""},
        {"JSON", "{format: json, schema: ask.yaml}", R"({"A":"甲<","B":"2"})", "application/json"},
        {"JSON in a JSON text", "{format: json, schema: ask.yaml, wrap: [to_json, {put: body}]}",
         R"({"body":"{\"A\":\"甲<\",\"B\":\"2\"}"})", "application/json"},
        {"Base64 of XML in GB18030",
         "{format: xml, schema: ask.yaml, root: Q, wrap: [to_xml, {encode_charset: gb18030}, encode_base64]}",
         "PFE+PEE+vNcmbHQ7PC9BPjxCPjI8L0I+PC9RPg==", "application/xml; charset=utf-8"},
    }));
    CAPTURE(row.why);
    Small small = asking(row.target);
    const auto out = small.run(R"({"a":"甲<","b":2})");
    CHECK(out.outcome == mapping::Outcome::ok);
    CHECK_THAT(out.wire, ContainsSubstring(row.wire));
    CHECK(out.content_type == row.type);
    CHECK(out.target.text_of("A") == "甲<");
}

TEST_CASE("fields and values stay a record, or become one text field", "[mapping]") {
    Small plain = asking("{format: kv, schema: ask.yaml}");
    const auto out = plain.run(R"({"a":"甲","b":2})");
    CHECK(out.wire.empty());
    CHECK(out.target.text_of("B") == "2");
    Small wrapped = asking("{format: kv, schema: ask.yaml, wrap: [to_json, {put: data}]}");
    CHECK(wrapped.run(R"({"a":"甲","b":2})").target.text_of("data") == R"({"A":"甲","B":"2"})");
}

TEST_CASE("fixed-width columns are encoded, padded and never cut", "[mapping]") {
    Small small{.target =
                    "target: {format: fixed, schema: fix.yaml, charset: gb18030, record_bytes: 8, line_end: crlf, "
                    "layout: {H: {select: {at: 1, is: H}, rows: one, columns: {N: [2, 7]}}, "
                    "D: {select: {at: 1, is: D}, rows: many, columns: {X: [2, 7]}}}}\n",
                .rows = "fields: [{to: H.N, from: a}]\nlists: [{to: D, from: rows, fields: [{to: X, from: x}]}]\n"};
    small.files.put("fix.yaml",
                    "datong: source/v1\nid: fix\nversion: 1.0.0\nfields:\n  - {path: H.N, nullable: true}\n"
                    "  - {path: D, type: list, nullable: true}\n  - {path: D.X, nullable: true}\n");
    CHECK(small.gives(R"({"a":"扎西","rows":[{"x":"1"},{"x":"2345678"}]})") ==
          "H\xD4\xFA\xCE\xF7   \r\nD1      \r\nD2345678\r\n");
    CHECK(small.gives(R"({"a":"扎西次仁","rows":[{"x":"12345678"}]})") ==
          "invalid: /H/N layout.too_long; /D/0/X layout.too_long");
    CHECK(small.gives(R"({"a":"A\nB","rows":[{"x":"A\rB"}]})") ==
          "invalid: /H/N layout.line_break; /D/0/X layout.line_break");
    Small unended = small;
    unended.target.replace(unended.target.find("crlf"), 4, "none");
    CHECK(unended.gives(R"({"a":"A\nB","rows":[]})") == "HA\nB    ");
    std::string rows;
    for (int i = 0; i < 150; ++i) {
        rows += R"(,{"x":"12345678"})";
    }
    const mapping::Output many = small.run(R"({"a":"1","rows":[)" + rows.substr(1) + "]}");
    CHECK(many.errors.size() == 100);
    CHECK(many.truncated);
}

TEST_CASE("a target that can't be written that way is refused when it is compiled", "[mapping]") {
    struct Row {
        const char* target;
        const char* wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"{format: xml, schema: ask.yaml}", "M108 small.yaml:5:9 -> root: REQUEST"},
        {"{format: json, schema: ask.yaml, wrap: [encode_base64]}", "M302 small.yaml:5:49 -> to_json"},
        {"{format: json, schema: ask.yaml, wrap: [to_json, to_json]}", "M302 small.yaml:5:58 -> {put: name}"},
        {"{format: json, schema: ask.yaml, wrap: [to_jason]}", "M301 small.yaml:5:49 -> to_json"},
        {"{format: json, schema: ask.yaml, wrap: [put]}", "M301 small.yaml:5:49"},
        {"{format: json, schema: ask.yaml, wrap: [{soap: {version: '1.1'}}]}", "M108 small.yaml:5:56"},
        {"{format: fixed, schema: ask.yaml}", "M108 small.yaml:5:9"},
        {"{format: fixed, schema: ask.yaml, charset: utf-16, record_bytes: 8, layout: {H: {rows: one, columns: {A: [1, "
         "8]}}}}",
         "M701 small.yaml:5:9 -> gb18030"},
        {"{format: json}", "M108 small.yaml:5:9"},
    }));
    CAPTURE(row.target);
    Small small = asking(row.target);
    CHECK(errors(small.compile().mistakes) == row.wanted);
}

TEST_CASE("a character that the target's charset lacks is an error, not a question mark", "[mapping]") {
    Small small = asking("{format: xml, schema: ask.yaml, root: Q, wrap: [to_xml, {encode_charset: gbk}]}");
    CHECK(small.gives(R"({"a":"😀"})") == "invalid: /A charset.unmappable");
}

TEST_CASE("what can't be written is named by its field, and by its place in a list", "[mapping]") {
    struct Row {
        const char* target;
        const char* input;
        const char* wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"{format: xml, schema: ask.yaml, root: Q, wrap: [to_xml, {encode_charset: gbk}]}", R"({"a":"甲","b":"😀"})",
         "invalid: /B charset.unmappable"},
        {"{format: xml, schema: ask.yaml, root: Q, wrap: [to_xml, {encode_charset: gbk}]}",
         R"({"a":"甲","rows":[{"x":"甲"},{"x":"😀"}]})", "invalid: /L/1/X charset.unmappable"},
        {"{format: xml, schema: ask.yaml, wrap: [{soap: {action: get}}, {encode_charset: gbk}]}",
         R"({"a":"甲","b":"😀"})", "invalid: /B charset.unmappable"},
    }));
    CAPTURE(row.target, row.input);
    Small small = asking(row.target,
                         "fields: [{to: A, from: a}, {to: B, from: b}]\nlists: [{to: L, from: rows, fields: [{to: X, "
                         "from: x}]}]\n");
    CHECK(small.gives(row.input) == row.wanted);
}

TEST_CASE("a constant that XML can't hold is named by its field", "[mapping]") {
    const std::string target = GENERATE("root: Q", "wrap: [{soap: {action: get}}]");
    CAPTURE(target);
    Small small = asking("{format: xml, schema: ask.yaml, " + target + "}",
                         "fields: [{to: A, from: a}, {to: B, value: \"x\\x08\"}]\n");
    CHECK(small.gives(R"({"a":"甲"})") == "invalid: /B target.write");
}
