#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/base/result.h"
#include "core/catalogue/snapshot.h"
#include "core/exchange/gateway.h"

namespace datong::later {

/// One attempt to tell a consumer: a POST signed like our answers are (RFC 9421 over method, address, path, query, type
/// and digest, by the gateway's key of now), never redirected, with an Idempotency-Key.
struct Delivery {
    std::string key;   ///< of all attempts the same: "EXCHANGE/MATERIAL"
    std::string body;  ///< JSON, of all attempts the same octets
};

/// @return the HTTP status that it was answered with; department_down or department_timeout where there was none.
[[nodiscard]] boost::asio::awaitable<Result<int>> deliver(std::shared_ptr<const catalogue::Snapshot> snapshot,
                                                          catalogue::Callback to, Delivery what,
                                                          std::chrono::system_clock::time_point now,
                                                          const exchange::Threads& threads);

/// When to try again after so many attempts: the callback's own pause, doubled each time, at most an hour.
[[nodiscard]] std::chrono::seconds pause_after(const catalogue::Callback& to, std::int64_t attempts);

}  // namespace datong::later
