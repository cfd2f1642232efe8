#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Files;
using datong::mapping::tests::Small;

namespace {

std::string outcome_of(const mapping::Output& out) {
    return std::string{name_of(out.outcome)} + (out.errors.empty() ? "" : " " + out.errors[0].rule);
}

Small json() {
    return {.head = R"(source:
  format: json
  unwrap:
    - outcome: {code: code, message: msg, ok: ["0", "200"], not_found: "404", retry: "503", rejected: ["400"], none: data}
    - take: "data[*]"
)",
            .rows = "fields: [{to: a, from: a}]\n"};
}

std::string soap(const std::string& body) {
    return "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>" + body +
           "</e:Body></e:Envelope>";
}

}  // namespace

TEST_CASE("what the department answers has an outcome, and only its own word is 'not found'", "[mapping]") {
    struct Row {
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"code":"0","data":{"a":"x"}})", "ok"},
        {R"({"code":200,"data":[{"a":"x"}]})", "ok"},
        {"\xEF\xBB\xBF{\"code\":\"0\",\"data\":{\"a\":\"x\"}}", "ok"},
        {R"({"code":"404"})", "not_found"},
        {R"({"code":"0","data":[]})", "not_found"},
        {R"({"code":"0","data":null})", "not_found"},
        {R"({"code":"0","data":{}})", "not_found"},
        {R"({"code":"0"})", "not_found"},
        {R"({"code":"503"})", "retry outcome.retry"},
        {R"({"code":"400"})", "rejected outcome.rejected"},
        {R"({"code":"999","msg":"x"})", "rejected outcome.unlisted"},
        {R"({"code":"0","data":[{"a":"x"},{"a":"y"}]})", "malformed path.multiple"},
        {R"({"code":"0","data":"x"})", "malformed unwrap.record"},
        {R"({"data":{"a":"x"}})", "malformed outcome.missing"},
        {R"({"code":{},"data":{"a":"x"}})", "malformed outcome.missing"},
        {"", "malformed unwrap.empty"},
        {" \r\n", "malformed unwrap.empty"},
        {"null", "malformed outcome.missing"},
        {"[]", "malformed outcome.missing"},
        {"<html><body>502</body></html>", "malformed unwrap.json"},
        {R"({"code":"0","code":"404"})", "malformed unwrap.json"},
        {"{\"code\":\"\xFF\"}", "malformed unwrap.json"},
        {R"({"code":"0","data":)", "malformed unwrap.json"},
        {std::string(40000, '['), "malformed unwrap.json"},
    }));
    CAPTURE(row.input.substr(0, 80));
    Small small = json();
    const auto out = small.run(row.input);
    CHECK(outcome_of(out) == row.wanted);
    CHECK((out.outcome == mapping::Outcome::ok) == !out.target.is_null());
}

TEST_CASE("a list with an item is no statement that there is no record, whatever the item says", "[mapping]") {
    struct Row {
        std::string data;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"[]", "not_found"},
        {"null", "not_found"},
        {"\" \"", "not_found"},
        {"{}", "not_found"},
        {"[{}]", "ok"},
        {"[null]", "malformed unwrap.take"},
        {"[\"\"]", "malformed unwrap.record"},
        {"[\"\",null]", "malformed path.multiple"},
    }));
    CAPTURE(row.data);
    Small small = json();
    const std::string input = "{\"code\":\"0\",\"data\":" + row.data + "}";
    CHECK(outcome_of(small.run(input)) == row.wanted);
    small.head.replace(small.head.find("none: data"), 10, "none: \"data[*]\"");
    CHECK(outcome_of(small.run(input)) == row.wanted);
}

