#include <array>
#include <cstdint>
#include <optional>

#include "core/crypto/sm2.h"

namespace datong::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;
constexpr std::size_t kPoint = 2 * kCoordinate;
constexpr std::size_t kDigest = 32;
constexpr char kSequence = '\x30';
constexpr char kInteger = '\x02';
constexpr char kOctets = '\x04';

tl::unexpected<Error> bad() {
    return fail(Fault::bad_request, "SM2: no ciphertext of this form");
}

unsigned octet(char c) {
    return static_cast<unsigned char>(c);
}

/// Takes one element of DER from the front: definite, in the least octets. Source: ITU-T X.690, 10.1.
std::optional<std::string_view> take(std::string_view& der, char tag) {
    if (der.size() < 2 || der[0] != tag) {
        return std::nullopt;
    }
    std::size_t size = octet(der[1]);
    std::size_t head = 2;
    if (size >= 0x80) {
        const std::size_t count = size & 0x7FU;
        if (count == 0 || count > 4 || der.size() < 2 + count || der[2] == '\0') {
            return std::nullopt;
        }
        size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            size = size << 8U | octet(der[2 + i]);
        }
        head += count;
        if (size < 0x80) {
            return std::nullopt;
        }
    }
    if (der.size() - head < size) {
        return std::nullopt;
    }
    const std::string_view content = der.substr(head, size);
    der.remove_prefix(head + size);
    return content;
}

/// A positive integer in the least octets, as 32 octets. Source: ITU-T X.690, 8.3.2.
std::optional<std::string> take_coordinate(std::string_view& der) {
    auto content = take(der, kInteger);
    if (!content || content->empty() || octet(content->front()) >= 0x80) {
        return std::nullopt;
    }
    if (content->size() > 1 && content->front() == '\0') {
        if (octet((*content)[1]) < 0x80) {
            return std::nullopt;
        }
        content->remove_prefix(1);
    }
    if (content->size() > kCoordinate) {
        return std::nullopt;
    }
    return std::string(kCoordinate - content->size(), '\0').append(*content);
}

void put(std::string& der, char tag, std::string_view content) {
    der += tag;
    if (content.size() < 0x80) {
        der += static_cast<char>(content.size());
    } else {
        std::string size;
        for (std::size_t rest = content.size(); rest != 0; rest >>= 8U) {
            size.insert(size.begin(), static_cast<char>(rest & 0xFFU));
        }
        der += static_cast<char>(0x80U | size.size());
        der += size;
    }
    der += content;
}

void put_coordinate(std::string& der, std::string_view octets) {
    while (octets.size() > 1 && octets.front() == '\0') {
        octets.remove_prefix(1);
    }
    put(der, kInteger, (octet(octets.front()) >= 0x80 ? std::string(1, '\0') : std::string{}).append(octets));
}

}  // namespace

Result<std::string> sm2_cipher_from_der(std::string_view der, Sm2Order order) {
    auto inside = take(der, kSequence);
    if (!inside || !der.empty()) {
        return bad();
    }
    const auto x = take_coordinate(*inside);
    const auto y = take_coordinate(*inside);
    const auto c3 = take(*inside, kOctets);
    const auto c2 = take(*inside, kOctets);
    if (!x || !y || !c3 || !c2 || !inside->empty() || c3->size() != kDigest || c2->empty()) {
        return bad();
    }
    std::string raw = '\x04' + *x + *y;
    return order == Sm2Order::c1c3c2 ? raw.append(*c3).append(*c2) : raw.append(*c2).append(*c3);
}

Result<std::string> sm2_cipher_to_der(std::string_view raw, Sm2Order order) {
    // the x of a ciphertext without 04 in front may begin with 04 too: a point of the curve tells them apart
    if (raw.size() > 1 + kPoint + kDigest && raw.front() == '\x04' && sm2_key_of_point(raw.substr(1, kPoint))) {
        raw.remove_prefix(1);
    }
    if (raw.size() <= kPoint + kDigest) {
        return bad();
    }
    const std::string_view point = raw.substr(0, kPoint);
    const std::string_view rest = raw.substr(kPoint);
    const bool digest_first = order == Sm2Order::c1c3c2;
    const std::string_view c3 = digest_first ? rest.substr(0, kDigest) : rest.substr(rest.size() - kDigest);
    const std::string_view c2 = digest_first ? rest.substr(kDigest) : rest.substr(0, rest.size() - kDigest);
    std::string inside;
    put_coordinate(inside, point.substr(0, kCoordinate));
    put_coordinate(inside, point.substr(kCoordinate));
    put(inside, kOctets, c3);
    put(inside, kOctets, c2);
    std::string der;
    put(der, kSequence, inside);
    return der;
}

}  // namespace datong::crypto
