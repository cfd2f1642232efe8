#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/app/commands.h"
#include "core/codec/json.h"
#include "core/mapping/mapping.h"
#include "core/record/date.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using record::Record;

std::optional<std::string> read_text(const std::string& path) {
    std::ostringstream text;
    if (path == "-") {
        text << std::cin.rdbuf();
        return std::move(text).str();
    }
    std::ifstream in{path, std::ios::binary};
    if (!in || fs::is_directory(path)) {
        return std::nullopt;
    }
    text << in.rdbuf();
    return std::move(text).str();
}

/// A mapping file as mappings name it: a root folder and a path below it.
struct Located {
    fs::path root;
    std::string path;
};

Located locate(const std::string& file, const std::string& mappings) {
    const fs::path whole = fs::absolute(file).lexically_normal();
    fs::path root = mappings.empty() ? whole.parent_path() : fs::absolute(mappings).lexically_normal();
    if (mappings.empty()) {
        for (fs::path above = whole.parent_path(); above.has_relative_path(); above = above.parent_path()) {
            if (above.filename() == "mappings") {
                root = above;
                break;
            }
        }
    }
    return {root, whole.lexically_relative(root).generic_string()};
}

mapping::ReadFile reader_below(const fs::path& root) {
    return [root](std::string_view below) { return read_text((root / std::string{below}).string()); };
}

/// Rows as a JSON sample: every text is a cell of octets.
Record to_rows(const Record& sample) {
    Record rows = Record::object();
    for (const record::Member& set : sample.members()) {
        Record list = Record::list();
        for (const Record& row : set.value.items()) {
            Record cells = Record::object();
            for (const record::Member& cell : row.members()) {
                cells.put(cell.name, cell.value.is_null() ? Record{} : Record::bytes(std::string{cell.value.scalar()}));
            }
            list.add(std::move(cells));
        }
        rows.put(set.name, std::move(list));
    }
    return rows;
}

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

std::optional<std::chrono::system_clock::time_point> moment(const std::string& at) {
    if (at.empty()) {
        return std::chrono::system_clock::now();
    }
    const auto civil = record::parse_rfc3339(at);
    if (!civil) {
        return std::nullopt;
    }
    using namespace std::chrono;
    return system_clock::time_point{sys_days{year{civil->date.year} / civil->date.month / civil->date.day}} +
           hours{civil->hour - 8} + minutes{civil->minute} + seconds{civil->second};
}

std::shared_ptr<const mapping::Mapping> compile(const MapOptions& options) {
    const Located located = locate(options.file, options.mappings);
    auto compiled =
        mapping::compile(located.path, reader_below(located.root), {.test_division = options.test_division});
    app::print(compiled.mistakes);
    return compiled.mapping;
}

/// Every mapping below a folder, or the file itself.
std::vector<std::string> mapping_files(const std::string& path) {
    if (!fs::is_directory(path)) {
        return {path};
    }
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator{path}) {
        const std::string name = entry.path().string();
        const auto text = name.ends_with(".yaml") && !name.ends_with(".test.yaml") ? read_text(name) : std::nullopt;
        if (text && text->find("datong: mapping/v1") != std::string::npos) {
            files.push_back(name);
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Tests run and tests failed.
struct Tally {
    int passed{};
    int failed{};
};

void test_file(const std::string& file, const MapOptions& options, Tally& tally) {
    const Located located = locate(file, options.mappings);
    const auto read = reader_below(located.root);
    const auto compiled = mapping::compile(located.path, read, {.test_division = options.test_division});
    if (!compiled.mapping) {
        app::print(compiled.mistakes);
        ++tally.failed;
        return;
    }
    for (const auto& result : mapping::run_tests(located.path, read, {.test_division = options.test_division})) {
        ++(result.passed ? tally.passed : tally.failed);
        std::cout << (result.passed ? "通过 pass  " : "失败 FAIL  ") << located.path << "  " << result.name << '\n';
        for (const std::string& difference : result.differences) {
            std::cout << "    " << difference << '\n';
        }
    }
}

}  // namespace

int map_check(const MapOptions& options) {
    return compile(options) ? kGood : kWanting;
}

int map_run(const MapOptions& options) {
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
        rows = tree ? to_rows(*tree) : Record{};
        input.tree = &rows;
    }
    const mapping::Output out = mapping->run(input);
    print(trace);
    print(out.warnings, "警告 warning");
    print(out.errors, "错误 error");
    std::cerr << "结果 outcome: " << name_of(out.outcome) << '\n';
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
        if (!fs::exists(path)) {
            std::cerr << "没有这个文件或目录 no such file or folder: " << path << '\n';
            return kUsage;
        }
        for (const std::string& file : mapping_files(path)) {
            test_file(file, options, tally);
        }
    }
    std::cout << tally.passed << " passed, " << tally.failed << " failed\n";
    return tally.failed == 0 ? kGood : kWanting;
}

}  // namespace datong::app
