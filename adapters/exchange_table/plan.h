#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/adapter/settings.h"
#include "core/database/connection.h"

namespace datong::adapters::exchange_table {

/// A checked name of a table or column, in the database's charset and not quoted yet: schema and table are two parts.
using Name = std::vector<std::string>;

/// What an operation does with its table; README.md says what each takes and gives.
enum class Does { ask, put, replace, look, claim, settle, set_aside };

/// A column and what stands in it at each step of a row's life.
struct Flag {
    Name column;  ///< empty: the table has none
    database::Value waiting;
    database::Value claimed;
    database::Value done;
    database::Value failed;
};

/// Where the department puts its answers.
struct Answer {
    Name table;
    Name key;
    Name id;            ///< what the rows of one answer are sorted by; empty: there is one
    std::string id_as;  ///< the same as answers name it
    Flag flag;
    Name reason;
    std::string count_as;  ///< the column that says in each row how many there are, as answers name it; empty: none
    bool after_done{};     ///< it is whole when the request row says that it is done
};

/// One operation: a table, its columns and what is done there.
struct Plan {
    Does does{};
    Name table;
    Name key;                                           ///< what a row is about (dfsjzj); may stand in several rows
    Name id;                                            ///< what tells one row from all others (lsh); often the key
    std::vector<std::pair<std::string, Name>> columns;  ///< field and its column
    std::vector<std::pair<Name, database::Value>> constants;  ///< what every new row says besides
    Flag flag;
    Name reason;  ///< why a row was set aside (sbyy); empty: nowhere
    Name valid;   ///< whether a row holds (sjyxbs); empty: every row does
    database::Value is_valid;
    database::Value is_invalid;
    Name valid_reason;  ///< why a row does not hold (sjwxyy); empty: nowhere
    Name claimed_at;    ///< when a row was claimed; empty: a claim never ends
    Name attempts;      ///< how often; empty: once
    std::chrono::milliseconds lease{};
    std::size_t max_attempts{};
    std::size_t max_rows{};
    Answer answer;
    std::chrono::milliseconds poll_first{};
    std::chrono::milliseconds poll_most{};
};

using Plans = std::map<std::string, Plan, std::less<>>;

[[nodiscard]] std::vector<adapter::Setting> operation_settings();

/// Reads one operation's settings.
/// @param opening  for the charset of names and constants, and for whether it may write.
[[nodiscard]] Plan read_plan(const adapter::Settings& settings, const database::Opening& opening, Mistakes& mistakes);

}  // namespace datong::adapters::exchange_table
