#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/mapping/checker.h"
#include "core/mapping/tests_runner.h"
#include "core/steps/identifiers.h"

namespace datong::mapping {
namespace {

/// "/holders/0/idNo" -> "/holders/*/idNo"
std::string starred(std::string_view pointer) {
    std::string out;
    for (const std::string_view part : split(pointer.substr(std::min<std::size_t>(1, pointer.size())), '/')) {
        out += '/';
        out += to_whole_number(part) ? std::string_view{"*"} : part;
    }
    return out;
}

void gather_required(const std::vector<FieldOp>& fields, const std::vector<ListOp>& lists, const std::string& at,
                     std::vector<std::string>& out) {
    for (const FieldOp& op : fields) {
        if (op.required && op.select.kind != ast::Select::Kind::value) {
            out.push_back(at + op.pointer);
        }
    }
    for (const ListOp& op : lists) {
        gather_required(op.fields, op.lists, at + op.pointer + "/*", out);
    }
}

/// Whether a real person's number stands anywhere below a node, or in a file that it names as input.
bool shows_identity(const yaml::Node& node, const ReadFile& read) {
    if (node.is_scalar()) {
        return !real_identity(node.text).empty();
    }
    const auto shows = [&](const yaml::Node& one) { return shows_identity(one, read); };
    if (std::any_of(node.items.begin(), node.items.end(), shows)) {
        return true;
    }
    return std::any_of(node.entries.begin(), node.entries.end(), [&](const yaml::Node::Entry& one) {
        const bool named = one.first.text == "input" && one.second.is_scalar();
        const auto text = named ? read(one.second.text) : std::nullopt;
        return shows(one.second) || (text && !real_identity(*text).empty());
    });
}

/// What the tests of a mapping prove, and what they don't.
class TestProof {
public:
    TestProof(std::string path, const ReadFile& read, Mistakes& mistakes)
        : path_{std::move(path)}, read_{read}, mistakes_{mistakes} {}

    void read_tests(const std::string& file) {
        const auto text = read_(file);
        const auto root = text ? yaml::parse(*text, file, true) : tl::unexpected{Mistakes{}};
        const yaml::Node* tests = root ? root->find("tests") : nullptr;
        if (tests == nullptr) {
            return;
        }
        where_ = tests->where;
        for (const yaml::Node& test : tests->items) {
            read_test(test);
        }
    }

    void failures(const std::vector<TestResult>& results) {
        for (const TestResult& one : results) {
            if (!one.passed) {
                const std::string why = one.differences.empty() ? "" : ": " + one.differences[0];
                mistakes_.push_back({one.where,
                                     "M901",
                                     Severity::error,
                                     "测试 '" + one.name + "' 没有通过" + why,
                                     "the test '" + one.name + "' fails" + why,
                                     {}});
            }
        }
    }

    /// A required field that no test ever refuses is only hoped to be required.
    void untested(const Mapping::Program& program) {
        std::vector<std::string> required;
        gather_required(program.fields, program.lists, "", required);
        std::string all;
        for (const std::string& one : required) {
            if (!refused_.contains(one)) {
                all += (all.empty() ? "" : ", ") + one;
            }
        }
        if (!all.empty()) {
            mistakes_.push_back({where_.line != 0 ? where_ : Position{path_, 0, 0}, "M901", Severity::warning,
                                 "没有测试让这些必填项出错: " + all, "no test refuses these required fields: " + all,
                                 "expect_errors: [{path: ..., rule: required}]"});
        }
    }

private:
    void read_test(const yaml::Node& test) {
        const yaml::Node* errors = test.find("expect_errors");
        for (std::size_t i = 0; errors != nullptr && i < errors->items.size(); ++i) {
            refused_.insert(starred(errors->items[i].text_of("path")));
        }
        if (shows_identity(test, read_)) {
            mistakes_.push_back({test.where, "M501", Severity::warning, "测试数据里有真实区划的证件号码",
                                 "a valid identity number of a real division stands in the test's data", "9999xx"});
        }
    }

    std::string path_;
    const ReadFile& read_;
    Mistakes& mistakes_;
    Position where_;
    std::set<std::string> refused_;
};

}  // namespace

std::string real_identity(std::string_view text) {
    constexpr std::size_t kLength = 18;
    const auto is_part = [](char c) { return (c >= '0' && c <= '9') || c == 'X' || c == 'x'; };
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin;
        while (end < text.size() && is_part(text[end])) {
            ++end;
        }
        std::string run{text.substr(begin, end - begin)};
        std::replace(run.begin(), run.end(), 'x', 'X');
        if (run.size() == kLength && steps::is_division_shape(std::string_view{run}.substr(0, 6), false) &&
            !steps::resident_id_mistake(run, false)) {
            return run;
        }
        begin = end + 1;
    }
    return {};
}

Compiled compile_and_test(std::string_view path, const ReadFile& read, const CompileOptions& options) {
    Compiled out = compile(path, read, options);
    if (out.mapping == nullptr) {
        return out;
    }
    TestProof proof{std::string{path}, read, out.mistakes};
    proof.read_tests(std::string{path});
    proof.read_tests(companion_of(path));
    proof.failures(run_tests(path, read, options));
    proof.untested(out.mapping->program());
    if (has_errors(out.mistakes)) {
        out.mapping = nullptr;
    }
    return out;
}

}  // namespace datong::mapping
