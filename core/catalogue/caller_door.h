#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/catalogue/snapshot.h"

namespace datong::catalogue {

/// The platforms' protocols by which a consumer may come in beside the native ones. Both digest sid, rid and rtime
/// under a lent secret; neither covers the body.
enum class Protocol {
    gjgxjhpt,  ///< 国家数据共享交换平台
    gjzwfwpt,  ///< 国家政务服务平台: the same under other names
};
/// As settings, headers and documents write it.
[[nodiscard]] std::string_view name_of(Protocol protocol);

/// A service under the name that a protocol has for it.
struct DoorService {
    std::string code;  ///< sid
    const Service* service{};
    std::shared_ptr<const mapping::Mapping> inbound;  ///< {headers, body} -> {context, query, about?, verify?}
};

/// How one consumer comes in by a platform's protocol; immutable.
struct CallerDoor {
    Protocol protocol{};
    std::string id;               ///< rid
    Secret secret;                ///< appkey
    policy::Freshness freshness;  ///< narrower than the gateway's own, or the same
    std::chrono::seconds secret_life{1'800};
    ById<DoorService> services;  ///< by code
    /// What a proven call of theirs is claimed under. The key is the gateway's, which attests what the caller's keyed
    /// digest can't prove to others.
    ConsumerKey caller;
};

/// The consumer whom a protocol knows by this id; nullptr: nobody's.
[[nodiscard]] const CallerDoor* find_caller(const Snapshot& snapshot, Protocol protocol, std::string_view id);

}  // namespace datong::catalogue
