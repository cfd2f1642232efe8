#include <algorithm>
#include <array>
#include <memory>

#include <openssl/core_names.h>

#include "core/crypto/key_state.h"

namespace datong::crypto {
namespace {

constexpr unsigned long kGenerator = 65537;

/// Whether the residue is a power of 65537 modulo the prime.
bool is_power(unsigned long residue, unsigned long prime) {
    const unsigned long step = kGenerator % prime;
    unsigned long power = 1;
    do {
        if (power == residue) {
            return true;
        }
        power = power * step % prime;
    } while (power != 1);
    return false;
}

/// Keys of a library whose primes were all k * M + 65537^a mod M: their modulus is a power of 65537 modulo every small
/// prime, which a sound one is with a probability under 2^-27, and they can be factored.
/// Source: CVE-2017-15361 (ROCA); Nemec et al., The Return of Coppersmith's Attack, CCS 2017, 2.1.
bool is_roca(const BIGNUM* modulus) {
    constexpr std::array<unsigned long, 38> kPrimes{3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                                    47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                                    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    return std::all_of(kPrimes.begin(), kPrimes.end(), [modulus](unsigned long prime) {
        const BN_ULONG residue = BN_mod_word(modulus, prime);
        return residue != 0 && is_power(residue, prime);
    });
}

NumberPtr number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* taken = nullptr;
    return NumberPtr{EVP_PKEY_get_bn_param(key, name, &taken) == 1 ? taken : nullptr};
}

}  // namespace

bool is_weak_rsa(const EVP_PKEY* key) {
    const NumberPtr modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    const NumberPtr exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    constexpr BN_ULONG kLeastExponent = 3;
    return !modulus || !exponent || BN_is_odd(exponent.get()) == 0 ||
           (BN_num_bits(exponent.get()) <= 2 && BN_get_word(exponent.get()) < kLeastExponent) || is_roca(modulus.get());
}

}  // namespace datong::crypto
