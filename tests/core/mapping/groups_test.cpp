#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Small;

namespace {

/// Source: a group q (x, y nullable), a list d in the group g (k, i: list of {v}), texts t, a group w of n and list r.
Small with_schema(std::string rows, std::string format = "json", std::string defaults = {}) {
    Small small{.head = "source: {format: " + format + ", schema: s.source.yaml}\n", .rows = defaults + rows};
    small.files.put("s.source.yaml",
                    "datong: source/v1\nfields:\n"
                    "  - {path: a, nullable: true}\n"
                    "  - {path: q.x, nullable: true}\n"
                    "  - {path: q.y, nullable: true}\n"
                    "  - {path: g.d, type: list}\n"
                    "  - {path: g.d.k, nullable: true}\n"
                    "  - {path: g.d.i, type: list, nullable: true}\n"
                    "  - {path: g.d.i.v, nullable: true}\n"
                    "  - {path: t, type: list, nullable: true}\n"
                    "  - {path: w.n, nullable: true}\n"
                    "  - {path: w.r, type: list, nullable: true}\n"
                    "  - {path: w.r.v, nullable: true}\n");
    return small;
}

struct Row {
    const char* why;
    std::string input;
    std::string wanted;
};

const std::string kList =
    "fields: []\nlists: [{to: l, from: g.d, fields: [{to: x, from: k}], "
    "lists: [{to: in, from: i, fields: [{to: t, from: v}]}]}]\n";

}  // namespace

TEST_CASE("words where a group of fields should stand are no missing field", "[mapping][security]") {
    const auto row = GENERATE(values<Row>({
        {"words", R"({"q":"查询失败"})", "invalid: /a path.no_group; /yes path.no_group"},
        {"a number", R"({"q":0})", "invalid: /a path.no_group; /yes path.no_group"},
        {"PHP's nothing", R"({"q":false})", "invalid: /a path.no_group; /yes path.no_group"},
        {"words in a list of one", R"({"q":["查询失败"]})", "invalid: /a path.no_group; /yes path.no_group"},
        {"absent", R"({"a":"1"})", R"({"yes":true})"},
        {"null", R"({"q":null})", R"({"yes":true})"},
        {"blank", R"({"q":" 　"})", R"({"yes":true})"},
        {"null as a text", R"({"q":"NULL"})", R"({"yes":true})"},
        {"an object as a text", R"({"q":"{}"})", R"({"yes":true})"},
        {"PHP's empty object", R"({"q":[]})", R"({"yes":true})"},
        {"a list of one as an object", R"({"q":[{"x":"1"}]})", R"({"a":"1","yes":false})"},
    }));
    CAPTURE(row.why);
    const std::string rows = "fields: [{to: a, from: q.x}, {to: yes, compute: \"q.x == null\"}]\n";
    CHECK(with_schema(rows).gives(row.input) == row.wanted);
    CHECK(Small{.rows = rows}.gives(row.input) == row.wanted);
}

TEST_CASE("a word that the mapping calls null is none", "[mapping]") {
    const std::string rows = "fields: [{to: a, from: q.x}]\n";
    CHECK(with_schema(rows).gives(R"({"q":"无"})") == "invalid: /a path.no_group");
    CHECK(with_schema(rows, "json", "defaults: {null_tokens: [无]}\n").gives(R"({"q":"无"})") == "{}");
    Small list = with_schema(kList, "json", "defaults: {null_tokens: [无]}\n");
    CHECK(list.gives(R"({"g":{"d":[{"k":"1","i":"无"}]}})") == R"({"l":[{"x":"1","in":[]}]})");
}

TEST_CASE("an XML element of words is no group, its attributes are absent", "[mapping][security]") {
    const std::string rows = "fields: [{to: a, from: q.x}, {to: b, from: \"a.@id\"}, {to: c, from: \"a.#text\"}]\n";
    Small small{.head = "source: {format: xml}\n", .rows = rows};
    CHECK(small.gives("<r><a>1</a><q><x>2</x></q></r>") == R"({"a":"2","c":"1"})");
    CHECK(small.gives("<r><a id=\"i\">1</a><q/></r>") == R"({"b":"i","c":"1"})");
    CHECK(small.gives("<r><q id=\"1\"/></r>") == "{}");
    CHECK(small.gives("<r><q>查询失败</q></r>") == "invalid: /a path.no_group");
    CHECK(small.gives("<r><q id=\"1\">查询失败</q></r>") == "invalid: /a path.no_group");
}

