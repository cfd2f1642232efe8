#include "core/crypto/sm2.h"

#include <algorithm>

#include <openssl/pem.h>

#include "core/crypto/key_state.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;

tl::unexpected<Error> bad() {
    static_cast<void>(take_openssl_errors());
    return fail(Fault::bad_request, "signature: not two numbers of 32 octets");
}

std::string der_of(const ECDSA_SIG* pair) {
    std::string der(static_cast<std::size_t>(std::max(0, i2d_ECDSA_SIG(pair, nullptr))), '\0');
    unsigned char* out = octets(der);
    return i2d_ECDSA_SIG(pair, &out) > 0 ? der : std::string{};
}

}  // namespace

Result<std::string> signature_to_der(std::string_view raw) {
    if (raw.size() != 2 * kCoordinate) {
        return bad();
    }
    const EcdsaPtr pair{ECDSA_SIG_new()};
    BIGNUM* r = BN_bin2bn(octets(raw), kCoordinate, nullptr);
    BIGNUM* s = BN_bin2bn(octets(raw.substr(kCoordinate)), kCoordinate, nullptr);
    if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {  // takes both on success
        BN_free(r);
        BN_free(s);
        return bad();
    }
    std::string der = der_of(pair.get());
    return der.empty() ? bad() : Result<std::string>{std::move(der)};
}

Result<std::string> signature_from_der(std::string_view der) {
    const unsigned char* in = octets(der);
    const EcdsaPtr pair{d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()))};
    // one signature has one form: what OpenSSL reads leniently is read only as it would write it
    if (!pair || der_of(pair.get()) != der) {
        return bad();
    }
    std::string raw(2 * kCoordinate, '\0');
    if (BN_is_negative(ECDSA_SIG_get0_r(pair.get())) == 1 || BN_is_negative(ECDSA_SIG_get0_s(pair.get())) == 1 ||
        BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets(raw), kCoordinate) != kCoordinate ||
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets(raw) + kCoordinate, kCoordinate) != kCoordinate) {
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
