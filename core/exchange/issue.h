#pragma once

#include <chrono>

#include "core/exchange/call.h"

namespace datong::exchange {

/// When and where the department's answer came from, for provenance.
struct Replied {
    std::chrono::system_clock::time_point at;
    std::string digest;       ///< hex SHA-256 of the reply's octets
    std::string record_time;  ///< the record's own time; empty when the source names none
};

/// Makes the certificate of one material: every leaf of the content gets a salted digest, the issuer
/// signs the list of digests with `as_of` and `scope`, and provenance says where each leaf is from.
/// So one altered field is named by a verifier, and a hidden one still proves (docs/answer.md).
/// @param content  what the grant lets through; null for `not_found`.
[[nodiscard]] Result<Certificate> issue(const Visit& visit, const Ticket& ticket, const record::Record& content,
                                        const Replied& replied);

}  // namespace datong::exchange
