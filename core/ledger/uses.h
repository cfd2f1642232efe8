#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/ledger/index.h"
#include "core/record/record.h"

namespace datong::ledger {

/// Uses for these purposes from this moment on are not told yet.
struct NotYet {
    std::vector<std::string> purposes;
    std::string since;  ///< RFC 3339 at +08:00
};

/// Who asked about a person (谁查过我): who, when, why and which fields, in the order of the log; a call that is under
/// way, such as the one that asks, when it is over.
/// @param person  hex HMAC. @param after  where the page before ended; empty: the first.
/// @return {uses: [{at, exchange, role, consumer, service, outcome, purpose, legal_basis?, consent?, matter?,
/// case_number?,
///         division?, shown?: [{service, fields}]}], next?}; Fault::bad_request for an `after` that is none.
[[nodiscard]] Result<record::Record> uses_of(Index& index, const std::string& person, const std::string& after,
                                             const std::vector<NotYet>& withheld);

}  // namespace datong::ledger
