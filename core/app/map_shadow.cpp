#include <iostream>
#include <optional>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/map_tools.h"
#include "core/codec/json.h"
#include "core/workbench/shadow.h"

namespace datong::app {
namespace {

Result<workbench::Shadow> read_counts(const std::string& file) {
    const auto text = read_text(file);
    if (!text) {
        return fail(Fault::bad_request, "can't be read");
    }
    return codec::read_json(*text).and_then(workbench::Shadow::from_record);
}

void show(const workbench::Shadow& shadow) {
    std::cout << shadow.live() << "  ->  " << shadow.candidate() << "\n记录 records: " << shadow.records()
              << ", 不同 unlike: " << shadow.unlike() << '\n';
    for (const auto& [path, tally] : shadow.fields()) {
        if (tally.unlike() > 0) {
            std::cout << "  " << path << "  相同 same " << tally.same << ", 不同 differing " << tally.differing
                      << ", 仅现行 only live " << tally.only_live << ", 仅候选 only candidate " << tally.only_candidate
                      << '\n';
        }
    }
}

}  // namespace

int map_shadow_report(const ShadowOptions& options) {
    std::optional<workbench::Shadow> all;
    for (const std::string& file : options.files) {
        const auto one = read_counts(file);
        const Status added = !one ? fail(Error{one.error()}) : all ? all->add(*one) : Status{};
        if (!added) {
            std::cerr << file << ": 不是这个候选版本的计数 | no counts of this candidate: " << added.error().detail()
                      << '\n';
            return kUsage;
        }
        if (!all) {
            all = *one;
        }
    }
    show(*all);
    workbench::Gate gate{.records = options.records};
    gate.explained.insert(options.explained.begin(), options.explained.end());
    const auto objections = all->objections(gate);
    for (const std::string& one : objections) {
        std::cout << "  还不行 not yet: " << one << '\n';
    }
    if (objections.empty()) {
        std::cout << "可以启用 it may be put in force\n";
    }
    return objections.empty() ? kGood : kWanting;
}

}  // namespace datong::app
