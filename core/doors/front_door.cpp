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

bool is_name(std::string_view name) {
    constexpr std::size_t kMost = 64;
    return !name.empty() && name.size() <= kMost && name.front() >= 'a' && name.front() <= 'z' &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_exchange_id(std::string_view id) {
    constexpr std::size_t kSize = 36;
    return id.size() == kSize && id.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

std::string media_type_of(const codec::HttpMessage& http) {
    const std::string type = ascii_lower(http.field("content-type").value_or(""));
    return std::string{trim_ows(std::string_view{type}.substr(0, type.find(';')))};
}

Status check_authority(const codec::HttpMessage& http, const catalogue::Listener& listen) {
    const auto& ours = listen.authorities;
    if (!ours.empty() && std::find(ours.begin(), ours.end(), ascii_lower(http.authority)) == ours.end()) {
        return fail(Fault::bad_request, "the Host is not one of this gateway's authorities");
    }
    return {};
}

std::string base_of(const codec::HttpMessage& http, const catalogue::Listener& listen) {
    return http.scheme + "://" + (check_authority(http, listen) ? http.authority : listen.authorities.front());
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
