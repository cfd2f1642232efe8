#include <iostream>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/map_tools.h"
#include "core/workbench/row_table.h"
#include "core/workbench/sample.h"

namespace datong::app {
namespace {

int unreadable(const std::string& file) {
    std::cerr << "读不到文件 can't read the file: " << file << '\n';
    return kUsage;
}

/// The mapping with another text in the place of its file.
mapping::Compiled compile_as(const Located& located, const std::string& text, bool test_division) {
    const auto below = reader_below(located.root);
    const mapping::ReadFile read = [&](std::string_view path) {
        return path == located.path ? std::optional{text} : below(path);
    };
    return mapping::compile(located.path, read, {.test_division = test_division});
}

}  // namespace

int map_path(const PathOptions& options) {
    const auto bytes = read_text(options.sample);
    if (!bytes) {
        return unreadable(options.sample);
    }
    const auto sample = workbench::read_sample(*bytes);
    if (!sample) {
        std::cerr << "样例不是 JSON 或 XML | the sample is neither JSON nor XML: " << sample.error().detail() << '\n';
        return kUsage;
    }
    const auto record = workbench::take_record(*sample, options.take);
    if (!record) {
        std::cerr << "--take 有误 | --take is wrong: " << record.error().detail() << '\n';
        return kUsage;
    }
    const auto nodes = workbench::find_nodes(*record, options.path);
    if (!nodes) {
        std::cerr << "路径有误 | the path is wrong: " << nodes.error().detail() << '\n';
        return kUsage;
    }
    std::cout << workbench::shown_nodes(*nodes);
    if (nodes->empty()) {
        std::cerr << "没有命中任何节点 | no node was met\n";
    }
    return nodes->empty() ? kWanting : kGood;
}

int map_export(const ExportOptions& options) {
    const auto yaml = read_text(options.file);
    if (!yaml) {
        return unreadable(options.file);
    }
    const auto csv = workbench::export_rows(*yaml, options.file);
    if (!csv) {
        print(csv.error());
        return kWanting;
    }
    if (options.out.empty()) {
        std::cout << *csv;
        return kGood;
    }
    if (!write_text(options.out, *csv)) {
        std::cerr << "写不了文件 can't write the file: " << options.out << '\n';
        return kUsage;
    }
    return kGood;
}

int map_import(const ImportOptions& options) {
    const auto csv = read_text(options.csv);
    const auto yaml = read_text(options.into);
    if (!csv || !yaml) {
        return unreadable(csv ? options.into : options.csv);
    }
    const auto imported = workbench::import_rows(*yaml, options.into, *csv, options.csv);
    if (!imported) {
        print(imported.error());
        return kWanting;
    }
    const Located located = locate(options.into, options.mappings);
    const auto compiled = compile_as(located, imported->yaml, options.test_division);
    print(compiled.mistakes);
    if (!compiled.mapping && compile_as(located, *yaml, options.test_division).mapping) {
        std::cerr << "导入后的映射不能编译, 文件未改动 | the mapping would not compile any more; the file stays\n";
        return kWanting;
    }
    if (imported->yaml != *yaml && !write_text(options.into, imported->yaml)) {
        std::cerr << "写不了文件 can't write the file: " << options.into << '\n';
        return kUsage;
    }
    std::cout << "改 changed " << imported->changed << ", 增 added " << imported->added << ", 删 removed "
              << imported->removed << '\n';
    return kGood;
}

}  // namespace datong::app
