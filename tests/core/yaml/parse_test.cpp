#include <string>

#include "core/yaml/node.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

yaml::Node parsed(std::string_view text, bool allow_hex = false) {
    auto node = yaml::parse(text, "x.yaml", allow_hex);
    for (const Mistake& mistake : node ? Mistakes{} : node.error()) {
        UNSCOPED_INFO(to_line(mistake));
    }
    REQUIRE(node.has_value());
    return std::move(*node);
}

/// Codes of the mistakes, joined by blanks.
std::string codes(std::string_view text, bool allow_hex = false) {
    const auto node = yaml::parse(text, "x.yaml", allow_hex);
    std::string out;
    for (const Mistake& mistake : node ? Mistakes{} : node.error()) {
        out += (out.empty() ? "" : " ") + mistake.code;
    }
    return out;
}

}  // namespace

TEST_CASE("scalars keep the text that was written", "[yaml]") {
    const yaml::Node node =
        parsed("a: 01\nb: no\nc: 1e5\nd: 2023-09\ne: 'null'\nf: null\ng: \"\"\nh:\ni: Null\nj: ~\n");
    CHECK(node.text_of("a") == "01");
    CHECK(node.text_of("b") == "no");
    CHECK(node.text_of("c") == "1e5");
    CHECK(node.text_of("d") == "2023-09");
    CHECK(node.text_of("e") == "null");
    CHECK_FALSE(node.find("e")->is_empty());
    CHECK(node.find("f")->is_empty());
    CHECK(node.find("f")->text == "null");
    CHECK_FALSE(node.find("g")->is_empty());
    CHECK(node.find("h")->is_empty());
    CHECK(node.find("h")->text.empty());
    CHECK(node.find("i")->text == "Null");
    CHECK(node.find("j")->is_empty());
    CHECK(node.find("k") == nullptr);
}

TEST_CASE("a null spelling beside an empty value stays where it was written", "[yaml]") {
    const yaml::Node node = parsed("a:\nnull: x\nb: [null, ~, null ]\nc: {d: null}\n");
    CHECK(node.find("a")->text.empty());
    CHECK(node.text_of("null") == "x");
    CHECK(node.find("b")->items.at(2).text == "null");
    CHECK(node.find("c")->find("d")->text == "null");
}

TEST_CASE("every value knows its line and its column in characters", "[yaml]") {
    const yaml::Node node = parsed("\xEF\xBB\xBF标题: 不动产\nlist:\n  - {键: 值, b: 2}\n");
    CHECK(node.find("标题")->where.line == 1);
    CHECK(node.find("标题")->where.column == 5);
    const yaml::Node& item = node.find("list")->items.at(0);
    CHECK(item.where.line == 3);
    CHECK(item.where.column == 5);
    CHECK(item.find("b")->where.column == 15);
    CHECK(item.where.file == "x.yaml");
}

TEST_CASE("blocks, flows and quotes are read", "[yaml]") {
    const yaml::Node node =
        parsed("t: |\n  one\n  two\nf: >-\n  a\n  b\nq: 'it''s'\nd: \"\\u4e0d\\n\"\nm: {a: [1, 2]}\n");
    CHECK(node.text_of("t") == "one\ntwo\n");
    CHECK(node.find("t")->quoted);
    CHECK(node.text_of("f") == "a b");
    CHECK(node.text_of("q") == "it's");
    CHECK(node.text_of("d") == "不\n");
    CHECK(node.find("m")->find("a")->items.size() == 2);
}