TEST_CASE("of XML an empty element is no record, two of them are two", "[mapping]") {
    Small small{.head = "source: {format: xml, unwrap: [{outcome: {code: c, ok: \"0\", none: r.d}}, {take: r.d}]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(small.gives("<x><c>0</c><r/></x>") == "not_found");
    CHECK(small.gives("<x><c>0</c><r><d/></r></x>") == "not_found");
    CHECK(small.gives("<x><c>0</c><r><d/><d/></r></x>") == "malformed:  path.multiple");
    CHECK(small.gives("<x><c>0</c><r><d><a>1</a></d></r></x>") == R"({"a":"1"})");
}

TEST_CASE("of a result code that is a sentence or a number of a person nothing is shown", "[mapping][security]") {
    const auto [code, shown] = GENERATE(table<std::string, std::string>({{"E-1.0_b", "E-1.0_b"},
                                                                         {"123456789012", "123456789012"},
                                                                         {"1234567890123", ""},
                                                                         {"999901199001010010", ""},
                                                                         {"示例甲", ""},
                                                                         {"系统内部错误请稍后重试", ""},
                                                                         {"a b", ""}}));
    CAPTURE(code);
    Small small = json();
    const auto out = small.run(R"({"code":")" + code + "\"}");
    REQUIRE(outcome_of(out) == "rejected outcome.unlisted");
    CHECK(out.errors[0].value == shown);
    CHECK(out.errors[0].value_class == (shown.empty() ? "" : "internal"));
    small.head.replace(small.head.find("[\"400\"]"), 7, "[\"查询条件不完整请补充\"]");
    CHECK(small.run(R"({"code":"查询条件不完整请补充"})").errors[0].value == "查询条件不完整请补充");
}

