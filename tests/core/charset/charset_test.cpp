#include "core/charset/charset.h"

#include <string>
#include <thread>
#include <vector>

#include "core/base/text.h"
#include "core/charset/gb18030.h"
#include "tests/support/catch.h"

using namespace datong;
using charset::Charset;

namespace {

std::string octets(std::string_view hex) {
    auto bytes = from_hex(hex);
    REQUIRE(bytes.has_value());
    return std::move(*bytes);
}

std::string decoded(std::string_view hex, Charset from, bool map_pua = false) {
    const auto text = charset::decode(octets(hex), from, map_pua);
    return text ? *text : std::string{text.error().rule} + "@" + std::to_string(text.error().offset);
}

std::string encoded(std::u32string_view text, Charset to) {
    const auto bytes = charset::encode(to_utf8(text), to);
    return bytes ? to_hex(*bytes) : std::string{bytes.error().rule} + "@" + std::to_string(bytes.error().offset);
}

std::string utf8(char32_t code_point) {
    return to_utf8(std::u32string_view{&code_point, 1});
}

}  // namespace

TEST_CASE("this machine gives the pinned GB18030 table", "[charset]") {
    CHECK(charset::gb18030_digest() == charset::kGb18030Digest);
    const Status good = charset::self_test();
    CHECK(good.has_value());
}

TEST_CASE("names of charsets are known, case aside", "[charset]") {
    CHECK(charset::by_name("UTF8") == Charset::utf_8);
    CHECK(charset::by_name("GB2312") == Charset::gbk);
    CHECK(charset::by_name("gb_2312-80") == Charset::gbk);
    CHECK(charset::by_name("GB18030") == Charset::gb18030);
    CHECK(charset::by_name("Utf-16LE") == Charset::utf_16le);
    CHECK(charset::by_name("big5") == Charset::big5);
    CHECK_FALSE(charset::by_name("ebcdic-us").has_value());
    CHECK_FALSE(charset::by_name("").has_value());
    CHECK_FALSE(charset::by_name("utf-7").has_value());
}

TEST_CASE("the reassigned points of GB 18030-2022 decode to their formal characters", "[charset]") {
    const auto [hex, code_point] = GENERATE(table<std::string, char32_t>({
        {"a6d9", 0xFE10},     {"a6da", 0xFE12},      {"a6db", 0xFE11},     {"a6df", 0xFE16},     {"a6ec", 0xFE17},
        {"a6ed", 0xFE18},     {"a6f3", 0xFE19},      {"fe59", 0x9FB4},     {"fe61", 0x9FB5},     {"fe66", 0x9FB6},
        {"fe67", 0x9FB7},     {"fe6d", 0x9FB8},      {"fe7e", 0x9FB9},     {"fe90", 0x9FBA},     {"fea0", 0x9FBB},
        {"fe51", 0x20087},    {"fe52", 0x20089},     {"fe53", 0x200CC},    {"fe6c", 0x215D7},    {"fe76", 0x2298F},
        {"fe91", 0x241FE},    {"95329031", 0x20087}, {"a8bc", 0x1E3F},     {"8135f437", 0xE7C7}, {"82359037", 0xE81E},
        {"84318236", 0xE78D}, {"82359134", 0xE864},  {"84318335", 0xE796},
    }));
    CAPTURE(hex);
    CHECK(decoded(hex, Charset::gb18030) == utf8(code_point));
}

TEST_CASE("private use becomes the formal character where that is asked for", "[charset]") {
    CHECK(decoded("82359037", Charset::gb18030, true) == utf8(0x9FB4));
    CHECK(decoded("84318236", Charset::gb18030, true) == utf8(0xFE10));
    // what an old library wrote as UTF-8
    CHECK(decoded("eea09e", Charset::utf_8, true) == utf8(0x9FB4));
    CHECK(decoded("eea096", Charset::utf_8, true) == utf8(0x20087));
    CHECK(decoded("eea096", Charset::utf_8, false) == utf8(0xE816));
    // an end user's own character stays
    CHECK(decoded("aaa1", Charset::gb18030, true) == utf8(0xE000));
}

TEST_CASE("the points that glibc could not encode have their codes", "[charset]") {
    CHECK(encoded(U"\uE78D", Charset::gb18030) == "84318236");
    CHECK(encoded(U"\uE81E", Charset::gb18030) == "82359037");
    CHECK(encoded(U"\uE816", Charset::gb18030) == "fe51");
    CHECK(encoded(U"\U00020087", Charset::gb18030) == "fe51");
    CHECK(encoded(U"\uFE10", Charset::gb18030) == "a6d9");
    CHECK(encoded(U"\u9FB4", Charset::gbk) == "fe59");
}

TEST_CASE("the euro sign is byte 80 for gbk only", "[charset]") {
    CHECK(decoded("80", Charset::gbk) == "€");
    CHECK(decoded("a2e3", Charset::gbk) == "€");
    CHECK(decoded("80", Charset::gb18030) == "charset.invalid@0");
    CHECK(encoded(U"€", Charset::gbk) == "80");
    CHECK(encoded(U"€", Charset::gb18030) == "a2e3");
}

