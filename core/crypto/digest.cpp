#include "core/crypto/digest.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "core/base/text.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

/// A digest of bytes in memory fails only when memory is out or the library is broken.
[[noreturn]] void end(const char* what) {
    std::fprintf(stderr, "datong: %s: %s\n", what, take_openssl_errors().c_str());
    std::abort();
}

/// One context a thread and kind: a new one costs more than the digest of a short text.
std::string digest(EVP_MD_CTX* context, const EVP_MD* kind, std::string_view bytes) {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
    unsigned size = 0;
    if (context == nullptr || EVP_DigestInit_ex2(context, kind, nullptr) != 1 ||
        EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context, octets(out), &size) != 1) {
        end("digest");
    }
    return out;
}

/// @param name  of a digest of 32 octets.
std::string hmac(std::string name, std::string_view key, std::string_view bytes) {
    const MacCtxPtr context{EVP_MAC_CTX_new(fetched().hmac.get())};
    const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                               OSSL_PARAM_construct_end()};
    std::string out(32, '\0');
    std::size_t size = 0;
    // an empty key must still be a key: a null pointer would mean "keep the former one"
    const unsigned char* start = key.empty() ? octets(std::string_view{""}) : octets(key);
    if (!context || EVP_MAC_init(context.get(), start, key.size(), parameters.data()) != 1 ||
        EVP_MAC_update(context.get(), octets(bytes), bytes.size()) != 1 ||
        EVP_MAC_final(context.get(), octets(out), &size, out.size()) != 1 || size != out.size()) {
        end("hmac");
    }
    return out;
}

}  // namespace

std::string sha256(std::string_view bytes) {
    thread_local const DigestCtxPtr context{EVP_MD_CTX_new()};
    return digest(context.get(), fetched().sha256.get(), bytes);
}

std::string sha512(std::string_view bytes) {
    thread_local const DigestCtxPtr context{EVP_MD_CTX_new()};
    return digest(context.get(), fetched().sha512.get(), bytes);
}

std::string sm3(std::string_view bytes) {
    thread_local const DigestCtxPtr context{EVP_MD_CTX_new()};
    return digest(context.get(), fetched().sm3.get(), bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    return hmac("SHA256", key, bytes);
}

std::string hmac_sm3(std::string_view key, std::string_view bytes) {
    return hmac("SM3", key, bytes);
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
        RAND_bytes(octets(out), static_cast<int>(count)) != 1) {
        end("random bytes");
    }
    return out;
}

struct Sha256::State {
    DigestCtxPtr context{EVP_MD_CTX_new()};

    void start() const {
        if (!context || EVP_DigestInit_ex2(context.get(), fetched().sha256.get(), nullptr) != 1) {
            end("digest");
        }
    }
};

Sha256::Sha256() : state_{std::make_unique<State>()} {
    state_->start();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(std::string_view bytes) {
    if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) {
        end("digest");
    }
}

void Sha256::add_base64(std::string_view bytes) {
    constexpr std::size_t kPiece = std::size_t{3} << 13;  // whole groups of three, so that only the last is padded
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        add(to_base64(bytes.substr(at, kPiece)));
    }
}

std::string Sha256::finish() {
    std::string out(32, '\0');
    unsigned size = 0;
    if (EVP_DigestFinal_ex(state_->context.get(), octets(out), &size) != 1 || size != out.size()) {
        end("digest");
    }
    state_->start();
    return out;
}

}  // namespace datong::crypto
