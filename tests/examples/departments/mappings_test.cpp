#include <string>

#include "tests/examples/departments/mapping_files.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::departments::test;

TEST_CASE("every mapping of the project compiles without a mistake or a warning", "[departments][mapping]") {
    const auto paths = all_mappings();
    CHECK(paths.size() == 10);
    for (const std::string& path : paths) {
        CAPTURE(path);
        const mapping::Compiled made = mapping::compile(path, mapping_files(), {.test_division = true});
        for (const Mistake& mistake : made.mistakes) {
            const std::string text = to_line(mistake);
            CAPTURE(text);
            CHECK(mistake.severity == Severity::note);
        }
        CHECK(made.mapping != nullptr);
    }
}

TEST_CASE("the tests beside the mappings pass", "[departments][mapping]") {
    std::size_t count = 0;
    for (const std::string& path : all_mappings()) {
        for (const mapping::TestResult& result : mapping::run_tests(path, mapping_files(), {.test_division = true})) {
            CAPTURE(path, result.name);
            std::string differences;
            for (const std::string& one : result.differences) {
                differences += one + "\n";
            }
            CAPTURE(differences);
            CHECK(result.passed);
            ++count;
        }
    }
    CHECK(count == 68);
}

TEST_CASE("mappings refuse the reserved division where the installation does not allow it",
          "[departments][mapping][security]") {
    const mapping::Compiled made = mapping::compile("land/realestate-certificate.request.yaml", mapping_files(), {});
    REQUIRE(made.mapping != nullptr);
    const record::Record context = context_about("示例甲", "111", "999901199001010010", "11999901MB0000019U");
    record::Record query = record::Record::object();
    query.put("divisionCode", record::Record::text("999901"));
    mapping::Input input;
    input.tree = &query;
    input.context = &context;
    CHECK(made.mapping->run(input).outcome == mapping::Outcome::invalid);
}