TEST_CASE("an item of a list of groups is a group, whatever else stands there is no empty record",
          "[mapping][security]") {
    const auto row = GENERATE(values<Row>({
        {"words for the list", R"({"g":{"d":"无"}})", "invalid: /l path.no_group"},
        {"a number for the list", R"({"g":{"d":0}})", "invalid: /l path.no_group"},
        {"false for the list", R"({"g":{"d":false}})", "invalid: /l path.no_group"},
        {"words for its group", R"({"g":"抵押库查询超时"})", "invalid: /l path.no_group"},
        {"words in the list", R"({"g":{"d":["无"]}})", "invalid: /l path.no_group"},
        {"words beside items", R"({"g":{"d":[{"k":"1"},"无"]}})", "invalid: /l path.no_group"},
        {"null beside items", R"({"g":{"d":[null,{"k":"1"}]}})", "invalid: /l path.no_group"},
        {"a blank beside items", R"({"g":{"d":["",{"k":"1"}]}})", "invalid: /l path.no_group"},
        {"words for a list within", R"({"g":{"d":[{"i":"无"}]}})", "invalid: /l/0/in path.no_group"},
        {"none", R"({"g":{"d":[]}})", R"({"l":[]})"},
        {"the list as a text", R"({"g":{"d":" []"}})", R"({"l":[]})"},
        {"a list in it", R"({"g":{"d":[[]]}})", R"({"l":[]})"},
        {"null", R"({"g":{"d":null}})", "invalid: /l list.missing"},
        {"null as a text", R"({"g":{"d":"null"}})", "invalid: /l list.missing"},
        {"no list", R"({"g":{"total":"0"}})", "invalid: /l list.missing"},
        {"one that came as an object", R"({"g":{"d":{"k":"1","i":{"v":"2"}}}})",
         R"({"l":[{"x":"1","in":[{"t":"2"}]}]})"},
        {"a record without its fields", R"({"g":{"d":[{}]}})", R"({"l":[{"in":[]}]})"},
        {"a list that may be null", R"({"g":{"d":[{"k":"1","i":"null"},{"i":"[]"},{"i":" "},{"i":null}]}})",
         R"({"l":[{"x":"1","in":[]},{"in":[]},{"in":[]},{"in":[]}]})"},
    }));
    CAPTURE(row.why);
    CHECK(with_schema(kList).gives(row.input) == row.wanted);
}

TEST_CASE("without a schema what the rows read says that items are groups", "[mapping][security]") {
    Small small{.rows =
                    "fields: []\nlists: [{to: l, from: rows, on_item_error: drop, fields: [{to: x, from: x}]}]\n"
                    "checks: [{id: enough, that: \"count(target.l) >= 0\", message: 项数}]\n"};
    CHECK(small.gives(R"({"rows":["查询失败"]})") == "invalid: /l path.no_group");
    CHECK(small.gives(R"({"rows":[{"x":"1"},null]})") == "invalid: /l path.no_group");
    CHECK(small.gives(R"({"rows":"[]"})") == R"({"l":[]})");
    CHECK(small.gives(R"({"rows":[{"x":"1"}]})") == R"({"l":[{"x":"1"}]})");
    small.rows = "fields: []\nlists: [{to: l, from: rows, fields: [{to: x, from: \"@\"}]}]\n";
    CHECK(small.gives(R"({"rows":["1",null,"2"]})") == R"({"l":[{"x":"1"},{},{"x":"2"}]})");
}

TEST_CASE("words are no item that conditions count or search", "[mapping][security]") {
    const auto row = GENERATE(values<Row>({
        {"counted", "count(g.d) > 0", "invalid: /yes path.no_group"},
        {"counted by [*]", "count(g.d[*]) > 0", "invalid: /yes path.no_group"},
        {"searched", "any(g.d[*].k == '1')", "invalid: /yes path.no_group"},
        {"filtered", "count(g.d[?@.k=='1']) > 0", "invalid: /yes path.no_group"},
        {"asked for", "count(g.d[?@.k]) > 0", "invalid: /yes path.no_group"},
        {"not asked for", "count(g.d[?!@.k]) > 0", "invalid: /yes path.no_group"},
        {"the last", "any(g.d[-1].k == '1')", "invalid: /yes path.no_group"},
        {"whatever there is", "count($..d[?@.k=='1']) > 0", "{\"yes\":false}"},
    }));
    CAPTURE(row.why);
    Small small = with_schema("fields: [{to: yes, compute: \"" + row.input + "\"}]\n");
    CHECK(small.gives(R"({"g":{"d":["无"]}})") == row.wanted);
    CHECK(small.gives(R"({"g":{"d":[{"k":"2"}]}})").starts_with("{\"yes\":"));
    CHECK(small.gives(R"({"g":{"d":""}})") == "{\"yes\":false}");
}

