#pragma once

#include <string>
#include <vector>

#include "core/base/mistake.h"
#include "core/mapping/mapping.h"
#include "core/yaml/node.h"

namespace datong::mapping {

/// Reads the keys of a list of tests, so that a misspelt one is a mistake (M105) when the mapping is
/// compiled and not a check that never happens.
void check_tests(const yaml::Node& tests, Mistakes& mistakes);
/// The same of a whole file of tests, which holds `tests` and nothing else: M105, M107, M108.
void check_companion(const yaml::Node& root, Mistakes& mistakes);

/// "land/x.test.yaml" beside "land/x.yaml".
[[nodiscard]] std::string companion_of(std::string_view path);

/// Rows as an adapter gives them: every cell text or octets.
[[nodiscard]] record::Record to_rows(const yaml::Node& node);

/// Puts a value at a place ("QLRS.QLR[2].QLBL", "acct.0.GRZHYE"); an empty one takes the member away.
/// @return false when there is no such place.
[[nodiscard]] bool patch_record(record::Record& root, const std::string& where, const yaml::Node& value);

/// How an expected record is compared.
struct Comparing {
    bool partial{};  ///< members that are not expected are fine
    bool loose{};    ///< scalars by their text, whatever their kind
};

/// What differs, a sentence each; the values of test data stand there in the clear.
[[nodiscard]] std::vector<std::string> record_differences(const record::Record& wanted, const record::Record& got,
                                                          Comparing how);
/// @param wanted  [{path, rule, source?}]; the same findings must be there, in any order, and no others.
[[nodiscard]] std::vector<std::string> finding_differences(const std::string& what, const yaml::Node& wanted,
                                                           const std::vector<Finding>& got);
/// Which laws of the reverse a record breaks, a sentence each: GetPut, what comes back is the department's record
/// but for white space around a value; PutGet, what comes back and goes again is the target.
/// @param source  the department's record.
/// @param target  what the program made of it.
/// @param input   gives context and moment.
[[nodiscard]] std::vector<std::string> broken_laws(const Mapping::Program& program, const record::Record& source,
                                                   const record::Record& target, const Input& input);

/// A test that says whose record it is: `expect_person`. Who is asked stands in its context; where a record names its
/// person only the service knows, so the judgement is the catalogue's.
struct PersonTest {
    std::string name;
    Position where;
    bool speaks_of_them{};   ///< expect_person: same; else other
    record::Record target;   ///< of a run whose outcome is ok
    record::Record subject;  ///< ctx.subject of the test
};

/// Runs the tests that say `expect_person` and come to a record; others are of no interest here.
[[nodiscard]] std::vector<PersonTest> run_person_tests(const Mapping& mapping, std::string_view path,
                                                       const ReadFile& read);

[[nodiscard]] std::string spoken_finding(const std::string& what, const Finding& one);

}  // namespace datong::mapping