TEST_CASE("what the strict profile forbids is a mistake with its own code", "[yaml][security]") {
    const auto [text, code] = GENERATE(table<std::string, std::string>({
        {"a: [1\n", "M101"},
        {"a: 'x\n", "M101"},
        {"a: \"x\\\"\n", "M101"},
        {"a: 'it''s\n", "M101"},
        {"{a: 1", "M101"},
        {"[1 2", "M101"},
        {"a: \xFF\n", "M101"},
        {std::string("a: \0b\n", 6), "M101"},
        {"a: *x\n", "M101"},
        {"a: 1\nb: 2\na: 3\n", "M102"},
        {"{a: 1, 'a': 2}\n", "M102"},
        {"a: &x 1\nb: *x\n", "M103 M103"},
        {"<<: {a: 1}\n", "M103"},
        {"a: !!int 1\n", "M104"},
        {"a: !foo [1]\n", "M104"},
        {"a: ! b\n", "M104"},
        {"a: !hex 00\n", "M104"},
        {"? [a]\n: 1\n", "M107"},
        {": 1\n", "M107"},
        {"a: 1\n---\nb: 2\n", "M108"},
        {"", "M108"},
        {"# nothing\n", "M108"},
    }));
    CAPTURE(text);
    CHECK(codes(text) == code);
}

TEST_CASE("all duplicate keys are told at once, each at its place", "[yaml]") {
    const auto node = yaml::parse("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n", "x.yaml");
    REQUIRE_FALSE(node.has_value());
    REQUIRE(node.error().size() == 2);
    CHECK(node.error()[0].where.line == 4);
    CHECK(node.error()[0].where.column == 3);
    CHECK(node.error()[1].where.line == 5);
    CHECK_THAT(node.error()[1].text_en, ContainsSubstring("'a'"));
}

TEST_CASE("hexadecimal octets are read where they are allowed", "[yaml]") {
    const yaml::Node node = parsed("a: !hex D4FACEF7\nb: !hex \"D4 FA\"\n", true);
    CHECK(node.find("a")->hex);
    CHECK(node.find("a")->text == "\xD4\xFA\xCE\xF7");
    CHECK(node.find("b")->text == "\xD4\xFA");
    CHECK(codes("a: !hex D4F\n", true) == "M109");
    CHECK(codes("a: !hex [1]\n", true) == "M104");
    CHECK(codes("!hex 61: 1\n", true) == "M107");
}

TEST_CASE("depth and size are bounded", "[yaml][security]") {
    CHECK(codes(std::string(32, '[') + std::string(32, ']')).empty());
    CHECK(codes(std::string(33, '[') + std::string(33, ']')) == "M106");
    CHECK(codes(std::string(200'000, '[')) == "M106");
    std::string nested;
    for (int i = 0; i < 40; ++i) {
        nested += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    }
    CHECK(codes(nested) == "M106");
    CHECK(codes(std::string((2U << 20) + 1, ' ')) == "M101");
}

TEST_CASE("a file of many keys is read in linear time", "[yaml][security]") {
    std::string text;
    for (int i = 0; i < 50'000; ++i) {
        text += "key" + std::to_string(i) + ": " + std::to_string(i) + "\n";
    }
    CHECK(parsed(text).entries.size() == 50'000);
}

TEST_CASE("data within a file become a record", "[yaml]") {
    const Record record = yaml::to_record(parsed(
        "{a: 100.10, b: '1', c: true, d: ~, e: 01, f: [-1.5e3, x], g: 2023-09, h: !hex 00FF, i: 'true', j: .5}", true));
    CHECK(*record.find("a") == Record::number("100.10"));
    CHECK(*record.find("b") == Record::text("1"));
    CHECK(*record.find("c") == Record::boolean(true));
    CHECK(record.find("d")->is_null());
    CHECK(*record.find("e") == Record::text("01"));
    CHECK(record.find("f")->items()[0] == Record::number("-1.5e3"));
    CHECK(record.find("f")->items()[1] == Record::text("x"));
    CHECK(*record.find("g") == Record::text("2023-09"));
    CHECK(*record.find("h") == Record::bytes(std::string("\0\xFF", 2)));
    CHECK(*record.find("i") == Record::text("true"));
    CHECK(*record.find("j") == Record::text(".5"));
}
