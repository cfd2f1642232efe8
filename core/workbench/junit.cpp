#include "core/workbench/junit.h"

#include <algorithm>

#include "core/codec/xml.h"

namespace datong::workbench {
namespace {

using record::Record;

Record whole(std::size_t number) {
    return Record::text(std::to_string(number));
}

Record test_case(const std::string& file, const mapping::TestResult& test) {
    Record out = Record::object();
    out.put("@classname", Record::text(file));
    out.put("@name", Record::text(test.name));
    out.put("@file", Record::text(test.where.file));
    out.put("@line", Record::text(std::to_string(test.where.line)));
    if (!test.passed) {
        std::string all;
        for (const std::string& difference : test.differences) {
            all += (all.empty() ? "" : "\n") + difference;
        }
        Record failure = Record::object();
        failure.put("@message", Record::text(test.differences.empty() ? "" : test.differences.front()));
        failure.put("#text", Record::text(all));
        out.put("failure", std::move(failure));
    }
    return out;
}

std::size_t failures_of(const Suite& suite) {
    return static_cast<std::size_t>(
        std::count_if(suite.tests.begin(), suite.tests.end(), [](const auto& one) { return !one.passed; }));
}

}  // namespace

Result<std::string> junit_report(const std::vector<Suite>& suites) {
    std::size_t tests = 0;
    std::size_t failures = 0;
    Record list = Record::list();
    for (const Suite& suite : suites) {
        tests += suite.tests.size();
        failures += failures_of(suite);
        Record one = Record::object();
        one.put("@name", Record::text(suite.file));
        one.put("@tests", whole(suite.tests.size()));
        one.put("@failures", whole(failures_of(suite)));
        Record cases = Record::list();
        for (const mapping::TestResult& test : suite.tests) {
            cases.add(test_case(suite.file, test));
        }
        one.put("testcase", std::move(cases));
        list.add(std::move(one));
    }
    Record root = Record::object();
    root.put("@name", Record::text("datong map test"));
    root.put("@tests", whole(tests));
    root.put("@failures", whole(failures));
    root.put("testsuite", std::move(list));
    return codec::write_xml(root, "testsuites", {}, true);
}

}  // namespace datong::workbench
