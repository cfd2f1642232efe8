#include <algorithm>
#include <iostream>
#include <set>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/map_tools.h"
#include "core/codec/json.h"
#include "core/workbench/difference.h"
#include "core/workbench/effect.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;

/// One of the two files, with what reads beside it.
struct Side {
    Located located;
    workbench::Version version;
    std::shared_ptr<const mapping::Mapping> mapping;
};

/// A file that stands outside of any folder `mappings` (an older version, taken out of Git) reads its
/// tables and schemas where the other one does.
Side side_of(const std::string& file, const std::string& other, const DiffOptions& options) {
    Side out;
    out.located = locate(file, options.mappings);
    if (options.mappings.empty() && out.located.root.filename() != "mappings") {
        if (const Located beside = locate(other, ""); beside.root.filename() == "mappings") {
            out.located.root = beside.root;
        }
    }
    const auto below = reader_below(out.located.root);
    out.version.path = out.located.path;
    out.version.read = [below, file, path = out.located.path](std::string_view wanted) {
        return wanted == path ? read_text(file) : below(wanted);
    };
    auto compiled = mapping::compile(out.version.path, out.version.read, {.test_division = options.test_division});
    if (!compiled.mapping) {
        print(compiled.mistakes);
    }
    out.mapping = std::move(compiled.mapping);
    return out;
}

void show(const workbench::Change& change) {
    using Kind = workbench::Change::Kind;
    std::cout << (change.kind == Kind::added     ? "增 added    "
                  : change.kind == Kind::removed ? "删 removed  "
                                                 : "改 changed  ")
              << change.what << "  " << change.where.file << ':' << change.where.line << '\n';
    for (const workbench::Change::Part& part : change.parts) {
        std::cout << "    " << part.name << ": " << (part.before.empty() ? "(无 none)" : part.before) << "  ->  "
                  << (part.after.empty() ? "(无 none)" : part.after) << '\n';
    }
}

/// Counts records, those whose outputs differ, and those of which nothing could be compared.
struct Effect {
    int records{};
    int differing{};
    int refused{};        ///< by both versions
    bool lacks_option{};  ///< one for its division, without --test-division
};

bool is_refused(const mapping::Output& output) {
    return output.outcome != mapping::Outcome::ok && output.outcome != mapping::Outcome::not_found;
}

/// What one record became by both versions.
struct Outputs {
    const mapping::Output& before;
    const mapping::Output& after;
};

void show(const std::string& name, const Side& before, const Side& after, const Outputs& outputs, Effect& effect) {
    const auto differences =
        workbench::differences_between(*before.mapping, outputs.before, *after.mapping, outputs.after);
    ++effect.records;
    if (is_refused(outputs.before) && is_refused(outputs.after)) {
        ++effect.refused;
        effect.lacks_option = effect.lacks_option || is_about_division(outputs.after.errors);
    }
    if (differences.empty()) {
        return;
    }
    ++effect.differing;
    std::cout << "影响 effect  " << name << '\n';
    for (const workbench::Difference& one : differences) {
        std::cout << "    " << (one.path.empty() ? "结果 outcome" : one.path) << ": "
                  << (one.before.empty() ? "(无 none)" : one.before) << "  ->  "
                  << (one.after.empty() ? "(无 none)" : one.after) << '\n';
    }
}

/// The tests beside one of the files, through both mappings; a test that both have runs once.
void run_tests(const Side& beside, const Side& before, const Side& after, std::set<std::string>& seen, Effect& effect) {
    const auto one = mapping::run_tests(*before.mapping, beside.version.path, beside.version.read, nullptr);
    const auto other = mapping::run_tests(*after.mapping, beside.version.path, beside.version.read, nullptr);
    for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
        if (seen.insert(one[i].result.name).second) {
            show("测试 test: " + one[i].result.name, before, after, {one[i].output, other[i].output}, effect);
        }
    }
}

mapping::Output output_of(const mapping::Mapping& mapping, mapping::Input input) {
    record::Record rows;
    if (mapping.source_format() == "rows") {
        const auto tree = codec::read_json(input.bytes);
        rows = tree ? rows_of_sample(*tree) : record::Record{};
        input.tree = &rows;
    }
    return mapping.run(input);
}

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code ec;
    for (fs::recursive_directory_iterator entry{folder, fs::directory_options::skip_permission_denied, ec};
         !ec && entry != fs::recursive_directory_iterator{}; entry.increment(ec)) {
        if (std::error_code unknown; entry->is_regular_file(unknown)) {
            out.push_back(entry->path().string());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// @return false when the context or the moment can't be read.
bool run_samples(const DiffOptions& options, const Side& before, const Side& after, Effect& effect) {
    const auto text = options.context.empty() ? std::optional<std::string>{"{}"} : read_text(options.context);
    const auto context = text ? codec::read_json(*text) : fail(Fault::bad_request, "");
    const auto now = moment(options.at);
    if (!context || !now) {
        std::cerr << "无法读取上下文或时刻 can't read the context or --at\n";
        return false;
    }
    for (const std::string& file : files_in(options.samples)) {
        const std::string bytes = read_text(file).value_or("");
        const mapping::Input input{.bytes = bytes, .context = &*context, .now = *now};
        const mapping::Output one = output_of(*before.mapping, input);
        const mapping::Output other = output_of(*after.mapping, input);
        show("样例 sample: " + fs::path{file}.lexically_relative(options.samples).string(), before, after, {one, other},
             effect);
    }
    return true;
}

}  // namespace

bool is_about_division(const std::vector<mapping::Finding>& findings) {
    return std::ranges::any_of(findings, [](const mapping::Finding& one) {
        return one.rule.ends_with(".division") || one.rule == "division.unknown";
    });
}

int map_diff(const DiffOptions& options) {
    for (const std::string& file : {options.before, options.after}) {
        if (!read_text(file)) {
            std::cerr << "读不到文件 can't read the file: " << file << '\n';
            return kUsage;
        }
    }
    const Side before = side_of(options.before, options.after, options);
    const Side after = side_of(options.after, options.before, options);
    const auto changes = workbench::changes_between(before.version, after.version);
    if (!changes) {
        print(changes.error());
        return kUsage;
    }
    for (const workbench::Change& change : *changes) {
        show(change);
    }
    Effect effect;
    if (before.mapping && after.mapping) {
        std::set<std::string> seen;
        run_tests(before, before, after, seen, effect);
        run_tests(after, before, after, seen, effect);
        if (!options.samples.empty() && !run_samples(options, before, after, effect)) {
            return kUsage;
        }
    } else {
        std::cerr << "有一个版本不能编译, 不比较结果 | a version does not compile: outputs are not compared\n";
    }
    std::cout << "改动 changes: " << changes->size() << "; 记录 records: " << effect.records
              << ", 结果不同 differing: " << effect.differing << ", 两版都未通过 refused by both: " << effect.refused
              << '\n';
    if (effect.lacks_option && !options.test_division) {
        std::cout << kLacksTestDivision;
    }
    return changes->empty() && effect.differing == 0 && before.mapping && after.mapping ? kGood : kWanting;
}

}  // namespace datong::app
