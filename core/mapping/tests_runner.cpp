#include "core/mapping/tests_runner.h"

#include <algorithm>
#include <chrono>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/mapping/engine.h"

namespace datong::mapping {
namespace {

using record::Record;

constexpr std::size_t kMaxDifferences = 20;
constexpr int kMaxExtends = 8;
constexpr std::string_view kUsualMoment = "2025-01-01T00:00:00+08:00";

std::chrono::system_clock::time_point to_time(const record::DateTime& at) {
    const std::int64_t seconds =
        record::days_since_epoch(at.date) * 86400 + (at.hour - 8) * 3600 + at.minute * 60 + at.second;
    return std::chrono::system_clock::time_point{std::chrono::seconds{seconds}} +
           std::chrono::milliseconds{at.millisecond};
}

/// Begin of a fixed-width record, counted from 1, and its length without the line's end.
std::pair<std::size_t, std::size_t> record_span(std::string_view bytes, std::size_t record,
                                                const codec::FixedLayout& layout) {
    if (layout.line_end == codec::FixedLayout::LineEnd::none && layout.record_bytes != 0) {
        return {std::min(bytes.size(), (record - 1) * layout.record_bytes), layout.record_bytes};
    }
    std::size_t begin = 0;
    for (std::size_t i = 1; i < record && begin != std::string_view::npos; ++i) {
        begin = bytes.find('\n', begin);
        begin = begin == std::string_view::npos ? begin : begin + 1;
    }
    if (begin == std::string_view::npos) {
        return {bytes.size(), 0};
    }
    std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    if (end > begin && bytes[end - 1] == '\r') {
        --end;
    }
    return {begin, end - begin};
}

/// One test on its way: what it is given, and what came out.
class OneTest {
public:
    OneTest(const Mapping::Program& program, const ReadFile& read, const std::vector<const yaml::Node*>& all,
            const yaml::Node& node, Passage* passage)
        : program_{program}, read_{read}, all_{all}, node_{node}, passage_{passage} {
        result_.name = node.text_of("name");
        result_.where = node.where;
    }

    TestRun run() {
        Output out = output();
        if (result_.differences.empty()) {
            compare(out);
            round_trip(out);
        }
        result_.passed = result_.differences.empty();
        return {std::move(result_), std::move(out)};
    }

private:
    void differ(std::string why) {
        if (result_.differences.size() < kMaxDifferences) {
            result_.differences.push_back(std::move(why));
        }
    }

    void add(const std::vector<std::string>& differences) {
        for (const std::string& one : differences) {
            differ(one);
        }
    }

    /// The test itself and those that it extends, itself first.
    std::vector<const yaml::Node*> line() {
        std::vector<const yaml::Node*> out{&node_};
        for (int i = 0; i < kMaxExtends; ++i) {
            const yaml::Node* extends = out.back()->find("extends");
            if (extends == nullptr) {
                return out;
            }
            const auto index = to_whole_number(extends->text);
            const auto found = std::find_if(
                all_.begin(), all_.end(), [&](const yaml::Node* one) { return one->text_of("name") == extends->text; });
            if (found != all_.end()) {
                out.push_back(*found);
            } else if (index && *index < all_.size()) {
                out.push_back(all_[static_cast<std::size_t>(*index)]);
            } else {
                break;
            }
        }
        differ("extends names no test, or goes in a circle");
        return out;
    }

    const yaml::Node* inherited(std::string_view key) {
        for (const yaml::Node* one : line_) {
            if (const yaml::Node* found = one->find(key); found != nullptr) {
                return found;
            }
        }
        return nullptr;
    }

    std::string file(const std::string& name) {
        auto text = read_(name);
        if (!text) {
            differ("can't read the file '" + name + "'");
        }
        return std::move(text).value_or(std::string{});
    }

    /// The nearest test of the line that says what comes in.
    bool take_input() {
        for (const yaml::Node* one : line_) {
            if (const auto* rows = one->find("input_rows"); rows != nullptr) {
                tree_ = to_rows(*rows);
                return true;
            }
            if (const auto* json = one->find("input_json"); json != nullptr) {
                bytes_ = codec::write_json(yaml::to_record(*json));
                return true;
            }
            if (const auto* text = one->find("input_text"); text != nullptr) {
                bytes_ = text->text;
                return true;
            }
            if (const auto* text = one->find("input_gb18030"); text != nullptr) {
                bytes_ = charset::encode(text->text, charset::Charset::gb18030).value_or(std::string{});
                return true;
            }
            if (const auto* name = one->find("input"); name != nullptr) {
                bytes_ = file(name->text);
                return true;
            }
        }
        differ("the test says nothing about its input");
        return false;
    }

