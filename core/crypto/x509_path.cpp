#include "core/crypto/x509_path.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "core/base/moment.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

struct FreeStack {
    void operator()(STACK_OF(X509) * all) const noexcept { sk_X509_pop_free(all, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;
using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using OcspResponsePtr = std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>>;
using OcspBasicPtr = std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>>;
using OcspRequestPtr = std::unique_ptr<OCSP_REQUEST, FreeWith<OCSP_REQUEST_free>>;
using OcspIdPtr = std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>>;
using Time = std::chrono::system_clock::time_point;

tl::unexpected<Error> unreadable(const char* what) {
    static_cast<void>(take_openssl_errors());
    return fail(Fault::bad_request, std::string{"x509: "} + what);
}

bool is_pem(std::string_view text) {
    return text.find("-----BEGIN ") != std::string_view::npos;
}

X509Ptr read_der(std::string_view der) {
    const unsigned char* at = octets(der);
    return X509Ptr{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
}

bool push(STACK_OF(X509) * into, X509Ptr one) {
    const bool taken = one && name_sm2_signer(one.get()) && sk_X509_push(into, one.get()) > 0;
    if (taken) {
        static_cast<void>(one.release());  // the stack owns it
    }
    return taken;
}

/// Appends every certificate of a text. @return false when there is none, or half of one.
bool read_all(std::string_view text, STACK_OF(X509) * into) {
    if (!is_pem(text)) {
        return push(into, read_der(text));
    }
    const BioPtr bio = reading(text);
    bool all = true;
    bool any = false;
    ERR_clear_error();
    while (bio) {
        X509Ptr one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
        if (!one) {
            break;
        }
        all = push(into, std::move(one)) && all;
        any = true;
    }
    return pem_is_at_end() && any && all;
}

Result<Stack> read_stack(const std::vector<std::string>& texts) {
    Stack all{sk_X509_new_null()};
    for (const std::string& text : texts) {
        if (!all || !read_all(text, all.get())) {
            return unreadable("no certificate in PEM or DER");
        }
    }
    return all;
}

X509Ptr read_one(std::string_view text) {
    const Stack all{sk_X509_new_null()};
    return all && read_all(text, all.get()) ? X509Ptr{sk_X509_shift(all.get())} : nullptr;
}

/// A delta CRL says what changed since another: alone it knows of none of the earlier revocations, and OpenSSL would
/// take it for a whole one. It is passed over. Source: RFC 5280, 5.2.4.
bool add_crl(X509_STORE* store, X509_CRL* crl) {
    return X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0 || X509_STORE_add_crl(store, crl) == 1;
}

Status add_crls(X509_STORE* store, std::string_view text) {
    const bool all = each_crl(text, [store](X509_CRL* crl) { return add_crl(store, crl); });
    return all ? Status{} : Status{unreadable("no CRL in PEM or DER, or a part of one")};
}

Result<StorePtr> store_of(const std::vector<std::string>& anchors, Time at) {
    StorePtr store{X509_STORE_new()};
    const auto all = read_stack(anchors);
    if (!all) {
        return fail(all.error());
    }
    if (!store || sk_X509_num(all->get()) == 0) {
        return unreadable("no trusted authority");
    }
    for (int i = 0; i < sk_X509_num(all->get()); ++i) {
        X509_STORE_add_cert(store.get(), sk_X509_value(all->get(), i));
    }
    // an issuing authority that is pinned is an anchor, as it is at the handshake
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), std::chrono::system_clock::to_time_t(at));
    return store;
}

int level_of(int bits) {
    constexpr int kLevels[]{80, 112, 128, 192, 256};
    int level = 0;
    for (const int least : kLevels) {
        level += bits >= least ? 1 : 0;
    }
    return level;
}

/// An anchor is trusted for itself: no list of the authority above it is asked for.
int spare_the_anchor(int good, X509_STORE_CTX* context) {
    const int last = sk_X509_num(X509_STORE_CTX_get0_chain(context)) - 1;
    if (good == 0 && X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL && last > 0 &&
        X509_STORE_CTX_get_error_depth(context) == last) {
        X509_STORE_CTX_set_error(context, X509_V_OK);
        return 1;
    }
    return good;
}

/// Missing CRLs are let pass; everything else counts.
int tolerate_missing_crl(int good, X509_STORE_CTX* context) {
    if (good == 0 && X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL) {
        X509_STORE_CTX_set_error(context, X509_V_OK);
        return 1;
    }
    return good;
}

std::string subject_of(X509* x509) {
    const BioPtr bio = writing();
    constexpr unsigned long kForm = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    const bool written =
        x509 != nullptr && bio && X509_NAME_print_ex(bio.get(), X509_get_subject_name(x509), 0, kForm) >= 0;
    return written ? text_of(*bio) : std::string{};
}

std::optional<Time> time_of(const ASN1_GENERALIZEDTIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    return nearest_moment(timegm(&parts));
}

/// The answer about one certificate, if the response has one and its time has come and not gone.
Result<OcspStatus> status_in(OCSP_BASICRESP* basic, OCSP_CERTID* id, const OcspQuestion& question) {
    int status = 0;
    int reason = 0;
    ASN1_GENERALIZEDTIME* revoked = nullptr;  // these three are owned by the response
    ASN1_GENERALIZEDTIME* since = nullptr;
    ASN1_GENERALIZEDTIME* next = nullptr;
    if (OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &since, &next) != 1) {
        static_cast<void>(take_openssl_errors());
        return OcspStatus::unknown;
    }
    const auto from = time_of(since);
    const auto until = next != nullptr ? time_of(next) : from ? std::optional{*from + question.most_age} : std::nullopt;
    if (!from || !until || question.at + question.skew < *from || question.at - question.skew > *until) {
        return fail(Fault::signature_stale, "ocsp: an answer outside its time");
    }
    return status == V_OCSP_CERTSTATUS_GOOD      ? OcspStatus::good
           : status == V_OCSP_CERTSTATUS_REVOKED ? OcspStatus::revoked
                                                 : OcspStatus::unknown;
}

Result<RevocationWord> word_of_list(X509_CRL* crl, X509* leaf, X509* issuer) {
    const bool is_of_issuer = X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0;
    if (!is_of_issuer || X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) {
        return fail(Fault::no_such_resource, "crl: another issuer's, or only what changed");
    }
    if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::signature_invalid, "crl: not signed by the certificate's issuer");
    }
    if (!covers(crl, leaf, issuer)) {
        return fail(Fault::no_such_resource, "crl: of other certificates, or it asks for what is not understood");
    }
    const auto from = time_of(X509_CRL_get0_lastUpdate(crl));
    if (!from) {
        return unreadable("a CRL without its time");
    }
    RevocationWord word{.is_list = true, .revoked = {}, .from = *from, .until = time_of(X509_CRL_get0_nextUpdate(crl))};
    X509_REVOKED* entry = nullptr;  // the list owns it
    constexpr int kTakenBack = 2;   // removeFromCRL
    const int found = X509_CRL_get0_by_cert(crl, &entry, leaf);
    if (found == 1) {
        word.revoked = time_of(X509_REVOKED_get0_revocationDate(entry)).value_or(*from);
    }
    return found == kTakenBack || found == 0 || word.revoked ? Result<RevocationWord>{word}
                                                             : unreadable("a CRL's entry without its time");
}

