#include "core/crypto/cipher.h"

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "core/crypto/digest.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

using CipherPtr = std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>>;
using CipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

constexpr std::array kNames{"SM4-ECB",     "SM4-CBC",     "SM4-CTR",    "AES-128-ECB",
                            "AES-128-CBC", "AES-256-ECB", "AES-256-CBC"};

std::array<CipherPtr, kNames.size()> fetch_all() {
    std::array<CipherPtr, kNames.size()> all;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        all.at(i).reset(EVP_CIPHER_fetch(nullptr, kNames.at(i), nullptr));
        if (!all.at(i)) {
            std::fprintf(stderr, "datong: OpenSSL offers no %s\n", kNames.at(i));
            std::abort();
        }
    }
    return all;
}

const EVP_CIPHER* kind_of(Cipher cipher) {
    static const auto all = fetch_all();
    return all.at(static_cast<std::size_t>(cipher)).get();
}

Result<std::string> run(Cipher cipher, const Secret& key, std::string_view iv, std::string_view in, Padding padding,
                        bool forwards) {
    const EVP_CIPHER* kind = kind_of(cipher);
    if (key.reveal().size() != key_size(cipher) ||
        iv.size() != static_cast<std::size_t>(EVP_CIPHER_get_iv_length(kind)) ||
        in.size() > static_cast<std::size_t>(INT_MAX) - kCipherBlock) {
        return fail(Fault::internal, "cipher: key, initial vector or text of a size that can't be");
    }
    const CipherCtxPtr context{EVP_CIPHER_CTX_new()};
    std::string out(in.size() + kCipherBlock, '\0');
    int first = 0;
    int last = 0;
    if (!context ||
        EVP_CipherInit_ex2(context.get(), kind, octets(key.reveal()), iv.empty() ? nullptr : octets(iv),
                           forwards ? 1 : 0, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), padding == Padding::pkcs7 ? 1 : 0) != 1) {
        return fail(Fault::internal, "cipher: " + take_openssl_errors());
    }
    if (EVP_CipherUpdate(context.get(), octets(out), &first, octets(in), static_cast<int>(in.size())) != 1 ||
        EVP_CipherFinal_ex(context.get(), octets(out) + first, &last) != 1) {
        static_cast<void>(take_openssl_errors());
        return forwards ? fail(Fault::internal, "cipher: the text has no whole blocks")
                        : fail(Fault::bad_request, "cipher: this was not encrypted with this key");
    }
    out.resize(static_cast<std::size_t>(first) + static_cast<std::size_t>(last));
    return out;
}

}  // namespace

std::size_t key_size(Cipher cipher) {
    return static_cast<std::size_t>(EVP_CIPHER_get_key_length(kind_of(cipher)));
}

Result<std::string> encrypt(Cipher cipher, const Secret& key, std::string_view iv, std::string_view plain,
                            Padding padding) {
    return run(cipher, key, iv, plain, padding, true);
}

Result<std::string> decrypt(Cipher cipher, const Secret& key, std::string_view iv, std::string_view text,
                            Padding padding) {
    return run(cipher, key, iv, text, padding, false);
}

namespace {

constexpr std::size_t kTag = 32;

Secret derived(const Secret& secret, std::string_view use, std::string_view what) {
    return Secret{hmac_sha256(secret.reveal(), std::string{use}.append(what))};
}

std::string tag_of(const Secret& secret, std::string_view use, std::string_view place, std::string_view made) {
    std::string text{place};
    text.append("\n").append(made);
    return hmac_sha256(derived(secret, use, " authenticate").reveal(), text);
}

}  // namespace

std::string seal(const Secret& secret, std::string_view use, std::string_view place, std::string_view plain) {
    std::string made = random_bytes(kCipherBlock);
    const auto text = encrypt(Cipher::aes_256_cbc, derived(secret, use, " encrypt"), made, plain);
    if (!text) {
        return {};
    }
    made += *text;
    return made + tag_of(secret, use, place, made);
}

std::optional<std::string> unseal(const Secret& secret, std::string_view use, std::string_view place,
                                  std::string_view sealed) {
    if (sealed.size() < kTag + kCipherBlock) {
        return std::nullopt;
    }
    const std::string_view made = sealed.substr(0, sealed.size() - kTag);
    if (tag_of(secret, use, place, made) != sealed.substr(made.size())) {
        return std::nullopt;
    }
    auto plain = decrypt(Cipher::aes_256_cbc, derived(secret, use, " encrypt"), made.substr(0, kCipherBlock),
                         made.substr(kCipherBlock));
    return plain ? std::optional{std::move(*plain)} : std::nullopt;
}

Result<Secret> scrypt(const Secret& password, std::string_view salt, const ScryptCost& cost, std::size_t size) {
    constexpr std::uint64_t kMostMemory = 256U << 20;
    std::string key(size, '\0');
    if (EVP_PBE_scrypt(password.reveal().data(), password.reveal().size(), octets(salt), salt.size(), cost.n, cost.r,
                       cost.p, kMostMemory, octets(key), key.size()) != 1) {
        return fail(Fault::internal, "scrypt: " + take_openssl_errors());
    }
    return Secret{std::move(key)};
}

}  // namespace datong::crypto
