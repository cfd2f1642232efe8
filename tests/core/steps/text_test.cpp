#include "tests/core/steps/surroundings.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using tests::run;

namespace {

Value text(std::string_view utf8) {
    return Value{std::string{utf8}};
}

}  // namespace

TEST_CASE("trimming takes off every white space of the list and nothing else", "[steps]") {
    for (const std::string_view space :
         {"\t", "\n", "\v", "\f", "\r", " ", "\u0085", "\u00A0", "\u1680", "\u2000", "\u2005", "\u200A", "\u2028",
          "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"}) {
        const std::string outer{space};
        CAPTURE(outer);
        CHECK(run("trim", "", text(outer + "甲 乙" + outer + outer)) == "甲 乙");
        CHECK(run("trim", "left", text(outer + "甲" + outer)) == "甲" + outer);
        CHECK(run("trim", "", text(outer)).empty());
        CHECK(run("remove_space", "", text("甲" + outer + "乙")) == "甲乙");
        CHECK(run("collapse_space", "", text("甲" + outer + outer + "乙")) == "甲 乙");
    }
    CHECK(run("trim", "", text("\u200B甲")) == "\u200B甲");
    CHECK(run("trim", "", text("")).empty());
    CHECK(run("trim", "", text("\xE3\x80")) == "\xE3\x80");
}

TEST_CASE("letters and widths change in ASCII and full-width forms and nowhere else", "[steps]") {
    CHECK(run("upper", "", text("azé甲ａｚ")) == "AZé甲ＡＺ");
    CHECK(run("upper", "", text("甲AZ09")) == "甲AZ09");
    CHECK(run("upper", "", text("ａ")) == "Ａ");
    CHECK(run("lower", "", text("AZÉ甲ＡＺ")) == "azÉ甲ａｚ");
    CHECK(run("lower", "", text("Ａ")) == "ａ");
    CHECK(run("to_halfwidth", "", text("１５８　号！～")) == "158 号!~");
    CHECK(run("to_halfwidth", "", text("示例路158号")) == "示例路158号");
    CHECK(run("to_fullwidth", "", text("158 号!~")) == "１５８　号！～");
    CHECK(run("to_fullwidth", "", text("号")) == "号");
}

TEST_CASE("replacing takes the longest text first, once from left to right", "[steps]") {
    CHECK(run("replace", "{a: b, b: a}", text("abba")) == "baab");
    CHECK(run("replace", "{路: 道, 路口: 口}", text("路口路")) == "口道");
    CHECK(run("replace", "{aa: ''}", text("aaa")) == "a");
}

TEST_CASE("a text is cut at characters, never within one", "[steps]") {
    CHECK(run("substring", "{start: 2, length: 1}", text("𠮷野家")) == "野");
    CHECK(run("left", "1", text("𠮷野")) == "𠮷");
    Warnings warnings;
    const auto cut = tests::make("truncate", "{max: 3, unit: bytes}");
    REQUIRE(cut.step != nullptr);
    CHECK(tests::outcome(*cut.step, text("甲乙"), &warnings) == "甲");
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].rule == "text.truncated");
    CHECK(tests::outcome(*cut.step, text("甲"), &warnings) == "甲");
    CHECK(tests::outcome(*cut.step, text("𠮷"), &warnings).empty());
    CHECK(warnings.size() == 2);
}

TEST_CASE("text steps take numbers and dates by their text and refuse bytes and lists", "[steps]") {
    CHECK(run("left", "4", Value{record::Date{2024, 5, 1}}) == "2024");
    CHECK(run("pad_left", "{width: 5, char: '0'}", Value{std::int64_t{42}}) == "00042");
    CHECK(run("trim", "", Value{Bytes{"x"}}) == "!step.type");
    CHECK(run("trim", "", Value{std::vector<Value>{}}) == "!step.type");
    CHECK(run("decode_charset", "gbk", text("x")) == "!step.type");
}

TEST_CASE("lists become texts and values by their reducers", "[steps]") {
    const Value money{std::vector<Value>{Value{Money{100}}, Value{}, Value{Money{250}}}};
    CHECK(run("sum", "", money) == "350");
    CHECK(run("count", "", money) == "3");
    CHECK(run("max", "", money) == "250");
    CHECK(run("sum", "", Value{std::vector<Value>{Value{Money{1}}, Value{std::int64_t{1}}}}) == "!number.invalid");
    CHECK(run("sum", "", Value{std::vector<Value>{Value{std::int64_t{INT64_MAX}}, Value{std::int64_t{1}}}}) ==
          "!number.range");
    CHECK(run("min", "", Value{std::vector<Value>{Value{Money{1}}, Value{std::int64_t{1}}}}) == "!list.mixed");
    CHECK(
        run("max", "", Value{std::vector<Value>{Value{record::Date{2024, 5, 1}}, Value{record::Date{2023, 12, 31}}}}) ==
        "2024-05-01");
    CHECK(run("distinct", "",
              Value{std::vector<Value>{Value{record::Decimal{15, 1}}, Value{record::Decimal{150, 2}},
                                       Value{std::string{"1.5"}}}}) == "[1.5, 1.5]");
    CHECK(run("only", "", text("甲")) == "甲");
    CHECK(run("join", "、", Value{std::vector<Value>{text("甲"), Value{}, text("乙")}}) == "甲、乙");
    CHECK(run("template", "'{1}{0}'", Value{std::vector<Value>{text("甲"), text("乙")}}) == "乙甲");
}

TEST_CASE("a regular expression takes linear time over hostile text", "[steps][security]") {
    CHECK(run("check_pattern", "'(a+)+b'", text(std::string(100'000, 'a'))) == "!check.pattern");
    CHECK(run("check_pattern", "'((a{1,100}){1,100}){1,100}'", text("a")) == "mistake");
}
