#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"

namespace datong::crypto {

/// What an X.509 certificate says of itself. Nothing in it is trusted by reading it.
struct X509Facts {
    std::string subject;  ///< RFC 2253 form, UTF-8: "CN=one-window,O=..."
    std::string issuer;   ///< the same
    std::string serial;   ///< lower-case hexadecimal
    std::string sha256;   ///< fingerprint of the DER, 64 lower-case hexadecimal digits
    std::chrono::system_clock::time_point not_before;
    std::chrono::system_clock::time_point not_after;
    std::string public_key_pem;  ///< SubjectPublicKeyInfo
    bool is_authority{};         ///< basic constraints say CA
};

/// What a key is for (用途); a certificate's usages must allow it.
enum class KeyUse { tls, sign, encrypt };

/// Reads the first certificate of a PEM text.
/// @return Fault::bad_request when there is none.
[[nodiscard]] Result<X509Facts> read_x509(std::string_view pem);

/// Whether `pem` was signed by the key of `issuer_pem` and names it as its issuer; no path, time or
/// revocation is looked at.
[[nodiscard]] bool is_issued_by(std::string_view pem, std::string_view issuer_pem);

/// Every certificate of what an authority sends: PEM (any number), one in DER, or PKCS #7 (.p7b) in either form.
/// @return PEM, one each, in the order found; Fault::bad_request when there is none.
[[nodiscard]] Result<std::vector<std::string>> split_x509(std::string_view bytes);

/// Whether the certificate's key usage and extended key usage let its key be used so. One that names no usage allows
/// all. Source: RFC 5280, 4.2.1.3 and 4.2.1.12.
[[nodiscard]] bool allows(std::string_view pem, KeyUse use);

/// From when and for how long a new certificate holds.
struct Validity {
    std::chrono::system_clock::time_point not_before;
    int days{};
};

/// A self-signed authority for the demo and the tests, version 3, with a random serial of 128 bits.
/// @param name  common name, UTF-8, 1 to 64 characters.
/// @return PEM; Fault::bad_request for a name that does not fit, or a shared secret as key.
[[nodiscard]] Result<std::string> make_ca(const SigningKey& key, std::string_view name, const Validity& validity);

/// The authority that signs.
struct X509Issuer {
    std::string pem;
    const SigningKey& key;
};
struct X509Ask {
    std::string common_name;
    std::vector<std::string> dns_names;
    std::vector<std::string> addresses;  ///< "127.0.0.1", "::1"
    bool for_client{};                   ///< client authentication, else server authentication
    Validity validity;
};
/// @param key  whose public half is certified.
[[nodiscard]] Result<std::string> make_x509(const X509Issuer& ca, const SigningKey& key, const X509Ask& ask);

/// What a certificate is asked for. Names in the form of X509Ask.
struct X509Wish {
    KeyUse use{};
    std::string common_name;
    std::string organization;  ///< may be empty
    std::vector<std::string> dns_names{};
    std::vector<std::string> addresses{};
};

/// A certificate request (CSR), signed with the key that it is for. Source: RFC 2986.
/// @return PEM; Fault::bad_request for names that do not fit or a key that can't be used so.
[[nodiscard]] Result<std::string> make_request(const SigningKey& key, const X509Wish& wish);
/// What a request wishes. @return Fault::bad_request when it is none, or is not signed by its own key.
[[nodiscard]] Result<X509Wish> read_request(std::string_view pem, KeyUse use);
/// The same as a certificate that the key itself vouches for: for a start, and for those who pin it.
[[nodiscard]] Result<std::string> make_self_signed(const SigningKey& key, const X509Wish& wish,
                                                   const Validity& validity);

}  // namespace datong::crypto
