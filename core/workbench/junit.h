#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/mapping.h"

namespace datong::workbench {

/// The tests of one mapping, for a report.
struct Suite {
    std::string file;
    std::vector<mapping::TestResult> tests;
};

/// A report that build servers read: <testsuites> with a <testsuite> for each mapping, a <testcase> for each
/// test and <failure> with what differs. Source: the JUnit XML format of Apache Ant, as Jenkins and GitLab read it.
[[nodiscard]] Result<std::string> junit_report(const std::vector<Suite>& suites);

}  // namespace datong::workbench
