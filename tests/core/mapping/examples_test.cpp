#include "tests/core/mapping/fixture.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Files;
using datong::mapping::tests::lines;

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
