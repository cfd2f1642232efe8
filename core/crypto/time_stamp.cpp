#include "core/crypto/time_stamp.h"

#include <algorithm>
#include <ctime>
#include <memory>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include "core/base/moment.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

using RequestPtr = std::unique_ptr<TS_REQ, FreeWith<TS_REQ_free>>;
using ResponsePtr = std::unique_ptr<TS_RESP, FreeWith<TS_RESP_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, FreeWith<TS_MSG_IMPRINT_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, FreeWith<X509_ALGOR_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;
using Pkcs7Ptr = std::unique_ptr<PKCS7, FreeWith<PKCS7_free>>;
using InfoPtr = std::unique_ptr<TS_TST_INFO, FreeWith<TS_TST_INFO_free>>;
using VerifyPtr = std::unique_ptr<TS_VERIFY_CTX, FreeWith<TS_VERIFY_CTX_free>>;
using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using Time = std::chrono::system_clock::time_point;

constexpr std::size_t kImprintSize = 32;
constexpr int kAuthLevel = 2;  ///< keys and digests of 112 bits of security: RSA-2048 with SHA-256

/// The errors of this thread, with what a path's check says of the certificate that it failed at.
std::string take_reasons() {
    std::string words;
    const char* said = nullptr;
    int flags = 0;
    for (auto code = ERR_get_error_all(nullptr, nullptr, nullptr, &said, &flags); code != 0;
         code = ERR_get_error_all(nullptr, nullptr, nullptr, &said, &flags)) {
        const char* reason = ERR_reason_error_string(code);
        words += (words.empty() ? "" : ", ") + std::string{reason != nullptr ? reason : "unknown"};
        words += (flags & ERR_TXT_STRING) != 0 ? " (" + std::string{said} + ')' : std::string{};
    }
    return words;
}

tl::unexpected<Error> refused(Fault fault, const std::string& what) {
    const std::string why = take_reasons();
    return fail(fault, "time-stamp: " + what + (why.empty() ? "" : ": " + why));
}

/// DER of an OpenSSL object; empty when memory is out.
template <auto Write, class T>
std::string der_of(const T* object) {
    const int size = Write(object, nullptr);
    if (size <= 0) {
        return {};
    }
    std::string der(static_cast<std::size_t>(size), '\0');
    unsigned char* at = octets(der);
    Write(object, &at);
    return der;
}

IntegerPtr integer_of(std::string_view bytes) {
    const NumberPtr number{BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr)};
    return IntegerPtr{number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr};
}

ObjectPtr object_of(const std::string& dotted) {
    return ObjectPtr{OBJ_txt2obj(dotted.c_str(), 1)};
}

std::string dotted_of(const ASN1_OBJECT* object) {
    constexpr std::size_t kLongest = 128;
    std::string text(kLongest, '\0');
    const int length = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
    text.resize(length > 0 ? std::min(static_cast<std::size_t>(length), kLongest - 1) : 0);
    return text;
}

std::string hex_of(const ASN1_INTEGER* number) {
    const std::string_view bytes{reinterpret_cast<const char*>(ASN1_STRING_get0_data(number)),
                                 static_cast<std::size_t>(ASN1_STRING_length(number))};
    return to_hex(bytes);
}

Status set_imprint(TS_REQ* request, const std::string& imprint) {
    const ImprintPtr made{TS_MSG_IMPRINT_new()};
    const AlgorithmPtr algorithm{X509_ALGOR_new()};
    if (!made || !algorithm || X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) != 1) {
        return refused(Fault::internal, "no memory");
    }
    std::string bytes = imprint;  // the API takes it as changeable and copies it
    const bool good = TS_MSG_IMPRINT_set_algo(made.get(), algorithm.get()) == 1 &&
                      TS_MSG_IMPRINT_set_msg(made.get(), octets(bytes), static_cast<int>(bytes.size())) == 1 &&
                      TS_REQ_set_msg_imprint(request, made.get()) == 1;
    return good ? Status{} : Status{refused(Fault::internal, "imprint")};
}

