#include "core/codec/fixed.h"

#include <memory>

#include "tests/support/catch.h"

using namespace datong;
using codec::FixedLayout;
using record::Record;

namespace {

FixedLayout tax() {
    FixedLayout layout;
    layout.record_bytes = 12;
    layout.kinds = {{"H", 1, "H", false, {{"NAME", 2, 6}, {"DATE", 8, 5}}},
                    {"D", 1, "D", true, {{"CODE", 2, 3}, {"SUM", 5, 8}}},
                    {"T", 1, "T", false, {{"COUNT", 2, 2}}}};
    return layout;
}

// the name's last byte pair is a Chinese character in GBK
const std::string kFile = "H\xD6\xD0\xCE\xC4  20230\nD00100000100\nD00200000200\nT02         \n";

std::string rule(std::string_view bytes, const FixedLayout& layout) {
    const auto rows = codec::read_fixed(bytes, layout);
    return rows ? "" : rows.error().rule + "@" + std::to_string(rows.error().record);
}

}  // namespace

TEST_CASE("a fixed-width file is cut by bytes and put together again", "[codec]") {
    const auto rows = codec::read_fixed(kFile, tax());
    REQUIRE(rows.has_value());
    CHECK(*rows->find_path({"H", "NAME"}) == Record::bytes("\xD6\xD0\xCE\xC4  "));
    REQUIRE(rows->find("D")->items().size() == 2);
    CHECK(rows->find("D")->items()[1].text_of("SUM") == "00000200");
    CHECK(rows->find_path({"T", "COUNT"})->scalar() == "02");
    FixedLayout lf = tax();
    CHECK(codec::write_fixed(*rows, lf) == kFile);
    lf.line_end = FixedLayout::LineEnd::none;
    const auto joined = codec::write_fixed(*rows, lf);
    REQUIRE(joined.has_value());
    CHECK(joined->size() == 48);
    CHECK(codec::read_fixed(*joined, lf) == *rows);
}

TEST_CASE("lines may end as the layout says", "[codec]") {
    FixedLayout layout = tax();
    const std::string crlf = "H           \r\nT           \r\n";
    const std::string lf = "H           \nT           ";
    CHECK(rule(crlf, layout).empty());
    CHECK(rule(lf, layout).empty());
    layout.line_end = FixedLayout::LineEnd::crlf;
    CHECK(rule(crlf, layout).empty());
    CHECK(rule(lf, layout) == "layout.length@1");
    layout.line_end = FixedLayout::LineEnd::lf;
    CHECK(rule(crlf, layout) == "layout.length@1");
    CHECK(rule(lf, layout).empty());
}

TEST_CASE("a file that does not fit its layout names the rule and the record", "[codec][security]") {
    CHECK(rule("H           \nD0010000010\nT           \n", tax()) == "layout.length@2");
    CHECK(rule("H           \nD001000001000\nT           \n", tax()) == "layout.length@2");
    CHECK(rule("H           \n\nT           \n", tax()) == "layout.length@2");
    CHECK(rule("H           \nX00100000100\n", tax()) == "layout.select@2");
    CHECK(rule("H           \n", tax()) == "layout.count@1");
    CHECK(rule("H           \nH           \nT           \n", tax()) == "layout.count@3");
    CHECK(rule("", tax()) == "layout.count@0");
    FixedLayout outside = tax();
    outside.kinds[1].columns.push_back({"BAD", 12, 2});
    CHECK(rule(kFile, outside) == "layout.length@0");
    outside.kinds[1].columns.back() = {"BAD", 0, 2};
    CHECK(rule(kFile, outside) == "layout.length@0");
    FixedLayout cut = tax();
    cut.line_end = FixedLayout::LineEnd::none;
    CHECK(rule("H           T          ", cut) == "layout.length@2");
}

TEST_CASE("a cell that is not padded, or a kind that is missing, is not written", "[codec]") {
    Record rows = *codec::read_fixed(kFile, tax());
    rows.find("T")->put("COUNT", Record::text("2"));
    CHECK_FALSE(codec::write_fixed(rows, tax()).has_value());
    Record missing;
    missing.put("D", Record::list());
    CHECK_FALSE(codec::write_fixed(missing, tax()).has_value());
    Record gaps = *codec::read_fixed(kFile, tax());
    gaps.find("H")->put("DATE", Record{});
    CHECK(codec::write_fixed(gaps, tax())->substr(7, 5) == "     ");
    for (const char* date : {"2024\n", "\r0240"}) {
        Record broken = *codec::read_fixed(kFile, tax());
        broken.find("H")->put("DATE", Record::bytes(date));
        CHECK_FALSE(codec::write_fixed(broken, tax()).has_value());
        FixedLayout unended = tax();
        unended.line_end = FixedLayout::LineEnd::none;
        CHECK(codec::write_fixed(broken, unended).has_value());
    }
}

TEST_CASE("long cells stay when the file that they were read from is gone", "[codec][security]") {
    FixedLayout layout;
    layout.record_bytes = 61;
    layout.kinds = {{"R", 1, "R", true, {{"NAME", 2, 60}}}};
    auto file = std::make_unique<std::string>("R" + std::string(60, 'a') + "\nR" + std::string(60, 'b') + "\n");
    auto rows = codec::read_fixed(*file, layout);
    REQUIRE(rows.has_value());
    file->assign(file->size(), '!');
    file.reset();
    const Record second = rows->find("R")->items()[1];
    *rows = Record{};
    CHECK(second.find("NAME")->scalar() == std::string(60, 'b'));
}
