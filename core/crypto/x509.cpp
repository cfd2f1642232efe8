#include "core/crypto/x509.h"

#include <ctime>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "core/base/moment.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/openssl.h"
#include "core/crypto/sm2.h"

namespace datong::crypto {
namespace {

int no_passphrase(char*, int, int, void*) {
    return -1;
}

X509Ptr read(std::string_view pem) {
    const BioPtr bio = reading(pem);
    X509Ptr x509{bio ? PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
    if (!x509) {
        static_cast<void>(take_openssl_errors());
    }
    return x509;
}

std::string name_text(const X509_NAME* name) {
    const BioPtr bio = writing();
    // RFC 2253 escapes every octet over 7F; here names are Chinese and stay readable
    constexpr unsigned long kForm = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, kForm) < 0) {
        return {};
    }
    return text_of(*bio);
}

Result<std::chrono::system_clock::time_point> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return fail(Fault::bad_request, "x509: a time that can't be read");
    }
    return nearest_moment(timegm(&parts));
}

std::string der_of(X509* x509) {
    std::string der(static_cast<std::size_t>(std::max(0, i2d_X509(x509, nullptr))), '\0');
    unsigned char* out = octets(der);
    return i2d_X509(x509, &out) > 0 ? der : std::string{};
}

std::string serial_of(const X509* x509) {
    const NumberPtr number{ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nullptr)};
    std::string bytes(static_cast<std::size_t>(number ? BN_num_bytes(number.get()) : 0), '\0');
    return number && BN_bn2bin(number.get(), octets(bytes)) >= 0 ? to_hex(bytes) : std::string{};
}

std::string public_key_of(const X509* x509) {
    const BioPtr bio = writing();
    EVP_PKEY* key = X509_get0_pubkey(x509);  // owned by the certificate
    return bio && key != nullptr && PEM_write_bio_PUBKEY(bio.get(), key) == 1 ? text_of(*bio) : std::string{};
}

using Pkcs7Ptr = std::unique_ptr<PKCS7, FreeWith<PKCS7_free>>;

std::string to_pem(X509* x509) {
    const BioPtr bio = writing();
    return bio && PEM_write_bio_X509(bio.get(), x509) == 1 ? text_of(*bio) : std::string{};
}

std::vector<std::string> read_pem(std::string_view text) {
    std::vector<std::string> all;
    const BioPtr bio = reading(text);
    while (const X509Ptr one{bio ? PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr) : nullptr}) {
        all.push_back(to_pem(one.get()));
    }
    return all;
}

std::vector<std::string> read_pkcs7(const PKCS7* message) {
    std::vector<std::string> all;
    const bool is_signed = message != nullptr && PKCS7_type_is_signed(message) && message->d.sign != nullptr;
    for (int i = 0; is_signed && i < sk_X509_num(message->d.sign->cert); ++i) {
        all.push_back(to_pem(sk_X509_value(message->d.sign->cert, i)));
    }
    return all;
}

std::vector<std::string> read_der(std::string_view der) {
    const auto size = static_cast<long>(der.size());
    const unsigned char* at = octets(der);
    if (const X509Ptr one{d2i_X509(nullptr, &at, size)}) {
        return {to_pem(one.get())};
    }
    at = octets(der);
    return read_pkcs7(Pkcs7Ptr{d2i_PKCS7(nullptr, &at, size)}.get());
}

}  // namespace

Result<X509Facts> read_x509(std::string_view pem) {
    const X509Ptr x509 = read(pem);
    if (!x509) {
        return fail(Fault::bad_request, "x509: no certificate in PEM");
    }
    const auto from = time_of(X509_get0_notBefore(x509.get()));
    const auto until = time_of(X509_get0_notAfter(x509.get()));
    if (!from || !until) {
        return fail(from ? until.error() : from.error());
    }
    X509Facts facts{.subject = name_text(X509_get_subject_name(x509.get())),
                    .issuer = name_text(X509_get_issuer_name(x509.get())),
                    .serial = serial_of(x509.get()),
                    .sha256 = to_hex(sha256(der_of(x509.get()))),
                    .not_before = *from,
                    .not_after = *until,
                    .public_key_pem = public_key_of(x509.get()),
                    .is_authority = X509_check_ca(x509.get()) == 1};
    static_cast<void>(take_openssl_errors());
    if (facts.public_key_pem.empty()) {
        return fail(Fault::bad_request, "x509: a public key that can't be read");
    }
    return facts;
}

Result<std::vector<std::string>> split_x509(std::string_view bytes) {
    std::vector<std::string> all = read_pem(bytes);
    if (all.empty()) {
        const BioPtr bio = reading(bytes);
        all =
            read_pkcs7(Pkcs7Ptr{bio ? PEM_read_bio_PKCS7(bio.get(), nullptr, no_passphrase, nullptr) : nullptr}.get());
    }
    if (all.empty()) {
        all = read_der(bytes);
    }
    static_cast<void>(take_openssl_errors());
    if (all.empty()) {
        return fail(Fault::bad_request, "x509: no certificate in PEM, DER or PKCS #7");
    }
    return all;
}

bool allows(std::string_view pem, KeyUse use) {
    const X509Ptr x509 = read(pem);
    if (!x509) {
        return false;
    }
    const std::uint32_t usage = X509_get_key_usage(x509.get());              // all bits where there is none
    const std::uint32_t extended = X509_get_extended_key_usage(x509.get());  // likewise
    static_cast<void>(take_openssl_errors());
    switch (use) {
        case KeyUse::tls:
            return (usage & KU_DIGITAL_SIGNATURE) != 0 && (extended & (XKU_SSL_SERVER | XKU_SSL_CLIENT)) != 0;
        case KeyUse::sign:
            return (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
        case KeyUse::encrypt:
            break;
    }
    return (usage & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
}

bool is_issued_by(std::string_view pem, std::string_view issuer_pem) {
    const X509Ptr x509 = read(pem);
    const X509Ptr issuer = read(issuer_pem);
    if (!x509 || !issuer) {
        return false;
    }
    EVP_PKEY* key = X509_get0_pubkey(issuer.get());  // owned by the certificate
    const bool issued = name_sm2_signer(x509.get()) && X509_check_issued(issuer.get(), x509.get()) == X509_V_OK &&
                        X509_verify(x509.get(), key) == 1;
    static_cast<void>(take_openssl_errors());
    return issued;
}

}  // namespace datong::crypto
