#include "core/supervision/figures.h"

#include <filesystem>
#include <utility>

#include "core/catalogue/loading.h"
#include "core/items/shelf.h"

namespace datong::supervision {
namespace {

using record::Record;

Record whole(std::uint64_t value) {
    return Record::integer(static_cast<long long>(value));
}

Record row_of(const std::string& name, const Sum& sum) {
    Record row = Record::object();
    row.put("of", Record::text(name));
    row.put("not_asked", whole(sum.not_asked));
    row.put("repeated", whole(sum.repeated));
    row.put("justified", whole(sum.justified));
    row.put("spared", whole(sum.spared));
    row.put("not_needed", whole(sum.not_needed));
    row.put("not_shared", whole(sum.not_shared));
    return row;
}

Record case_of(const Found& one) {
    Record found = Record::object();
    found.put("finding", Record::text(std::string{name_of(one.finding)}));
    found.put("case", Record::text(one.of->number));
    found.put("material", Record::text(one.material));
    found.put("service", Record::text(one.service));
    found.put("day", Record::text(one.day));
    found.put("window", Record::text(one.of->window));
    found.put("item", Record::text(one.of->item));
    found.put("exchange", Record::text(one.exchange));
    return found;
}

}  // namespace

Settings settings_of(const std::string& gateway_file, const catalogue::Files& files,
                     const catalogue::Snapshot& snapshot) {
    const std::filesystem::path store{snapshot.gateway.store_file};
    Settings settings{.source = {},
                      .links = "items/material-links.csv",
                      .library_folder = (store.lexically_normal().parent_path() / "items").string()};
    Mistakes mistakes;
    auto node = yaml::parse(files.read(gateway_file).value_or(""), gateway_file);
    const yaml::Node* written = node ? node->find("supervision") : nullptr;
    if (written != nullptr) {
        catalogue::expand(*node, files, mistakes);
        settings.source = written->text_of("source");
        settings.links = written->text_of("links").empty() ? settings.links : written->text_of("links");
    }
    settings.links = (std::filesystem::path{gateway_file}.parent_path() / settings.links).string();
    return settings;
}

Result<items::Library> last_library(const std::string& folder) {
    const items::Shelf shelf{folder};
    const auto editions = shelf.editions();
    if (!editions) {
        return fail(editions.error());
    }
    return editions->empty() ? Result<items::Library>{items::Library{}}
                             : shelf.read(static_cast<int>(editions->size()));
}

Result<Tables> join(Result<std::vector<items::Row>> links, Result<std::vector<items::Row>> cases,
                    Result<std::vector<items::Row>> taken) {
    for (auto* const one : {&links, &cases, &taken}) {
        if (!*one) {
            return fail(std::move(one->error()));
        }
    }
    return Tables{.links = std::move(*links), .cases = std::move(*cases), .taken = std::move(*taken)};
}

Result<Tables> ask_tables(adapter::Guard& source, Result<std::vector<items::Row>> links,
                          std::vector<items::Broken>& broken) {
    auto cases = items::ask_rows(source, "cases", broken);
    auto taken = cases ? items::ask_rows(source, "taken", broken) : fail(cases.error());
    return join(std::move(links), std::move(cases), std::move(taken));
}

Report report_of(const Tables& tables, const items::Library& library, const std::vector<ledger::AskedMaterial>& asked,
                 const std::function<bool(std::string_view)>& has_service, std::vector<items::Broken> broken) {
    Report report{.cases = {}, .found = {}, .broken = std::move(broken)};
    report.cases = read_cases(tables.cases, report.broken);
    const auto taken = read_taken(tables.taken, report.cases, report.broken);
    const items::Links links = items::read_links(tables.links, report.broken);
    report.found =
        supervise(report.cases, taken, asked, {.library = library, .links = links, .has_service = has_service});
    return report;
}

void keep_department(Report& report, const std::set<std::string, std::less<>>& names) {
    std::erase_if(report.found, [&names](const Found& one) { return !names.contains(one.of->department); });
}

By by_of(std::string_view name) {
    return name == "item" ? By::item : name == "department" ? By::department : name == "day" ? By::day : By::window;
}

bool is_wrong(const Found& one) {
    return one.finding == Finding::not_asked || one.finding == Finding::repeated;
}

Record to_record(const Report& report, By by, bool list) {
    Record rows = Record::list();
    for (const auto& [name, sum] : add_up(report.found, by)) {
        rows.add(row_of(name, sum));
    }
    Record cases = Record::list();
    for (const Found& one : report.found) {
        if (list && is_wrong(one)) {
            cases.add(case_of(one));
        }
    }
    Record made = Record::object();
    made.put("rows", std::move(rows));
    made.put("cases", std::move(cases));
    return made;
}

}  // namespace datong::supervision