TEST_CASE("a group of XML that has something else in the place of its list misses the list", "[mapping][security]") {
    const auto row = GENERATE(values<Row>({
        {"an error in its place", "<r><g><error>timeout</error></g></r>", "invalid: /l list.missing"},
        {"an error in the place of its group", "<r><error>timeout</error></r>", "invalid: /l list.missing"},
        {"an error beside a count", "<r><g><total>0</total><error>timeout</error></g></r>", "invalid: /l list.missing"},
        {"words", "<r><g>抵押库查询超时</g></r>", "invalid: /l path.no_group"},
        {"words with an attribute", "<r><g n=\"0\">抵押库查询超时</g></r>", "invalid: /l path.no_group"},
        {"words for an item", "<r><g><d>无</d></g></r>", "invalid: /l path.no_group"},
        {"an empty item beside others", "<r><g><d/><d><k>1</k></d></g></r>", "invalid: /l path.no_group"},
        {"no group", "<r><a>1</a></r>", R"({"l":[]})"},
        {"an empty group", "<r><g/></r>", R"({"l":[]})"},
        {"a group with an attribute", "<r><g n=\"0\"/></r>", R"({"l":[]})"},
        {"a count of none", "<r><g><total>0</total><note/></g></r>", R"({"l":[]})"},
        {"a sum of none", "<r><g><total>0.00</total><has>false</has></g></r>", R"({"l":[]})"},
        {"a sum of some", "<r><g><total>0.01</total></g></r>", "invalid: /l list.missing"},
        {"a word that there are some", "<r><g><has>true</has></g></r>", "invalid: /l list.missing"},
        {"null as a text", "<r><g>null</g></r>", R"({"l":[]})"},
        {"one", "<r><g><total>1</total><d><k>1</k></d></g></r>", R"({"l":[{"x":"1","in":[]}]})"},
    }));
    CAPTURE(row.why);
    CHECK(with_schema(kList, "xml").gives(row.input) == row.wanted);
    // what the schema knows may stand there without the list
    Small known = with_schema("fields: []\nlists: [{to: l, from: w.r, fields: [{to: x, from: v}]}]\n", "xml");
    CHECK(known.gives("<r><w><n>7</n><msg>成功</msg></w></r>") == R"({"l":[]})");
    CHECK(known.gives("<r><w><n/><msg>超时</msg></w></r>") == "invalid: /l list.missing");
    // but no words beside it, in its group or in one around it
    CHECK(known.gives("<r><w><n>7</n>超时</w></r>") == "invalid: /l list.missing");
    CHECK(known.gives("<r>超时<w><n>7</n></w></r>") == "invalid: /l list.missing");
    CHECK(known.gives("<r>\n<w>\n<n>7</n>null</w></r>") == R"({"l":[]})");
}

