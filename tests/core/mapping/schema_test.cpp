#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Files;

namespace {

constexpr const char* kSchema = "schemas/realestate-certificate.schema.json";

}  // namespace

TEST_CASE("a schema outside the subset is refused with its place", "[mapping]") {
    struct Row {
        const char* why;
        std::string file;
        std::string from;
        std::string to;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"keyword", kSchema, "\"maxLength\": 40", "\"maxLenght\": 40", "M105 {}:11:45 -> maxLength"},
        {"type", kSchema, "\"certificateTypeName\": {\"type\": \"string\"}",
         "\"certificateTypeName\": {\"type\": \"strnig\"}", "M109 {}:9:37 -> string"},
        {"class", kSchema, "\"x-class\": \"sensitive\"", "\"x-class\": \"secret\"", "M109 {}:53:47"},
        {"reference", kSchema, "#/$defs/holder", "#/$defs/owner", "M109 {}:44:84"},
        {"pattern", kSchema, "^[0-9]{6}$", "^[0-9{6}$", "M301 {}:16:51"},
        {"required names nothing", kSchema, "\"seized\"],", "\"seizd\"],", "M109 {}:40:33 -> seized"},
        {"open objects", kSchema, "\"title\": ", "\"additionalProperties\": true, \"title\": ", "M109 {}:1:1"},
        {"not JSON", kSchema, "\"title\": \"不动产权证书\"", "title: 不动产权证书", "M101 {}:0:0"},
        {"source kind", "schemas/land-getBdcInfo.source.yaml", "source/v1", "source/v2",
         "M109 {}:1:9 -> datong: source/v1"},
        {"source type", "schemas/land-getBdcInfo.source.yaml", "path: SZC,      type: text",
         "path: SZC,      type: texts", "M109 {}:12:28 -> text"},
    }));
    CAPTURE(row.why);
    Files files;
    files.edit(row.file, row.from, row.to);
    const auto compiled = files.compile("land/realestate-certificate.yaml");
    CHECK(compiled.mapping == nullptr);
    std::string wanted = row.wanted;
    wanted.replace(wanted.find("{}"), 2, row.file);
    const std::string got = errors(compiled.mistakes);
    CHECK(got.substr(0, got.find(';')) == wanted);
}

TEST_CASE("an unmapped source field is a warning, and does not stop the mapping", "[mapping]") {
    Files files;
    files.edit("land/realestate-certificate.yaml", "ignore: [YWH, FJ, FWJG, DBR]", "ignore: [YWH, FJ, FWJG]");
    const auto land = files.compile("land/realestate-certificate.yaml");
    REQUIRE(land.mapping != nullptr);
    REQUIRE(land.mistakes.size() == 1);
    CHECK(land.mistakes[0].code == "M213");
    CHECK(land.mistakes[0].severity == Severity::warning);
    CHECK(land.mistakes[0].hint == "ignore: [DBR]");
}

TEST_CASE("a schema that names itself is refused", "[mapping]") {
    Files files;
    files.edit(kSchema, "\"holder\": {\n      \"type\": \"object\",",
               "\"holder\": {\"$ref\": \"#/$defs/holder\",\n      \"type\": \"object\",");
    CHECK_THAT(mapping::tests::lines(files.compile("land/realestate-certificate.yaml").mistakes),
               ContainsSubstring("without a circle"));
}

TEST_CASE("the items of an array are held to the target's schema", "[mapping]") {
    struct Row {
        const char* why;
        std::string items;
        std::string given;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"good", R"("type":"string","maxLength":2)", "ab,c", R"({"v":["ab","c"]})"},
        {"too long", R"("type":"string","maxLength":2)", "ab,abc", "invalid: /v schema.length"},
        {"not listed", R"("type":"string","enum":["a","b"])", "a,c", "invalid: /v schema.enum"},
        {"another pattern", R"("type":"string","pattern":"^[a-z]+$")", "a,1", "invalid: /v schema.pattern"},
        {"another type", R"("type":"integer")", "1,2", "invalid: /v schema.type"},
        {"too few", R"("type":"string")", "a", "invalid: /v schema.length"},
        {"too many", R"("type":"string")", "a,b,c,d", "invalid: /v schema.length"},
        {"no schema of items", "", "a,1", R"({"v":["a","1"]})"},
    }));
    CAPTURE(row.why);
    mapping::tests::Small small{.target = "target: {format: json, schema: v.schema.json}\n",
                                .rows = "fields: [{to: v, from: a, steps: [{split: \",\"}]}]\n"};
    const std::string items = row.items.empty() ? "" : ",\"items\":{" + row.items + "}";
    small.files.put("v.schema.json",
                    R"({"type":"object","properties":{"v":{"type":"array","minItems":2,"maxItems":3)" + items + "}}}");
    CHECK(small.gives("{\"a\":\"" + row.given + "\"}") == row.wanted);
}

TEST_CASE("an item that may be null may be null", "[mapping]") {
    mapping::tests::Small small{.target = "target: {format: json, schema: v.schema.json}\n",
                                .rows = "fields: [{to: v, from: \"a[*]\", steps: [distinct]}]\n"};
    const bool may_be = GENERATE(true, false);
    small.files.put("v.schema.json", R"({"type":"object","properties":{"v":{"type":"array","items":{"type":)" +
                                         std::string{may_be ? R"(["string","null"])" : R"("string")"} + "}}}}");
    CHECK(small.gives(R"({"a":["x",null,"x"]})") == (may_be ? R"({"v":["x",null]})" : "invalid: /v schema.type"));
}

TEST_CASE("beside a reference stand annotations and a class, and nothing that nobody reads", "[mapping]") {
    struct Row {
        const char* why;
        std::string beside;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"alone", "", "M501"},
        {"an annotation", R"(,"description":"x","title":"y","$comment":"z","x-label":"w")", "M501"},
        {"a class of its own", R"(,"x-class":"sensitive")", ""},
        {"a limit", R"(,"maxLength":3)", "M105; M501"},
        {"a misspelt class", R"(,"x-clas":"sensitive")", "M105; M501"},
    }));
    CAPTURE(row.why);
    mapping::tests::Small small{.head = "source: {format: json, schema: r.source.yaml}\n",
                                .target = "target: {format: json, schema: r.schema.json}\n",
                                .rows = "fields: [{to: o.p, from: s}]\n"};
    small.files.put("r.source.yaml", "datong: source/v1\nfields:\n  - {path: s, class: sensitive, nullable: true}\n");
    small.files.put("r.schema.json", R"({"type":"object","$defs":{"one":{"type":"object","x-class":"internal",
        "properties":{"p":{"type":"string"}}}},"properties":{"o":{"$ref":"#/$defs/one")" +
                                         row.beside + "}}}");
    std::string found;
    for (const Mistake& one : small.compile().mistakes) {
        found += (found.empty() ? "" : "; ") + one.code;
    }
    CHECK(found == row.wanted);
}