TEST_CASE("without a word for it an empty list is no 'not found'", "[mapping]") {
    Small small{.head = "source: {format: json, unwrap: [{take: \"data[*]\"}]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(outcome_of(small.run(R"({"data":[]})")) == "malformed unwrap.take");
    CHECK(outcome_of(small.run(R"({"data":null})")) == "malformed unwrap.take");
    CHECK(outcome_of(small.run("{}")) == "malformed unwrap.take");
}

TEST_CASE("of several result codes none is believed", "[mapping]") {
    Small small{.head = "source: {format: json, unwrap: [{outcome: {code: \"results[*].code\", ok: [\"0\"]}}]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(small.gives(R"({"a":"x","results":[{"code":"0"}]})") == R"({"a":"x"})");
    CHECK(small.gives(R"({"a":"x","results":[{"code":"0"},{"code":"9"}]})") == "malformed:  path.multiple");
    CHECK(small.gives(R"({"a":"x","results":[]})") == "malformed:  outcome.missing");
}

TEST_CASE("what stands below an object that came as a list is found or refused", "[mapping]") {
    Small small{.head = "source: {format: json, unwrap: [{outcome: {code: code, ok: [\"0\"], none: data.rows}}]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(small.gives(R"({"code":"0","data":[{"rows":[]}]})") == "not_found");
    CHECK(small.gives(R"({"code":"0","data":[{"rows":["x"]},{"rows":["x"]}]})") == "malformed:  path.multiple");
    small.head = "source: {format: json, unwrap: [{take: data.x}]}\n";
    CHECK(small.gives(R"({"data":[{"x":{"a":"1"}}]})") == R"({"a":"1"})");
    CHECK(small.gives(R"({"data":[{"x":{"a":"1"}},{}]})") == "malformed:  path.multiple");
}

TEST_CASE("an element that came twice does not make the list below it an empty one", "[mapping]") {
    Small small{.head = "source: {format: xml, schema: small.source.yaml}\n",
                .rows = "fields: []\nlists: [{to: l, from: o.i, fields: [{to: x, from: x}]}]\n"};
    small.files.put("small.source.yaml",
                    "datong: source/v1\nid: s\nversion: 1.0.0\nfields:\n  - {path: o, type: object, nullable: true}\n"
                    "  - {path: o.i, type: list, nullable: true}\n  - {path: o.i.x, nullable: true}\n");
    CHECK(small.gives("<r><o><i><x>1</x></i></o></r>") == R"({"l":[{"x":"1"}]})");
    CHECK(small.gives("<r><p/></r>") == R"({"l":[]})");
    CHECK(small.gives("<r><o><i><x>1</x></i></o><o/></r>") == "invalid: /l path.multiple");
}

TEST_CASE("layers come off one by one, each with an error of its own", "[mapping]") {
    Small small{.head = R"(source:
  format: xml
  unwrap: [soap, {take: return}, decode_base64, {decode_charset: gb18030}, parse_xml, {take: R}]
)",
                .rows = "fields: [{to: a, from: a}, {to: b, from: \"@id\"}]\n"};
    // <X><R id="7"><a>扎西</a></R></X> in GB18030, Base64 broken over two lines
    const std::string good = "PFg+PFIgaWQ9IjciPjxhPtT6zvc8\r\nL2E+PC9SPjwvWD4=";
    const auto with = [](const std::string& text) {
        return soap("<q><return xmlns:i=\"u\" i:type=\"s\">" + text + "</return></q>");
    };
    CHECK(small.gives(with(good)) == R"({"a":"扎西","b":"7"})");
    struct Row {
        std::string input;
        std::string wanted;
    };
    for (const Row& row : std::vector<Row>{
             {"<a/>", "malformed unwrap.soap"},
             {"plain", "malformed unwrap.soap"},
             {soap("<e:Fault><faultcode>e:Server</faultcode><faultstring>x</faultstring></e:Fault>"),
              "rejected upstream.fault"},
             {soap("<q><back>x</back></q>"), "malformed unwrap.take"},
             {soap("<q><return>x</return><return>y</return></q>"), "malformed path.multiple"},
             {soap("<q><return><deep>x</deep></return></q>"), "malformed unwrap.text"},
             {with(""), "malformed unwrap.empty"},
             {with("*"), "malformed unwrap.base64"},
             {with("1PrO"), "malformed charset.truncated"},
             {with("/////w=="), "malformed charset.invalid"},
             {with("PGE+"), "malformed unwrap.xml"},
             {with("PGh0bWw+PGJvZHk+eDwvYm9keT48L2h0bWw+"), "malformed unwrap.html"},
             {with("PFg+PC9YPg=="), "malformed unwrap.take"},
         }) {
        CAPTURE(row.input);
        CHECK(outcome_of(small.run(row.input)) == row.wanted);
    }
}

TEST_CASE("hostile XML is malformed before anything is mapped", "[mapping][security]") {
    Small small{.head = "source: {format: xml}\n", .rows = "fields: [{to: a, from: a}]\n"};
    CHECK(outcome_of(small.run("<!DOCTYPE r [<!ENTITY x \"y\">]><r><a>&x;</a></r>")) == "malformed unwrap.xml");
    CHECK(outcome_of(small.run("<r>" + std::string(3000, '<') + "</r>")) == "malformed unwrap.xml");
    std::string deep;
    for (int i = 0; i < 500; ++i) {
        deep += "<a>";
    }
    CHECK(outcome_of(small.run(deep)) == "malformed unwrap.xml");
    CHECK(outcome_of(small.run("<r>text</r>")) == "malformed unwrap.record");
    CHECK(small.gives("<r><a>1</a><a>2</a></r>") == "invalid: /a path.multiple");
    CHECK(small.gives("<r><a nil=\"true\"/></r>") == "{}");
}

TEST_CASE("rows come in sets, one row or many, and empty is said to be 'not found' or is invalid", "[mapping]") {
    Small small{
        .head = "source: {format: rows, sets: {one: {rows: one, charset: gb18030EMPTY}, all: {rows: many, max: 2}}}\n",
        .rows = "fields: [{to: a, from: one.X}]\nlists: [{to: l, from: all, fields: [{to: x, from: X}]}]\n"};
    const auto run = [&](const std::string& tree, bool empty) {
        Small each = small;
        each.head.replace(each.head.find("EMPTY"), 5, empty ? ", empty: not_found" : "");
        const auto compiled = each.compile();
        REQUIRE(compiled.mapping != nullptr);
        const auto record = codec::read_json(tree).value();
        mapping::Input input{};
        input.tree = &record;
        return compiled.mapping->run(input);
    };
    CHECK(run(R"({"one":[{"X":"1"}],"all":[{"X":"2"}]})", false).wire == R"({"a":"1","l":[{"x":"2"}]})");
    CHECK(outcome_of(run(R"({"one":[],"all":[]})", true)) == "not_found");
    CHECK(outcome_of(run(R"({"one":[],"all":[]})", false)) == "invalid rows.empty");
    CHECK(outcome_of(run(R"({"one":[{},{}],"all":[]})", true)) == "invalid rows.many");
    CHECK(outcome_of(run(R"({"one":[{}],"all":[{},{},{}]})", true)) == "invalid rows.max");
    CHECK(outcome_of(run(R"({"one":[{}]})", true)) == "malformed rows.missing");
    CHECK(outcome_of(run("[]", true)) == "malformed rows.missing");
}

TEST_CASE("a cell cut in half a Chinese character is that field's error, not a strange letter", "[mapping]") {
    Small small{
        .head =
            "source: {format: rows, sets: {one: {rows: one, charset: gb18030}, raw: {rows: one, charset: binary}}}\n",
        .rows =
            "fields: [{to: a, from: one.X}, {to: b, from: one.Y}, "
            "{to: c, from: raw.Z, steps: [{decode_charset: gbk}]}]\n"};
    const auto compiled = small.compile();
    REQUIRE(compiled.mapping != nullptr);
    const auto run = [&](const std::string& x, const std::string& y) {
        using record::Record;
        const Record tree =
            Record::object({{"one", Record::list({Record::object({{"X", Record::bytes(x)}, {"Y", Record::bytes(y)}})})},
                            {"raw", Record::list({Record::object({{"Z", Record::bytes("\xD4\xFA")}})})}});
        mapping::Input input{};
        input.tree = &tree;
        return compiled.mapping->run(input);
    };
    CHECK(run("\xD4\xFA\xCE\xF7 ", "x").wire == R"({"a":"扎西","b":"x","c":"扎"})");
    const auto out = run("\xD4\xFA\xCE", "\xFF\x30");
    REQUIRE(out.errors.size() == 2);
    CHECK(out.errors[0].rule == "charset.truncated");
    CHECK(out.errors[0].source == "$.one[0].X");
    CHECK(out.errors[1].rule == "charset.invalid");
    CHECK(out.outcome == mapping::Outcome::invalid);
}

TEST_CASE("a list that a JSON schema declares must be there", "[mapping]") {
    Small small{.head = "source: {format: json, schema: small.source.yaml}\n",
                .rows = "fields: []\nlists: [{to: l, from: rows, fields: [{to: x, from: x}]}]\nignore: [more]\n"};
    const std::string schema = "datong: source/v1\nid: s\nversion: 1.0.0\nfields:\n  - {path: rows, type: list";
    small.files.put("small.source.yaml", schema + "}\n  - {path: rows.x, nullable: true}\n  - {path: more}\n");
    CHECK(small.gives(R"({"rows":[]})") == R"({"l":[]})");
    CHECK(small.gives(R"({"rows":{"x":"1"}})") == R"({"l":[{"x":"1"}]})");
    CHECK(small.gives("{\"more\":1}") == "invalid: /l list.missing");
    CHECK(small.gives(R"({"rows":null})") == "invalid: /l list.missing");
    CHECK(small.gives(R"({"rows":""})") == "invalid: /l list.missing");
    small.files.put("small.source.yaml",
                    schema + ", nullable: true}\n  - {path: rows.x, nullable: true}\n  - {path: more}\n");
    CHECK(small.gives("{\"more\":1}") == R"({"l":[]})");
    CHECK(small.gives(R"({"rows":null})") == R"({"l":[]})");
    CHECK(small.gives(R"({"rows":""})") == R"({"l":[]})");
}

TEST_CASE("a source that can't be read that way is refused when it is compiled", "[mapping]") {
    struct Row {
        const char* head;
        const char* wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"source: {format: jsn}\n", "M109 small.yaml:4:18 -> json"},
        {"source: {format: json, charset: klingon}\n", "M301 small.yaml:4:9 -> gb18030"},
        {"source: {format: rows}\n", "M108 small.yaml:4:9"},
        {"source: {format: json, sets: {a: {rows: one}}}\n", "M108 small.yaml:4:9"},
        {"source: {format: fixed}\n", "M108 small.yaml:4:9"},
        {"source: {format: json, unwrap: [parse_xlm]}\n", "M301 small.yaml:4:33 -> parse_xml"},
        {"source: {format: json, unwrap: [take]}\n", "M301 small.yaml:4:33"},
        {"source: {format: json, unwrap: [{soap: x}]}\n", "M301 small.yaml:4:33"},
        {"source: {format: json, unwrap: [{take: \"a[?@.b]\"}]}\n", "M211 small.yaml:4:40"},
        {"source: {format: json, unwrap: [{outcome: {ok: \"0\"}}]}\n", "M108 small.yaml:4:43"},
        {"source: {format: rows, sets: {a: {rows: one}}, unwrap: [soap]}\n", "M109 small.yaml:4:57 -> outcome"},
        {"source: {format: json, schema: none.yaml}\n", "M401 small.yaml:4:32"},
    }));
    CAPTURE(row.head);
    Small small{.head = row.head, .rows = "fields: [{to: a, value: x}]\n"};
    CHECK(errors(small.compile().mistakes) == row.wanted);
}

