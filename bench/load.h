#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/crypto/key.h"

namespace datong::bench {

/// Who calls.
struct Caller {
    crypto::SigningKey key;
    std::string keyid;
    std::string authority;  ///< of the gateway's URL
};

/// A call signed now. @param body  JSON; empty: a GET.
[[nodiscard]] codec::HttpMessage signed_call(const Caller& caller, const std::string& target, const std::string& body);

/// What to send, and how hard.
struct LoadPlan {
    std::string url;
    std::string target;
    std::string body;
    std::string ca_pem;
    std::string key_pem;
    std::string keyid;
    std::size_t connections = 16;
    double calls_a_second = 0;  ///< 0: each connection sends again as soon as it has an answer
    std::chrono::seconds length{60};
    std::uint64_t least_calls = 20'000;
    std::string answer_holds{};  ///< text without which an answer is a failure, whatever its status
};

/// What came of it. Latencies in microseconds, sorted; with a rate, from when a call was due.
struct LoadResult {
    std::vector<std::uint32_t> latencies;
    std::uint64_t failures{};
    std::string first_failure{};  ///< status and body of it, or the fault of the connection; synthetic persons only
    double seconds{};

    [[nodiscard]] double percentile(double part) const;
};

[[nodiscard]] Result<LoadResult> run_load(const LoadPlan& plan);

}  // namespace datong::bench
