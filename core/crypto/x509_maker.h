#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/openssl.h"
#include "core/crypto/x509.h"

namespace datong::crypto {

// What the makers of certificates and of requests share; for this room.

/// "x509: " and what the library says.
[[nodiscard]] Error x509_trouble();

/// @param organization  empty: left out. @return null when a name does not fit: 1 to 64 characters of UTF-8.
[[nodiscard]] X509NamePtr make_name(std::string_view common_name, std::string_view organization = {});

/// "DNS:a,IP:b"; empty without names. @return Fault::bad_request for a name with characters that it can't have.
[[nodiscard]] Result<std::string> alternative_names(const std::vector<std::string>& dns_names,
                                                    const std::vector<std::string>& addresses);

/// @param x509  gets it; `issuer` is null in a request.
[[nodiscard]] ExtensionPtr make_extension(X509* x509, X509* issuer, int which, const std::string& value);

/// A certificate with version, serial, times, subject and key, not yet signed; the issuer's name is set by the caller.
[[nodiscard]] Result<X509Ptr> start_x509(EVP_PKEY* key, const X509_NAME* subject, const Validity& validity);

/// Signs and gives PEM.
[[nodiscard]] Result<std::string> sign_x509(X509* x509, EVP_PKEY* key);

}  // namespace datong::crypto
