#include <utility>

#include "core/crypto/digest.h"
#include "core/crypto/key_state.h"

namespace datong::crypto {

bool prepare_p256(VerifyingKey::State& state, bool to_sign) {
    const auto start = [&](int (*init)(EVP_PKEY_CTX*)) {
        KeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, state.key.get(), nullptr)};
        const bool good = context && init(context.get()) == 1 &&
                          EVP_PKEY_CTX_set_signature_md(context.get(), fetched().sha256.get()) == 1;
        return good ? std::move(context) : nullptr;
    };
    KeyCtxPtr verify = start(EVP_PKEY_verify_init);
    KeyCtxPtr sign = to_sign ? start(EVP_PKEY_sign_init) : nullptr;
    const bool good = verify && (!to_sign || sign);
    state.verify_digest.start_with(std::move(verify));
    state.sign_digest.start_with(std::move(sign));
    return good;
}

bool verify_p256(const VerifyingKey::State& state, std::string_view message, std::string_view der) {
    const std::string digest = sha256(message);
    KeyCtxPtr context = state.verify_digest.take();
    if (!context ||
        EVP_PKEY_verify(context.get(), octets(der), der.size(), octets(std::string_view{digest}), digest.size()) != 1) {
        return false;
    }
    state.verify_digest.leave(std::move(context));
    return true;
}

bool sign_p256(const VerifyingKey::State& state, std::string_view message, std::string& out, std::size_t& size) {
    const std::string digest = sha256(message);
    KeyCtxPtr context = state.sign_digest.take();
    if (!context ||
        EVP_PKEY_sign(context.get(), octets(out), &size, octets(std::string_view{digest}), digest.size()) != 1) {
        return false;
    }
    state.sign_digest.leave(std::move(context));
    return true;
}

}  // namespace datong::crypto
