#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/catalogue/snapshot.h"
#include "core/store/results.h"

namespace datong::sharing {

/// What one answer says, as its sharing result (共享查验结果) repeats it: no personal data.
struct Facts {
    std::string exchange;
    const catalogue::Service* service{};
    std::string_view division;  ///< the one that was searched; empty: all of the service's
    std::string_view consumer;  ///< id
    std::string_view outcome;
    std::string_view as_of;
    std::string_view matter;  ///< id; empty for none
    std::string_view case_number;
    std::string_view purpose;
};

/// A sharing result, the code that it is checked with, and what is kept to check it.
struct Made {
    std::string code;         ///< "7K4M-9QWX-2BTD": 60 random bits in Crockford's alphabet
    std::string code_until;   ///< RFC 3339
    std::string valid_until;  ///< "2026-12-29", the last day on which it may be used
    store::SharingResult kept;
};

/// @param certificate  the issuer's JWS; its digest is shown, so that who has it can compare.
[[nodiscard]] Made make_result(const Facts& facts, const catalogue::Snapshot& snapshot, std::string_view certificate,
                               std::string valid_until, std::chrono::system_clock::time_point now);

/// The last day of a result that is made now; empty where the gateway makes none.
[[nodiscard]] std::string valid_until(const catalogue::Snapshot& snapshot, std::chrono::system_clock::time_point now);

/// A code as people write it, in one spelling: capitals without dashes and blanks, O as 0, I and L as 1. Empty: none.
[[nodiscard]] std::string normal_code(std::string_view written);
/// What is kept of it. @param code  normal.
[[nodiscard]] std::string code_mac(const catalogue::Snapshot& snapshot, std::string_view exchange,
                                   std::string_view code);

}  // namespace datong::sharing
