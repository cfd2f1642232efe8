#include <iostream>
#include <set>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/codec/json.h"
#include "core/supervision/figures.h"

namespace datong::app {
namespace {

using items::Broken;
using items::Row;
using supervision::Finding;
using supervision::Found;

/// What is taken from the configuration, and the tables.
struct Known {
    std::string library_folder;
    std::set<std::string, std::less<>> services;
    Result<supervision::Tables> tables = fail(Fault::bad_request, "the configuration can't be read");
    std::vector<Broken> broken{};
};

Result<std::vector<Row>> rows_in(const std::string& file, std::vector<Broken>& broken) {
    const auto text = read_text(file);
    return text ? items::read_rows(*text, file, broken) : fail(Fault::bad_request, file + ": can't be read");
}

/// Both tables from files, or from the source that gateway.yaml names.
Result<supervision::Tables> read_tables(const SupervisionOptions& options, const catalogue::Snapshot& snapshot,
                                        const supervision::Settings& settings, std::vector<Broken>& broken) {
    auto links = rows_in(options.links.empty() ? settings.links : options.links, broken);
    if (!options.cases.empty()) {
        auto cases = rows_in(options.cases, broken);
        return supervision::join(std::move(links), std::move(cases), rows_in(options.taken, broken));
    }
    const auto source = snapshot.sources.find(settings.source);
    if (source == snapshot.sources.end()) {
        return fail(Fault::bad_request,
                    "say --cases FILE and --taken FILE, or supervision: {source: DEPARTMENT/SOURCE} in gateway.yaml" +
                        (settings.source.empty() ? "" : "; there is no source " + settings.source));
    }
    return supervision::ask_tables(*source->second, std::move(links), broken);
}

void say_lines(const supervision::Report& report, supervision::By by, bool list) {
    const auto sums = supervision::add_up(report.found, by);
    for (const auto& [name, sum] : sums) {
        std::cout << (name.empty() ? "(未注明 none named)" : name) << "  应调未调 not asked " << sum.not_asked
                  << "  重复提交 repeated " << sum.repeated << "  确需提交 justified " << sum.justified
                  << "  免提交 spared " << sum.spared << "  非必要 not needed " << sum.not_needed
                  << "  尚未共享 not shared " << sum.not_shared << '\n';
    }
    for (const Found& one : report.found) {
        if (list && supervision::is_wrong(one)) {
            std::cout << "  " << (one.finding == Finding::repeated ? "重复提交 repeated" : "应调未调 not asked") << '\t'
                      << one.of->number << '\t' << one.material << '\t' << one.service << '\t' << one.of->window << '\t'
                      << one.day << (one.exchange.empty() ? "" : '\t' + one.exchange) << '\n';
        }
    }
    if (sums.empty()) {
        std::cout << "收件表中没有材料 nothing was taken: the table of materials is empty\n";
    }
}

}  // namespace

int stats_supervision(const SupervisionOptions& options) {
    Known known;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        const auto settings = supervision::settings_of(options.config, catalogue::disk_files(), snapshot);
        known.library_folder = settings.library_folder;
        for (const auto& [id, service] : snapshot.services) {
            known.services.insert(id);
        }
        known.tables = read_tables(options, snapshot, settings, known.broken);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    const auto library = supervision::last_library(known.library_folder);
    const auto asked = ledger::asked_materials(options.folder);
    const auto& tables = known.tables;
    for (const Error* error :
         {tables ? nullptr : &tables.error(), library ? nullptr : &library.error(), asked ? nullptr : &asked.error()}) {
        if (error != nullptr) {
            std::cerr << error->detail() << '\n';
            return kWanting;
        }
    }
    const supervision::Report report = supervision::report_of(
        *tables, *library, *asked, [&known](std::string_view id) { return known.services.contains(id); },
        std::move(known.broken));
    const auto by = supervision::by_of(options.by);
    if (options.json) {
        std::cout << codec::write_json(supervision::to_record(report, by, options.list)) << '\n';
    } else {
        say_lines(report, by, options.list);
    }
    for (const Broken& one : report.broken) {
        std::cerr << one.where << "  " << one.text_zh << " | " << one.text_en << '\n';
    }
    return report.broken.empty() ? kGood : kWanting;
}

}  // namespace datong::app
