#include "core/crypto/weak.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

std::string digest(const EVP_MD* kind, std::string_view bytes) {
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), octets(out), &size, kind, nullptr) != 1) {
        std::fprintf(stderr, "datong: digest: %s\n", take_openssl_errors().c_str());
        std::abort();
    }
    return out;
}

/// The state as a number, least octet first, becomes state + output + 1. Java's octets have a sign, and the carry
/// with them, which comes out differently from an unsigned addition; and a state may not stay what it was.
void go_on(std::string& state, std::string_view output) {
    int carry = 1;
    bool has_changed = false;
    for (std::size_t i = 0; i < state.size(); ++i) {
        const int sum = static_cast<signed char>(state[i]) + static_cast<signed char>(output[i]) + carry;
        const char next = static_cast<char>(static_cast<unsigned>(sum) & 0xFFU);
        has_changed = has_changed || next != state[i];
        state[i] = next;
        carry = sum >> 8;
    }
    if (!has_changed) {
        state[0] = static_cast<char>(static_cast<unsigned char>(state[0]) + 1U);
    }
}

}  // namespace

std::string weak_md5(std::string_view bytes) {
    return digest(fetched().md5.get(), bytes);
}

std::string weak_sha1(std::string_view bytes) {
    return digest(fetched().sha1.get(), bytes);
}

std::string weak_hmac_sha1(const Secret& key, std::string_view bytes) {
    const MacCtxPtr context{EVP_MAC_CTX_new(fetched().hmac.get())};
    std::string name = "SHA1";
    const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                               OSSL_PARAM_construct_end()};
    std::string out(20, '\0');
    std::size_t size = 0;
    if (!context || EVP_MAC_init(context.get(), octets(key.reveal()), key.reveal().size(), parameters.data()) != 1 ||
        EVP_MAC_update(context.get(), octets(bytes), bytes.size()) != 1 ||
        EVP_MAC_final(context.get(), octets(out), &size, out.size()) != 1 || size != out.size()) {
        std::fprintf(stderr, "datong: hmac: %s\n", take_openssl_errors().c_str());
        std::abort();
    }
    return out;
}

Secret weak_java_sha1prng(const Secret& seed, std::size_t count) {
    std::string state = weak_sha1(seed.reveal());
    std::string out;
    while (out.size() < count) {
        const std::string output = weak_sha1(state);
        go_on(state, output);
        out += output;
    }
    out.resize(count);
    return Secret{std::move(out)};
}

}  // namespace datong::crypto
