#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/container/revocation.h"
#include "core/container/xades.h"
#include "core/ledger/entry.h"
#include "core/record/record.h"
#include "core/vault/body.h"

namespace datong::container {

/// What one exchange's container is made of.
struct Proven {
    std::string evidence_folder;
    ledger::Entry entry;
    std::vector<vault::Body> bodies;  ///< as they stand beside the chain; none: the policy, or they were erased
    bool is_answer_withheld{};        ///< its consumer may not keep what it was answered by a consent
    record::Record keys;              ///< JWKS with owners: the public keys of those who signed
    std::string at;                   ///< RFC 3339: when the container is made
    AtHand at_hand{};                 ///< of revocations
};

/// The files of a container (docs/verify-by-hand.md says what each is): the exact records, what was signed and by whom,
/// bodies where they are kept, the place of the last record in its seal with the time-stamp, where it has them, and
/// what is at hand of the revocation of certificates.
/// @return Fault::evidence_unavailable where a record can't be read; Fault::no_such_resource where it is not there.
[[nodiscard]] Result<std::vector<Part>> gather(const Proven& proven);

/// The same, signed and packed.
[[nodiscard]] Result<std::string> make_container(const Proven& proven, const Seat& seat);

}  // namespace datong::container
