#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dbf {

/// Which rows of one table go into one set of the answer.
struct Set {
    std::string name;
    std::string file;  ///< a plain file name in the folder
    /// Column -> fields of the question: a row is taken when each column equals one of its fields.
    std::map<std::string, std::vector<std::string>> where;
    std::size_t max_rows{};
};

struct Settings {
    std::string folder;
    std::string charset;  ///< of the tables: "GBK", "GB18030"
    std::size_t max_file{};
    std::map<std::string, std::vector<Set>, std::less<>> operations;
};

/// JSON Schema of the settings, which the gateway checks them by.
extern const std::string_view kSettingsSchema;

/// Reads checked settings. Throws std::runtime_error for what a schema can't say.
[[nodiscard]] Settings read_settings(std::string_view json);

}  // namespace dbf
