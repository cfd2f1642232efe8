#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbf {

/// One value of a JSON text. Scalars keep their text: the gateway has checked the types by our schema.
struct Json {
    std::string text;                                   ///< of a string (decoded), a number, true, false
    std::vector<std::pair<std::string, Json>> members;  ///< of an object
    std::vector<Json> items;                            ///< of an array

    [[nodiscard]] const Json* find(std::string_view name) const;
};

/// Reads the JSON that the gateway writes: UTF-8, at most 32 levels. Throws std::runtime_error.
[[nodiscard]] Json read_json(std::string_view text);

}  // namespace dbf
