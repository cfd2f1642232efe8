#include "core/crypto/sm2.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/key_state.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;
/// PKCS #8 of an SM2 key up to the number itself; the public half is computed. Source: RFC 5208, 5; RFC 5915, 3.
constexpr std::string_view kPkcs8Head{
    "\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x04\x27"
    "\x30\x25\x02\x01\x01\x04\x20",
    35};

Error not_verified() {
    return {Fault::signature_invalid, "the signature does not verify"};
}

tl::unexpected<Error> not_decrypted() {
    static_cast<void>(take_openssl_errors());
    return fail(Fault::bad_request, "SM2: this was not encrypted for this key, or altered since");
}

bool is_sm2(const VerifyingKey::State& state) {
    return state.kind == KeyKind::sm2;
}

/// Where C2 stands in the DER: its last member.
std::string_view c2_of(std::string_view raw) {
    return raw.substr(1 + 3 * kCoordinate);
}

}  // namespace

Status sm2_verify(const VerifyingKey& key, std::string_view identity, std::string_view message,
                  std::string_view signature) {
    const auto der = signature_to_der(signature);
    if (!is_sm2(key.state()) || !der) {
        return fail(not_verified());
    }
    const DigestCtxPtr context = start_sm2(key.state().key.get(), identity, false);
    if (!context || EVP_DigestVerify(context.get(), octets(*der), der->size(), octets(message), message.size()) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(not_verified());
    }
    return {};
}

Result<std::string> sm2_sign(const SigningKey& key, std::string_view identity, std::string_view message) {
    if (!is_sm2(key.state()) || !key.state().can_sign) {
        return fail(Fault::internal, "SM2: the key is not one to sign with");
    }
    const DigestCtxPtr context = start_sm2(key.state().key.get(), identity, true);
    std::string out(static_cast<std::size_t>(std::max(0, EVP_PKEY_get_size(key.state().key.get()))), '\0');
    std::size_t size = out.size();
    if (!context || EVP_DigestSign(context.get(), octets(out), &size, octets(message), message.size()) != 1) {
        return fail(Fault::internal, "SM2: " + take_openssl_errors());
    }
    out.resize(size);
    return signature_from_der(out);
}

Result<std::string> sm2_encrypt(const VerifyingKey& key, std::string_view plain) {
    if (!is_sm2(key.state()) || plain.empty()) {
        return fail(Fault::internal, "SM2: encrypting needs an SM2 key, and something to encrypt");
    }
    const KeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.state().key.get(), nullptr)};
    std::size_t size = 0;
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 ||
        EVP_PKEY_encrypt(context.get(), nullptr, &size, octets(plain), plain.size()) != 1) {
        return fail(Fault::internal, "SM2: " + take_openssl_errors());
    }
    std::string der(size, '\0');
    if (EVP_PKEY_encrypt(context.get(), octets(der), &size, octets(plain), plain.size()) != 1) {
        return fail(Fault::internal, "SM2: " + take_openssl_errors());
    }
    der.resize(size);
    return der;
}

Result<std::string> sm2_decrypt(const SigningKey& key, std::string_view der) {
    if (!is_sm2(key.state()) || !key.state().can_sign) {
        return fail(Fault::internal, "SM2: the key is not one to decrypt with");
    }
    const auto raw = sm2_cipher_from_der(der, Sm2Order::c1c3c2);  // OpenSSL reads more than the one DER
    const KeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.state().key.get(), nullptr)};
    std::size_t size = 0;
    if (!raw || !context || EVP_PKEY_decrypt_init(context.get()) != 1 ||
        EVP_PKEY_decrypt(context.get(), nullptr, &size, octets(der), der.size()) != 1) {
        return not_decrypted();
    }
    std::string plain(size, '\0');
    if (EVP_PKEY_decrypt(context.get(), octets(plain), &size, octets(der), der.size()) != 1) {
        return not_decrypted();
    }
    plain.resize(size);
    // a mask of nothing but zeros is no mask: OpenSSL lets it pass. Source: GB/T 32918.4-2016, 7.1, step B4
    if (plain.empty() || plain == c2_of(*raw)) {
        return not_decrypted();
    }
    return plain;
}

Result<VerifyingKey> sm2_key_of_point(std::string_view point) {
    if (point.size() == 2 * kCoordinate + 1 && point.front() == '\x04') {
        point.remove_prefix(1);
    }
    if (point.size() != 2 * kCoordinate) {
        return fail(Fault::bad_request, "SM2: a public key has 64 octets, or 65 with 04 in front");
    }
    record::Record jwk = record::Record::object();
    jwk.put("kty", record::Record::text("EC"));
    jwk.put("crv", record::Record::text("SM2"));
    jwk.put("x", record::Record::text(to_base64url(point.substr(0, kCoordinate))));
    jwk.put("y", record::Record::text(to_base64url(point.substr(kCoordinate))));
    return VerifyingKey::from_jwk(jwk);
}

Result<std::string> sm2_point_of(const VerifyingKey& key) {
    const record::Record jwk = key.to_jwk();
    const auto x = from_base64url(jwk.text_of("x"));
    const auto y = from_base64url(jwk.text_of("y"));
    if (!is_sm2(key.state()) || !x || !y) {
        return fail(Fault::internal, "SM2: another kind of key");
    }
    return '\x04' + *x + *y;
}

Result<SigningKey> sm2_key_of_number(const Secret& number) {
    if (number.reveal().size() != kCoordinate) {
        return fail(Fault::bad_request, "SM2: a private key has 32 octets");
    }
    const Secret der{std::string{kPkcs8Head} + number.reveal()};
    const Secret pem{"-----BEGIN PRIVATE KEY-----\n" + to_base64(der.reveal()) + "\n-----END PRIVATE KEY-----\n"};
    return SigningKey::from_pem(pem.reveal());
}

}  // namespace datong::crypto
