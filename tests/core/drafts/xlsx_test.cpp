#include "core/drafts/xlsx.h"

#include <fstream>
#include <iterator>

#include "core/drafts/zip.h"
#include "tests/support/catch.h"

using namespace datong;
using drafts::Zip;

namespace {

std::string workbook() {
    std::ifstream in{DATONG_TEST_DATA "/drafts/items.xlsx", std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    REQUIRE(bytes.size() > 500);
    return bytes;
}

/// A little-endian number.
std::string number(std::size_t value, std::size_t size) {
    std::string octets;
    for (std::size_t i = 0; i < size; ++i) {
        octets += static_cast<char>(value >> (8 * i) & 0xFFU);
    }
    return octets;
}

/// Source: RFC 1952, 8.
std::uint32_t crc_of(const std::string& text) {
    std::uint32_t crc = 0xFFFF'FFFFU;
    for (const char octet : text) {
        crc ^= static_cast<unsigned char>(octet);
        for (int bit = 0; bit < 8; ++bit) {
            crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB8'8320U : 0U);
        }
    }
    return ~crc;
}

/// An archive of stored parts. Source: APPNOTE 6.3.3, 4.3.
std::string archive(const std::vector<std::pair<std::string, std::string>>& parts) {
    std::string all;
    std::string directory;
    for (const auto& [name, content] : parts) {
        const std::string sizes =
            number(crc_of(content), 4) + number(content.size(), 4) + number(content.size(), 4) + number(name.size(), 2);
        directory +=
            "PK\x01\x02" + std::string(12, '\0') + sizes + std::string(12, '\0') + number(all.size(), 4) + name;
        all += "PK\x03\x04" + std::string(10, '\0') + sizes + std::string(2, '\0') + name + content;
    }
    const std::string count = number(parts.size(), 2);
    return all + directory + "PK\x05\x06" + std::string(4, '\0') + count + count + number(directory.size(), 4) +
           number(all.size(), 4) + std::string(2, '\0');
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

std::string sheet(const std::string& rows) {
    return "<worksheet><sheetData>" + rows + "</sheetData></worksheet>";
}

}  // namespace

TEST_CASE("a small workbook can't cost much more than it weighs", "[drafts][security]") {
    using Parts = std::vector<std::pair<std::string, std::string>>;
    const std::string one = "xl/worksheets/sheet1.xml";
    const std::string strings = "xl/sharedStrings.xml";
    const auto fault_of = [](const Parts& parts) {
        const auto sheets = drafts::read_xlsx(archive(parts));
        return sheets ? std::string{"read"} : std::string{row_of(sheets.error().fault()).code};
    };
    REQUIRE(fault_of({{one, sheet(R"(<row><c r="B1"><v>1</v></c></row>)")}}) == "read");
    SECTION("rows without cells") {
        CHECK(fault_of({{one, sheet(repeated("<row/>", 10'000))}}) == "read");
        CHECK(fault_of({{one, sheet(repeated("<row/>", 10'001))}}) == "body_too_large");
    }
    SECTION("a last column in each of many rows") {
        const std::string row = R"(<row><c r="IV1"/></row>)";
        CHECK(fault_of({{one, sheet(repeated(row, 700))}}) == "read");
        CHECK(fault_of({{one, sheet(repeated(row, 800))}}) == "body_too_large");
    }
    SECTION("a row or a column at the end of the world") {
        CHECK(fault_of({{one, sheet(R"(<row r="1048576"><c r="A1048576"><v>1</v></c></row>)")}}) == "read");
        CHECK(fault_of({{one, sheet(R"(<row><c r="XFD1"><v>1</v></c></row>)")}}) == "body_too_large");
        CHECK(fault_of({{one, sheet(R"(<row><c r="ZZZZZZZZZZZZZZZZZZZZZZ1"/></row>)")}}) == "body_too_large");
    }
    SECTION("many cells that point to one long text") {
        const std::string text = "<sst><si><t>" + std::string(1U << 20U, 'x') + "</t></si></sst>";
        const std::string cell = R"(<c t="s"><v>0</v></c>)";
        const auto row = [&](std::size_t cells) { return sheet("<row>" + repeated(cell, cells) + "</row>"); };
        CHECK(fault_of({{strings, text}, {one, row(32)}}) == "read");
        CHECK(fault_of({{strings, text}, {one, row(33)}}) == "body_too_large");
    }
    SECTION("many sheets") {
        Parts parts;
        for (int i = 100; i < 164; ++i) {
            parts.emplace_back("xl/worksheets/sheet" + std::to_string(i) + ".xml", sheet("<row/>"));
        }
        CHECK(fault_of(parts) == "read");
        parts.emplace_back("xl/worksheets/sheet999.xml", sheet("<row/>"));
        CHECK(fault_of(parts) == "body_too_large");
    }
    SECTION("parts that are large together, though each is not") {
        Parts parts;
        for (int i = 1; i <= 7; ++i) {
            parts.emplace_back("xl/worksheets/sheet" + std::to_string(i) + ".xml",
                               sheet("<row/>") + std::string(8U << 20U, '\n'));
        }
        CHECK(fault_of(parts) == "body_too_large");
    }
}

TEST_CASE("a workbook gives the texts of its cells, whatever way they are written", "[drafts]") {
    const auto sheets = drafts::read_xlsx(workbook());
    REQUIRE(sheets);
    REQUIRE(sheets->size() == 2);
    const codec::CsvRows& rows = sheets->back();
    REQUIRE(rows.size() > 6);
    CHECK(rows[2][1] == "字段名");
    CHECK(rows[3] == std::vector<std::string>{"1", "CJRZH", "残疾人证号", "字符", "20", "是"});
    CHECK(rows[4][2] == "姓名");        // runs joined, the reading left out
    CHECK(rows[6][2] == " 残疾类别 ");  // blanks that the file says to keep
}

TEST_CASE("a damaged or hostile workbook is refused", "[drafts][security]") {
    const std::string good = workbook();
    CHECK_FALSE(drafts::read_xlsx("").has_value());
    CHECK_FALSE(drafts::read_xlsx("PK\x05\x06").has_value());
    SECTION("cut off anywhere") {
        for (std::size_t size = 0; size < good.size(); size += 7) {
            CAPTURE(size);
            CHECK_FALSE(drafts::read_xlsx(good.substr(0, size)).has_value());
        }
    }
    SECTION("any octet altered: never more than a refusal or other texts") {
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string bad = good;
            bad[at] = static_cast<char>(~bad[at]);
            const auto sheets = drafts::read_xlsx(bad);
            CAPTURE(at);
            CHECK((!sheets.has_value() || sheets->size() <= 2));
        }
    }
    SECTION("a part whose check sum is wrong") {
        std::string bad = good;
        const auto entry = bad.find("xl/worksheets/sheet2.xml", bad.find("PK\x01\x02")) - 46;
        REQUIRE(bad.substr(entry, 4) == "PK\x01\x02");
        bad[entry + 16] = static_cast<char>(bad[entry + 16] ^ 1);
        CHECK(drafts::read_xlsx(bad).error().fault() == Fault::bad_request);
    }
    SECTION("a stored part that was altered") {
        std::ifstream in{DATONG_TEST_DATA "/zip/stored.zip", std::ios::binary};
        std::string stored{std::istreambuf_iterator<char>{in}, {}};
        REQUIRE(Zip::open(stored).value().read("reply.xml").value().starts_with("<?xml"));
        stored[stored.find("<?xml") + 1] = '!';
        CHECK(Zip::open(stored).value().read("reply.xml").error().fault() == Fault::bad_request);
    }
    SECTION("a stored part of more than one block of deflate") {
        const std::string text = repeated("0123456789abcdef", 10'000);
        const std::string whole = archive({{"a", text}, {"empty", ""}});
        const auto zip = Zip::open(whole);
        CHECK(zip.value().read("a").value() == text);
        CHECK(zip.value().read("empty").value().empty());
    }
    SECTION("encrypted") {
        std::string bad = good;
        const auto entry = bad.find("PK\x01\x02");
        bad[entry + 8] = static_cast<char>(bad[entry + 8] | 1);
        CHECK_THAT(drafts::read_xlsx(bad).error().detail(), ContainsSubstring("encrypted"));
    }
}

TEST_CASE("a part that unpacks to too much is refused before it does", "[drafts][security]") {
    const std::string good = workbook();
    const auto small = Zip::open(good, {.max_part = 64});
    REQUIRE(small);
    CHECK(small->read("xl/worksheets/sheet2.xml").error().fault() == Fault::body_too_large);
    SECTION("also when its directory lies about the size") {
        std::string bad = good;
        const auto entry = bad.find("xl/worksheets/sheet2.xml", bad.find("PK\x01\x02")) - 46;
        for (int i = 0; i < 4; ++i) {
            bad[entry + 24 + static_cast<std::size_t>(i)] = i == 0 ? '\x10' : '\0';
        }
        const auto lying = Zip::open(bad, {.max_part = 64});
        REQUIRE(lying);
        CHECK_FALSE(lying->read("xl/worksheets/sheet2.xml").has_value());
    }
    CHECK(Zip::open(good, {.max_bytes = 100}).error().fault() == Fault::body_too_large);
    CHECK(Zip::open(good, {.max_parts = 2}).error().fault() == Fault::body_too_large);
    CHECK(Zip::open(good)->read("no such part").error().fault() == Fault::bad_request);
}
