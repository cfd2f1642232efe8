#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/base/result.h"

namespace datong::policy {

/// How long a signature is good.
struct Freshness {
    std::chrono::seconds window{300};
    std::chrono::seconds skew{30};
};

/// Refuses a signature outside its window and one that was seen before. Nonces live in memory, each key's apart, so
/// that none can fill another's. What was used before a restart comes back by recall(). Refused is what was created
/// before the oldest of it, or before the newest of the same key that was forgotten since: where clocks step, that may
/// be within the window. May be used from many threads.
class ReplayGuard {
public:
    /// @param known_since  every signature that was created from then on and used before is told by recall().
    /// @param most_per_key  nonces of one key within a window; over that, its signatures are refused.
    ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point known_since,
                std::size_t most_per_key = 500'000);

    /// @param created  unix seconds; @param expires  unix seconds, 0 for none.
    /// @param once     what makes the signature unique: "KEYID\nNONCE".
    /// @return Fault::signature_stale, replayed, or nonces_full when the key's memory of a window is full.
    [[nodiscard]] Status accept(std::int64_t created, std::int64_t expires, const std::string& once,
                                std::chrono::system_clock::time_point now);
    /// Knows again what was accepted before a restart.
    void recall(std::int64_t created, const std::string& once);

private:
    /// The nonces of one key.
    struct Memory {
        std::unordered_set<std::string> seen;
        std::map<std::int64_t, std::vector<const std::string*>> by_created;  ///< into seen, whose nodes stay put

        [[nodiscard]] bool add(std::int64_t created, const std::string& once);
        void forget_before(std::int64_t created);

        std::int64_t forgotten_to{};  ///< the newest `created` of those that were forgotten; 0: none
    };

    void forget_before(std::int64_t created);
    [[nodiscard]] Memory& memory_of(std::string_view once);

    Freshness freshness_;
    std::int64_t known_since_;
    std::size_t most_;
    std::mutex mutex_;                                     ///< of what follows
    std::map<std::string, Memory, std::less<>> memories_;  ///< by key id
    std::int64_t forgot_at_{};                             ///< up to where it was looked last
};

}  // namespace datong::policy
