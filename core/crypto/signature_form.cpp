#include "core/crypto/sm2.h"

#include <algorithm>

#include <openssl/pem.h>

#include "core/crypto/key_state.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;
constexpr char kSequence = '\x30';
constexpr char kInteger = '\x02';

tl::unexpected<Error> bad() {
    return fail(Fault::bad_request, "signature: not two numbers of 32 octets");
}

bool has_sign(std::string_view number) {
    return (static_cast<unsigned char>(number.front()) & 0x80U) != 0;
}

/// A whole number that is not negative, in as few octets as it takes. Source: X.690, 8.3 and 10.1.
void append_integer(std::string& der, std::string_view number) {
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size() - 1));
    const bool is_padded = has_sign(number);
    der += kInteger;
    der += static_cast<char>(number.size() + (is_padded ? 1 : 0));
    der.append(is_padded ? 1 : 0, '\0').append(number);
}

/// Takes a number from the front of `rest`. One signature has one form: an octet more than it takes is refused.
bool take_integer(std::string_view& rest, std::string& raw) {
    constexpr std::size_t kAhead = 2;  // tag and length
    if (rest.size() <= kAhead || rest[0] != kInteger) {
        return false;
    }
    const std::size_t size = static_cast<unsigned char>(rest[1]);
    std::string_view number = rest.substr(kAhead, size);
    if (size == 0 || number.size() != size || has_sign(number)) {
        return false;
    }
    rest.remove_prefix(kAhead + size);
    if (number.size() > 1 && number.front() == '\0') {
        number.remove_prefix(1);
        if (!has_sign(number)) {
            return false;
        }
    }
    if (number.size() > kCoordinate) {
        return false;
    }
    raw.append(kCoordinate - number.size(), '\0').append(number);
    return true;
}

}  // namespace

Result<std::string> signature_to_der(std::string_view raw) {
    if (raw.size() != 2 * kCoordinate) {
        return bad();
    }
    std::string der(2, kSequence);
    constexpr std::size_t kMost = 2 + 2 * (3 + kCoordinate);  // so that its length is always one octet
    der.reserve(kMost);
    append_integer(der, raw.substr(0, kCoordinate));
    append_integer(der, raw.substr(kCoordinate));
    der[1] = static_cast<char>(der.size() - 2);
    return der;
}

Result<std::string> signature_from_der(std::string_view der) {
    if (der.size() < 2 || der[0] != kSequence || static_cast<unsigned char>(der[1]) != der.size() - 2) {
        return bad();
    }
    std::string_view rest = der.substr(2);
    std::string raw;
    raw.reserve(2 * kCoordinate);
    if (!take_integer(rest, raw) || !take_integer(rest, raw) || !rest.empty()) {
        return bad();
    }
    return raw;
}

Result<std::string> signature_for_openssl(Algorithm algorithm, std::string_view signature) {
    const bool of_two = algorithm == Algorithm::ecdsa_p256_sha256 || algorithm == Algorithm::sm2_sm3;
    return of_two ? signature_to_der(signature) : Result<std::string>{std::string{signature}};
}

Result<std::string> public_pem_of(const VerifyingKey& key) {
    const BioPtr out = writing();
    if (!key.state().key || PEM_write_bio_PUBKEY(out.get(), key.state().key.get()) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "no public key");
    }
    return text_of(*out);
}

}  // namespace datong::crypto
