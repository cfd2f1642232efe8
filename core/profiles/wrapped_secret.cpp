#include "core/profiles/wrapped_secret.h"

#include "core/base/text.h"
#include "core/crypto/cipher.h"
#include "core/crypto/weak.h"

namespace datong::profiles {
namespace {

constexpr std::string_view kVector = "AESCBCPKCS5Paddi";

crypto::Cipher cipher_of(Wrapping wrapping) {
    return wrapping == Wrapping::ecb ? crypto::Cipher::aes_128_ecb : crypto::Cipher::aes_128_cbc;
}

std::string_view vector_of(Wrapping wrapping) {
    return wrapping == Wrapping::ecb ? std::string_view{} : kVector;
}

Secret key_of(const Secret& appkey) {
    return crypto::weak_java_sha1prng(appkey, crypto::key_size(crypto::Cipher::aes_128_ecb));
}

}  // namespace

Result<Secret> unwrap_secret(Wrapping wrapping, const Secret& appkey, std::string_view base64) {
    const auto text = from_base64(base64);
    const auto plain = text ? crypto::decrypt(cipher_of(wrapping), key_of(appkey), vector_of(wrapping), *text)
                            : Result<std::string>{fail(Fault::bad_request, "no base64")};
    if (!plain || plain->empty()) {
        return fail(Fault::department_invalid, "the platform's secret does not decrypt with our appkey");
    }
    return Secret{*plain};
}

Result<std::string> wrap_secret(Wrapping wrapping, const Secret& appkey, const Secret& secret) {
    return crypto::encrypt(cipher_of(wrapping), key_of(appkey), vector_of(wrapping), secret.reveal())
        .map([](const std::string& text) { return to_base64(text); });
}

}  // namespace datong::profiles
