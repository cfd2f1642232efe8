#include <filesystem>
#include <iostream>
#include <set>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/codec/json_writer.h"
#include "core/items/links.h"
#include "core/items/rows.h"
#include "core/items/shelf.h"
#include "core/ledger/asked.h"
#include "core/supervision/report.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using items::Broken;
using items::Row;
using supervision::Finding;
using supervision::Found;
using supervision::Sum;

struct Known {
    std::string library_folder;
    std::set<std::string, std::less<>> services;
};

Result<std::vector<Row>> rows_in(const std::string& file, std::vector<Broken>& broken) {
    const auto text = read_text(file);
    return text ? items::read_rows(*text, file, broken) : fail(Fault::bad_request, file + ": can't be read");
}

/// The last edition of the item library; an empty one where nothing was imported: then every material is needed.
Result<items::Library> last_library(const std::string& folder) {
    const items::Shelf shelf{folder};
    const auto editions = shelf.editions();
    if (!editions) {
        return fail(editions.error());
    }
    return editions->empty() ? Result<items::Library>{items::Library{}}
                             : shelf.read(static_cast<int>(editions->size()));
}

supervision::By by_of(const std::string& name) {
    return name == "item"         ? supervision::By::item
           : name == "department" ? supervision::By::department
           : name == "day"        ? supervision::By::day
                                  : supervision::By::window;
}

bool is_wrong(const Found& one) {
    return one.finding == Finding::not_asked || one.finding == Finding::repeated;
}

void write_sum(codec::JsonWriter& json, const Sum& sum) {
    json.member("not_asked", sum.not_asked).member("repeated", sum.repeated).member("justified", sum.justified);
    json.member("spared", sum.spared).member("not_needed", sum.not_needed).member("not_shared", sum.not_shared);
}

void say_json(const std::map<std::string, Sum>& sums, const std::vector<Found>& all, bool list) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().name("rows").open_list();
    for (const auto& [name, sum] : sums) {
        json.open_object().member("of", name);
        write_sum(json, sum);
        json.close_object();
    }
    json.close_list().name("cases").open_list();
    for (const Found& one : all) {
        if (list && is_wrong(one)) {
            json.open_object().member("finding", supervision::name_of(one.finding)).member("case", one.of->number);
            json.member("material", one.material).member("service", one.service).member("day", one.day);
            json.member("window", one.of->window).member("item", one.of->item).member("exchange", one.exchange);
            json.close_object();
        }
    }
    json.close_list().close_object();
    std::cout << out << '\n';
}

void say_lines(const std::map<std::string, Sum>& sums, const std::vector<Found>& all, bool list) {
    for (const auto& [name, sum] : sums) {
        std::cout << (name.empty() ? "(未注明 none named)" : name) << "  应调未调 not asked " << sum.not_asked
                  << "  重复提交 repeated " << sum.repeated << "  确需提交 justified " << sum.justified
                  << "  免提交 spared " << sum.spared << "  非必要 not needed " << sum.not_needed
                  << "  尚未共享 not shared " << sum.not_shared << '\n';
    }
    for (const Found& one : all) {
        if (list && is_wrong(one)) {
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
    const Mistakes mistakes = with_configuration(options.config, [&known](const catalogue::Snapshot& snapshot) {
        known.library_folder =
            (fs::path{snapshot.gateway.store_file}.lexically_normal().parent_path() / "items").string();
        for (const auto& [id, service] : snapshot.services) {
            known.services.insert(id);
        }
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    const std::string table = options.links.empty()
                                  ? (fs::path{options.config}.parent_path() / "items/material-links.csv").string()
                                  : options.links;
    std::vector<Broken> broken;
    const auto links = rows_in(table, broken);
    const auto cases = rows_in(options.cases, broken);
    const auto taken = rows_in(options.taken, broken);
    const auto library = last_library(known.library_folder);
    const auto asked = ledger::asked_materials(options.folder);
    for (const Error* error :
         {links ? nullptr : &links.error(), cases ? nullptr : &cases.error(), taken ? nullptr : &taken.error(),
          library ? nullptr : &library.error(), asked ? nullptr : &asked.error()}) {
        if (error != nullptr) {
            std::cerr << error->detail() << '\n';
            return kWanting;
        }
    }
    const auto read = supervision::read_cases(*cases, broken);
    const auto materials = supervision::read_taken(*taken, read, broken);
    const items::Links linked = items::read_links(*links, broken);
    const auto all = supervision::supervise(
        read, materials, *asked, {.library = *library, .links = linked, .has_service = [&known](std::string_view id) {
                                      return known.services.contains(id);
                                  }});
    const auto sums = supervision::add_up(all, by_of(options.by));
    if (options.json) {
        say_json(sums, all, options.list);
    } else {
        say_lines(sums, all, options.list);
    }
    for (const Broken& one : broken) {
        std::cerr << one.where << "  " << one.text_zh << " | " << one.text_en << '\n';
    }
    return broken.empty() ? kGood : kWanting;
}

}  // namespace datong::app
