#include <filesystem>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/codec/json_writer.h"
#include "core/items/ask.h"
#include "core/items/diff.h"
#include "core/items/links.h"
#include "core/items/rows.h"
#include "core/items/shelf.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using items::Broken;
using items::Row;

/// What a command takes from the configuration.
struct Place {
    std::string folder;
    std::string root;  ///< folder of gateway.yaml
    std::set<std::string, std::less<>> services;
};

int say(const Error& error) {
    std::cerr << row_of(error.fault()).title_zh << ' ' << error.detail() << '\n';
    return kWanting;
}

int say_none() {
    std::cout << "尚未导入 nothing was imported yet: datong items import --tasks FILE --materials FILE\n";
    return kWanting;
}

/// @return nullopt after saying what is wrong with the configuration.
std::optional<Place> place_of(const ItemsOptions& options) {
    Place place{.folder = options.folder, .root = fs::path{options.config}.parent_path().string(), .services = {}};
    const Mistakes mistakes = with_configuration(options.config, [&place](const catalogue::Snapshot& snapshot) {
        if (place.folder.empty()) {
            place.folder = (fs::path{snapshot.gateway.store_file}.lexically_normal().parent_path() / "items").string();
        }
        for (const auto& [id, service] : snapshot.services) {
            place.services.insert(id);
        }
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return std::nullopt;
    }
    return place;
}

/// The folder alone, which needs no configuration when it is named.
std::optional<items::Shelf> shelf_of(const ItemsOptions& options) {
    if (!options.folder.empty()) {
        return items::Shelf{options.folder};
    }
    const auto place = place_of(options);
    return place ? std::optional{items::Shelf{place->folder}} : std::nullopt;
}

Result<std::vector<Row>> rows_in(const std::string& file, std::vector<Broken>& broken) {
    const auto text = read_text(file);
    if (!text) {
        return fail(Fault::bad_request, file + ": can't be read");
    }
    return items::read_rows(*text, file, broken);
}

struct Tables {
    std::vector<Row> tasks;
    std::vector<Row> materials;
};

Result<Tables> read_tables(const ItemsOptions& options, std::vector<Broken>& broken) {
    Result<Tables> tables = fail(Fault::bad_request, "the configuration can't be read");
    const auto put = [&tables](Result<std::vector<Row>> tasks, Result<std::vector<Row>> materials) {
        if (!tasks || !materials) {
            tables = fail(std::move(!tasks ? tasks.error() : materials.error()));
        } else {
            tables = Tables{.tasks = std::move(*tasks), .materials = std::move(*materials)};
        }
    };
    if (options.source.empty()) {
        auto tasks = rows_in(options.tasks, broken);
        put(std::move(tasks), rows_in(options.materials, broken));
        return tables;
    }
    print(with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        const auto source = snapshot.sources.find(options.source);
        if (source == snapshot.sources.end()) {
            const auto meant = nearest(options.source, catalogue::ids_of(snapshot.sources));
            tables = fail(Fault::bad_request, "no source " + options.source +
                                                  (meant ? "; try " + *meant : "; a name is DEPARTMENT/SOURCE"));
            return;
        }
        auto tasks = items::ask_rows(*source->second, "tasks", broken);
        put(std::move(tasks), items::ask_rows(*source->second, "materials", broken));
    }));
    return tables;
}

void say_broken(const std::vector<Broken>& broken) {
    constexpr std::size_t kMostShown = 50;
    for (std::size_t i = 0; i < std::min(broken.size(), kMostShown); ++i) {
        std::cout << "  " << broken[i].where << "  " << broken[i].text_zh << " | " << broken[i].text_en << '\n';
    }
    if (broken.size() > kMostShown) {
        std::cout << "  … " << broken.size() - kMostShown << " 行未列出 more\n";
    }
}

void say_names(const char* mark, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        std::cout << "      " << mark << ' ' << name << '\n';
    }
}

