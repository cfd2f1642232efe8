#include <iostream>

#include "core/app/commands.h"
#include "core/codec/json.h"
#include "core/ledger/savings.h"

namespace datong::app {
namespace {

using ledger::SavedBy;
using ledger::SavedRow;
using record::Record;

std::string shown(const std::string& name) {
    return name.empty() ? "(未注明 none named)" : name;
}

int say_json(const ledger::Savings& savings, const std::map<std::string, SavedRow>& rows) {
    Record all = Record::object();
    Record list = Record::list();
    for (const auto& [name, row] : rows) {
        Record one = Record::object();
        one.put("of", Record::text(name));
        one.put("due", Record::integer(static_cast<long long>(row.due)));
        one.put("saved", Record::integer(static_cast<long long>(row.saved)));
        Record exchanges = Record::list();
        for (const std::string& exchange : row.exchanges) {
            exchanges.add(Record::text(exchange));
        }
        one.put("exchanges", std::move(exchanges));
        list.add(std::move(one));
    }
    all.put("rows", std::move(list));
    all.put("unattributed", Record::integer(static_cast<long long>(savings.unattributed)));
    all.put("unattributed_found", Record::integer(static_cast<long long>(savings.unattributed_found)));
    std::cout << codec::write_json_for_people(all) << '\n';
    return kGood;
}

int say_table(const ledger::Savings& savings, const std::map<std::string, SavedRow>& rows, bool exchanges) {
    std::uint64_t due = 0;
    std::uint64_t saved = 0;
    for (const auto& [name, row] : rows) {
        due += row.due;
        saved += row.saved;
        std::cout << shown(name) << "  应免 due " << row.due << "  已免 saved " << row.saved << '\n';
        for (std::size_t i = 0; exchanges && i < row.exchanges.size(); ++i) {
            std::cout << "  " << row.exchanges[i] << '\n';
        }
    }
    std::cout << "合计 all  应免 due " << due << "  已免 saved " << saved
              << "\n未归属 (无办件号或材料) unattributed, of no "
              << "case or material: " << savings.unattributed << ", 其中有结果 of them found "
              << savings.unattributed_found << '\n';
    if (due == 0) {
        std::cout << "还没有可计的材料 no material to count yet: calls name case and material\n";
    }
    return kGood;
}

}  // namespace

int stats_saved(const SavedOptions& options) {
    const auto savings = ledger::count_savings(options.folder);
    if (!savings) {
        std::cerr << "无法读取存证目录 can't read the evidence: " << savings.error().detail() << '\n';
        return kWanting;
    }
    const SavedBy by = options.by == "matter"       ? SavedBy::matter
                       : options.by == "department" ? SavedBy::department
                                                    : SavedBy::month;
    const auto rows = ledger::add_up(*savings, by);
    return options.json ? say_json(*savings, rows) : say_table(*savings, rows, options.exchanges);
}

}  // namespace datong::app
