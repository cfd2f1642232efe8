#include "core/workbench/shadow.h"
#include "core/codec/json.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using mapping::tests::Small;
using workbench::FieldTally;
using workbench::Shadow;

namespace {

mapping::Output run(const std::string& rows, const std::string& sample) {
    Small small;
    small.rows = rows;
    return small.run(sample);
}

constexpr const char* kLive =
    "fields:\n  - {to: a, from: a, required: true}\nlists:\n"
    "  - {to: l, from: rows, fields: [{to: x, from: x}, {to: y, from: y}]}\n";
constexpr const char* kNext =
    "fields:\n  - {to: a, from: a, steps: [upper], required: true}\nlists:\n"
    "  - {to: l, from: rows, fields: [{to: x, from: x}, {to: y, from: y, when: \"y != 'q'\"}]}\n";

Shadow compared(const std::vector<std::string>& samples) {
    Shadow out{"a@1.0.0 d1", "a@1.1.0 d2"};
    for (const std::string& sample : samples) {
        out.add(run(kLive, sample), run(kNext, sample));
    }
    return out;
}

const std::vector<std::string> kSamples{R"({"a":"PRIVATE","rows":[{"x":"1","y":"p"},{"x":"2","y":"q"}]})",
                                        R"({"a":"private","rows":[]})", R"({"a":"","rows":[]})"};

}  // namespace

TEST_CASE("a shadow counts by target path what was the same and what was not", "[workbench]") {
    const Shadow shadow = compared(kSamples);
    CHECK(shadow.records() == 3);
    CHECK(shadow.unlike() == 2);
    CHECK(shadow.fields().at("/a") == FieldTally{.same = 1, .differing = 1});
    CHECK(shadow.fields().at("/l/*/x") == FieldTally{.same = 2});
    CHECK(shadow.fields().at("/l/*/y") == FieldTally{.same = 1, .only_live = 1});
    CHECK(shadow.outcomes().empty());
    CHECK(shadow.rules().empty());
}

TEST_CASE("outcomes and rules that only one version has are counted", "[workbench]") {
    Shadow shadow{"one", "two"};
    const std::string stricter = "fields:\n  - {to: a, from: a, steps: [{check_length: {max: 2}}]}\n";
    const std::string loose = "fields:\n  - {to: a, from: a}\n";
    shadow.add(run(loose, R"({"a":"long"})"), run(stricter, R"({"a":"long"})"));
    shadow.add(run(stricter, R"({"a":"long"})"), run(loose, R"({"a":"long"})"));
    shadow.add(run(stricter, R"({"a":"x"})"), run(loose, R"({"a":"x"})"));
    CHECK(shadow.outcomes().at("ok -> invalid") == 1);
    CHECK(shadow.outcomes().at("invalid -> ok") == 1);
    CHECK(shadow.rules().at("candidate /a check.length") == 1);
    CHECK(shadow.rules().at("live /a check.length") == 1);
    CHECK(shadow.unlike() == 2);
    CHECK_FALSE(shadow.objections({.records = 1, .explained = {"/a"}}).empty());  // an outcome has no explanation
}

TEST_CASE("what a shadow keeps holds no value of any record", "[workbench][security]") {
    const std::string kept = codec::write_json(compared(kSamples).to_record());
    CHECK_THAT(kept, ContainsSubstring("/l/*/y"));
    CHECK(kept.find("rivate") == std::string::npos);
    CHECK(kept.find("PRIVATE") == std::string::npos);
}

TEST_CASE("shadows are put together and come back from what was kept", "[workbench]") {
    Shadow one = compared({kSamples[0]});
    REQUIRE(one.add(compared({kSamples[1], kSamples[2]})).has_value());
    CHECK(one.to_record() == compared(kSamples).to_record());
    const auto back = Shadow::from_record(one.to_record());
    REQUIRE(back.has_value());
    CHECK(back->to_record() == one.to_record());
    CHECK_FALSE(one.add(Shadow{"a@1.0.0 d1", "a@1.2.0 d3"}).has_value());
    for (const char* bad :
         {"{}", R"({"live":"a","candidate":"b","records":-1,"unlike":0,"fields":{},"outcomes":{},"rules":{}})",
          R"({"live":"a","candidate":"b","records":1,"unlike":0,"fields":{"/a":[1]},"outcomes":{},"rules":{}})",
          R"({"live":"a","candidate":"b","records":1,"unlike":0,"fields":{},"outcomes":[],"rules":{}})"}) {
        CAPTURE(bad);
        CHECK_FALSE(Shadow::from_record(codec::read_json(bad).value()).has_value());
    }
}

TEST_CASE("a candidate passes the gate with enough records and no unexplained difference", "[workbench]") {
    const Shadow shadow = compared(kSamples);
    CHECK(shadow.objections({.records = 3, .explained = {"/a", "/l/*/y"}}).empty());
    CHECK(shadow.objections({.records = 4, .explained = {"/a", "/l/*/y"}}).size() == 1);
    CHECK(shadow.objections({.records = 3, .explained = {"/a"}}).size() == 1);
    CHECK(shadow.objections({}).size() == 3);
}

TEST_CASE("sampling follows the trace id alone and comes near its rate", "[workbench]") {
    int chosen = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::string trace = "trace-" + std::to_string(i);
        const bool in = workbench::in_sample(trace, 100);
        CHECK(in == workbench::in_sample(trace, 100));
        CHECK((!in || workbench::in_sample(trace, 500)));  // a larger sample holds the smaller one
        chosen += in ? 1 : 0;
    }
    CHECK(chosen > 850);
    CHECK(chosen < 1150);
    CHECK_FALSE(workbench::in_sample("x", 0));
    CHECK(workbench::in_sample("x", 1000));
}
