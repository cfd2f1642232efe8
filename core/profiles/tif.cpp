#include "core/profiles/tif.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::profiles {
namespace {

std::string digest_of(const TifCall& call, const Secret& token, const std::optional<TifUser>& user) {
    Secret base{call.timestamp + token.reveal() + call.nonce +
                (user ? ',' + user->uid + ',' + user->uinfo + ',' + user->ext : std::string{}) + call.timestamp};
    return crypto::sha256(base.reveal());
}

std::string upper(std::string hex) {
    std::ranges::transform(hex, hex.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    return hex;
}

std::string digits_of(std::uint64_t number) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (; number != 0; number >>= 4U) {
        text.insert(text.begin(), kDigits[number & 0xFU]);
    }
    return text;
}

}  // namespace

std::string tif_sign(const TifCall& call, const Secret& token, const std::optional<TifUser>& user) {
    std::string hex = to_hex(digest_of(call, token, user));
    return user ? upper(std::move(hex)) : hex;
}

Status tif_verify(const TifCall& call, const Secret& token, const std::optional<TifUser>& user,
                  std::string_view signature, std::chrono::system_clock::time_point now, std::chrono::seconds window) {
    const auto given = from_hex(ascii_lower(signature));
    if (!given || !equal_in_constant_time(digest_of(call, token, user), *given)) {
        return fail(Fault::signature_invalid, "the TIF signature does not verify");
    }
    const auto seconds = to_whole_number(call.timestamp);
    // ten digits last until 2286, and no sum of them overflows
    if (!seconds || call.timestamp.size() > 10) {
        return fail(Fault::signature_stale, "the TIF timestamp is none");
    }
    const auto apart = to_unix_seconds(now) - static_cast<std::int64_t>(*seconds);
    if (apart > window.count() || -apart > window.count()) {
        return fail(Fault::signature_stale, "the TIF timestamp is outside the window");
    }
    return {};
}

std::vector<codec::HttpField> tif_headers(const std::string& prefix, const std::string& paasid,
                                          const std::string& service, const TifCall& call, const Secret& token) {
    std::vector<codec::HttpField> headers{{prefix + "paasid", paasid},
                                          {prefix + "timestamp", call.timestamp},
                                          {prefix + "nonce", call.nonce},
                                          {prefix + "signature", tif_sign(call, token)}};
    if (!service.empty()) {
        headers.push_back({prefix + "serviceId", service});
    }
    return headers;
}

std::string tif_nonce(std::chrono::system_clock::time_point now) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    return digits_of(static_cast<std::uint64_t>(milliseconds)) + '-' + to_hex(crypto::random_bytes(3));
}

}  // namespace datong::profiles