Result<RevocationWord> word_of_response(OCSP_RESPONSE* response, X509* leaf, X509* issuer) {
    const OcspBasicPtr basic{OCSP_response_get1_basic(response)};
    const StorePtr store{X509_STORE_new()};
    const Stack others{sk_X509_new_null()};
    if (!basic || !store || !others || X509_STORE_add_cert(store.get(), issuer) != 1) {
        return unreadable("ocsp: a response that can't be read");
    }
    X509_up_ref(issuer);
    sk_X509_push(others.get(), issuer);  // the stack owns that reference
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    if (OCSP_basic_verify(basic.get(), others.get(), store.get(), 0) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::signature_invalid, "ocsp: not signed by the issuer or its delegate");
    }
    for (const EVP_MD* digest : {EVP_sha1(), EVP_sha256()}) {
        const OcspIdPtr id{OCSP_cert_to_id(digest, leaf, issuer)};
        int status = 0;
        int reason = 0;
        ASN1_GENERALIZEDTIME* revoked = nullptr;  // these three are owned by the response
        ASN1_GENERALIZEDTIME* since = nullptr;
        ASN1_GENERALIZEDTIME* next = nullptr;
        if (!id || OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, &revoked, &since, &next) != 1 ||
            status == V_OCSP_CERTSTATUS_UNKNOWN) {
            static_cast<void>(take_openssl_errors());
            continue;
        }
        const auto from = time_of(since);
        if (!from) {
            return unreadable("ocsp: an answer without its time");
        }
        RevocationWord word{.is_list = false, .revoked = {}, .from = *from, .until = time_of(next)};
        if (status == V_OCSP_CERTSTATUS_REVOKED) {
            word.revoked = time_of(revoked).value_or(*from);
        }
        return word;
    }
    return fail(Fault::no_such_resource, "ocsp: nothing of this certificate");
}

}  // namespace