    void splice(const yaml::Node& node) {
        const auto number = [&](std::string_view key) {
            return static_cast<std::size_t>(to_whole_number(node.text_of(key)).value_or(0));
        };
        std::size_t begin = 0;
        std::size_t length = bytes_.size();
        if (node.find("record") != nullptr) {
            std::tie(begin, length) =
                record_span(bytes_, std::max<std::size_t>(number("record"), 1), program_.source.layout);
        }
        if (node.find("cut") != nullptr) {
            if (number("cut") < length) {
                bytes_.erase(begin + number("cut"), length - number("cut"));
            }
            return;
        }
        const yaml::Node* put = node.find("bytes");
        const std::size_t at = begin + std::max<std::size_t>(number("at"), 1) - 1;
        if (put == nullptr || at > bytes_.size()) {
            return differ("the splice does not fit the input");
        }
        const auto encoded = put->hex || !program_.source.charset
                                 ? put->text
                                 : charset::encode(put->text, *program_.source.charset).value_or(put->text);
        bytes_.replace(at, std::min(encoded.size(), bytes_.size() - at), encoded);
    }

    bool patch_all(Record& root) {
        bool any = false;
        for (auto one = line_.rbegin(); one != line_.rend(); ++one) {
            for (const char* key : {"patch", "set"}) {
                const yaml::Node* map = (*one)->find(key);
                if (map == nullptr) {
                    continue;
                }
                for (const auto& [where, value] : map->entries) {
                    any = true;
                    if (!patch_record(root, where.text, value)) {
                        differ("the patch '" + where.text + "' names no place in the input");
                    }
                }
            }
        }
        return any;
    }

    bool has_patches() { return inherited("patch") != nullptr || inherited("set") != nullptr; }

    Output output() {
        line_ = line();
        if (!result_.differences.empty() || !take_input()) {
            return {};
        }
        for (auto one = line_.rbegin(); one != line_.rend(); ++one) {
            if (const yaml::Node* node = (*one)->find("splice"); node != nullptr) {
                for (const yaml::Node& each : node->is_list() ? node->items : std::vector{*node}) {
                    splice(each);
                }
            }
        }
        Input input{};
        input.bytes = bytes_;
        input.passage = passage_;
        if (const yaml::Node* ctx = inherited("ctx"); ctx != nullptr) {
            context_ = yaml::to_record(*ctx);
            input.context = &context_;
        }
        const yaml::Node* at = inherited("at");
        const auto moment = record::parse_rfc3339(at != nullptr ? std::string_view{at->text} : kUsualMoment);
        if (!moment) {
            differ("'at' is no RFC 3339 time");
            return {};
        }
        now_ = to_time(*moment);
        input.now = now_;
        return run_with(input);
    }

    Output run_with(Input& input) {
        if (!tree_.is_null()) {
            patch_all(tree_);
            input.tree = &tree_;
            return run_program(program_, input);
        }
        if (!has_patches()) {
            return run_program(program_, input);
        }
        const Sourced sourced = read_source(program_.source, input);
        if (sourced.outcome != Outcome::ok) {
            differ("the input is " + std::string{name_of(sourced.outcome)} + " before it could be patched");
            return {};
        }
        Record root = *sourced.root;
        patch_all(root);
        return run_record(program_, root, input);
    }

    void compare(const Output& out) {
        const yaml::Node* outcome = node_.find("expect_outcome");
        const yaml::Node* errors = node_.find("expect_errors");
        const bool right = outcome != nullptr  ? outcome->text == name_of(out.outcome)
                           : errors != nullptr ? out.outcome != Outcome::ok
                                               : out.outcome == Outcome::ok;
        if (!right) {
            differ("outcome: wanted " +
                   (outcome != nullptr  ? outcome->text
                    : errors != nullptr ? "an error"
                                        : "ok") +
                   ", got " + std::string{name_of(out.outcome)});
        }
        if (errors != nullptr) {
            add(finding_differences("error", *errors, out.errors));
        } else if (!right) {
            for (const Finding& one : out.errors) {
                differ(spoken_finding("error", one));
            }
        }
        if (const yaml::Node* warnings = node_.find("expect_warnings"); warnings != nullptr) {
            add(finding_differences("warning", *warnings, out.warnings));
        }
        if (right) {
            compare_target(out);
        }
    }

