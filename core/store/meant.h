#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/store/statement.h"

namespace datong::store {

/// Which rows an order to erase means: those of one exchange, of one case, and from before a moment. What is empty does
/// not narrow it, and all empty means none.
struct Meant {
    const std::string& exchange;
    const std::string& case_number;
    const std::optional<std::int64_t>& before;  ///< unix seconds; every moment is one, 1970 too

    [[nodiscard]] bool empty() const { return exchange.empty() && case_number.empty() && !before; }
    /// As an SQL condition that an index answers: one for whatever is set would be answered by none.
    /// @param id  the column with the exchange. Beside it the table has case_number and created.
    [[nodiscard]] std::string condition(std::string_view id) const;
    /// Its values, in their order.
    void bind(Statement& statement) const;
};

}  // namespace datong::store
