#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/date.h"
#include "core/record/record.h"

namespace datong::policy {

struct Quota {
    std::uint64_t calls{};
    std::int64_t seconds{};  ///< window: 60, 3600 or 86400
};

/// Who may call what, with which fields, for which purposes and territory, on what legal basis (授权).
struct Grant {
    std::string id;
    std::string consumer;
    std::vector<std::string> services;
    std::vector<std::string> fields;    ///< what may be seen: "*", or JSON pointers with '*' for every item
    std::vector<std::string> verify{};  ///< what may be asked by predicates, likewise; none: no verify
    std::vector<std::string> purposes;
    std::string legal_basis;
    std::vector<std::string> territory;  ///< divisions, by prefix
    bool case_required{};
    std::optional<Quota> quota;
    record::Date valid_from;
    record::Date valid_to;  ///< inclusive

    [[nodiscard]] bool is_for(std::string_view service) const;
};

/// What is asked, as grants see it.
struct Asked {
    std::string_view consumer;
    std::string_view service;
    std::string_view purpose;
    std::string_view division;  ///< the operator's
    record::Date today;
    bool verify{};  ///< by predicates, and nothing is to be seen
};

/// The first grant that covers it all. Nothing is granted by default.
/// @return Fault::not_permitted; the detail says for operators what was nearest to fit.
[[nodiscard]] Result<const Grant*> permit(std::span<const Grant> grants, const Asked& asked);

/// Whether a division lies in a territory given as prefixes.
[[nodiscard]] bool lies_in(std::string_view division, std::span<const std::string> territory);

/// Only what the grant's fields name; lists keep their items, empty objects go.
[[nodiscard]] record::Record minimise(const record::Record& content, std::span<const std::string> fields);

}  // namespace datong::policy