/// What an authority says that grants nothing.
std::string words_of(const TS_STATUS_INFO* info) {
    std::string words = "status " + std::to_string(ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info)));
    const STACK_OF(ASN1_UTF8STRING)* texts = TS_STATUS_INFO_get0_text(info);
    for (int i = 0; i < sk_ASN1_UTF8STRING_num(texts); ++i) {
        const ASN1_UTF8STRING* text = sk_ASN1_UTF8STRING_value(texts, i);
        words += ' ';
        words.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
    }
    std::replace_if(words.begin(), words.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return words.substr(0, 200);
}

/// A token and what is written in it.
struct Token {
    Pkcs7Ptr pkcs7;
    InfoPtr info;
    Time at;
};

Result<Token> read_token(std::string_view der) {
    const unsigned char* at = octets(der);
    Token token{.pkcs7 = Pkcs7Ptr{d2i_PKCS7(nullptr, &at, static_cast<long>(der.size()))}, .info = {}, .at = {}};
    if (!token.pkcs7 || at != octets(der) + der.size() || PKCS7_type_is_signed(token.pkcs7.get()) == 0) {
        return refused(Fault::bad_request, "no token");
    }
    token.info.reset(PKCS7_to_TS_TST_INFO(token.pkcs7.get()));
    std::tm moment{};
    if (!token.info || ASN1_TIME_to_tm(TS_TST_INFO_get_time(token.info.get()), &moment) != 1) {
        return refused(Fault::bad_request, "no token");
    }
    const auto exact = exact_moment(::timegm(&moment));
    if (!exact) {
        return refused(Fault::bad_request, "a token of a time that no clock tells");
    }
    token.at = *exact;
    return token;
}

/// Trusts the anchors at the moment of the token. Who signed must be for time-stamping: TS_RESP_verify_token asks.
StorePtr store_of(const std::vector<std::string>& anchors, Time at) {
    StorePtr store{X509_STORE_new()};
    bool any = false;
    for (const std::string& anchor : anchors) {
        const BioPtr bio = reading(anchor);
        while (const X509Ptr one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
            any = X509_STORE_add_cert(store.get(), one.get()) == 1 || any;
        }
    }
    static_cast<void>(take_openssl_errors());
    if (!any) {
        return nullptr;
    }
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);  // a pinned certificate is an anchor
    X509_VERIFY_PARAM* param = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(param, std::chrono::system_clock::to_time_t(at));
    X509_VERIFY_PARAM_set_auth_level(param, kAuthLevel);
    return store;
}

/// Whether signature, path and imprint hold.
bool holds(const Token& token, const std::string& imprint, StorePtr store) {
    const VerifyPtr context{TS_VERIFY_CTX_new()};
    auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(imprint.data(), imprint.size()));
    if (!context || copy == nullptr) {
        OPENSSL_free(copy);
        return false;
    }
    TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_IMPRINT);
    TS_VERIFY_CTX_set_store(context.get(), store.release());                            // the context owns it
    TS_VERIFY_CTX_set_imprint(context.get(), copy, static_cast<long>(imprint.size()));  // and this
    return TS_RESP_verify_token(context.get(), token.pkcs7.get()) == 1;
}

/// The imprint's algorithm is compared here: TS_VFY_IMPRINT alone compares octets.
bool is_of_sha256(const TS_TST_INFO* info) {
    TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(const_cast<TS_TST_INFO*>(info));
    const ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
    return OBJ_obj2nid(algorithm) == NID_sha256;
}

bool has_nonce(const TS_TST_INFO* info, const std::string& nonce) {
    const ASN1_INTEGER* there = TS_TST_INFO_get_nonce(info);
    const IntegerPtr wanted = integer_of(nonce);
    return there != nullptr && wanted && ASN1_INTEGER_cmp(there, wanted.get()) == 0;
}

/// The certificate of whoever signed; it stays the token's. nullptr: not one.
X509* signer_in(PKCS7* pkcs7) {
    const std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * all) { sk_X509_free(all); })> signers{
        PKCS7_get0_signers(pkcs7, nullptr, 0)};
    return signers && sk_X509_num(signers.get()) == 1 ? sk_X509_value(signers.get(), 0) : nullptr;
}

std::string signer_of(PKCS7* pkcs7) {
    const X509* signer = signer_in(pkcs7);
    const BioPtr out = writing();
    if (signer == nullptr || !out) {
        return {};
    }
    X509_NAME_print_ex(out.get(), X509_get_subject_name(signer), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return text_of(*out);
}

}  // namespace

