#pragma once

#include <chrono>
#include <cstddef>

#include "core/crypto/cipher.h"

namespace datong::accounts {

/// What holds for passwords and for sessions. The times and numbers have their names in gateway.yaml.
struct Limits {
    int failures = 5;                    ///< in a row, until the name is locked
    std::chrono::seconds locked{1'800};  ///< for so long, unless a security administrator unlocks it
    int attempts_a_minute = 10;          ///< of signing in, from one address
    std::chrono::seconds idle{900};      ///< a session that is not used ends
    std::chrono::seconds whole{28'800};  ///< and any session after that
    std::size_t sessions = 3;            ///< of one account at once: a further one ends the oldest
    /// Of a password that is kept from now on; no setting. Source: OWASP, Password Storage Cheat Sheet.
    crypto::ScryptCost cost{.n = 1U << 15, .r = 8, .p = 3};
    bool operator==(const Limits&) const = default;
};

}  // namespace datong::accounts
