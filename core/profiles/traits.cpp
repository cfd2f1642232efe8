#include "core/profiles/traits.h"

#include <algorithm>
#include <array>

namespace datong::profiles {
namespace {

constexpr std::array<Traits, 9> kAll{{
    {.name = "gjgxjhpt", .lends_secret = true, .signs = "sid, rid, rtime"},
    {.name = "gjzwfwpt", .lends_secret = true, .signs = "sid, rid, rtime"},
    {.name = "gjzwfwpt-form", .lends_secret = true, .signs = "as `signs` says"},
    {.name = "tif", .signs = "timestamp, token, nonce"},
    {.name = "zj-md5", .is_weak = true, .lends_secret = true, .signs = "appKey, secret, requestTime"},
    {.name = "gateway-sig", .lends_secret = true, .signs = "appid, rtime"},
    {.name = "sha1-appkey", .is_weak = true, .signs = "appKey, appSecret, timestamp"},
    {.name = "sm-envelope", .covers_body = true, .signs = "encData, timestamp, nonce"},
    {.name = "body-token", .is_weak = true, .lends_secret = true, .signs = "nothing"},
}};

}  // namespace

std::span<const Traits> all_traits() {
    return kAll;
}

const Traits* find_traits(std::string_view name) {
    const auto found = std::ranges::find(kAll, name, &Traits::name);
    return found == kAll.end() ? nullptr : &*found;
}

}  // namespace datong::profiles
