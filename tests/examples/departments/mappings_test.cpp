#include <string>

#include "core/workbench/coverage.h"
#include "tests/examples/departments/mapping_files.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::departments::test;

TEST_CASE("every mapping of the project compiles and proves its tests without a mistake or a warning",
          "[departments][mapping]") {
    const auto paths = all_mappings();
    CHECK(paths.size() == 79);
    for (const std::string& path : paths) {
        CAPTURE(path);
        const mapping::Compiled made = mapping::compile_and_test(path, mapping_files(), {.test_division = true});
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
    CHECK(count == 1042);
}

TEST_CASE("the tests beside the mappings meet nine tenths of what can happen in each", "[departments][mapping]") {
    for (const std::string& path : all_mappings()) {
        mapping::Passage passage;
        const auto runs = mapping::run_tests(*compiled(path), path, mapping_files(), &passage);
        const workbench::Coverage coverage = workbench::coverage_of(path, mapping_files(), runs, passage);
        std::string missed;
        for (const workbench::Goal& goal : coverage.goals) {
            missed +=
                goal.met ? "" : goal.where.file + ":" + std::to_string(goal.where.line) + " " + goal.text_en + "\n";
        }
        CAPTURE(path, missed);
        CHECK(coverage.percent() >= 90);
    }
}

TEST_CASE("the files of the tax office come back byte for byte but for the ends of lines", "[departments][mapping]") {
    const auto tax = compiled("tax/clearance.yaml");
    REQUIRE(tax->is_reversible());
    for (const char* sample : {"samples/tax-01.dat", "samples/tax-02.dat"}) {
        CAPTURE(sample);
        const std::string file = mapping_files()(sample).value();
        mapping::Input input;
        input.bytes = file;
        input.now = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
        const mapping::Output there = tax->run(input);
        REQUIRE(there.outcome == mapping::Outcome::ok);
        mapping::Input unified;
        unified.tree = &there.target;
        unified.now = input.now;
        const mapping::Output back = tax->run_reverse(unified);
        CHECK(findings_of(back) == "ok");
        std::string lines = file;  // crlf_or_lf is read, lf is written
        std::erase(lines, '\r');
        CHECK(back.wire == lines);
    }
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
