#include <fstream>
#include <iterator>
#include <random>

#include "core/workbench/row_table.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

std::string land() {
    std::ifstream file{DATONG_SOURCE_DIR "/mappings/land/realestate-certificate.yaml", std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return text.substr(0, text.find("\ntests:") + 1);
}

/// The text with some of it replaced, doubled or taken away, by what means something to YAML or CSV.
std::string mutated(std::string text, std::mt19937& random) {
    constexpr std::string_view kMarks = "{}[],:#'\"|>-\n\r \t=&*!?~";
    const auto below = [&](std::size_t most) {
        return std::uniform_int_distribution<std::size_t>{0, most - 1}(random);
    };
    for (std::size_t i = 0, times = 1 + below(3); i < times && text.size() > 40; ++i) {
        const std::size_t at = below(text.size() - 30);
        switch (below(4)) {
            case 0:
                text[at] = kMarks[below(kMarks.size())];
                break;
            case 1:
                text.insert(at, 1, kMarks[below(kMarks.size())]);
                break;
            case 2:
                text.erase(at, 1 + below(20));
                break;
            default:
                text.insert(at, text.substr(below(text.size() - 30), 1 + below(30)));
                break;
        }
    }
    return text;
}

}  // namespace

TEST_CASE("a damaged mapping or table is imported without loss or refused, never anything else",
          "[workbench][security]") {
    const std::string yaml = land();
    const std::string csv = workbench::export_rows(yaml, "a.yaml").value();
    std::mt19937 random{20260301};
    int imported = 0;
    int refused = 0;
    for (int i = 0; i < 1500; ++i) {
        const std::string file = i % 3 == 0 ? yaml : mutated(yaml, random);
        const std::string table = i % 3 == 1 ? csv : mutated(csv, random);
        const auto got = workbench::import_rows(file, "a.yaml", table, "a.csv");
        if (!got) {
            CHECK_FALSE(got.error().empty());
            ++refused;
            continue;
        }
        ++imported;
        const auto again = workbench::import_rows(got->yaml, "a.yaml", table, "a.csv");
        REQUIRE(again.has_value());
        CHECK(again->yaml == got->yaml);  // what was imported is there
    }
    CHECK(imported > 100);
    CHECK(refused > 100);
}
