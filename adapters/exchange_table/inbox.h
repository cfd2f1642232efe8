#pragma once

#include <string>
#include <vector>

#include "adapters/exchange_table/plan.h"

namespace datong::adapters::exchange_table {

/// One round of claiming.
struct Claiming {
    std::string now;   ///< "YYYY-MM-DD HH:MM:SS" by +08:00, as it is written beside a claim
    std::string over;  ///< the same: claims older than this are over
    database::Value poison;
    std::vector<database::Value> unread;  ///< ids of rows that were claimed and could not be read: give_back() them
};

/// Takes rows that the department left for us, at most plan.max_rows, each for nobody but us: one UPDATE a row that
/// says "claimed" where it still says "waiting" decides between two gateways. Claims that nobody settled in time are
/// given back, or set aside once they came too often; so are rows that can't be read.
/// @return {rows: [...]}, none when nothing waits. What fails behind the first row ends it, and what there is is given:
///         nobody else would get it. Where reading a row broke the connection, it ends there, and the
///         row's id stands in claiming.poison: set_aside() it on another one.
[[nodiscard]] Result<record::Record> claim(const Plan& plan, Claiming& claiming, const database::Opening& opening,
                                           database::Connection& connection, Deadline deadline);

/// Lets claimed rows that nobody got to see wait again.
[[nodiscard]] Status give_back(const Plan& plan, const Claiming& claiming, const database::Opening& opening,
                               database::Connection& connection, Deadline deadline);

/// Sets a claimed row aside with a reason of ours.
[[nodiscard]] Status set_aside(const Plan& plan, const database::Value& id, std::string why,
                               const database::Opening& opening, database::Connection& connection, Deadline deadline);

/// Ends a claim: the row is done, or set aside with a reason.
/// @return {row: [{written: "1"}]}, or "0" when it said so already; department_refused when it is no row that is
///         claimed.
[[nodiscard]] Result<record::Record> end_claim(const Plan& plan, const database::Value& id,
                                               const database::Value& reason, const database::Opening& opening,
                                               database::Connection& connection, Deadline deadline);

}  // namespace datong::adapters::exchange_table
