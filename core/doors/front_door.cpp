#include "core/doors/front_door.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/exchange/problem.h"

namespace datong::doors {

Status Door::judge_length(const codec::HttpMessage& head, bool claims) {
    constexpr std::uint64_t kUnsignedBody = 64U << 10;
    const auto length = to_whole_number(head.field("content-length").value_or("0"));
    const bool small = length && *length <= kUnsignedBody && !head.field("transfer-encoding");
    return claims || small ? Status{} : fail(Fault::not_signed, "an unsigned body of over 64 KiB is not read");
}

codec::HttpMessage plain_problem(const Error& why) {
    codec::HttpMessage http;
    http.status = row_of(why.fault()).status;
    http.add("Content-Type", "application/problem+json");
    http.add("Cache-Control", "no-store");
    codec::append_json(http.body, exchange::problem(why, {}));
    return http;
}

codec::HttpMessage wrong_method(std::string_view allowed) {
    codec::HttpMessage refused = plain_problem({Fault::method_not_allowed, "use " + std::string{allowed}});
    refused.add("Allow", std::string{allowed});
    return refused;
}

const Door* FrontDoor::door_of(std::string_view path) const {
    const auto at = std::find_if(doors_.begin(), doors_.end(), [path](const auto& door) { return door->owns(path); });
    return at == doors_.end() ? nullptr : at->get();
}

Status FrontDoor::judge_head(const codec::HttpMessage& head) const {
    constexpr bool kClaimsNothing = false;
    const Door* door = door_of(head.path());
    return door != nullptr ? door->judge_head(head) : Door::judge_length(head, kClaimsNothing);
}

boost::asio::awaitable<codec::HttpMessage> FrontDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                             Deadline arrived) const {
    const Door* door = door_of(http.path());
    if (door == nullptr) {
        co_return plain_problem({Fault::no_such_resource, "unknown path"});
    }
    co_return co_await door->handle(std::move(http), std::move(peer), arrived);
}

}  // namespace datong::doors
