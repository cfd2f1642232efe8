#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "core/base/guarded.h"

namespace datong::profiles {

/// The secrets that a secret service of our own lends to one caller, one after the other.
///
/// Each is HMAC-SHA256 over caller and period under a key of the gateway's and the caller's appkey, so nothing is
/// kept: the same secret is lent after a restart and by every node, and another appkey ends all of them at once. A
/// period is half of a secret's life: a secret is lent during its period and good until the end of the next, so that
/// old and new are good side by side until the old one ends.
class SecretLoan {
public:
    /// @param gateway  the gateway's own key, at least 32 octets; what is derived from it tells nothing about it.
    /// @param caller   protocol and rid.
    /// @param life     at least two seconds.
    SecretLoan(const Secret& gateway, std::string_view caller, const Secret& appkey, std::chrono::seconds life);

    struct Lent {
        Secret secret;  ///< 32 lower-case hexadecimal digits
        std::chrono::system_clock::time_point ends;
    };
    [[nodiscard]] Lent lend(std::chrono::system_clock::time_point now) const;
    /// The newer one first.
    [[nodiscard]] std::array<Secret, 2> in_force(std::chrono::system_clock::time_point now) const;

private:
    [[nodiscard]] Secret secret_of(std::int64_t period) const;
    [[nodiscard]] std::int64_t period_of(std::chrono::system_clock::time_point now) const;

    Secret key_;
    std::chrono::seconds period_;
};

}  // namespace datong::profiles
