#include "examples/departments/identity.h"

#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace datong::departments {
namespace {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

constexpr long kTenYears = 10L * 365 * 24 * 3600;

void require(bool good) {
    if (!good) {
        throw std::runtime_error{"a certificate can't be made"};
    }
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

void extend(X509* x509, int what, const char* value) {
    const Extension made{X509V3_EXT_conf_nid(nullptr, nullptr, what, value)};
    require(made != nullptr && X509_add_ext(x509, made.get(), -1) == 1);
}

}  // namespace

Identity self_signed(const std::string& name) {
    const Key key{EVP_EC_gen("P-256")};
    const X509Ptr x509{X509_new()};
    require(key != nullptr && x509 != nullptr);
    std::uint64_t serial = 0;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
    X509_set_version(x509.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), serial >> 1U);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), kTenYears);
    X509_NAME* subject = X509_get_subject_name(x509.get());
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1);
    require(X509_set_issuer_name(x509.get(), subject) == 1 && X509_set_pubkey(x509.get(), key.get()) == 1);
    extend(x509.get(), NID_subject_alt_name, "IP:127.0.0.1");
    extend(x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    require(X509_sign(x509.get(), key.get(), EVP_sha256()) > 0);
    const Bio certificate{BIO_new(BIO_s_mem())};
    const Bio secret{BIO_new(BIO_s_mem())};
    require(PEM_write_bio_X509(certificate.get(), x509.get()) == 1 &&
            PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return {.certificate = text_of(certificate.get()), .key = text_of(secret.get())};
}

}  // namespace datong::departments
