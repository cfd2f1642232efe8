#include "core/policy/predicates.h"

#include "core/codec/json.h"
#include "core/policy/quotas.h"
#include "tests/support/catch.h"

using namespace datong;
using policy::Verdict;
using record::Record;

namespace {

constexpr const char* kCertificate =
    R"({"status":"active","capitalFen":500500000,"areaM2":"88.50","issued":"2024-05-06",
    "at":"2026-03-01T09:00:00+08:00","later":"2026-03-01T09:00:00.500+08:00","unlimited":true,"note":null,"holders":[{"name":"扎西·次仁","idNo":"999901198001010016"},
    {"name":"示例甲","idNo":"999901199001010010"}],"mortgages":[]})";

Verdict judge(const std::string& predicate) {
    const auto content = codec::read_json(kCertificate);
    const auto list = codec::read_json('[' + predicate + ']');
    REQUIRE(content);
    REQUIRE(list);
    const auto read = policy::read_predicates(*list, "/verify");
    REQUIRE(read);
    return policy::judge(*content, read->front(), {.id = "/holders/*/idNo", .name = "/holders/*/name"});
}

}  // namespace

TEST_CASE("a predicate is judged by what stands in the record", "[policy]") {
    struct Row {
        const char* why;
        const char* predicate;
        Verdict verdict;
    };
    const auto row = GENERATE(values<Row>({
        {"the same text", R"({"field":"/status","operator":"equals","value":"active"})", Verdict::match},
        {"another text", R"({"field":"/status","operator":"equals","value":"Active"})", Verdict::mismatch},
        {"not the text", R"({"field":"/status","operator":"not_equals","value":"revoked"})", Verdict::match},
        {"the same number otherwise written", R"({"field":"/capitalFen","operator":"equals","value":"500500000.00"})",
         Verdict::match},
        {"a number at least", R"({"field":"/capitalFen","operator":"at_least","value":500500000})", Verdict::match},
        {"a number at most", R"({"field":"/capitalFen","operator":"at_most","value":99})", Verdict::mismatch},
        {"no number", R"({"field":"/capitalFen","operator":"at_least","value":"many"})", Verdict::mismatch},
        {"a day before", R"({"field":"/issued","operator":"at_most","value":"2024-05-07"})", Verdict::match},
        {"the day itself", R"({"field":"/issued","operator":"at_least","value":"2024-05-06"})", Verdict::match},
        {"a moment before, by another clock", R"({"field":"/at","operator":"at_least","value":"2026-03-01T02:00:00Z"})",
         Verdict::mismatch},
        {"a moment after, by another clock", R"({"field":"/at","operator":"at_most","value":"2026-03-01T00:30:00Z"})",
         Verdict::mismatch},
        {"the same moment", R"({"field":"/at","operator":"equals","value":"2026-03-01T01:00:00.000Z"})",
         Verdict::match},
        {"half a second later", R"({"field":"/later","operator":"at_least","value":"2026-03-01T09:00:00+08:00"})",
         Verdict::match},
        {"one of the same moment", R"({"field":"/at","operator":"in","value":["2026-03-01T10:00:00+09:00"]})",
         Verdict::match},
        {"one of", R"({"field":"/status","operator":"in","value":["revoked","active"]})", Verdict::match},
        {"none of", R"({"field":"/status","operator":"in","value":["revoked"]})", Verdict::mismatch},
        {"a boolean", R"({"field":"/unlimited","operator":"equals","value":true})", Verdict::match},
        {"there", R"({"field":"/status","operator":"exists"})", Verdict::match},
        {"not there", R"({"field":"/nothing","operator":"exists","value":false})", Verdict::match},
        {"null is not there", R"({"field":"/note","operator":"exists"})", Verdict::mismatch},
        {"an empty list has no item", R"({"field":"/mortgages/*","operator":"exists","value":false})", Verdict::match},
        {"nothing to compare", R"({"field":"/nothing","operator":"equals","value":"x"})", Verdict::not_found},
        {"any item", R"({"field":"/holders/*/idNo","operator":"equals","value":" 999901199001010010"})",
         Verdict::match},
        {"a name with another dot", R"({"field":"/holders/*/name","operator":"equals","value":"扎西•次仁"})",
         Verdict::match},
        {"no item may be equal", R"({"field":"/holders/*/name","operator":"not_equals","value":"示例甲"})",
         Verdict::mismatch},
    }));
    CAPTURE(row.why);
    CHECK(judge(row.predicate) == row.verdict);
}

TEST_CASE("a list of predicates that is none is refused without its values", "[policy][security]") {
    const auto text = GENERATE(values<const char*>({
        R"({})",
        R"([])",
        R"([{"field":"status","operator":"equals","value":"secret"}])",
        R"([{"field":"/status","operator":"like","value":"secret"}])",
        R"([{"field":"/status","operator":"equals"}])",
        R"([{"field":"/status","operator":"equals","value":null}])",
        R"([{"field":"/status","operator":"equals","value":["secret"]}])",
        R"([{"field":"/status","operator":"in","value":"secret"}])",
        R"([{"field":"/status","operator":"in","value":[]}])",
        R"([{"field":"/status","operator":"exists","value":"secret"}])",
        R"([{"field":"/status","operator":"equals","value":"secret","unit":"x"}])",
    }));
    CAPTURE(text);
    const auto list = codec::read_json(text);
    REQUIRE(list);
    const auto read = policy::read_predicates(*list, "/verify");
    REQUIRE_FALSE(read);
    CHECK(read.error().fault() == Fault::bad_request);
    CHECK_THAT(read.error().detail(), ContainsSubstring("/verify") && !ContainsSubstring("secret"));
}
