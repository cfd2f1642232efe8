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

}  // namespace

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
