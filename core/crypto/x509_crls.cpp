#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/crypto/openssl.h"
#include "core/crypto/x509_path.h"

namespace datong::crypto {
namespace {

std::string der_of_list(const X509_CRL* crl) {
    std::string der(static_cast<std::size_t>(std::max(0, i2d_X509_CRL(crl, nullptr))), '\0');
    unsigned char* out = octets(der);
    return i2d_X509_CRL(crl, &out) > 0 ? der : std::string{};
}

}  // namespace

bool pem_is_at_end() {
    const unsigned long last = ERR_peek_last_error();
    static_cast<void>(take_openssl_errors());
    return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

bool each_crl(std::string_view text, const std::function<bool(X509_CRL*)>& take) {
    ERR_clear_error();
    if (text.find("-----BEGIN ") == std::string_view::npos) {
        const unsigned char* at = octets(text);
        const CrlPtr crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(text.size()))};
        static_cast<void>(take_openssl_errors());
        return crl && take(crl.get());
    }
    const BioPtr bio = reading(text);
    bool good = false;
    while (const CrlPtr crl{bio ? PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr) : nullptr}) {
        good = take(crl.get());
        if (!good) {
            break;
        }
    }
    return pem_is_at_end() && good;
}

std::vector<std::string> split_crls(std::string_view text) {
    std::vector<std::string> all;
    const bool whole = each_crl(text, [&all](X509_CRL* crl) {
        all.push_back(der_of_list(crl));
        return true;
    });
    return whole ? all : std::vector<std::string>{};
}

}  // namespace datong::crypto
