#include "core/sources/fingerprint.h"

#include "core/codec/json.h"
#include "core/yaml/node.h"
#include "tests/support/catch.h"

using namespace datong;
using sources::Change;
using sources::Fingerprint;

namespace {

constexpr const char* kSchema = R"(datong: source/v1
id: land.record
version: 1.0.0
title: t
fields:
  - {path: BDCQZH, type: text}
  - {path: ZT, type: text, codes: ["1", "2"]}
  - {path: QLR, type: list}
  - {path: QLR.XM, type: text, class: personal}
  - {path: QLR.LB, type: text, codes: ["1", "2"]}
)";

mapping::Shape schema() {
    Mistakes mistakes;
    auto shape = mapping::read_schema(yaml::parse(kSchema, "s.yaml").value(), false, mistakes);
    REQUIRE_FALSE(has_errors(mistakes));
    return shape;
}

record::Record reply(const std::string& json) {
    return codec::read_json(json).value();
}

const std::string kUsual = R"({"BDCQZH":"示例00001","ZT":"1","QLR":[{"XM":"示例甲","LB":"1"}]})";

std::vector<std::string> told(const std::vector<Change>& changes) {
    std::vector<std::string> words;
    for (const Change& one : changes) {
        words.push_back(std::string{name_of(one.kind)} + ' ' + one.path + (one.detail.empty() ? "" : ' ' + one.detail));
    }
    return words;
}

