#include "core/crypto/x509_maker.h"

#include <ctime>
#include <utility>

#include <openssl/pem.h>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/key_state.h"
#include "core/crypto/sm2.h"

namespace datong::crypto {
namespace {

constexpr std::size_t kSerialBytes = 16;
constexpr std::size_t kLongestName = 64;  // Source: RFC 5280, A.1, ub-common-name and ub-organization-name
constexpr long kSecondsADay = 86'400;

/// The key that signs; null for a shared secret.
EVP_PKEY* key_of(const SigningKey& key) {
    return key.state().key.get();
}

Error no_key() {
    return Error{Fault::bad_request, "x509: a shared secret can't be certified"};
}

bool add_entry(X509_NAME* name, int which, std::string_view text) {
    return !text.empty() && count_chars(text) <= kLongestName && is_utf8(text) &&
           X509_NAME_add_entry_by_NID(name, which, MBSTRING_UTF8, octets(text), static_cast<int>(text.size()), -1, 0) ==
               1;
}

/// A positive serial of 128 random bits with the top one clear. Source: RFC 5280, 4.1.2.2.
bool set_serial(X509* x509) {
    std::string bytes = random_bytes(kSerialBytes);
    bytes[0] = static_cast<char>((static_cast<unsigned char>(bytes[0]) & 0x7FU) | 0x40U);
    const NumberPtr number{BN_bin2bn(octets(std::string_view{bytes}), static_cast<int>(bytes.size()), nullptr)};
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool set_validity(X509* x509, const Validity& validity) {
    const std::time_t start = std::chrono::system_clock::to_time_t(validity.not_before);
    const std::time_t end = start + static_cast<std::time_t>(validity.days) * kSecondsADay;
    return ASN1_TIME_set(X509_getm_notBefore(x509), start) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(x509), end) != nullptr;
}

bool add_extension(X509* x509, X509* issuer, int which, const std::string& value) {
    const ExtensionPtr extension = make_extension(x509, issuer, which, value);
    return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

/// Names that stand in an extension's configuration text must not be able to add to it.
bool is_plain(std::string_view name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:*_";
    return !name.empty() && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Error x509_trouble() {
    return Error{Fault::internal, "x509: " + take_openssl_errors()};
}

X509NamePtr make_name(std::string_view common_name, std::string_view organization) {
    X509NamePtr name{X509_NAME_new()};
    if (!name || (!organization.empty() && !add_entry(name.get(), NID_organizationName, organization)) ||
        !add_entry(name.get(), NID_commonName, common_name)) {
        static_cast<void>(take_openssl_errors());
        return nullptr;
    }
    return name;
}

Result<std::string> alternative_names(const std::vector<std::string>& dns_names,
                                      const std::vector<std::string>& addresses) {
    std::string all;
    const auto add = [&all](std::string_view kind, const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            if (!is_plain(name)) {
                return false;
            }
            all.append(all.empty() ? "" : ",").append(kind).append(name);
        }
        return true;
    };
    if (!add("DNS:", dns_names) || !add("IP:", addresses)) {
        return fail(Fault::bad_request, "x509: an alternative name with characters that it can't have");
    }
    return all;
}

ExtensionPtr make_extension(X509* x509, X509* issuer, int which, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
    return ExtensionPtr{X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str())};
}

Result<X509Ptr> start_x509(EVP_PKEY* key, const X509_NAME* subject, const Validity& validity) {
    if (subject == nullptr || validity.days < 1) {
        return fail(Fault::bad_request, "x509: a common name has 1 to 64 characters, a validity 1 day or more");
    }
    X509Ptr x509{X509_new()};
    if (!x509 || X509_set_version(x509.get(), X509_VERSION_3) != 1 || !set_serial(x509.get()) ||
        !set_validity(x509.get(), validity) || X509_set_subject_name(x509.get(), subject) != 1 ||
        X509_set_pubkey(x509.get(), key) != 1) {
        return fail(x509_trouble());
    }
    return x509;
}

Result<std::string> sign_x509(X509* x509, EVP_PKEY* key) {
    const bool hashes_itself = EVP_PKEY_is_a(key, "ED25519") == 1;
    const DigestCtxPtr sm2 = EVP_PKEY_is_a(key, "SM2") == 1 ? start_sm2(key, kSm2Identity, true) : nullptr;
    const BioPtr bio = writing();
    const int size =
        sm2 ? X509_sign_ctx(x509, sm2.get()) : X509_sign(x509, key, hashes_itself ? nullptr : fetched().sha256.get());
    if (!bio || size <= 0 || PEM_write_bio_X509(bio.get(), x509) != 1) {
        return fail(x509_trouble());
    }
    return text_of(*bio);
}

Result<std::string> make_ca(const SigningKey& key, std::string_view name, const Validity& validity) {
    if (key_of(key) == nullptr) {
        return fail(no_key());
    }
    const X509NamePtr subject = make_name(name);
    const auto x509 = start_x509(key_of(key), subject.get(), validity);
    if (!x509) {
        return fail(x509.error());
    }
    X509* made = x509->get();
    if (X509_set_issuer_name(made, X509_get_subject_name(made)) != 1 ||
        !add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(made, made, NID_subject_key_identifier, "hash")) {
        return fail(x509_trouble());
    }
    return sign_x509(made, key_of(key));
}

Result<std::string> make_x509(const X509Issuer& ca, const SigningKey& key, const X509Ask& ask) {
    if (key_of(ca.key) == nullptr || key_of(key) == nullptr) {
        return fail(no_key());
    }
    const BioPtr bio = reading(ca.pem);
    const X509Ptr authority{bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr};
    if (!authority || X509_check_private_key(authority.get(), key_of(ca.key)) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "x509: the authority's certificate and key don't belong together");
    }
    const X509NamePtr subject = make_name(ask.common_name);
    const auto x509 = start_x509(key_of(key), subject.get(), ask.validity);
    const auto names = alternative_names(ask.dns_names, ask.addresses);
    if (!x509 || !names) {
        return fail(x509 ? names.error() : x509.error());
    }
    X509* made = x509->get();
    if (X509_set_issuer_name(made, X509_get_subject_name(authority.get())) != 1 ||
        !add_extension(made, authority.get(), NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(made, authority.get(), NID_key_usage, "critical,digitalSignature") ||
        !add_extension(made, authority.get(), NID_ext_key_usage, ask.for_client ? "clientAuth" : "serverAuth") ||
        !add_extension(made, authority.get(), NID_subject_key_identifier, "hash") ||
        !add_extension(made, authority.get(), NID_authority_key_identifier, "keyid") ||
        (!names->empty() && !add_extension(made, authority.get(), NID_subject_alt_name, *names))) {
        return fail(x509_trouble());
    }
    return sign_x509(made, key_of(ca.key));
}

}  // namespace datong::crypto
