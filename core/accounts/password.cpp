#include "core/accounts/password.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::accounts {
namespace {

constexpr std::string_view kScheme = "scrypt";
constexpr std::size_t kSalt = 16;
constexpr std::size_t kKey = 32;
constexpr std::size_t kLeast = 12;
constexpr std::size_t kMost = 128;
constexpr std::size_t kLeastDifferent = 5;

struct Kept {
    crypto::ScryptCost cost;
    std::string salt;
    std::string key;
};

std::optional<Kept> read_kept(std::string_view text) {
    const auto parts = split(text, '$');
    if (parts.size() != 6 || parts[0] != kScheme) {
        return std::nullopt;
    }
    const auto n = to_whole_number(parts[1]);
    const auto r = to_whole_number(parts[2]);
    const auto p = to_whole_number(parts[3]);
    auto salt = from_base64url(parts[4]);
    auto key = from_base64url(parts[5]);
    if (!n || !r || !p || !salt || !key || key->size() != kKey) {
        return std::nullopt;
    }
    return Kept{.cost = {.n = *n, .r = *r, .p = *p}, .salt = std::move(*salt), .key = std::move(*key)};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The letters of a password without what people put around a word.
std::string letters_of(std::string_view text) {
    std::string letters;
    std::ranges::copy_if(ascii_lower(text), std::back_inserter(letters),
                         [](char c) { return is_letter(c) || (c & 0x80) != 0; });
    return letters;
}

bool is_common_word(const std::string& letters) {
    constexpr std::array<std::string_view, 19> kCommon{
        "",        "a",    "abc",    "abcd",  "abcde",    "abcdef", "admin",      "administrator", "datong", "iloveyou",
        "letmein", "mima", "passwd", "passw", "password", "qwerty", "qwertyuiop", "welcome",       "woaini"};
    return std::ranges::find(kCommon, letters) != kCommon.end();
}

/// "abcdefghijkl", "210987654321": each character one more, or one less, than the one before.
bool is_sequence(std::string_view text) {
    const auto goes = [text](int by) {
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (text[i] - text[i - 1] != by) {
                return false;
            }
        }
        return true;
    };
    return goes(1) || goes(-1);
}

}  // namespace

Result<std::string> keep_password(const Secret& password, const crypto::ScryptCost& cost) {
    const std::string salt = crypto::random_bytes(kSalt);
    const auto key = crypto::scrypt(password, salt, cost, kKey);
    if (!key) {
        return fail(key.error());
    }
    return std::string{kScheme} + '$' + std::to_string(cost.n) + '$' + std::to_string(cost.r) + '$' +
           std::to_string(cost.p) + '$' + to_base64url(salt) + '$' + to_base64url(key->reveal());
}

bool is_password(const Secret& password, std::string_view kept, const crypto::ScryptCost& cost) {
    const auto there = read_kept(kept);
    const Kept& against = there ? *there : Kept{.cost = cost, .salt = std::string(kSalt, '\0'), .key = {}};
    const auto key = crypto::scrypt(password, against.salt, against.cost, kKey);
    return key && there && equal_in_constant_time(key->reveal(), there->key);
}

Outcome<void> check_password(const Secret& password, std::string_view account) {
    const std::string& text = password.reveal();
    if (!is_utf8(text) || count_chars(text) < kLeast || text.size() > kMost) {
        return refuse(Refused::password_unfit,
                      "至少 12 个字符，至多 128 字节 12 characters at least, 128 octets at most");
    }
    if (ascii_lower(text).find(ascii_lower(account)) != std::string::npos) {
        return refuse(Refused::password_unfit, "不得包含账号名 it must not hold the account's name");
    }
    const std::set<char> different{text.begin(), text.end()};
    if (is_common_word(letters_of(text)) || different.size() < kLeastDifferent || is_sequence(text)) {
        return refuse(Refused::password_unfit,
                      "不得是常见词加几个字符、纯数字或连续字符 no common word with something around it, no digits "
                      "alone, no row of characters");
    }
    return {};
}

Secret new_password() {
    // 32 characters, so that 5 bits of an octet choose evenly; without 0, 1, l and o
    constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    constexpr std::size_t kGroups = 5;
    constexpr std::size_t kGroup = 4;
    std::string text;
    for (const char octet : crypto::random_bytes(kGroups * kGroup)) {
        if (text.size() % (kGroup + 1) == kGroup) {
            text += '-';
        }
        text += kAlphabet[static_cast<unsigned char>(octet) % kAlphabet.size()];
    }
    return Secret{std::move(text)};
}

}  // namespace datong::accounts