/// One of many replies of this look, each about somebody else.
record::Record varied(int i, const std::string& json) {
    record::Record made = reply(json);
    made.put("n", record::Record::integer(i));
    return made;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("replies as the schema says are no drift", "[sources]") {
    const auto shape = schema();
    Fingerprint print;
    for (int i = 0; i < 300; ++i) {
        CHECK(print.add(reply(kUsual), &shape, "t").empty());
    }
    CHECK(print.replies() == 300);
    CHECK(print.changes().empty());
}

TEST_CASE("a new field and a new code are told at their first reply, and once", "[sources]") {
    const auto shape = schema();
    Fingerprint print;
    const auto other =
        reply(R"({"BDCQZH":"示例00001","ZT":" 3 ","QLR":[{"XM":"示例甲","LB":"1","GJ":"CHN"}],"YT":"住宅"})");
    CHECK(told(print.add(other, &shape, "2026-03-02")) == Words{"new_code ZT 3", "new_field QLR.*", "new_field *"});
    CHECK(print.add(other, &shape, "2026-03-03").empty());
    const auto changes = print.changes();
    REQUIRE(changes.size() == 3);
    CHECK(changes.front().since == "2026-03-02");
    CHECK(changes.front().times == 2);
}

TEST_CASE("a code in octets of the department's own charset is not taken for a new one, one in ASCII is", "[sources]") {
    const auto shape = schema();
    Fingerprint print;
    auto row = reply(kUsual);
    row.put("ZT", record::Record::bytes("\xD4\xDA\xBF\xE2"));  // 在库 in GBK
    CHECK(print.add(row, &shape, "t").empty());
    row.put("ZT", record::Record::bytes("1"));
    CHECK(print.add(row, &shape, "t").empty());
    row.put("ZT", record::Record::bytes("3"));
    CHECK(told(print.add(row, &shape, "t")) == Words{"new_code ZT 3"});
}

TEST_CASE("without a schema the first replies teach what is usual", "[sources]") {
    Fingerprint print;
    for (int i = 0; i < 21; ++i) {
        CHECK(print.add(varied(i, R"({"a":1})"), nullptr, "t").empty());
    }
    CHECK(told(print.add(varied(21, R"({"a":1,"b":2})"), nullptr, "t")) == Words{"new_field *"});
    for (int i = 22; i < 40; ++i) {
        CHECK(print.add(varied(i, R"({"a":1,"b":2})"), nullptr, "t").empty());
    }
    CHECK(told(print.add(varied(40, R"({"a":1,"b":2})"), nullptr, "t")) == Words{"new_field b"});
}

TEST_CASE("a field that goes is told once it was missed often enough for its own habit", "[sources]") {
    Fingerprint print;
    for (int i = 0; i < 60; ++i) {  // c stands in every third reply only
        CHECK(print.add(varied(i, i % 3 == 0 ? R"({"a":1,"b":1,"c":1})" : R"({"a":1,"b":1})"), nullptr, "t").empty());
    }
    Words all;
    int first = 0;
    for (int i = 1; i <= 120; ++i) {
        for (const std::string& one : told(print.add(varied(-i, R"({"a":1})"), nullptr, "t"))) {
            all.push_back(one);
            first = first == 0 ? i : first;
        }
    }
    CHECK(all == Words{"gone b", "gone c"});
    CHECK(first >= 20);
    CHECK(first <= 45);
}

TEST_CASE("a type that was not there and another rate of empty values are told", "[sources]") {
    Fingerprint print;
    for (int i = 0; i < 100; ++i) {
        CHECK(print.add(varied(i, R"({"a":1,"b":"x"})"), nullptr, "t").empty());
    }
    CHECK(told(print.add(varied(100, R"({"a":"1","b":"x"})"), nullptr, "t")) == Words{"new_type a text"});
    Words all;
    for (int i = 0; i < 100; ++i) {
        const auto fresh = told(print.add(varied(101 + i, R"({"a":1,"b":" "})"), nullptr, "t"));
        all.insert(all.end(), fresh.begin(), fresh.end());
    }
    CHECK(all == Words{"null_rate b 0 % -> 99 %"});
}

TEST_CASE("one item as an object and several as a list are the same field", "[sources]") {
    const auto shape = schema();
    Fingerprint print;
    CHECK(print.add(reply(R"({"QLR":{"XM":"示例甲","LB":"1"}})"), &shape, "t").empty());
    CHECK(print.add(reply(kUsual), &shape, "t").empty());
}

TEST_CASE("no personal value is ever kept", "[sources][security]") {
    const auto shape = schema();
    Fingerprint print;
    const std::vector<std::string> replies{
        kUsual,
        R"({"BDCQZH":"999901199001010010","ZT":"示例甲","QLR":[{"XM":"示例甲","LB":"999901199001010010"}]})",
        R"({"999901199001010010":"示例甲","ZT":"13800138000","x13800138000":1,"QLR":"示例甲"})",
        R"({"ZT":"138001","QLR":[{"LB":"SHILIJIAYI"}]})",
        R"({"ZT":{"XM":"示例甲"},"某":"示例乙"})",
    };
    for (const auto* with : {&shape, static_cast<const mapping::Shape*>(nullptr)}) {
        for (int i = 0; i < 60; ++i) {
            for (const std::string& one : replies) {
                (void)print.add(reply(one), with, "t");
            }
        }
    }
    const std::string kept = codec::write_json(print.to_record());
    for (const char* personal : {"示例", "9999011", "138001", "SHILIJIAYI", "00001"}) {
        CAPTURE(personal, kept);
        CHECK(kept.find(personal) == std::string::npos);
    }
    CHECK_FALSE(print.changes().empty());
}

TEST_CASE("a new field has its name once it came in twenty different replies", "[sources]") {
    const auto shape = schema();
    Fingerprint print;
    Words all;
    for (int i = 0; i < 60; ++i) {
        for (const std::string& one : told(print.add(
                 reply(R"({"BDCQZH":"示例)" + std::to_string(i / 3) + R"(","ZT":"1","YT":1})"), &shape, "t"))) {
            all.push_back(std::to_string(i) + ' ' + one);
        }
    }
    CHECK(all == Words{"0 new_field *", "57 new_field YT"});
}

TEST_CASE("names of persons that stand for fields are never kept", "[sources][security]") {
    const auto shape = schema();
    for (const auto* with : {&shape, static_cast<const mapping::Shape*>(nullptr)}) {
        Fingerprint print;
        for (int i = 0; i < 400; ++i) {
            const std::string of = std::to_string(i);
            // a clerk asks about one person again and again; a common name comes now and then
            const std::string row = i % 4 == 0
                                        ? R"("BDCQZH":"a","示例乙":"母","监护人":{"试例丙":"父","zhangsan138":"x"})"
                                        : R"("BDCQZH":")" + of + R"(","监护人":{"某某)" + of + R"(":"母"})";
            const std::string common = i % 15 == 1 ? R"(,"示例丁":{"关系":"父"})" : "";
            const auto fresh = print.add(reply("{" + row + common + "}"), with, "t");
            const std::string kept = codec::write_json(print.to_record());
            for (const char* personal : {"示例", "试例", "某某", "zhangsan"}) {
                CAPTURE(personal, i, kept);
                REQUIRE(kept.find(personal) == std::string::npos);
                REQUIRE(std::ranges::none_of(
                    fresh, [&](const Change& one) { return one.path.find(personal) != std::string::npos; }));
            }
        }
        CHECK(codec::write_json(print.to_record()).find("监护人") != std::string::npos);
    }
}

TEST_CASE("names that are data don't fill the memory", "[sources][security]") {
    Fingerprint print;
    for (int i = 0; i < 50; ++i) {
        record::Record many = record::Record::object();
        for (int k = 0; k < 200; ++k) {
            many.put("n" + std::to_string(i) + "x" + std::to_string(k), record::Record::integer(1));
        }
        record::Record outer = record::Record::object();
        outer.put("m" + std::to_string(i), std::move(many));
        (void)print.add(outer, nullptr, "t");
    }
    CHECK(print.to_record().find("fields")->items().size() <= 1'000);
    CHECK(print.changes().size() <= 200);
    record::Record deep = record::Record::integer(1);
    for (int i = 0; i < 2'000; ++i) {
        record::Record outer = record::Record::object();
        outer.put("d", std::move(deep));
        deep = std::move(outer);
    }
    (void)print.add(deep, nullptr, "t");
    CHECK(print.to_record().find("fields")->items().size() <= 1'000);
}

TEST_CASE("a fingerprint goes on where it was after a restart", "[sources]") {
    const auto shape = schema();
    Fingerprint print;
    print.judge_by("v1");
    for (int i = 0; i < 50; ++i) {
        (void)print.add(reply(R"({"BDCQZH":"示例00001","ZT":"3","YT":1})"), &shape, "t");
    }
    auto again = Fingerprint::from_record(print.to_record());
    REQUIRE(again);
    CHECK(again->to_record() == print.to_record());
    CHECK(again->add(reply(R"({"BDCQZH":"示例00001","ZT":"3","YT":1})"), &shape, "t").empty());
    again->judge_by("v1");
    CHECK_FALSE(again->changes().empty());
    SECTION("with another version of the mapping changes are judged anew") {
        again->judge_by("v2");
        CHECK(again->changes().empty());
        CHECK(told(again->add(reply(R"({"ZT":"4"})"), &shape, "t")) == Words{"new_code ZT 4"});
    }
}

TEST_CASE("a state that is none is refused", "[sources][security]") {
    for (const char* text : {"{}", "[]", R"({"replies":1,"fields":[["a",1]],"changes":[]})",
                             R"({"replies":1,"fields":[],"changes":[{"kind":"x","path":"p"}]})"}) {
        CAPTURE(text);
        CHECK_FALSE(Fingerprint::from_record(reply(text)).has_value());
    }
}
