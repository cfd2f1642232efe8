#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalogue/load.h"
#include "core/items/ask.h"
#include "core/record/record.h"
#include "core/supervision/report.h"

// Supervision in numbers: what the command and the administrators' API say alike.
namespace datong::supervision {

/// The tables that a report is made of, as they were read.
struct Tables {
    std::vector<items::Row> links;  ///< names of materials to services
    std::vector<items::Row> cases;
    std::vector<items::Row> taken;
};

/// Where the running gateway finds its tables: `supervision` of gateway.yaml.
struct Settings {
    std::string source;  ///< "cases/case-tables": a database with the operations `cases` and `taken`; empty: none
    std::string links;   ///< file of names of materials and services
    std::string library_folder;  ///< of the item library's editions
};
/// @param files  reads gateway.yaml, which a load has checked before.
[[nodiscard]] Settings settings_of(const std::string& gateway_file, const catalogue::Files& files,
                                   const catalogue::Snapshot& snapshot);
/// The last edition of the item library; an empty one where nothing was imported: then every material is needed.
[[nodiscard]] Result<items::Library> last_library(const std::string& folder);

/// @return the error of the first that could not be read.
[[nodiscard]] Result<Tables> join(Result<std::vector<items::Row>> links, Result<std::vector<items::Row>> cases,
                                  Result<std::vector<items::Row>> taken);
/// Cases and materials from a database, by its operations `cases` and `taken`. Waits: on no loop.
/// @return as items::ask_rows.
[[nodiscard]] Result<Tables> ask_tables(adapter::Guard& source, Result<std::vector<items::Row>> links,
                                        std::vector<items::Broken>& broken);

struct Report {
    Cases cases;
    std::vector<Found> found;           ///< points into `cases`
    std::vector<items::Broken> broken;  ///< rows that were left out
};
/// @param broken  what was left out while the tables were read.
[[nodiscard]] Report report_of(const Tables& tables, const items::Library& library,
                               const std::vector<ledger::AskedMaterial>& asked,
                               const std::function<bool(std::string_view)>& has_service,
                               std::vector<items::Broken> broken);

/// Only the cases that a department accepted. @param names  by any of which the tables may name it.
void keep_department(Report& report, const std::set<std::string, std::less<>>& names);

/// "window", "item", "department" or "day". @return window for what is none.
[[nodiscard]] By by_of(std::string_view name);
/// Whether a citizen had to bring what need not have been brought.
[[nodiscard]] bool is_wrong(const Found& one);

/// {rows: [{of, not_asked, repeated, justified, spared, not_needed, not_shared}], cases: [{finding, case, material,
/// service, day, window, item, exchange}]}.
/// @param list  names each case of not_asked and repeated; else none.
[[nodiscard]] record::Record to_record(const Report& report, By by, bool list);

}  // namespace datong::supervision
