#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/result.h"

namespace datong::policy {

/// How long a signature is good.
struct Freshness {
    std::chrono::seconds window{300};
    std::chrono::seconds skew{30};
};

/// Refuses a signature outside its window and one that was seen before. Nonces live in memory, so a
/// signature created before this object is refused too: it may have been used before the restart.
/// May be used from many threads.
class ReplayGuard {
public:
    ReplayGuard(Freshness freshness, std::chrono::system_clock::time_point started, std::size_t most = 2'000'000);

    /// @param created  unix seconds; @param expires  unix seconds, 0 for none.
    /// @param once     what makes the signature unique: keyid, nonce and signature octets.
    /// @return Fault::signature_stale, replayed, or unavailable when the memory of a window is full.
    [[nodiscard]] Status accept(std::int64_t created, std::int64_t expires, const std::string& once,
                                std::chrono::system_clock::time_point now);

private:
    void forget_before(std::int64_t created);

    Freshness freshness_;
    std::int64_t started_;
    std::size_t most_;
    std::mutex mutex_;
    std::unordered_set<std::string> seen_;
    std::map<std::int64_t, std::vector<const std::string*>> by_created_;  ///< into seen_, whose nodes stay put
};

}  // namespace datong::policy
