#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/record/date.h"
#include "core/record/record.h"

namespace datong::mapping {

/// What became of one record (docs/mapping.md, 3.8).
enum class Outcome {
    ok,
    not_found,  ///< the department says there is no such record: an answer
    rejected,   ///< the department refused, in its own code
    retry,      ///< the department asks to come again (token expired, busy)
    invalid,    ///< fields that the mapping refused
    malformed,  ///< the bytes are not what the source format says
};
[[nodiscard]] std::string_view name_of(Outcome outcome);

/// One error or warning of one field, ready to be shown: `value` is masked by its class already.
struct Finding {
    std::string path;    ///< JSON pointer into the target: "/holders/0/idNo"
    std::string source;  ///< "$.QLRS.QLR[0].ZJH"
    std::string rule;    ///< "id.checksum"
    int step{};          ///< from 1; 0 when it was no step
    Position where;      ///< in the mapping file
    std::string text_zh;
    std::string text_en;
    std::string value;
    std::string value_class;
};

/// Where a leaf of the target came from, for provenance.
struct Origin {
    std::string path;    ///< JSON pointer into the target
    std::string source;  ///< source path; empty for a constant
};

/// One line of a trace: a field, and what it was after each step; values masked by class.
struct TraceLine {
    std::string path;
    std::vector<std::pair<std::string, std::string>> stages;  ///< ("from QLRMC", "张**"), ("trim", "张**") ...
};

/// What runs went through, gathered over any number of them, by place in the mapping file: the ground
/// of coverage. Values that steps took stand here in the clear, so this is for test data only.
struct Passage {
    enum class What {
        written,     ///< a row gave its target
        when_true,   ///< of a row or a check
        when_false,  ///< of a row or a check
        taken,       ///< a case was chosen
        given,       ///< a step took `value`
    };
    struct Mark {
        int line{};
        int column{};
        What what{What::written};
        std::string value;
        auto operator<=>(const Mark&) const = default;
    };
    std::set<Mark> marks;

    void note(const Position& where, What what, std::string value = {}) {
        marks.insert({where.line, where.column, what, std::move(value)});
    }
};

struct Input {
    std::string_view bytes;        ///< what came, for every format but rows
    const record::Record* tree{};  ///< for format rows ({set: [{COL: cell}]}) or a tree that is parsed already
    const record::Record*
        context{};  ///< what from_ctx reads: {subject: {...}, purpose: {code: ...}, department: {...}}
    std::chrono::system_clock::time_point now;
    std::vector<TraceLine>* trace{};  ///< filled when given
    bool record_only{};               ///< of the output only `target` is wanted: no `wire`
    bool with_origins{};              ///< `origins` are wanted, too
    Passage* passage{};               ///< filled when given
};

struct Output {
    Outcome outcome{Outcome::ok};
    record::Record target;          ///< null unless outcome is ok
    std::string wire;               ///< the target serialised and wrapped; empty for format kv
    std::string content_type;       ///< of `wire`
    std::vector<Origin> origins;    ///< of the leaves in their order, when the input asks for them
    std::vector<Finding> errors;    ///< at most 100
    std::vector<Finding> warnings;  ///< at most 100; what is more is not named, and changes nothing of the target
    bool truncated{};               ///< there was more to name
};

/// Reads a file below mappings/ by its relative path with '/'; nullopt when it is not there.
using ReadFile = std::function<std::optional<std::string>(std::string_view path)>;

struct CompileOptions {
    bool test_division{};  ///< identifiers of the reserved division 9999xx are accepted
};

/// A compiled mapping: immutable, may be used from many threads.
class Mapping {
public:
    [[nodiscard]] const std::string& id() const;
    [[nodiscard]] const std::string& version() const;
    [[nodiscard]] const std::string& title() const;
    /// hex SHA-256 over the file, its tables and schemas: what exactly was in force.
    [[nodiscard]] const std::string& digest() const;
    [[nodiscard]] const std::string& target_format() const;  ///< "json", "xml", "kv" ...
    [[nodiscard]] const std::string& source_format() const;
    /// JSON Schema of the source, as a Record; null where it is none.
    [[nodiscard]] const record::Record& source_schema() const;
    /// JSON Schema of the target (json targets), as a Record; null for the others.
    [[nodiscard]] const record::Record& target_schema() const;
    /// "personal", "sensitive" ... of a target path with indices or '*': "/holders/0/idNo"; empty where
    /// the schema says nothing.
    [[nodiscard]] std::string class_of(std::string_view pointer) const;

    [[nodiscard]] Output run(const Input& input) const;

    /// Whether the file says `reverse: true`.
    [[nodiscard]] bool is_reversible() const;
    /// From the unified record (`tree`, or JSON `bytes`) back to the department's: Output::target is its record,
    /// `wire` its bytes, empty for formats kv and rows. Malformed, reverse.none, where there is no reverse.
    [[nodiscard]] Output run_reverse(const Input& input) const;

    struct Program;
    explicit Mapping(std::shared_ptr<const Program> program);
    /// For the test runner, which alters a record between reading and translating it.
    [[nodiscard]] const Program& program() const { return *program_; }

private:
    std::shared_ptr<const Program> program_;
};

/// A compile's outcome: `mapping` is null when `mistakes` has an error.
struct Compiled {
    std::shared_ptr<const Mapping> mapping;
    Mistakes mistakes;  ///< errors M1xx..M6xx, warnings and notes
};

/// Reads, checks and compiles one file.
/// @param path  relative to mappings/: "land/realestate-certificate.yaml"; stands in every Position.
[[nodiscard]] Compiled compile(std::string_view path, const ReadFile& read, const CompileOptions& options);

/// The same, with the file's tests run (and those of its .test.yaml). Beside compile's mistakes: M901 a test that
/// fails (error), required fields that no test refuses (warning); M501 a real person's number in test data (warning).
/// For activating a mapping: `mapping` is null when a test fails.
[[nodiscard]] Compiled compile_and_test(std::string_view path, const ReadFile& read, const CompileOptions& options);

/// One test of a mapping file, run.
struct TestResult {
    std::string name;
    bool passed{};
    std::vector<std::string> differences;  ///< why not, in words; values of test data may stand here
    Position where;
};

/// Runs the tests in the file (and its .test.yaml).
[[nodiscard]] std::vector<TestResult> run_tests(std::string_view path, const ReadFile& read,
                                                const CompileOptions& options);

/// A test with what came out of it, whatever it expects.
struct TestRun {
    TestResult result;
    Output output;
};

/// Runs the tests beside `path` with a mapping that is compiled already: its own, or another version.
/// @param passage  what the runs went through is added here; nullptr: nobody wants to know.
[[nodiscard]] std::vector<TestRun> run_tests(const Mapping& mapping, std::string_view path, const ReadFile& read,
                                             Passage* passage);

}  // namespace datong::mapping