Status check_crls(std::string_view text) {
    const StorePtr store{X509_STORE_new()};
    return store ? add_crls(store.get(), text) : fail(Fault::internal, "x509: no memory");
}

Result<PathVerdict> check_path(const PathQuestion& question) {
    using Revocation = PathQuestion::Revocation;
    const X509Ptr leaf = read_one(question.leaf);
    const auto others = read_stack(question.others);
    const auto store = store_of(question.anchors, question.at);
    if (!leaf || !others || !store) {
        return !leaf ? unreadable("no certificate in PEM or DER") : fail(!others ? others.error() : store.error());
    }
    for (const std::string& text : question.crls) {
        if (auto good = add_crls(store->get(), text); !good) {
            return fail(std::move(good.error()));
        }
    }
    const StoreCtxPtr context{X509_STORE_CTX_new()};
    if (!context || X509_STORE_CTX_init(context.get(), store->get(), leaf.get(), others->get()) != 1) {
        return fail(Fault::internal, "x509: " + take_openssl_errors());
    }
    X509_VERIFY_PARAM* how = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_auth_level(how, level_of(question.least_security_bits));
    if (question.revocation != Revocation::none) {
        X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    if (question.at_any_time) {
        X509_VERIFY_PARAM_clear_flags(how, X509_V_FLAG_USE_CHECK_TIME);  // a time that is set would win
        X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_NO_CHECK_TIME);
    }
    if (question.revocation == Revocation::hard) {
        X509_STORE_CTX_set_verify_cb(context.get(), spare_the_anchor);
    }
    if (question.revocation == Revocation::soft) {
        X509_STORE_CTX_set_verify_cb(context.get(), tolerate_missing_crl);
    }
    PathVerdict verdict{.good = X509_verify_cert(context.get()) == 1, .is_revoked = false, .why = {}, .subject = {}};
    if (!verdict.good) {
        verdict.is_revoked = X509_STORE_CTX_get_error(context.get()) == X509_V_ERR_CERT_REVOKED;
        verdict.why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
        verdict.depth = X509_STORE_CTX_get_error_depth(context.get());
        verdict.subject = subject_of(X509_STORE_CTX_get_current_cert(context.get()));
    }
    static_cast<void>(take_openssl_errors());
    return verdict;
}

