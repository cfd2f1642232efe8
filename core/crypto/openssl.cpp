#include "core/crypto/openssl.h"

#include <cstdio>
#include <cstdlib>
#include <limits>

#include <openssl/err.h>

#include "core/crypto/sm2.h"

namespace datong::crypto {
namespace {

Fetched fetch_all() {
    Fetched all{
        DigestPtr{EVP_MD_fetch(nullptr, "SHA256", nullptr)}, DigestPtr{EVP_MD_fetch(nullptr, "SHA512", nullptr)},
        DigestPtr{EVP_MD_fetch(nullptr, "SM3", nullptr)},    DigestPtr{EVP_MD_fetch(nullptr, "SHA1", nullptr)},
        DigestPtr{EVP_MD_fetch(nullptr, "MD5", nullptr)},    MacPtr{EVP_MAC_fetch(nullptr, "HMAC", nullptr)}};
    if (!all.sha256 || !all.sha512 || !all.sm3 || !all.sha1 || !all.md5 || !all.hmac) {
        std::fputs("datong: OpenSSL offers no SHA-2, SM3, SHA-1, MD5 or HMAC\n", stderr);
        std::abort();
    }
    return all;
}

}  // namespace

const Fetched& fetched() {
    static const Fetched all = fetch_all();
    return all;
}

BioPtr reading(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        return nullptr;
    }
    return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

BioPtr writing() {
    return BioPtr{BIO_new(BIO_s_mem())};
}

std::string text_of(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string{};
}

std::string take_openssl_errors() {
    std::string all;
    while (const unsigned long code = ERR_get_error()) {
        const char* reason = ERR_reason_error_string(code);
        all.append(all.empty() ? "" : ", ").append(reason != nullptr ? reason : "unknown");
    }
    return all.empty() ? "no reason given" : all;
}

bool name_sm2_signer(X509* x509) {
    if (X509_get_signature_nid(x509) != NID_SM2_with_SM3) {
        return true;
    }
    ASN1_OCTET_STRING* identity = ASN1_OCTET_STRING_new();
    if (identity == nullptr ||
        ASN1_OCTET_STRING_set(identity, octets(kSm2Identity), static_cast<int>(kSm2Identity.size())) != 1) {
        ASN1_OCTET_STRING_free(identity);
        return false;
    }
    X509_set0_distinguishing_id(x509, identity);  // takes it
    return true;
}

}  // namespace datong::crypto