TEST_CASE("every code point round-trips through GB18030", "[charset]") {
    std::u32string all;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        const bool doubled = c == 0xE816 || c == 0xE817 || c == 0xE818 || c == 0xE831 || c == 0xE83B || c == 0xE855;
        if ((c < 0xD800 || c > 0xDFFF) && !doubled) {
            all += c;
        }
    }
    const std::string text = to_utf8(all);
    const auto bytes = charset::encode(text, Charset::gb18030);
    REQUIRE(bytes.has_value());
    const auto again = charset::decode(*bytes, Charset::gb18030);
    REQUIRE(again.has_value());
    CHECK(*again == text);
}

TEST_CASE("names of Tibet and rare characters round-trip", "[charset]") {
    const std::string text = "扎西·次仁 བཀྲ་ཤིས་ཚེ་རིང 㐀𠀀𪚥𫝀𰀀 䶮";
    const auto bytes = charset::encode(text, Charset::gb18030);
    REQUIRE(bytes.has_value());
    const auto again = charset::decode(*bytes, Charset::gb18030);
    REQUIRE(again.has_value());
    CHECK(*again == text);
    CHECK(decoded("d4facef7a1a4b4cec8ca", Charset::gb18030) == "扎西·次仁");
    CHECK_FALSE(charset::encode("བཀྲ", Charset::gbk).has_value());
}

TEST_CASE("broken bytes name the rule and the offset", "[charset][security]") {
    struct Row {
        std::string hex;
        Charset from;
        std::string trouble;
    };
    const auto row = GENERATE(values<Row>({
        {"d4facef7a1", Charset::gb18030, "charset.truncated@4"}, {"41d4", Charset::gbk, "charset.truncated@1"},
        {"813081", Charset::gb18030, "charset.truncated@0"},     {"8130", Charset::gb18030, "charset.truncated@0"},
        {"41ff41", Charset::gb18030, "charset.invalid@1"},       {"d43f", Charset::gb18030, "charset.invalid@0"},
        {"d47f", Charset::gb18030, "charset.invalid@0"},         {"81304130", Charset::gb18030, "charset.invalid@0"},
        {"8130813a", Charset::gb18030, "charset.invalid@0"},     {"8431a530", Charset::gb18030, "charset.invalid@0"},
        {"e3329a36", Charset::gb18030, "charset.invalid@0"},     {"fe39fe39", Charset::gb18030, "charset.invalid@0"},
        {"41e4b8", Charset::utf_8, "charset.truncated@1"},       {"41f0", Charset::utf_8, "charset.truncated@1"},
        {"e44141", Charset::utf_8, "charset.invalid@0"},         {"c080", Charset::utf_8, "charset.invalid@0"},
        {"eda080", Charset::utf_8, "charset.invalid@0"},         {"f490", Charset::utf_8, "charset.invalid@0"},
        {"fffe4100d8", Charset::utf_16, "charset.truncated@4"},  {"fffe00d8", Charset::utf_16, "charset.truncated@2"},
        {"fffe00dc4100", Charset::utf_16, "charset.invalid@2"},  {"d8000041", Charset::utf_16be, "charset.invalid@0"},
        {"41a4", Charset::big5, "charset.truncated@1"},          {"41ff41", Charset::big5, "charset.invalid@1"},
    }));
    CAPTURE(row.hex);
    CHECK(decoded(row.hex, row.from) == row.trouble);
}

TEST_CASE("what a charset can't hold is named with its offset in the text", "[charset]") {
    CHECK(encoded(U"中文བ", Charset::gbk) == "charset.unmappable@6");
    CHECK(encoded(U"a中", Charset::latin_1) == "charset.unmappable@1");
    CHECK(encoded(U"a\U0001F600", Charset::big5) == "charset.unmappable@1");
    const auto broken = charset::encode("a\xFF", Charset::gbk);
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().rule == "charset.invalid");
    CHECK(broken.error().offset == 1);
}

TEST_CASE("UTF-16, Big5 and Latin-1 are read and written", "[charset]") {
    CHECK(decoded("fffe2d4e40d800dc", Charset::utf_16) == "中𠀀");
    CHECK(decoded("feff4e2d", Charset::utf_16) == "中");
    CHECK(decoded("2d4e", Charset::utf_16) == "中");
    CHECK(decoded("4e2d", Charset::utf_16be) == "中");
    CHECK(encoded(U"中𠀀", Charset::utf_16) == "fffe2d4e40d800dc");
    CHECK(encoded(U"中", Charset::utf_16be) == "4e2d");
    CHECK(decoded("a4a4a4e5", Charset::big5) == "中文");
    CHECK(encoded(U"中文", Charset::big5) == "a4a4a4e5");
    CHECK(decoded("e9", Charset::latin_1) == "é");
    CHECK(encoded(U"é", Charset::latin_1) == "e9");
    CHECK(decoded("efbbbf41", Charset::utf_8) == "A");
    CHECK(decoded("", Charset::gb18030).empty());
}

TEST_CASE("many threads decode at once", "[charset]") {
    std::vector<std::thread> threads;
    std::vector<int> good(4);
    for (std::size_t i = 0; i < good.size(); ++i) {
        threads.emplace_back([&good, i] {
            for (int round = 0; round < 500; ++round) {
                const auto gbk = charset::decode("\xD4\xFA\xCE\xF7", Charset::gbk);
                const auto big5 = charset::decode("\xA4\xA4", Charset::big5);
                good[i] += gbk && big5 && *gbk == "扎西" && *big5 == "中" ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good == std::vector<int>(4, 500));
}
