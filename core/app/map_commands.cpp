#include <iostream>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/map_tools.h"
#include "core/codec/json.h"
#include "core/mapping/mapping.h"
#include "core/workbench/coverage.h"
#include "core/workbench/junit.h"

namespace datong::app {
namespace {

using record::Record;

void print(const std::vector<mapping::Finding>& findings, std::string_view kind) {
    for (const mapping::Finding& finding : findings) {
        std::cerr << kind << ' ' << finding.rule << "  " << finding.path << "  <- " << finding.source << "  "
                  << finding.text_zh << " | " << finding.text_en;
        if (!finding.value.empty()) {
            std::cerr << "  值 value: " << finding.value;
        }
        std::cerr << "\n    " << finding.where.file << ':' << finding.where.line << ':' << finding.where.column << '\n';
    }
}

void print(const std::vector<mapping::TraceLine>& trace) {
    for (const mapping::TraceLine& line : trace) {
        std::cout << line.path << '\n';
        for (const auto& [stage, value] : line.stages) {
            std::cout << "    " << stage << "  ->  " << value << '\n';
        }
    }
}

std::shared_ptr<const mapping::Mapping> compile(const MapOptions& options) {
    const Located located = locate(options.file, options.mappings);
    auto compiled =
        mapping::compile(located.path, reader_below(located.root), {.test_division = options.test_division});
    app::print(compiled.mistakes);
    return compiled.mapping;
}

/// What a round of tests came to.
struct Tally {
    int passed{};
    int failed{};
    bool covered{true};   ///< every mapping reaches what --min asks
    bool lacks_option{};  ///< a test failed for its division
    std::vector<workbench::Suite> suites;
};

void note(const std::string& path, const mapping::TestResult& result, Tally& tally) {
    ++(result.passed ? tally.passed : tally.failed);
    std::cout << (result.passed ? "通过 pass  " : "失败 FAIL  ") << path << "  " << result.name << '\n';
    for (const std::string& difference : result.differences) {
        std::cout << "    " << difference << '\n';
    }
    tally.suites.back().tests.push_back(result);
}

void show_coverage(const std::string& path, const workbench::Coverage& coverage, int least, Tally& tally) {
    const bool enough = coverage.percent() >= least;
    tally.covered = tally.covered && enough;
    std::cout << "覆盖 coverage  " << path << "  " << coverage.percent() << "% (" << coverage.met() << '/'
              << coverage.goals.size() << ')'
              << (enough ? "" : "  低于要求 below the minimum " + std::to_string(least) + '%') << '\n';
    for (const workbench::Goal& goal : coverage.goals) {
        if (!goal.met) {
            std::cout << "    " << goal.where.file << ':' << goal.where.line << ':' << goal.where.column << "  "
                      << goal.text_zh << " | " << goal.text_en << '\n';
        }
    }
}

void test_file(const std::string& file, const MapOptions& options, Tally& tally) {
    const Located located = locate(file, options.mappings);
    const auto read = reader_below(located.root);
    const auto compiled = mapping::compile(located.path, read, {.test_division = options.test_division});
    tally.suites.push_back({located.path, {}});
    if (!compiled.mapping) {
        app::print(compiled.mistakes);
        mapping::TestResult broken;
        broken.name = "compile";
        broken.where = {located.path, 0, 0};
        for (const Mistake& one : compiled.mistakes) {
            broken.differences.push_back(to_line(one));
        }
        ++tally.failed;
        tally.suites.back().tests.push_back(std::move(broken));
        return;
    }
    const bool counted = options.coverage || options.least_coverage > 0;
    mapping::Passage passage;
    const auto runs = mapping::run_tests(*compiled.mapping, located.path, read, counted ? &passage : nullptr);
    for (const mapping::TestRun& run : runs) {
        note(located.path, run.result, tally);
        tally.lacks_option = tally.lacks_option || (!run.result.passed && is_about_division(run.output.errors));
    }
    if (counted) {
        const auto coverage = workbench::coverage_of(located.path, read, runs, passage);
        show_coverage(located.path, coverage, options.least_coverage, tally);
    }
}

/// Says so where it is not.
bool is_there(const std::string& file) {
    const bool readable = read_text(file).has_value();
    if (!readable) {
        std::cerr << "读不到文件 can't read the file: " << file << '\n';
    }
    return readable;
}

bool write_report(const std::string& file, const Tally& tally) {
    const auto report = workbench::junit_report(tally.suites);
    if (!report || !write_text(file, *report)) {
        std::cerr << "写不了报告 can't write the report: " << file << '\n';
        return false;
    }
    return true;
}

}  // namespace

int map_check(const MapOptions& options) {
    if (!is_there(options.file)) {
        return kUsage;
    }
    const Located located = locate(options.file, options.mappings);
    const auto checked =
        mapping::compile_and_test(located.path, reader_below(located.root), {.test_division = options.test_division});
    app::print(checked.mistakes);
    return checked.mapping ? kGood : kWanting;
}

int map_run(const MapOptions& options) {
    if (!is_there(options.file)) {
        return kUsage;
    }
    const auto mapping = compile(options);
    const auto sample = read_text(options.sample);
    const auto context = options.context.empty() ? std::optional<std::string>{"{}"} : read_text(options.context);
    const auto now = moment(options.at);
    if (!sample || !context || !now) {
        std::cerr << "无法读取样例、上下文或时刻 can't read the sample, the context or --at\n";
        return kUsage;
    }
    const auto ctx = codec::read_json(*context);
    if (!mapping || !ctx) {
        return mapping ? kUsage : kWanting;
    }
    std::vector<mapping::TraceLine> trace;
    mapping::Input input{.bytes = *sample, .context = &*ctx, .now = *now, .trace = options.trace ? &trace : nullptr};
    Record rows;
    if (mapping->source_format() == "rows") {
        const auto tree = codec::read_json(*sample);
        rows = tree ? rows_of_sample(*tree) : Record{};
        input.tree = &rows;
    }
    const mapping::Output out = mapping->run(input);
    print(trace);
    print(out.warnings, "警告 warning");
    print(out.errors, "错误 error");
    std::cerr << "结果 outcome: " << name_of(out.outcome) << '\n';
    if (!options.test_division && is_about_division(out.errors)) {
        std::cerr << kLacksTestDivision;
    }
    if (out.outcome == mapping::Outcome::ok) {
        std::cout << (out.wire.empty() || mapping->target_format() == "json" ? codec::write_json_for_people(out.target)
                                                                             : out.wire)
                  << '\n';
    }
    return out.outcome == mapping::Outcome::ok || out.outcome == mapping::Outcome::not_found ? kGood : kWanting;
}

int map_test(const std::vector<std::string>& paths, const MapOptions& options) {
    Tally tally;
    for (const std::string& path : paths) {
        if (const std::string why = why_not_there(path); !why.empty()) {
            std::cerr << why << '\n';
            return kUsage;
        }
        for (const std::string& file : mapping_files(path)) {
            test_file(file, options, tally);
        }
    }
    std::cout << tally.passed << " passed, " << tally.failed << " failed\n";
    if (tally.lacks_option && !options.test_division) {
        std::cout << kLacksTestDivision;
    }
    if (!options.junit.empty() && !write_report(options.junit, tally)) {
        return kUsage;
    }
    if (tally.passed + tally.failed == 0) {
        std::cerr << "一个测试也没有：此处没有带测试的映射 there is no test at all: no mapping with tests here\n";
        return kWanting;
    }
    return tally.failed == 0 && tally.covered ? kGood : kWanting;
}

}  // namespace datong::app
