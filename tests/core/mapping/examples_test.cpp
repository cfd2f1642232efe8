#include "core/steps/identifiers.h"
#include "tests/core/mapping/fixture.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Files;
using datong::mapping::tests::lines;

namespace {

/// Numbers in the files of a folder that are right in every digit, and those of them that belong to a real division.
struct Numbers {
    std::size_t persons{};
    std::size_t organisations{};
    std::size_t units{};
    std::string real{};

    void add(const std::string& token, const std::string& file) {
        const bool person = !steps::resident_id_mistake(token, false);
        const bool organisation = !person && !steps::uscc_mistake(token);
        const bool unit = !steps::unit_layout_mistake(token);
        persons += person ? 1U : 0U;
        organisations += organisation ? 1U : 0U;
        units += unit ? 1U : 0U;
        const std::string division = token.substr(organisation ? 2 : 0, 6);
        const bool invented = division.starts_with("9999") || division == "990001";  // no province begins with 99
        real += (person || organisation || unit) && !invented ? file + ": " + token + '\n' : "";
    }
};

Numbers numbers_of(const std::filesystem::path& folder) {
    constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Numbers out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file() || entry.path().filename() == "divisions.csv") {
            continue;
        }
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        for (std::size_t at = text.find_first_of(kLetters); at != std::string::npos;) {
            const std::size_t end = std::min(text.find_first_not_of(kLetters, at), text.size());
            out.add(text.substr(at, end - at), entry.path().filename().string());
            at = text.find_first_of(kLetters, end);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("every number in the examples' data is right and of the test division", "[mapping][security]") {
    struct Row {
        const char* folder;
        Numbers least;  ///< so many there are at least, or the test looked at nothing
    };
    const auto row = GENERATE(values<Row>({
        {"tests/data/mapping", {5, 10, 1}},
        {"mappings", {47, 68, 10}},
    }));
    CAPTURE(row.folder);
    const Numbers numbers = numbers_of(std::filesystem::path{DATONG_SOURCE_DIR} / row.folder);
    CHECK(numbers.persons >= row.least.persons);
    CHECK(numbers.organisations >= row.least.organisations);
    CHECK(numbers.units >= row.least.units);
    CHECK(numbers.real == "");
}

TEST_CASE("the examples' own tests are green", "[mapping]") {
    struct Row {
        const char* path;
        std::size_t count;
    };
    const auto row = GENERATE(values<Row>({
        {"land/realestate-certificate.request.yaml", 2},
        {"land/realestate-certificate.yaml", 4},
        {"fund/deposit-certificate.yaml", 3},
        {"tax/clearance.yaml", 4},
    }));
    CAPTURE(row.path);
    const Files files;
    const auto results = mapping::run_tests(row.path, files.reader(), {.test_division = true});
    CHECK(results.size() == row.count);
    for (const auto& result : results) {
        std::string why;
        for (const std::string& one : result.differences) {
            why += one + '\n';
        }
        CAPTURE(result.name, why);
        CHECK(result.passed);
    }
}