void say_change(const items::ItemChange& change) {
    constexpr std::string_view kMarks[]{"+", "-", "~"};
    std::cout << "  " << kMarks[static_cast<std::size_t>(change.kind)] << ' ' << change.code << "  " << change.name
              << '\n';
    say_names("~", change.fields);
    say_names("+", change.added);
    say_names("-", change.removed);
    say_names("~", change.changed);
}

int say_changes(const items::Library& before, const items::Library& after) {
    const auto changes = items::compare(before, after);
    std::size_t added = 0;
    std::size_t removed = 0;
    for (const items::ItemChange& change : changes) {
        added += change.kind == items::ItemChange::Kind::added ? 1 : 0;
        removed += change.kind == items::ItemChange::Kind::removed ? 1 : 0;
        say_change(change);
    }
    std::cout << "新增 added " << added << ", 取消 removed " << removed << ", 变更 changed "
              << changes.size() - added - removed << '\n';
    return changes.empty() ? kGood : kWanting;
}

void write_links(const std::vector<items::LinkedMaterial>& all, std::size_t uses,
                 const std::map<items::Standing, std::size_t>& by_standing) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("uses", uses).name("by_standing").open_object();
    for (const auto& [standing, count] : by_standing) {
        json.member(items::name_of(standing), count);
    }
    json.close_object().name("materials").open_list();
    for (const items::LinkedMaterial& one : all) {
        json.open_object().member("name", one.name).member("standing", items::name_of(one.standing));
        json.member("service", one.service).member("explain", one.explain);
        json.member("items", one.items).member("needed", one.needed).close_object();
    }
    json.close_list().close_object();
    std::cout << out << '\n';
}

constexpr std::string_view kStandings[]{
    "可免提交 a service brings it",
    "对照表注明尚未共享 the table says that nobody shares it yet",
    "对照表所写服务不存在 the table names a service that there is not",
    "政府核发, 对照表未列 issued by the government, not in the table: the next to connect",
    "申请人自备 the applicant's own",
    "其他来源 issued by others",
};

void say_links(const std::vector<items::LinkedMaterial>& all, std::size_t uses,
               const std::map<items::Standing, std::size_t>& by_standing) {
    constexpr std::size_t kMostShown = 20;
    for (const auto& [standing, count] : by_standing) {
        std::cout << kStandings[static_cast<std::size_t>(standing)] << ": " << count << '/' << uses << '\n';
        std::size_t shown = 0;
        for (const items::LinkedMaterial& one : all) {
            if (one.standing == standing && shown++ < kMostShown) {
                std::cout << "  " << one.items << "  " << one.name << (one.service.empty() ? "" : "  -> " + one.service)
                          << (one.explain.empty() ? "" : "  (" + one.explain + ')') << '\n';
            }
        }
        if (shown > kMostShown) {
            std::cout << "  … " << shown - kMostShown << " 种未列出 more (--json has all)\n";
        }
    }
}

}  // namespace

int items_import(const ItemsOptions& options) {
    if (options.source.empty() && (options.tasks.empty() || options.materials.empty())) {
        std::cerr << "须给出 --tasks 和 --materials, 或 --source give --tasks and --materials, or --source\n";
        return kUsage;
    }
    auto shelf = shelf_of(options);
    if (!shelf) {
        return kConfig;
    }
    std::vector<Broken> broken;
    const auto tables = read_tables(options, broken);
    if (!tables) {
        return say(tables.error());
    }
    const items::Library library = items::gather(tables->tasks, tables->materials, broken);
    say_broken(broken);
    if (library.empty()) {
        std::cerr << "没有任何可用的事项, 未导入 no item could be read: nothing was imported\n";
        return kWanting;
    }
    const auto editions = shelf->editions();
    const auto put =
        editions ? shelf->put(library, broken.size(), to_rfc3339(SystemClock{}.now())) : fail(editions.error());
    if (!put) {
        return say(put.error());
    }
    if (!*put) {
        std::cout << "与版本 " << editions->back().number << " 相同, 未产生新版本 the same as edition "
                  << editions->back().number << ": nothing was kept\n";
    } else {
        std::cout << "版本 edition " << (*put)->number << ": " << (*put)->items << " 个事项 items, "
                  << (*put)->materials << " 份材料 materials, " << broken.size() << " 行有误 broken rows\n";
    }
    return broken.empty() ? kGood : kWanting;
}

