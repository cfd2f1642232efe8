#pragma once

#include "adapters/exchange_table/plan.h"

namespace datong::adapters::exchange_table {

/// What a row of ours says; every value is bound.
struct Row {
    database::Value key;
    std::vector<database::Value> cells;  ///< of the plan's columns, in their order
    database::Value reason;              ///< of replace: why the row before does not hold any more
};

/// What is done with tables that the department reads. Blocks; every one may run again with the same row: it has its
/// effect once.
/// @return {row: [{written: "1" or "0"}]}; 0: the same row stood there already.
/// @return Fault::request_invalid when the key stands for a row of another content.
[[nodiscard]] Result<record::Record> put(const Plan& plan, const Row& row, database::Connection& connection,
                                         database::Dialect dialect, Deadline deadline);
/// Never an update: a row that says the one before does not hold, and then the new one.
/// @return also Fault::department_refused when there is nothing to replace.
[[nodiscard]] Result<record::Record> replace(const Plan& plan, const Row& row, database::Connection& connection,
                                             database::Dialect dialect, Deadline deadline);
/// @return {rows: [...]}: every row of the key.
[[nodiscard]] Result<record::Record> look(const Plan& plan, const database::Value& key,
                                          database::Connection& connection, database::Dialect dialect,
                                          Deadline deadline);
/// What a question keeps from one look for its answer to the next.
struct Awaiting {
    record::Record before;  ///< the rows that stood there
};
/// Looks once for the answer to a row that was put. An answer of several rows is one only when it is whole: so many
/// rows as it says itself, or the request done, or else the same rows as at the look before.
/// @return {rows: [...]}, none while there is no whole answer; department_refused when the department set our row
/// aside;
///         department_invalid when there are more rows than it may have, or says that it has.
[[nodiscard]] Result<record::Record> fetch_answer(const Plan& plan, const database::Value& key, Awaiting& awaiting,
                                                  database::Connection& connection, database::Dialect dialect,
                                                  Deadline deadline);

/// Sets an answer that nobody can use aside, where the table has a place for that.
[[nodiscard]] Status refuse_answer(const Plan& plan, const database::Value& key, database::Connection& connection,
                                   database::Dialect dialect, Deadline deadline);

}  // namespace datong::adapters::exchange_table
