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
/// that none can fill another's. After a restart they are gone: a signature created before this object is refused, and
/// those that were created later by a clock that runs ahead, and used before, come back by recall(). May be used from
/// many threads.
class ReplayGuard {
public:
    /// @param most_per_key  nonces of one key within a window; over that, its signatures are refused.
    ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point started, std::size_t most_per_key = 500'000);

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
    };

    void forget_before(std::int64_t created);
    [[nodiscard]] Memory& memory_of(std::string_view once);

    Freshness freshness_;
    std::int64_t started_;
    std::size_t most_;
    std::mutex mutex_;                                     ///< of what follows
    std::map<std::string, Memory, std::less<>> memories_;  ///< by key id
    std::int64_t forgotten_before_{};
};

}  // namespace datong::policy