Result<std::string> make_time_stamp_request(const TimeStampAsk& ask) {
    constexpr std::size_t kLeastNonce = 8;
    constexpr std::size_t kMostNonce = 20;
    if (ask.imprint.size() != kImprintSize || ask.nonce.size() < kLeastNonce || ask.nonce.size() > kMostNonce) {
        return refused(Fault::bad_request, "an imprint of 32 octets and a nonce of 8 to 20 are needed");
    }
    const RequestPtr request{TS_REQ_new()};
    const IntegerPtr nonce = integer_of(ask.nonce);
    if (!request || !nonce || TS_REQ_set_version(request.get(), 1) != 1 ||
        TS_REQ_set_nonce(request.get(), nonce.get()) != 1 || TS_REQ_set_cert_req(request.get(), 1) != 1) {
        return refused(Fault::internal, "no memory");
    }
    if (auto set = set_imprint(request.get(), ask.imprint); !set) {
        return fail(std::move(set.error()));
    }
    if (!ask.policy.empty()) {
        const ObjectPtr policy = object_of(ask.policy);
        if (!policy || TS_REQ_set_policy_id(request.get(), policy.get()) != 1) {
            return refused(Fault::bad_request, "policy is no object identifier");
        }
    }
    return der_of<i2d_TS_REQ>(request.get());
}

Result<std::string> token_in_response(std::string_view response) {
    const unsigned char* at = octets(response);
    const ResponsePtr read{d2i_TS_RESP(nullptr, &at, static_cast<long>(response.size()))};
    if (!read || at != octets(response) + response.size()) {
        return refused(Fault::bad_request, "no time-stamp response");
    }
    const TS_STATUS_INFO* info = TS_RESP_get_status_info(read.get());
    const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
    const PKCS7* token = TS_RESP_get_token(read.get());
    if ((status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) || token == nullptr) {
        return fail(Fault::unavailable, "time-stamp: not granted: " + words_of(info));
    }
    return der_of<i2d_PKCS7>(token);
}

Result<TimeStampFacts> check_time_stamp(std::string_view der, const TimeStampQuestion& question) {
    const auto token = read_token(der);
    if (!token) {
        return fail(token.error());
    }
    StorePtr store = store_of(question.anchors, token->at);
    if (!store || question.imprint.size() != kImprintSize) {
        return refused(Fault::bad_request, "no trusted authority, or no imprint");
    }
    const TS_TST_INFO* info = token->info.get();
    if (!is_of_sha256(info) || !holds(*token, question.imprint, std::move(store))) {
        return refused(Fault::signature_invalid, "the token does not hold");
    }
    TimeStampFacts facts{.at = token->at,
                         .policy = dotted_of(TS_TST_INFO_get_policy_id(token->info.get())),
                         .serial = hex_of(TS_TST_INFO_get_serial(info)),
                         .authority = signer_of(token->pkcs7.get())};
    if (!question.policy.empty() && facts.policy != question.policy) {
        return refused(Fault::signature_invalid, "another policy, " + facts.policy);
    }
    if (question.nonce && !has_nonce(info, *question.nonce)) {
        return refused(Fault::signature_invalid, "another nonce: the answer to another request");
    }
    return facts;
}

Result<TimeStampSigner> signer_of_token(std::string_view token) {
    const auto read = read_token(token);
    if (!read) {
        return fail(read.error());
    }
    X509* signer = signer_in(read->pkcs7.get());
    const BioPtr out = writing();
    if (signer == nullptr || !out || PEM_write_bio_X509(out.get(), signer) != 1) {
        return refused(Fault::bad_request, "its signer's certificate is not in it");
    }
    const STACK_OF(X509)* all = read->pkcs7->d.sign->cert;  // signed data: it has a signer
    for (int i = 0; i < sk_X509_num(all); ++i) {
        if (sk_X509_value(all, i) != signer) {
            PEM_write_bio_X509(out.get(), sk_X509_value(all, i));
        }
    }
    return TimeStampSigner{.at = read->at, .x509_pem = text_of(*out)};
}

}  // namespace datong::crypto
