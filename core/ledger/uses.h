#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/ledger/index.h"
#include "core/record/record.h"

namespace datong::ledger {

/// Who asked about a person (谁查过我): who, when, why and which fields, in the order of the log; a call that is under
/// way, such as the one that asks, when it is over.
/// @param names  of the person in the evidence, hex. @param after  `next` of the page before; empty: the first.
/// @return {uses: [{at, exchange, role, consumer, service, outcome, purpose, legal_basis?, consent?, matter?,
///         case_number?, division?, shown?: [{service, fields}]}], next?}: 200 uses, fewer on the last page only, which
///         has no `next`; Fault::bad_request for an `after` that is no use of this person's.
[[nodiscard]] Result<record::Record> uses_of(Index& index, const std::vector<std::string>& names,
                                             const std::string& after, const std::vector<NotYet>& withheld);

}  // namespace datong::ledger
