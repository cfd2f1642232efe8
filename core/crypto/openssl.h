#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

namespace datong::crypto {

/// Frees with the C function given: the only place this project frees an OpenSSL object.
template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD, FreeWith<EVP_MD_free>>;
using DigestCtxPtr = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using MacPtr = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MacCtxPtr = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using SecretNumberPtr = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using X509NamePtr = std::unique_ptr<X509_NAME, FreeWith<X509_NAME_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

/// What was fetched from the provider once and is only read afterwards; safe from many threads.
struct Fetched {
    DigestPtr sha256;
    DigestPtr sha512;
    DigestPtr sm3;
    DigestPtr sha1;  ///< for weak.h only
    DigestPtr md5;   ///< for weak.h only
    MacPtr hmac;
};
/// A library without one of them ends the process: nothing here works then.
[[nodiscard]] const Fetched& fetched();

/// A read-only BIO over text that must outlive it; null when memory is out.
[[nodiscard]] BioPtr reading(std::string_view text);
[[nodiscard]] BioPtr writing();
[[nodiscard]] std::string text_of(BIO& bio);

/// Takes and clears this thread's OpenSSL error queue, oldest first: "bad decrypt, wrong tag".
[[nodiscard]] std::string take_openssl_errors();

/// SM2 signs the signer's identity too; of certificates it is the default one: gives it to one that is signed by SM2,
/// for whoever verifies it then, and leaves every other as it is.
/// @return false when memory is out. Source: GM/T 0015-2012, 5.2.
[[nodiscard]] bool name_sm2_signer(X509* x509);

/// Whether what ended a reading of PEM is its end, and not a block that is cut or no such thing. Takes the errors.
[[nodiscard]] bool pem_is_at_end();
/// Every list of revoked certificates in a text of PEM, or of one in DER.
/// @param take  whether it could be taken.
/// @return false when there is none, one could not be taken, or one is cut: half of a file does not stand for the
/// whole,
///         for what only its other half revokes would be let in.
[[nodiscard]] bool each_crl(std::string_view text, const std::function<bool(X509_CRL*)>& take);
/// Whether a list of this issuer covers the certificate, so that one that is not on it is good: a list may be of one
/// distribution point, of authorities alone, of some reasons, or ask for what is not understood here.
/// Source: RFC 5280, 5.2.5 and 6.3.3.
[[nodiscard]] bool covers(X509_CRL* crl, X509* leaf, X509* issuer);

[[nodiscard]] inline const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
[[nodiscard]] inline unsigned char* octets(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace datong::crypto
