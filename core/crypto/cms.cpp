#include <memory>

#include <openssl/cms.h>
#include <openssl/pem.h>

#include "core/crypto/cipher.h"
#include "core/crypto/key_state.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {
namespace {

using CmsPtr = std::unique_ptr<CMS_ContentInfo, FreeWith<CMS_ContentInfo_free>>;

/// The stack alone: what lies on it belongs to others.
void free_stack(STACK_OF(X509) * stack) {
    sk_X509_free(stack);
}
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeWith<free_stack>>;

X509Ptr read_pem(std::string_view pem) {
    const BioPtr in = reading(pem);
    return X509Ptr{in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr};
}

}  // namespace

Result<std::string> cms_seal(std::string_view plain, std::string_view x509_pem) {
    const X509Ptr x509 = read_pem(x509_pem);
    const StackPtr recipients{sk_X509_new_null()};
    if (!x509 || !recipients || sk_X509_push(recipients.get(), x509.get()) == 0) {
        return fail(Fault::bad_request, "CMS: no certificate to encrypt to: " + take_openssl_errors());
    }
    const BioPtr in = reading(plain);
    const CmsPtr sealed{CMS_encrypt(recipients.get(), in.get(), EVP_aes_256_cbc(), CMS_BINARY)};
    const BioPtr out = writing();
    if (!sealed || i2d_CMS_bio(out.get(), sealed.get()) != 1) {
        return fail(Fault::bad_request, "CMS: can't encrypt to this certificate: " + take_openssl_errors());
    }
    return text_of(*out);
}

Result<std::string> cms_open(std::string_view der, const SigningKey& key, std::string_view x509_pem) {
    const BioPtr in = reading(der);
    const CmsPtr sealed{d2i_CMS_bio(in.get(), nullptr)};
    const X509Ptr x509 = read_pem(x509_pem);
    const BioPtr out = writing();
    if (!sealed || !x509 ||
        CMS_decrypt(sealed.get(), key.state().key.get(), x509.get(), nullptr, out.get(), CMS_BINARY) != 1) {
        return fail(Fault::bad_request, "CMS: not sealed for this key: " + take_openssl_errors());
    }
    return text_of(*out);
}

}  // namespace datong::crypto
