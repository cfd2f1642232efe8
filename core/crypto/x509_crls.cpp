#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/crypto/openssl.h"
#include "core/crypto/x509_path.h"

namespace datong::crypto {
namespace {

using ScopePtr = std::unique_ptr<ISSUING_DIST_POINT, FreeWith<ISSUING_DIST_POINT_free>>;
using PointsPtr = std::unique_ptr<CRL_DIST_POINTS, FreeWith<CRL_DIST_POINTS_free>>;

/// Whether something must be understood that is not.
bool asks_for_more(const STACK_OF(X509_EXTENSION) * extensions, std::initializer_list<int> known) {
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
        X509_EXTENSION* one = sk_X509_EXTENSION_value(extensions, i);
        const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(one));
        if (X509_EXTENSION_get_critical(one) == 1 && std::find(known.begin(), known.end(), nid) == known.end()) {
            return true;
        }
    }
    return false;
}

bool entries_ask_for_more(X509_CRL* crl) {
    const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        if (asks_for_more(X509_REVOKED_get0_extensions(sk_X509_REVOKED_value(entries, i)),
                          {NID_crl_reason, NID_invalidity_date})) {
            return true;
        }
    }
    return false;
}

bool holds_name(const GENERAL_NAMES* names, const X509_NAME* wanted) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* one = sk_GENERAL_NAME_value(names, i);
        if (one->type == GEN_DIRNAME && X509_NAME_cmp(one->d.directoryName, wanted) == 0) {
            return true;
        }
    }
    return false;
}

/// Whether two distribution points have a name in common. Source: RFC 5280, 6.3.3 (b) (2) (i).
bool share_name(DIST_POINT_NAME* one, DIST_POINT_NAME* other, X509* issuer) {
    const X509_NAME* name = X509_get_subject_name(issuer);
    if (one == nullptr || other == nullptr || DIST_POINT_set_dpname(one, name) != 1 ||
        DIST_POINT_set_dpname(other, name) != 1) {
        return false;
    }
    constexpr int kRelative = 1;
    if (one->type == kRelative || other->type == kRelative) {
        return one->type != kRelative     ? holds_name(one->name.fullname, other->dpname)
               : other->type != kRelative ? holds_name(other->name.fullname, one->dpname)
                                          : X509_NAME_cmp(one->dpname, other->dpname) == 0;
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(one->name.fullname); ++i) {
        GENERAL_NAME* wanted = sk_GENERAL_NAME_value(one->name.fullname, i);
        for (int j = 0; j < sk_GENERAL_NAME_num(other->name.fullname); ++j) {
            if (GENERAL_NAME_cmp(wanted, sk_GENERAL_NAME_value(other->name.fullname, j)) == 0) {
                return true;
            }
        }
    }
    return false;
}

/// Whether the certificate names that point, for lists of its own issuer and for all reasons.
bool names_point(const X509* leaf, DIST_POINT_NAME* point, X509* issuer) {
    const PointsPtr points{
        static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(leaf, NID_crl_distribution_points, nullptr, nullptr))};
    for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
        const DIST_POINT* one = sk_DIST_POINT_value(points.get(), i);
        if (one->CRLissuer == nullptr && one->reasons == nullptr && share_name(one->distpoint, point, issuer)) {
            return true;
        }
    }
    return false;
}

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

bool covers(X509_CRL* crl, X509* leaf, X509* issuer) {
    if (asks_for_more(X509_CRL_get0_extensions(crl),
                      {NID_issuing_distribution_point, NID_authority_key_identifier, NID_crl_number}) ||
        entries_ask_for_more(crl)) {
        return false;
    }
    int found = 0;
    const ScopePtr scope{
        static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &found, nullptr))};
    static_cast<void>(take_openssl_errors());
    constexpr int kNone = -1;
    if (!scope) {
        return found == kNone;
    }
    const bool is_authority = X509_check_ca(leaf) > 0;
    const bool is_of_others = (scope->onlyuser > 0 && is_authority) || (scope->onlyCA > 0 && !is_authority) ||
                              scope->onlyattr > 0 || scope->indirectCRL > 0 || scope->onlysomereasons != nullptr;
    return !is_of_others && (scope->distpoint == nullptr || names_point(leaf, scope->distpoint, issuer));
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
