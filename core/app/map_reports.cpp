#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/map_tools.h"
#include "core/workbench/infer.h"
#include "core/workbench/lineage.h"
#include "core/yaml/node.h"

namespace datong::app {
namespace {

void show(const std::vector<std::string>& list, std::string_view word) {
    std::string_view between;
    for (const std::string& one : list) {
        std::cout << (between.empty() ? word : between) << one;
        between = ", ";
    }
}

void show(const workbench::LineageRow& row) {
    std::cout << "  " << row.target << "  <-  ";
    show(row.sources, "");
    if (row.sources.empty()) {
        std::cout << "常量 constant";
    }
    show(row.steps, "  步骤 steps ");
    show(row.tables, "  代码表 tables ");
    std::cout << "  密级 class " << row.class_in << " -> " << row.class_out;
    show(row.legal_basis, "  依据 legal basis ");
    std::cout << '\n';
}

/// The YAML files of one folder of the configuration. One that can't be read is said, and good becomes false.
std::vector<yaml::Node> files_of(const std::filesystem::path& folder, bool& good) {
    std::vector<yaml::Node> out;
    std::error_code missing;
    for (const auto& one : std::filesystem::directory_iterator{folder, missing}) {
        if (one.path().extension() != ".yaml") {
            continue;
        }
        auto node = yaml::parse(read_text(one.path().string()).value_or(""), one.path().string());
        if (!node) {
            print(node.error());
            good = false;
            continue;
        }
        out.push_back(std::move(*node));
    }
    if (missing) {
        std::cerr << "没有这个目录 no such folder: " << folder.string() << '\n';
        good = false;
    }
    std::sort(out.begin(), out.end(),
              [](const yaml::Node& one, const yaml::Node& other) { return one.text_of("id") < other.text_of("id"); });
    return out;
}

/// By mapping: the legal bases of the grants for services that use it.
using LegalBases = std::map<std::string, std::vector<std::string>>;

LegalBases legal_bases(const std::string& configuration, bool& good) {
    LegalBases out;
    if (configuration.empty()) {
        return out;
    }
    const auto grants = files_of(std::filesystem::path{configuration} / "grants", good);
    for (const yaml::Node& service : files_of(std::filesystem::path{configuration} / "services", good)) {
        for (const yaml::Node& grant : grants) {
            const yaml::Node* services = grant.find("services");
            const bool covers =
                services != nullptr && std::any_of(services->items.begin(), services->items.end(),
                                                   [&](const auto& one) { return one.text == service.text_of("id"); });
            for (const char* way : {"request", "response"}) {
                if (covers && !service.text_of(way).empty()) {
                    out[service.text_of(way)].push_back(grant.text_of("legal_basis"));
                }
            }
        }
    }
    return out;
}

}  // namespace

int map_lineage(const LineageOptions& options) {
    std::vector<workbench::LineageRow> rows;
    bool good = true;
    LegalBases bases = legal_bases(options.configuration, good);
    if (!good) {
        return kUsage;
    }
    for (const std::string& path : options.paths) {
        if (const std::string why = why_not_there(path); !why.empty()) {
            std::cerr << why << '\n';
            return kUsage;
        }
        for (const std::string& file : mapping_files(path)) {
            const Located located = locate(file, options.mappings);
            const auto read = reader_below(located.root);
            const auto compiled = mapping::compile(located.path, read, {.test_division = options.test_division});
            if (!compiled.mapping) {
                print(compiled.mistakes);
                good = false;
                continue;
            }
            auto more = workbench::lineage_of(*compiled.mapping, located.path, read, bases[located.path]);
            rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        }
    }
    if (options.csv) {
        std::cout << workbench::lineage_csv(rows);
        return good ? kGood : kWanting;
    }
    std::string mapping;
    for (const workbench::LineageRow& row : rows) {
        if (row.mapping != mapping) {
            mapping = row.mapping;
            std::cout << mapping << '\n';
        }
        show(row);
    }
    return good ? kGood : kWanting;
}

int map_schema_infer(const DraftOptions& options) {
    std::vector<std::string> samples;
    for (const std::string& file : options.samples) {
        auto bytes = read_text(file);
        if (!bytes) {
            std::cerr << "读不到文件 can't read the file: " << file << '\n';
            return kUsage;
        }
        samples.push_back(std::move(*bytes));
    }
    const auto draft = workbench::draft_schema(samples, {.id = options.id, .take = options.take});
    if (!draft) {
        std::cerr << "推断不出来 | no draft: " << draft.error().detail() << '\n';
        return kWanting;
    }
    if (options.out.empty()) {
        std::cout << *draft;
        return kGood;
    }
    if (!write_text(options.out, *draft)) {
        std::cerr << "写不了文件 can't write the file: " << options.out << '\n';
        return kUsage;
    }
    return kGood;
}

}  // namespace datong::app
