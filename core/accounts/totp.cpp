#include "core/accounts/totp.h"

#include "core/base/text.h"
#include "core/codec/http_message.h"
#include "core/crypto/digest.h"
#include "core/crypto/weak.h"

namespace datong::accounts {
namespace {

constexpr std::size_t kKey = 20;
constexpr std::int64_t kStep = 30;
constexpr int kBits = 5;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

Secret new_totp_key() {
    return Secret{crypto::random_bytes(kKey)};
}

std::int64_t step_of(std::int64_t unix_seconds) {
    return unix_seconds / kStep;
}

std::string code_of(const Secret& key, std::int64_t step, int digits) {
    std::string counter(8, '\0');
    for (std::size_t i = 0; i < counter.size(); ++i) {
        counter[counter.size() - 1 - i] = static_cast<char>((static_cast<std::uint64_t>(step) >> (8 * i)) & 0xFFU);
    }
    const std::string mac = crypto::weak_hmac_sha1(key, counter);
    const auto octet = [&mac](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[at]));
    };
    const std::size_t at = octet(mac.size() - 1) & 0x0FU;  // dynamic truncation: RFC 4226, 5.3
    std::uint32_t number =
        ((octet(at) & 0x7FU) << 24U) | (octet(at + 1) << 16U) | (octet(at + 2) << 8U) | octet(at + 3);
    std::string code(static_cast<std::size_t>(digits), '0');
    for (auto digit = code.rbegin(); digit != code.rend(); ++digit) {
        *digit = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    return code;
}

std::optional<std::int64_t> find_step(const Secret& key, std::string_view code, std::int64_t now) {
    std::optional<std::int64_t> found;
    for (std::int64_t step = step_of(now) - 1; step <= step_of(now) + 1; ++step) {
        if (equal_in_constant_time(code_of(key, step), code)) {
            found = step;
        }
    }
    return found;
}

std::string to_base32(std::string_view octets) {
    std::string text;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char octet : octets) {
        held = (held << 8U) | static_cast<unsigned char>(octet);
        for (bits += 8; bits >= kBits; bits -= kBits) {
            text += kAlphabet[(held >> static_cast<unsigned>(bits - kBits)) & 31U];
        }
        held &= (1U << static_cast<unsigned>(bits)) - 1;
    }
    if (bits > 0) {
        text += kAlphabet[(held << static_cast<unsigned>(kBits - bits)) & 31U];
    }
    return text;
}

std::optional<std::string> from_base32(std::string_view text) {
    std::string octets;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        held = (held << 5U) | static_cast<std::uint32_t>(value);
        bits += kBits;
        if (bits >= 8) {
            bits -= 8;
            octets += static_cast<char>((held >> static_cast<unsigned>(bits)) & 0xFFU);
            held &= (1U << static_cast<unsigned>(bits)) - 1;
        }
    }
    return bits < kBits && held == 0 ? std::optional{std::move(octets)} : std::nullopt;
}

Secret otpauth_uri(const Secret& key, std::string_view issuer, std::string_view account) {
    const std::string name = codec::percent_encode(issuer);
    return Secret{"otpauth://totp/" + name + ':' + codec::percent_encode(account) +
                  "?secret=" + to_base32(key.reveal()) + "&issuer=" + name + "&algorithm=SHA1&digits=6&period=30"};
}

}  // namespace datong::accounts
