#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/signing/jws.h"

namespace datong::sources {

using WallTime = std::chrono::system_clock::time_point;

/// What a department orders of one of its sources: to ask it no more for a while, or to ask it again (暂停、恢复).
struct Order {
    enum class What { pause, resume };
    What what{What::pause};
    std::string gateway;            ///< name of the gateway that is meant: at another the order is void
    std::string source;             ///< "land/land-registry"
    WallTime at;                    ///< when it was given, to the millisecond
    std::optional<WallTime> until;  ///< of a pause; nullopt: until it orders otherwise
};
[[nodiscard]] std::string_view name_of(Order::What what);  ///< "pause" or "resume"

/// The order as a compact JWS of type "datong-source-order+jws", signed by the department itself.
/// @param keyid  id of the department's key in the gateway's configuration.
[[nodiscard]] Result<std::string> sign_order(const Order& order, std::string_view keyid, const crypto::SigningKey& key);

/// What an order says; nothing is verified.
/// @return Fault::bad_request for another type of JWS or a payload that is no order.
[[nodiscard]] Result<Order> read_order(const signing::Jws& jws);

}  // namespace datong::sources