TEST_CASE("what an outcome reads is nothing in the place of a list", "[mapping][security]") {
    const auto row = GENERATE(values<Row>({
        {"the code alone", "<C>1</C>", R"({"l":[]})"},
        {"a code with an attribute", "<C t=\"s\">1</C>", R"({"l":[]})"},
        {"with its message", "<C>1</C><M>成功</M>", R"({"l":[]})"},
        {"with an error", "<C>1</C><error>timeout</error>", "invalid: /l list.missing"},
        {"with words", "<C>1</C>超时", "invalid: /l list.missing"},
        {"with an item", "<C>1</C><g><d><k>1</k></d></g>", R"({"l":[{"x":"1","in":[]}]})"},
        {"a name of another place", "<C>1</C><g><M>超时</M></g>", "invalid: /l list.missing"},
    }));
    CAPTURE(row.why);
    Small small = with_schema(kList, "xml");
    const auto layers = [&](const std::string& unwrap) {
        small.head = "source: {format: xml, schema: s.source.yaml, unwrap: [" + unwrap + "]}\n";
    };
    layers("{outcome: {code: C, ok: ['1'], message: M}}");
    CHECK(small.gives("<r>" + row.input + "</r>") == row.wanted);
    layers("{outcome: {code: h.C, ok: ['1'], message: h.M}}, {take: h}");
    CHECK(small.gives("<r><h>" + row.input + "</h></r>") == row.wanted);
    // a head of its own that says nothing else; what stood elsewhere before a layer was taken off is no code any more
    layers("{outcome: {code: h.C, ok: ['1'], message: h.M}}");
    CHECK(small.gives("<r><h><C>1</C><M>成功</M></h></r>") == R"({"l":[]})");
    CHECK(small.gives("<r><h><C>1</C><error>timeout</error></h></r>") == "invalid: /l list.missing");
    layers("{outcome: {code: C, ok: ['1']}}, {take: h}");
    CHECK(small.gives("<r><C>1</C><h><C>7</C></h></r>") == "invalid: /l list.missing");
}

TEST_CASE("of from_any a later path may take the words", "[mapping]") {
    Small small{.rows = "fields: [{to: a, from_any: [q.x, q, b]}, {to: b, from_any: [o.x, b]}]\n"};
    CHECK(small.gives(R"({"q":"示例甲","b":"1"})") == R"({"a":"示例甲","b":"1"})");
    CHECK(small.gives(R"({"q":{"x":"示例乙"},"b":"1"})") == R"({"a":"示例乙","b":"1"})");
    CHECK(small.gives(R"({"q":"","o":"超时","b":"1"})") == "invalid: /b path.no_group");
}

