#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/charset/charset.h"
#include "core/database/parameters.h"
#include "core/record/record.h"

namespace datong::database {

/// One statement and what it may give.
struct Look {
    std::string set;  ///< the name of its rows in the answer
    Statement statement;
    std::size_t max_rows{};  ///< more is no answer
    bool first_only{};       ///< more are left where they are: the statement limits itself, or the driver stops
};

/// What is bound to one parameter.
struct Value {
    std::optional<std::string> octets;  ///< in the database's charset, without zero octets; nullopt: NULL
    bool is_number{};                   ///< the octets are digits as in JSON
};
using Values = std::vector<Value>;  ///< of a statement's names, in their order

/// How a source's database is reached and used.
struct Opening {
    Dialect dialect{};
    Secret connection;  ///< sqlite: the file's absolute path; the others: their connection string
    charset::Charset charset{charset::Charset::utf_8};
    bool write{};              ///< else the database itself is told to refuse it
    std::size_t max_answer{};  ///< bytes of all cells of one statement
};

/// One open connection with its prepared statements. It blocks, and one thread uses it at a time, but for
/// interrupt(). An error never quotes a value.
class Connection {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    /// Runs every look; more than one in one transaction.
    /// @param values  one for each look.
    /// @return {set: [{COLUMN: bytes or null}]}; a statement without columns gives [{affected: count}].
    [[nodiscard]] Result<record::Record> run(const std::vector<Look>& looks, const std::vector<Values>& values,
                                             Deadline deadline);

    /// Sets what the statements rely on; once, before the first.
    [[nodiscard]] virtual Status settle(Deadline /*deadline*/) { return {}; }
    /// Begins a transaction: one picture of the data for who reads; who writes is alone, as far as anybody can see
    /// (SERIALIZABLE), or has collided().
    [[nodiscard]] virtual Status begin(Deadline deadline) = 0;
    [[nodiscard]] virtual Status commit(Deadline deadline) = 0;
    /// Ends a transaction that failed; a connection that can't is not sound any more.
    virtual void rollback() = 0;
    /// Runs one statement, outside of a transaction in one of its own.
    /// @return its rows as a list; of a statement without columns [{affected: count}].
    [[nodiscard]] virtual Result<record::Record> execute(const Look& look, const Values& values, Deadline deadline) = 0;

    /// Whether it may be used again.
    [[nodiscard]] virtual bool is_sound() const = 0;
    /// Whether it is not to be kept for another call, though sound for this one to its end.
    [[nodiscard]] virtual bool is_worn() const { return false; }
    /// Whether the last failure came from what another wrote at the same time (a deadlock, a snapshot overtaken, the
    /// same unique key): the same transaction again sees what the other one did.
    [[nodiscard]] virtual bool has_collided() const = 0;
    /// A checked name as this database quotes it, with quotes of its own doubled.
    [[nodiscard]] virtual std::string quoted(std::string_view name) const = 0;
    /// From any thread, while the connection is in use: ends what it waits for. Does not block. Without an effect
    /// where the driver gives up by itself, at the deadline.
    virtual void interrupt() noexcept {}
    /// From any thread, while it is in use: whether the server says more than the driver would ever give back.
    [[nodiscard]] virtual bool is_flooded() noexcept { return false; }
};

/// Prepared statements that a connection keeps at most; then it forgets them all. Most have a handful, but statements
/// that are made as they are needed ("column IS NULL" for a value that is not there) may be many.
inline constexpr std::size_t kMostPrepared = 256;

/// The rows of a statement without columns: how many it touched.
[[nodiscard]] record::Record affected_rows(std::string count);
/// Of such rows; 0 for others.
[[nodiscard]] std::size_t count_affected(const record::Record& rows);
/// A column's name as UTF-8: names may be Chinese, in the database's charset. That is tried first: many a word in GBK
/// is UTF-8, too, of other letters.
[[nodiscard]] std::string column_name(std::string_view name, std::size_t position, charset::Charset charset);
/// The first line of a driver's message, at most 200 octets of UTF-8, as a terminal may be shown it: the other side
/// writes it, so "?" stands for control characters. What is not UTF-8 says nothing.
[[nodiscard]] std::string first_line(const char* message);
/// How long the server itself may work on a statement: a little less than there is time, so that it is mostly the first
/// to give up and the connection stays; in steps, so that it is seldom told anew.
[[nodiscard]] std::chrono::milliseconds statement_limit(Deadline deadline);
/// A name between `quote`s, each inside doubled.
[[nodiscard]] std::string between(std::string_view quote, std::string_view name);

/// Gathers the rows of one statement within its limits.
class Gathering {
public:
    Gathering(const Look& look, std::size_t max_bytes) : look_{look}, max_bytes_{max_bytes} {}

    /// @return Fault::department_invalid over either limit.
    [[nodiscard]] Status add(record::Record::Object row);
    /// How many bytes the cells of a next row may have together.
    [[nodiscard]] std::size_t room() const { return max_bytes_ - bytes_; }
    [[nodiscard]] bool has_enough() const { return look_.first_only && rows_.size() == look_.max_rows; }
    [[nodiscard]] Error too_many_bytes() const;
    [[nodiscard]] record::Record take() { return record::Record::list(std::move(rows_)); }

private:
    const Look& look_;
    std::size_t max_bytes_;
    std::size_t bytes_{};
    record::Record::List rows_;
};

}  // namespace datong::database
