#include "core/profiles/lent_secret.h"

#include <string>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::profiles {

SecretLoan::SecretLoan(const Secret& gateway, std::string_view caller, const Secret& appkey, std::chrono::seconds life)
    : period_{life / 2} {
    // the label keeps these keys apart from everything else that is made with the gateway's
    const Secret own{crypto::hmac_sha256(gateway.reveal(), "datong lent secrets 1")};
    const Secret bound{crypto::hmac_sha256(own.reveal(), appkey.reveal())};
    key_ = Secret{crypto::hmac_sha256(bound.reveal(), caller)};
}

Secret SecretLoan::secret_of(std::int64_t period) const {
    constexpr std::size_t kOctets = 16;  // the shape of the platforms' own
    return Secret{to_hex(crypto::hmac_sha256(key_.reveal(), std::to_string(period)).substr(0, kOctets))};
}

std::int64_t SecretLoan::period_of(std::chrono::system_clock::time_point now) const {
    return to_unix_seconds(now) / period_.count();
}

SecretLoan::Lent SecretLoan::lend(std::chrono::system_clock::time_point now) const {
    const std::int64_t period = period_of(now);
    return {.secret = secret_of(period), .ends = std::chrono::system_clock::time_point{} + (period + 2) * period_};
}

std::array<Secret, 2> SecretLoan::in_force(std::chrono::system_clock::time_point now) const {
    const std::int64_t period = period_of(now);
    return {secret_of(period), secret_of(period - 1)};
}

}  // namespace datong::profiles
