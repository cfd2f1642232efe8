#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Small;

namespace {

/// Sources s (sensitive), p (personal), a (internal), n (no class); targets open (internal), t (personal), z
/// (sensitive).
Small classed(std::string rows) {
    Small small{.head = "source: {format: json, schema: s.source.yaml}\n",
                .target = "target: {format: json, schema: t.schema.json}\n",
                .rows = std::move(rows) + "\n"};
    small.context = R"({"subject":{"name":"示例甲","id_no":"999901199001010010","id_type":"111"}})";
    small.files.put("s.source.yaml",
                    "datong: source/v1\nfields:\n"
                    "  - {path: s, class: sensitive, nullable: true}\n  - {path: p, class: personal, nullable: true}\n"
                    "  - {path: a, class: internal, nullable: true}\n  - {path: n, nullable: true}\n");
    small.files.put("t.schema.json", R"({"type":"object","x-class":"internal","properties":{
        "open":{"type":"string"},"t":{"type":"string","x-class":"personal"},"z":{"type":"string","x-class":"sensitive"}}})");
    return small;
}

/// "M501 -> hint" of every error.
std::string codes(Small small) {
    std::string out;
    for (const Mistake& one : small.compile().mistakes) {
        if (one.severity == Severity::error) {
            out += (out.empty() ? "" : "; ") + one.code + (one.hint.empty() ? "" : " -> " + one.hint);
        }
    }
    return out;
}

constexpr const char* kSensitive = "M501 -> steps: [mask_...] 或 x-class: sensitive";

}  // namespace

TEST_CASE("what is kept, asked or read of the context counts for the class of a row", "[mapping][security]") {
    struct Row {
        const char* why;
        std::string row;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"masked", "{to: open, from: s, steps: [check_mobile, mask_phone]}", ""},
        {"kept unmasked", "{to: open, from: s, steps: [check_mobile, mask_phone], on_error: keep}",
         "M501 -> on_error: reject"},
        {"kept where the target may have it", "{to: z, from: s, steps: [check_mobile, mask_phone], on_error: keep}",
         ""},
        {"kept unmasked out of a case",
         "{to: open, cases: [{when: \"a == '1'\", from: s, steps: [mask_name]}, {else: true, from: a}], on_error: "
         "keep}",
         "M501 -> on_error: reject"},
        {"omitted", "{to: open, from: s, steps: [check_mobile, mask_phone], on_error: omit}", ""},
        {"asked", "{to: open, value: yes, when: \"s == '1'\"}", kSensitive},
        {"asked as in a case", "{to: open, cases: [{when: \"s == '1'\", value: yes}, {else: true, value: no}]}",
         kSensitive},
        {"asked and masked", "{to: open, from: a, when: \"s == '1'\", steps: [mask]}", ""},
        {"asked of what is internal", "{to: open, from: a, when: \"n == '1'\"}", ""},
        {"a number of the context", "{to: t, from_ctx: subject.id_no}", kSensitive},
        {"the same in an expression", "{to: t, compute: \"ctx.subject.id_no\"}", kSensitive},
        {"a name of the context", "{to: t, compute: \"ctx.subject.name\"}", ""},
        {"a kind of number", "{to: open, compute: \"ctx.subject.id_type\"}", ""},
        {"a mask that shows 10", "{to: open, from: s, steps: [{mask: {keep_first: 6, keep_last: 4}}]}", ""},
        {"a mask that shows 11", "{to: open, from: s, steps: [{mask: {keep_first: 7, keep_last: 4}}]}", kSensitive},
        {"a mask that shows all", "{to: open, from: s, steps: [{mask: {keep_first: 17}}]}", kSensitive},
    }));
    CAPTURE(row.why);
    CHECK(codes(classed("fields:\n  - " + row.row)) == row.wanted);
}

TEST_CASE("names of the context are known", "[mapping]") {
    struct Row {
        std::string path;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({{"purpose.code", ""},
                                           {"operator.division", ""},
                                           {"submission", ""},
                                           {"case_matter", ""},
                                           {"idempotency_key", ""},
                                           {"purpos.code", "M211 -> purpose"},
                                           {"purpose.cod", "M211 -> purpose.code"},
                                           {"subject.nam", "M211 -> subject.name"},
                                           {"subject.nmae", "M211 -> subject.name"},
                                           {"purpose", "M211 -> purpose.code"},
                                           {"matter.code", "M211 -> matter"},
                                           {"subject.id_no.x", "M211 -> subject.id_no"},
                                           {"zzzzzz", "M211"},
                                           {"subject[0].name", "M211 -> purpose.code"}}));
    CAPTURE(row.path);
    CHECK(codes(classed("fields: [{to: z, from_ctx: \"" + row.path + "\"}]")) == row.wanted);
    if (row.path.find('[') == std::string::npos) {
        CHECK(codes(classed("fields: [{to: z, compute: \"ctx." + row.path + "\"}]")) == row.wanted);
    }
}

TEST_CASE("a trace shows in clear only what a mask has gone over", "[mapping][security]") {
    const auto stages = [](const std::string& row) {
        std::vector<mapping::TraceLine> trace;
        (void)classed("fields:\n  - " + row).run(R"({"s":"13800008000","n":"示例甲乙"})", &trace);
        std::string out;
        for (const auto& [stage, value] : trace.at(0).stages) {
            out += (out.empty() ? "" : " ") + stage + '=' + value;
        }
        return out;
    };
    CHECK(stages("{to: open, from: s, steps: [trim, mask_phone, upper]}") ==
          "from s=1*********0 trim=1*********0 mask_phone=138****8000 upper=138****8000");
    CHECK(stages("{to: open, cases: [{else: true, from: s, steps: [trim]}], steps: [mask_phone]}") ==
          "cases=1*********0 trim=1*********0 mask_phone=138****8000");
    CHECK(stages("{to: open, cases: [{else: true, from: s, steps: [mask_phone]}], steps: [trim]}") ==
          "cases=1*********0 mask_phone=138****8000 trim=138****8000");
    CHECK(stages("{to: open, cases: [{else: true, from: n, steps: [trim]}]}") == "cases=示*** trim=示***");
}

TEST_CASE("a finding about a branch that masks shows nothing in clear", "[mapping][security]") {
    Small small = classed("fields: [{to: open, cases: [{else: true, from: s, steps: [check_mobile, mask_phone]}]}]");
    const auto out = small.run(R"({"s":"1380000800"})");
    REQUIRE(out.errors.size() == 1);
    CHECK(out.errors[0].value == "1********0");
    CHECK(out.errors[0].value_class == "sensitive");
    Small named = classed(
        "defaults: {class: internal}\n"
        "let: [{name: x, cases: [{else: true, from: s, steps: [check_mobile, mask_phone]}]}]\nfields: []");
    CHECK(named.run(R"({"s":"1380000800"})").errors.at(0).value == "1********0");
}