TEST_CASE("a fixed-width file of the wrong shape is malformed", "[mapping]") {
    const Files files;
    const auto mapping = files.compile("tax/clearance.yaml").mapping;
    REQUIRE(mapping != nullptr);
    const std::string good = files.read("samples/tax-01.dat").value();
    const auto run = [&](const std::string& bytes) {
        mapping::Input input{};
        input.bytes = bytes;
        input.now = std::chrono::system_clock::time_point{std::chrono::seconds{1700000000}};
        return outcome_of(mapping->run(input));
    };
    CHECK(run(good) == "ok");
    CHECK(run("") == "malformed layout.count");
    CHECK(run(good.substr(0, 200)) == "malformed layout.length");
    CHECK(run("X" + good.substr(1)) == "malformed layout.select");
    CHECK(run(good + good) == "malformed layout.count");
    CHECK(run(std::string(1000, '\0')) == "malformed layout.length");
}

TEST_CASE("elements of one name in two namespaces are told apart by the mapping's own prefixes", "[mapping]") {
    Small small{
        .head = "source: {format: xml, namespaces: {p: \"urn:p\", q: \"urn:q\"}}\n",
        .rows = "fields: [{to: a, from: \"p:N\"}, {to: b, from: N, when: \"q:N == '2'\"}, {to: c, from: \"q:O.N\"}]\n"};
    CHECK(
        small.gives("<r xmlns:x=\"urn:p\" xmlns='urn:q'><x:N>1</x:N><N>2</N><N xmlns=''>3</N><O><x:N/><N xmlns=''>4</N>"
                    "</O></r>") == R"({"a":"1","b":"3","c":"4"})");
    CHECK(small.gives("<r xmlns:x=\"urn:p\"><x:N>1</x:N><x:N>2</x:N></r>") == "invalid: /a path.multiple");
    small.head = "source: {format: json, namespaces: {p: \"urn:p\"}}\n";
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring("M109 small.yaml:4:37"));
    small.head = "source: {format: xml, namespaces: {p: \"urn:p\"}, unwrap: [{take: \"q:R\"}]}\n";
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring("M215 small.yaml:4:"));
}