    void compare_target(const Output& out) {
        for (const char* key : {"expect", "expect_file", "expect_partial"}) {
            const yaml::Node* expected = node_.find(key);
            if (expected == nullptr) {
                continue;
            }
            const bool partial = std::string_view{key} == "expect_partial";
            const bool loose = program_.target.format != "json";
            if (!expected->is_scalar()) {
                add(record_differences(yaml::to_record(*expected), out.target, {partial, loose}));
                continue;
            }
            const std::string text = file(expected->text);
            if (!expected->text.ends_with(".json")) {
                if (text != out.wire) {
                    differ("what is sent differs from " + expected->text + ": " + out.wire);
                }
                continue;
            }
            const auto json = codec::read_json(text);
            if (!json) {
                differ(expected->text + ": " + json.error().detail());
                continue;
            }
            add(record_differences(*json, out.target, {partial, loose}));
        }
    }

    /// The laws of a reverse: what goes there and back is what it was.
    void round_trip(const Output& out) {
        if (node_.text_of("round_trip") != "true") {
            return;
        }
        if (program_.reverse == nullptr) {
            return differ("round_trip: the mapping does not say reverse: true");
        }
        Input input{};
        input.bytes = bytes_;
        input.tree = tree_.is_null() ? nullptr : &tree_;
        input.context = context_.is_null() ? nullptr : &context_;
        input.now = now_;
        const Sourced sourced = read_source(program_.source, input);
        if (out.outcome != Outcome::ok || sourced.outcome != Outcome::ok || has_patches()) {
            return differ("round_trip wants a test whose outcome is ok, without patch and set");
        }
        add(broken_laws(program_, *sourced.root, out.target, input));
    }

    const Mapping::Program& program_;
    const ReadFile& read_;
    const std::vector<const yaml::Node*>& all_;
    const yaml::Node& node_;
    Passage* passage_;
    std::vector<const yaml::Node*> line_;
    std::string bytes_;
    Record tree_;
    Record context_;
    std::chrono::system_clock::time_point now_;
    TestResult result_;
};

TestRun broken(std::string name, const Mistakes& mistakes, const Position& where) {
    TestRun out;
    out.result.name = std::move(name);
    out.result.where = where;
    for (const Mistake& one : mistakes) {
        if (one.severity == Severity::error) {
            out.result.differences.push_back(to_line(one));
        }
    }
    return out;
}

}  // namespace

std::string companion_of(std::string_view path) {
    const std::string_view stem = path.ends_with(".yaml") ? path.substr(0, path.size() - 5) : path;
    return std::string{stem} + ".test.yaml";
}

std::vector<TestResult> run_tests(std::string_view path, const ReadFile& read, const CompileOptions& options) {
    const Compiled compiled = compile(path, read, options);
    if (compiled.mapping == nullptr) {
        return {broken("compile", compiled.mistakes, {std::string{path}, 0, 0}).result};
    }
    std::vector<TestResult> results;
    for (TestRun& one : run_tests(*compiled.mapping, path, read, nullptr)) {
        results.push_back(std::move(one.result));
    }
    return results;
}

std::vector<TestRun> run_tests(const Mapping& mapping, std::string_view path, const ReadFile& read, Passage* passage) {
    std::vector<TestRun> results;
    for (const std::string& file : {std::string{path}, companion_of(path)}) {
        const auto text = read(file);
        if (!text) {
            continue;
        }
        const auto root = yaml::parse(*text, file, true);
        if (!root) {
            results.push_back(broken(file, root.error(), {file, 0, 0}));
            continue;
        }
        const yaml::Node* tests = root->find("tests");
        Mistakes misspelt;
        if (file != path) {
            check_companion(*root, misspelt);
        }
        if (has_errors(misspelt)) {
            results.push_back(broken(file, misspelt, {file, 0, 0}));
            continue;
        }
        std::vector<const yaml::Node*> all;
        for (std::size_t i = 0; tests != nullptr && i < tests->items.size(); ++i) {
            all.push_back(&tests->items[i]);
        }
        for (const yaml::Node* one : all) {
            results.push_back(OneTest{mapping.program(), read, all, *one, passage}.run());
        }
    }
    return results;
}

}  // namespace datong::mapping