int items_list(const ItemsOptions& options) {
    const auto shelf = shelf_of(options);
    if (!shelf) {
        return kConfig;
    }
    const auto editions = shelf->editions();
    if (!editions) {
        return say(editions.error());
    }
    for (const items::Edition& one : *editions) {
        std::cout << one.number << '\t' << one.at << '\t' << one.items << " 个事项 items\t" << one.materials
                  << " 份材料 materials\t" << one.broken << " 行有误 broken\t" << one.digest << '\n';
    }
    if (editions->empty()) {
        (void)say_none();
    }
    return kGood;
}

int items_show(const ItemsOptions& options) {
    const auto shelf = shelf_of(options);
    const auto editions = shelf ? shelf->editions() : fail(Fault::bad_request, "");
    if (!shelf) {
        return kConfig;
    }
    if (editions && editions->empty()) {
        return say_none();
    }
    const auto library = editions ? shelf->read(static_cast<int>(editions->size())) : fail(editions.error());
    if (!library) {
        return say(library.error());
    }
    const auto found = library->lower_bound(options.code);  // a whole code, or how it begins
    if (found == library->end() || !found->first.starts_with(options.code)) {
        std::cerr << "没有事项 " << options.code << " no item begins so\n";
        return kWanting;
    }
    const items::Item& item = found->second;
    std::cout << item.code << "  " << item.name << "\n  " << item.department_name << " (" << item.department_code
              << ")  版本 version " << item.version << '\n';
    for (const items::Material& material : item.materials) {
        std::cout << "  - " << material.name << "  "
                  << (material.need == "1"   ? "必要 needed"
                      : material.need == "3" ? "容缺后补 may follow"
                                             : "非必要 not needed")
                  << (material.source_explain.empty() ? "" : "  " + material.source_explain) << '\n';
    }
    return kGood;
}

int items_diff(const ItemsOptions& options) {
    const auto shelf = shelf_of(options);
    if (!shelf) {
        return kConfig;
    }
    const auto editions = shelf->editions();
    if (!editions) {
        return say(editions.error());
    }
    const int last = static_cast<int>(editions->size());
    if (last < 2) {
        std::cerr << "比较需要两个版本, 现有 " << last << " two editions are needed, there is " << last << '\n';
        return kUsage;
    }
    const int after_number = options.after == 0 ? last : options.after;
    const int before_number = options.before == 0 ? after_number - 1 : options.before;
    const auto before = shelf->read(before_number);
    const auto after = before ? shelf->read(after_number) : fail(before.error());
    return after ? say_changes(*before, *after) : say(after.error());
}

int items_links(const ItemsOptions& options) {
    const auto place = place_of(options);
    if (!place) {
        return kConfig;
    }
    const items::Shelf shelf{place->folder};
    const auto editions = shelf.editions();
    if (editions && editions->empty()) {
        return say_none();
    }
    const auto library = editions ? shelf.read(static_cast<int>(editions->size())) : fail(editions.error());
    std::vector<Broken> broken;
    const std::string table = options.links.empty() ? place->root + "/items/material-links.csv" : options.links;
    const auto rows = library ? rows_in(table, broken) : fail(library.error());
    if (!rows) {
        return say(rows.error());
    }
    const items::Links links = items::read_links(*rows, broken);
    const auto all =
        items::link(*library, links, [&place](std::string_view id) { return place->services.contains(id); });
    std::size_t uses = 0;
    std::map<items::Standing, std::size_t> by_standing;
    for (const items::LinkedMaterial& one : all) {
        uses += one.items;
        by_standing[one.standing] += one.items;
    }
    if (options.json) {
        write_links(all, uses, by_standing);
    } else {
        say_links(all, uses, by_standing);
        say_broken(broken);
    }
    return broken.empty() && !by_standing.contains(items::Standing::unknown_service) ? kGood : kWanting;
}

}  // namespace datong::app
