#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/items/library.h"
#include "core/items/links.h"
#include "core/ledger/asked.h"
#include "core/supervision/cases.h"

namespace datong::supervision {

/// How one material that a case took stands. Each counts once a case, however often it was taken or asked for.
enum class Finding {
    not_asked,   ///< 应调未调: a service brings it, and nobody asked for it before it was taken
    repeated,    ///< 重复提交: a department had brought it, and paper was taken anyway
    justified,   ///< asked, and the department had none or did not answer: paper had to be
    spared,      ///< it came from a department, a licence or an earlier case
    not_needed,  ///< the item does not need it: whoever brings it may
    not_shared   ///< no service brings it
};
[[nodiscard]] std::string_view name_of(Finding finding);

struct Found {
    const Case* of{};
    std::string material;  ///< name as written
    std::string service;   ///< that brings it; empty: none
    std::string exchange;  ///< of repeated: the one that had brought it
    std::string day;       ///< it was taken
    Finding finding{Finding::not_shared};
};

/// What the report goes by.
struct Knowledge {
    const items::Library& library;  ///< which item needs what; an item that is not in it needs all
    const items::Links& links;      ///< names of materials to services
    std::function<bool(std::string_view)> has_service;
};

/// Compares what was taken with what was asked for. What was asked under another case's number, or came after the day
/// on which paper was taken, does not count for a case.
/// @return in the order of what was taken; points into `cases`.
[[nodiscard]] std::vector<Found> supervise(const Cases& cases, const std::vector<Taken>& taken,
                                           const std::vector<ledger::AskedMaterial>& asked, const Knowledge& known);

/// By what the findings are added up.
enum class By { window, item, department, day };

struct Sum {
    std::uint64_t not_asked{};
    std::uint64_t repeated{};
    std::uint64_t justified{};
    std::uint64_t spared{};
    std::uint64_t not_needed{};
    std::uint64_t not_shared{};
};
[[nodiscard]] std::map<std::string, Sum> add_up(const std::vector<Found>& all, By by);

}  // namespace datong::supervision
