#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sql/parameters.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/charset/charset.h"
#include "core/record/record.h"

namespace datong::adapters::sql {

/// One statement of an operation and what it gives.
struct Look {
    std::string set;  ///< the name of its rows in the answer
    Statement statement;
    std::size_t max_rows{};  ///< more is no answer
};

/// What is bound to one name.
struct Value {
    std::optional<std::string> octets;  ///< in the database's charset, without zero octets; nullopt: NULL
    bool is_number{};                   ///< the octets are digits as in JSON
};
using Values = std::vector<Value>;  ///< of a statement's names, in their order

/// How a source's database is reached and used.
struct Opening {
    Dialect dialect{};
    Secret connection;  ///< sqlite: the file's absolute path; postgresql: libpq's connection string
    charset::Charset charset{charset::Charset::utf_8};
    bool read_only{true};
    std::size_t max_answer{};  ///< bytes of all cells of one statement
};

/// One open connection with its prepared statements. It blocks, and one thread uses it at a time. An
/// error never quotes a value.
class Connection {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    /// Runs every look; more than one in one transaction.
    /// @param values  one for each look.
    /// @return {set: [{COLUMN: bytes or null}]}; a statement without columns gives [{affected: count}].
    [[nodiscard]] virtual Result<record::Record> run(const std::vector<Look>& looks, const std::vector<Values>& values,
                                                     Deadline deadline) = 0;
    /// Whether it may be used again.
    [[nodiscard]] virtual bool is_sound() const = 0;
};

/// The rows of a statement without columns: how many it touched.
[[nodiscard]] record::Record affected_rows(std::string count);
/// A column's name as UTF-8: names may be Chinese, in the database's charset.
[[nodiscard]] std::string column_name(std::string_view name, std::size_t position, charset::Charset charset);

}  // namespace datong::adapters::sql
