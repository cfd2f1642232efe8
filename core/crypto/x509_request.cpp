#include <utility>

#include <openssl/pem.h>

#include "core/base/text.h"
#include "core/crypto/key_state.h"
#include "core/crypto/sm2.h"
#include "core/crypto/x509_maker.h"

namespace datong::crypto {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;
struct FreeExtensions {
    void operator()(STACK_OF(X509_EXTENSION) * all) const noexcept {
        sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    }
};
using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

int no_passphrase(char*, int, int, void*) {
    return -1;
}

/// Source: RFC 5280, 4.2.1.3; what an elliptic key can do for encryption is to agree on a key (RFC 5480, 3), but SM2
/// encrypts (GB/T 32918.4).
std::string usage_of(KeyUse use, KeyKind kind) {
    switch (use) {
        case KeyUse::tls:
            return "critical,digitalSignature";
        case KeyUse::sign:
            return "critical,digitalSignature,nonRepudiation";
        case KeyUse::encrypt:
            break;
    }
    return kind == KeyKind::p256  ? "critical,keyAgreement"
           : kind == KeyKind::sm2 ? "critical,keyEncipherment,dataEncipherment,keyAgreement"
                                  : "critical,keyEncipherment,dataEncipherment";
}

Status check_use(KeyKind kind, KeyUse use) {
    if (kind == KeyKind::secret) {
        return fail(Fault::bad_request, "x509: a shared secret can't be certified");
    }
    if (use == KeyUse::encrypt && (kind == KeyKind::ed25519 || kind == KeyKind::rsa_pss)) {
        return fail(Fault::bad_request, "x509: an Ed25519 or RSA-PSS key signs and can't encrypt");
    }
    if (use == KeyUse::tls && kind == KeyKind::sm2) {
        return fail(Fault::bad_request, "x509: TLS with an SM2 key (TLCP) is not in OpenSSL 3.0; use P-256 or RSA");
    }
    return {};
}

struct Extension {
    int which;
    std::string value;
};

Result<std::vector<Extension>> extensions_of(KeyKind kind, const X509Wish& wish) {
    if (auto good = check_use(kind, wish.use); !good) {
        return fail(std::move(good.error()));
    }
    auto names = alternative_names(wish.dns_names, wish.addresses);
    if (!names) {
        return fail(std::move(names.error()));
    }
    std::vector<Extension> all{{NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, usage_of(wish.use, kind)}};
    if (wish.use == KeyUse::tls) {
        all.push_back({NID_ext_key_usage, "serverAuth,clientAuth"});
    }
    if (!names->empty()) {
        all.push_back({NID_subject_alt_name, std::move(*names)});
    }
    return all;
}

bool put_extensions(X509_REQ* request, const std::vector<Extension>& wished) {
    const Extensions all{sk_X509_EXTENSION_new_null()};
    for (const Extension& one : wished) {
        ExtensionPtr made = make_extension(nullptr, nullptr, one.which, one.value);
        if (!all || !made || sk_X509_EXTENSION_push(all.get(), made.get()) <= 0) {
            return false;
        }
        static_cast<void>(made.release());  // the stack owns it
    }
    return X509_REQ_add_extensions(request, all.get()) == 1;
}

/// SM2 signs the signer's identity too; of requests it is the default one. Source: GM/T 0015-2012, 5.2.
bool name_signer(X509_REQ* request) {
    ASN1_OCTET_STRING* identity = ASN1_OCTET_STRING_new();
    if (identity == nullptr ||
        ASN1_OCTET_STRING_set(identity, octets(kSm2Identity), static_cast<int>(kSm2Identity.size())) != 1) {
        ASN1_OCTET_STRING_free(identity);
        return false;
    }
    X509_REQ_set0_distinguishing_id(request, identity);  // takes it
    return true;
}

Result<std::string> sign_request(X509_REQ* request, EVP_PKEY* key) {
    const bool hashes_itself = EVP_PKEY_is_a(key, "ED25519") == 1;
    const DigestCtxPtr sm2 = EVP_PKEY_is_a(key, "SM2") == 1 ? start_sm2(key, kSm2Identity, true) : nullptr;
    const BioPtr bio = writing();
    const int size = sm2 ? X509_REQ_sign_ctx(request, sm2.get())
                         : X509_REQ_sign(request, key, hashes_itself ? nullptr : fetched().sha256.get());
    if (!bio || size <= 0 || PEM_write_bio_X509_REQ(bio.get(), request) != 1) {
        return fail(x509_trouble());
    }
    return text_of(*bio);
}

std::string entry_of(const X509_NAME* name, int which) {
    const int at = X509_NAME_get_index_by_NID(name, which, -1);
    unsigned char* text = nullptr;
    const int size = at < 0 ? -1 : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    std::string entry;
    if (size >= 0) {
        entry.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
        OPENSSL_free(text);
    }
    return entry;
}

std::string address_text(const ASN1_OCTET_STRING* address) {
    constexpr int kV4 = 4;
    const unsigned char* bytes = ASN1_STRING_get0_data(address);
    const int size = ASN1_STRING_length(address);
    std::string text;
    for (int i = 0; i < size; i += size == kV4 ? 1 : 2) {
        if (size == kV4) {
            text.append(i == 0 ? "" : ".").append(std::to_string(bytes[i]));
        } else {
            const char pair[]{static_cast<char>(bytes[i]), static_cast<char>(bytes[i + 1])};
            text.append(i == 0 ? "" : ":").append(to_hex({pair, 2}));
        }
    }
    return text;
}

void read_names(const STACK_OF(X509_EXTENSION) * extensions, X509Wish& wish) {
    const NamesPtr names{
        static_cast<GENERAL_NAMES*>(X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* one = sk_GENERAL_NAME_value(names.get(), i);
        if (one->type == GEN_DNS) {
            wish.dns_names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.dNSName)),
                                        static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName)));
        } else if (one->type == GEN_IPADD) {
            wish.addresses.push_back(address_text(one->d.iPAddress));
        }
    }
}

}  // namespace

