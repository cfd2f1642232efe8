#include "core/workbench/infer.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

std::string draft(const std::vector<std::string>& samples, std::vector<std::string> take = {}) {
    const auto got = workbench::draft_schema(samples, {.id = "a.b", .take = std::move(take)});
    return got ? *got : "!" + got.error().detail();
}

/// The draft as the source schema of a mapping that takes one path.
std::string compiled_with(const std::string& schema, const std::string& from) {
    mapping::tests::Small small;
    small.files.put("draft.source.yaml", schema);
    small.head = "source: {format: json, schema: draft.source.yaml}\n";
    small.rows = "fields:\n  - {to: a, from: " + from + "}\n";
    return mapping::tests::errors(small.compile().mistakes);
}

}  // namespace

TEST_CASE("a draft of JSON samples knows what is missing, empty, a list and a code", "[workbench]") {
    const std::string got = draft(
        {R"({"no":"A1","state":"1","n":1,"ok":true,"rate":0.5,"rows":[{"k":"x","s":"1"},{"k":"y","s":"2"},{"s":"1"},{"s":"2"}]})",
         R"({"no":"A2","state":"2","n":2,"ok":false,"rate":1,"deep":{"at":"z"},"rows":[]})",
         R"({"no":"A3","state":"1","n":3,"ok":true,"rate":2,"deep":{"at":""},"rows":{"s":"1"}})",
         R"({"no":"A4","state":"2","n":3,"ok":true,"rate":2,"rows":null,"mixed":1})",
         R"({"no":"A5","state":"2","n":3,"ok":true,"rate":2,"rows":null,"mixed":"x","a.b":1})"});
    for (const char* line :
         {"  - {path: no, type: text}\n", "  - {path: state, type: text, codes: [\"1\", \"2\"]}\n",
          "  - {path: n, type: integer}\n", "  - {path: ok, type: boolean}\n", "  - {path: rate, type: decimal}\n",
          "  - {path: deep, type: object, nullable: true}\n", "  - {path: deep.at, type: text, nullable: true}\n",
          "  - {path: rows, type: list, nullable: true}\n", "  - {path: rows.k, type: text, nullable: true}\n",
          "  - {path: rows.s, type: text, codes: [\"1\", \"2\"]}\n", "  - {path: mixed, type: text, nullable: true}\n",
          "  # 名字里有点"}) {
        CHECK_THAT(got, ContainsSubstring(line));
    }
    CHECK(compiled_with(got, "deep.at").empty());
    CHECK_THAT(compiled_with(got, "deep.et"), ContainsSubstring("M211"));
}

TEST_CASE("a draft is made of XML, of CDATA and of CSV as well", "[workbench]") {
    const std::string xml =
        "<E><B><r><return><![CDATA[<R><D><A "
        "n='1'>x</A><QLR><XM>示例甲</XM></QLR><QLR><XM>示例乙</XM></QLR></D></R>]]></return></r></B></E>";
    const std::string got = draft({xml}, {"B.r.return", "D"});
    for (const char* line : {"{path: A, type: object}", "{path: A.@n, type: text}", "{path: A.#text, type: text}",
                             "{path: QLR, type: list}", "{path: QLR.XM, type: text, class: personal"}) {
        CHECK_THAT(got, ContainsSubstring(line));
    }
    CHECK(compiled_with(got, "A.@n").empty());
    CHECK(compiled_with(got, "\"A.#text\"").empty());
    CHECK(compiled_with(got, "\"QLR[0].XM\"").empty());
    const std::string csv = draft({"\xEF\xBB\xBF姓名,金额\r\n示例甲,1.00\r\n示例乙,\r\n"});
    CHECK_THAT(csv, ContainsSubstring("{path: row, type: list}") &&
                        ContainsSubstring("{path: row.姓名, type: text, class: personal") &&
                        ContainsSubstring("{path: row.金额, type: text, nullable: true}"));
    CHECK(compiled_with(csv, "\"row[0].金额\"").empty());
}

TEST_CASE("what looks like a person is guessed so, and the note says why", "[workbench][security]") {
    struct Case {
        const char* name;
        std::vector<std::string> texts;
        const char* wanted;
    };
    const auto one = GENERATE(values<Case>({
        {"c1", {"99990119491231002X"}, "sensitive"},
        {"c2", {"999901800101001"}, "sensitive"},
        {"c2", {"99990119900101001042"}, "sensitive"},
        {"c3", {"13800138000"}, "sensitive"},
        {"c4", {"6222021234567890128"}, "sensitive"},
        {"c4", {"6222021234567890129"}, ""},
        {"ZJHM", {"1"}, "sensitive"},
        {"LXDH", {"0999-1234567"}, "sensitive"},
        {"DH", {}, "sensitive"},
        {"XM", {"x"}, "personal"},
        {"c5", {"张三", "李四"}, "personal"},
        {"c6", {"扎西次仁"}, "personal"},
        {"c7", {"示例市某某路1号2室"}, "personal"},
        {"JZMJ", {"89.12"}, ""},
        {"YWH", {"20230518000123"}, ""},
    }));
    CAPTURE(one.name);
    const workbench::Guess guess = workbench::guess_class(one.name, one.texts);
    CHECK(guess.class_name == one.wanted);
    CHECK(guess.note.empty() == guess.class_name.empty());
}

TEST_CASE("a draft never holds the values of a guessed person", "[workbench][security]") {
    std::vector<std::string> samples;
    for (const char* name : {"1380", "1381", "1380", "1381", "1380", "1381"}) {
        samples.push_back(std::string{"{\"phone\": \""} + name + "\"}");
    }
    const std::string got = draft(samples);
    CHECK_THAT(got, ContainsSubstring("class: sensitive"));
    CHECK(got.find("1380") == std::string::npos);
}

TEST_CASE("samples that hold no record are refused by their number", "[workbench]") {
    CHECK_THAT(draft({"{}", "{\"a\":"}), ContainsSubstring("!sample 2: "));
    CHECK_THAT(draft({"{\"a\":1}"}, {"b"}), ContainsSubstring("meets 0 nodes"));
    CHECK_THAT(draft({"{\"a\":1}"}, {"a"}), ContainsSubstring("no record"));
    CHECK_THAT(draft({"just words"}), ContainsSubstring("sample 1"));
}