Result<std::string> make_ocsp_request(std::string_view leaf_text, std::string_view issuer_text) {
    const X509Ptr leaf = read_one(leaf_text);
    const X509Ptr issuer = read_one(issuer_text);
    const OcspRequestPtr request{OCSP_REQUEST_new()};
    if (!leaf || !issuer || !request) {
        return unreadable("ocsp: a certificate or issuer that can't be read");
    }
    // SHA-1 names the certificate here and protects nothing: the one digest that every responder knows (RFC
    // 5019, 2.1.1)
    OcspIdPtr id{OCSP_cert_to_id(EVP_sha1(), leaf.get(), issuer.get())};
    if (!id || OCSP_request_add0_id(request.get(), id.get()) == nullptr) {
        return fail(Fault::internal, "ocsp: " + take_openssl_errors());
    }
    static_cast<void>(id.release());  // the request owns it
    std::string der(static_cast<std::size_t>(std::max(0, i2d_OCSP_REQUEST(request.get(), nullptr))), '\0');
    unsigned char* out = octets(der);
    return i2d_OCSP_REQUEST(request.get(), &out) > 0 ? Result<std::string>{std::move(der)}
                                                     : fail(Fault::internal, "ocsp: " + take_openssl_errors());
}

Result<OcspStatus> check_ocsp(std::string_view response, const OcspQuestion& question) {
    const unsigned char* at = octets(response);
    const OcspResponsePtr read{d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size()))};
    if (!read || OCSP_response_status(read.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        return unreadable(read ? "ocsp: the responder gave no answer" : "ocsp: no response");
    }
    const OcspBasicPtr basic{OCSP_response_get1_basic(read.get())};
    const X509Ptr leaf = read_one(question.leaf);
    const X509Ptr issuer = read_one(question.issuer);
    const auto others = read_stack(question.others);
    const auto store = store_of(question.anchors, question.at);
    if (!basic || !leaf || !issuer || !others || !store) {
        return unreadable("ocsp: a response, certificate or authority that can't be read");
    }
    X509_up_ref(issuer.get());
    sk_X509_push(others->get(), issuer.get());  // the stack owns that reference
    if (OCSP_basic_verify(basic.get(), others->get(), store->get(), 0) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::signature_invalid, "ocsp: not signed by the issuer or its delegate");
    }
    // the digest that the response names its certificates by is the responder's choice
    for (const EVP_MD* digest : {EVP_sha1(), EVP_sha256()}) {
        const OcspIdPtr id{OCSP_cert_to_id(digest, leaf.get(), issuer.get())};
        auto status = id ? status_in(basic.get(), id.get(), question) : Result<OcspStatus>{OcspStatus::unknown};
        if (!status || *status != OcspStatus::unknown) {
            return status;
        }
    }
    return OcspStatus::unknown;
}

Result<RevocationWord> word_on(std::string_view answer, std::string_view leaf_text, std::string_view issuer_text) {
    const X509Ptr leaf = read_one(leaf_text);
    const X509Ptr issuer = read_one(issuer_text);
    if (!leaf || !issuer) {
        return unreadable("no certificate in PEM or DER");
    }
    if (X509_check_issued(issuer.get(), leaf.get()) != X509_V_OK ||
        X509_verify(leaf.get(), X509_get0_pubkey(issuer.get())) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::signature_invalid, "x509: not issued by that authority");
    }
    const unsigned char* at = octets(answer);
    if (const CrlPtr crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(answer.size()))}) {
        return at == octets(answer) + answer.size() ? word_of_list(crl.get(), leaf.get(), issuer.get())
                                                    : unreadable("something behind a CRL");
    }
    static_cast<void>(take_openssl_errors());
    at = octets(answer);
    const OcspResponsePtr response{d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(answer.size()))};
    const bool is_whole = response && at == octets(answer) + answer.size() &&
                          OCSP_response_status(response.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
    return is_whole ? word_of_response(response.get(), leaf.get(), issuer.get())
                    : unreadable("neither a CRL nor a response");
}

}  // namespace datong::crypto