TEST_CASE("the name or the text itself, however the path to it is written", "[mapping]") {
    const auto row = GENERATE(values<Row>({
        {"[q.x, 'q.#text']", R"({"q":"示例甲"})", R"({"a":"示例甲"})"},
        {"['q[0].x', q]", R"({"q":"示例甲"})", R"({"a":"示例甲"})"},
        {"['q[*].x', q]", R"({"q":"示例甲"})", R"({"a":"示例甲"})"},
        {"[q.x.y, q]", R"({"q":"示例甲"})", R"({"a":"示例甲"})"},
        {"[q.x.y, 'q.#text']", R"({"q":{"#text":"示例甲","x":"超时"}})", "invalid: /a path.no_group"},
        {"[q.x.y, q]", R"({"q":{"x":"超时"}})", "invalid: /a path.object"},
        {"[q.x, $.q]", R"({"q":"超时"})", "invalid: /a path.no_group"},
        {"[q.x, qu]", R"({"q":"超时","qu":"1"})", "invalid: /a path.no_group"},
    }));
    CAPTURE(row.why, row.input);
    CHECK(Small{.rows = "fields: [{to: a, from_any: " + std::string{row.why} + "}]\n"}.gives(row.input) == row.wanted);
}

TEST_CASE("without a schema an item that is read itself may be a text", "[mapping]") {
    Small small{.rows = "fields: []\nlists: [{to: l, from: L, fields: [{to: x, from_any: [name, \"@\"]}]}]\n"};
    CHECK(small.gives(R"({"L":["甲",{"name":"乙"}]})") == R"({"l":[{"x":"甲"},{"x":"乙"}]})");
    small.head = "source: {format: xml}\n";
    CHECK(small.gives("<D><L>甲</L><L t=\"1\">乙</L><L><name>丙</name></L></D>") ==
          R"({"l":[{"x":"甲"},{"x":"乙"},{"x":"丙"}]})");
    // where another row wants a name alone, the words are no item all the same
    small.rows =
        "fields: []\nlists: [{to: l, from: L, fields: [{to: x, from_any: [name, \"@\"]}, {to: n, from: id, steps: "
        "[parse_integer]}]}]\n";
    CHECK(small.gives("<D><L><name>甲</name></L><L>超时</L></D>") == "invalid: /l/1/n path.no_group");
    // nor do conditions pass words
    small.rows =
        "fields: []\nlists: [{to: l, from: L, fields: [{to: x, cases: [{when: \"K != null\", from: K}, "
        "{else: true, from: \"@\"}]}]}]\n";
    CHECK(small.gives("<D><L>甲</L><L>乙</L></D>") == "invalid: /l/0/x path.no_group; /l/1/x path.no_group");
}

TEST_CASE("words are no 'no record'", "[mapping][security]") {
    Small small{.head = "source: {format: json, unwrap: [{outcome: {code: c, ok: ['0'], none: data.rows}}]}\n",
                .rows = "fields: [{to: a, from: data.rows.x}]\n"};
    CHECK(small.gives(R"({"c":"0","data":"查询失败"})") == "malformed:  path.no_group");
    CHECK(small.gives(R"({"c":"0","data":""})") == "not_found");
    CHECK(small.gives(R"({"c":"0","data":"null"})") == "not_found");
}

TEST_CASE("text beside elements is no value, unless it is asked for by name", "[mapping][security]") {
    const auto row = GENERATE(values<Row>({
        {"a character as an element", "<a>示例<fz code=\"E816\">甲</fz></a>", "path.object"},
        {"half in bold", "<a>甲<b>银行</b></a>", "path.object"},
        {"a character as a picture", "<a>示<img src=\"u20bb7.png\"/>例</a>", "path.object"},
        {"a line end in it", "<a>甲<br/>乙</a>", "path.object"},
        {"elements alone", "<a><b>甲</b></a>", "path.object"},
        {"an attribute", "<a id=\"1\">甲</a>", "甲"},
        {"an attribute alone", "<a id=\"1\"/>", ""},
        {"CDATA", "<a><![CDATA[甲]]></a>", "甲"},
        {"blanks around elements", "<a>\n <b>甲</b>\n</a>", "path.object"},
    }));
    CAPTURE(row.why);
    const std::string value = row.wanted.empty() ? "{}" : R"({"a":")" + row.wanted + "\"}";
    const bool bad = row.wanted == "path.object";
    const std::string rows = "fields: [{to: a, from: a}]\n";
    CHECK(Small{.head = "source: {format: xml}\n", .rows = rows}.gives("<r>" + row.input + "</r>") ==
          (bad ? "invalid: /a path.object" : value));
    CHECK(with_schema(rows, "xml").gives("<r>" + row.input + "</r>") == (bad ? "invalid: /a path.object" : value));
    const std::string counted = "fields: [{to: m, compute: \"count(o[?@.a == '甲'])\"}]\n";
    CHECK(Small{.head = "source: {format: xml}\n", .rows = counted}.gives("<r><o>" + row.input + "</o></r>") ==
          (row.why == std::string{"elements alone"} || row.why == std::string{"blanks around elements"} ? R"({"m":0})"
           : bad ? "invalid: /m path.object"
                 : R"({"m":)" + std::string{row.wanted == "甲" ? "1}" : "0}"}));
}

TEST_CASE("#text says on purpose what stands beside elements", "[mapping]") {
    Small small = with_schema("fields: [{to: a, from: \"a.#text\"}]\n", "xml");
    CHECK(small.gives("<r><a>示例<fz code=\"E816\">甲</fz></a></r>") == R"({"a":"示例"})");
    CHECK(small.gives("<r><a>示例</a></r>") == R"({"a":"示例"})");
    CHECK(small.gives("<r><a id=\"1\">示例</a></r>") == R"({"a":"示例"})");
    CHECK(small.gives("<r><a/></r>") == "{}");
    small.rows = "fields: [{to: a, from: \"g.d[?@.k.#text=='甲'].k.#text\"}]\n";
    CHECK(small.gives("<r><g><d><k>甲</k></d><d><k>乙</k></d></g></r>") == R"({"a":"甲"})");
    CHECK(small.gives("<r><g><d><k>甲<b/></k></d></g></r>") == R"({"a":"甲"})");
}

TEST_CASE("a layer of text beside elements is no text", "[mapping][security]") {
    Small small{.head = "source: {format: json, unwrap: [{parse_xml: r}, {take: t}, parse_json]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(small.gives("<r><t>{\"a\":\"1\"}</t></r>") == R"({"a":"1"})");
    CHECK(small.gives("<r><t id=\"1\">{\"a\":\"1\"}</t></r>") == R"({"a":"1"})");
    CHECK(small.gives("<r><t id=\"1\"/></r>") == "malformed:  unwrap.empty");
    CHECK(small.gives("<r><t>{\"a\":\"1\"}<error>2</error></t></r>") == "malformed:  unwrap.text");
}
