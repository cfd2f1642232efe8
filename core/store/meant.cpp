#include "core/store/meant.h"

namespace datong::store {

std::string Meant::condition(std::string_view id) const {
    std::string all;
    const auto add = [&all](bool is_set, const std::string& one) {
        all.append(!is_set || all.empty() ? "" : " AND ").append(is_set ? one : "");
    };
    add(!exchange.empty(), std::string{id} + " = ?");
    add(!case_number.empty(), "case_number = ? AND case_number <> ''");  // the indexes are of such only
    add(before.has_value(), "created < ?");
    return all.empty() ? "FALSE" : all;
}

void Meant::bind(Statement& statement) const {
    for (const std::string* text : {&exchange, &case_number}) {
        if (!text->empty()) {
            statement.bind(*text);
        }
    }
    if (before) {
        statement.bind(*before);
    }
}

}  // namespace datong::store