Result<std::string> make_request(const SigningKey& key, const X509Wish& wish) {
    const auto extensions = extensions_of(key.state().kind, wish);
    if (!extensions) {
        return fail(extensions.error());
    }
    const X509NamePtr name = make_name(wish.common_name, wish.organization);
    const RequestPtr request{X509_REQ_new()};
    if (!name) {
        return fail(Fault::bad_request, "x509: a common name or organization has 1 to 64 characters");
    }
    EVP_PKEY* own = key.state().key.get();
    if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_subject_name(request.get(), name.get()) != 1 || X509_REQ_set_pubkey(request.get(), own) != 1 ||
        !put_extensions(request.get(), *extensions)) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "x509: a name or address that a request can't carry");
    }
    const auto held = hold_token(key.state());
    return sign_request(request.get(), signer_of(key.state()));
}

Result<X509Wish> read_request(std::string_view pem, KeyUse use) {
    const BioPtr bio = reading(pem);
    const RequestPtr request{bio ? PEM_read_bio_X509_REQ(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;  // owned by the request
    const bool is_sm2 = key != nullptr && EVP_PKEY_is_a(key, "SM2") == 1;
    if (key == nullptr || (is_sm2 && !name_signer(request.get())) || X509_REQ_verify(request.get(), key) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(Fault::bad_request, "x509: no certificate request in PEM that its own key signed");
    }
    const X509_NAME* subject = X509_REQ_get_subject_name(request.get());
    X509Wish wish{.use = use,
                  .common_name = entry_of(subject, NID_commonName),
                  .organization = entry_of(subject, NID_organizationName)};
    const Extensions extensions{X509_REQ_get_extensions(request.get())};
    read_names(extensions.get(), wish);
    static_cast<void>(take_openssl_errors());
    return wish;
}

Result<std::string> make_self_signed(const SigningKey& key, const X509Wish& wish, const Validity& validity) {
    const auto extensions = extensions_of(key.state().kind, wish);
    if (!extensions) {
        return fail(extensions.error());
    }
    EVP_PKEY* own = key.state().key.get();
    const X509NamePtr name = make_name(wish.common_name, wish.organization);
    const auto x509 = start_x509(own, name.get(), validity);
    if (!x509) {
        return fail(x509.error());
    }
    if (X509_set_issuer_name(x509->get(), name.get()) != 1) {
        return fail(x509_trouble());
    }
    for (const Extension& one : *extensions) {
        const ExtensionPtr made = make_extension(x509->get(), x509->get(), one.which, one.value);
        if (!made || X509_add_ext(x509->get(), made.get(), -1) != 1) {
            static_cast<void>(take_openssl_errors());
            return fail(Fault::bad_request, "x509: a name or address that a certificate can't carry");
        }
    }
    const auto held = hold_token(key.state());
    return sign_x509(x509->get(), signer_of(key.state()));
}

}  // namespace datong::crypto
