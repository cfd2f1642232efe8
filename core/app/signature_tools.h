#pragma once

#include <string>
#include <vector>

namespace datong {
class Command;
}

namespace datong::app {

/// Adds `verify-http`, `verify-jws`, `verify-xml` and `jcs`: what a platform's developer holds their own signatures
/// against. The command that was chosen leaves its exit code.
void add_signature_tools(Command& app, int& code);

struct VerifyHttpOptions {
    std::string message;  ///< a request or a response as on the wire; "-": standard input
    std::string request;  ///< of a response: the request it belongs to, for `;req`
    std::string keys;     ///< JWKS file
    std::string label;    ///< which signature; empty: the one with tag="datong", or the only one
    std::string scheme = "https";
};
/// Verifies one HTTP message signature and every Content-Digest, and says what is covered; freshness is not judged.
[[nodiscard]] int verify_http_message(const VerifyHttpOptions& options);

struct VerifyJwsOptions {
    std::string file = "-";  ///< a compact JWS; "-": standard input
    std::string payload;     ///< of a detached one: the file that was signed
    std::string keys;
    bool show{};  ///< print the payload alone
};
[[nodiscard]] int verify_jws_file(const VerifyJwsOptions& options);

struct VerifyXmlOptions {
    std::string file = "-";
    std::vector<std::string> keys;  ///< PEM files: public keys or certificates that are trusted
    std::string secret;             ///< file with the octets of an HMAC key
    bool own_key{};                 ///< believe the key that stands in the message
    bool report{};                  ///< as JSON, with every element that is signed
};
/// Verifies the XML signatures of a document by the gateway's profile and says which elements they cover.
[[nodiscard]] int verify_xml_file(const VerifyXmlOptions& options);

/// Prints a JSON file in its one canonical spelling (RFC 8785).
/// @param digest  print the SHA-256 of it instead.
[[nodiscard]] int print_canonical(const std::string& file, bool digest);

/// Adds `datong cert` with what looks at X.509 certificates. The command that was chosen leaves its exit code.
void add_cert_tools(Command& app, int& code);

struct CertVerifyOptions {
    std::string file;                 ///< the certificate, PEM or DER; what stands behind it counts as intermediate
    std::vector<std::string> trust;   ///< files of trusted authorities
    std::vector<std::string> others;  ///< files of intermediate certificates
    std::vector<std::string> crls;
    std::string ocsp;    ///< DER of an OCSP response about the certificate; empty: none
    std::string issuer;  ///< of the certificate, for the OCSP response
    std::string at;      ///< RFC 3339; empty: now
    std::string revocation = "hard";
};
/// Builds and checks one certificate's path.
[[nodiscard]] int cert_verify(const CertVerifyOptions& options);

/// Prints what certificates say of themselves, and of keys in tokens (a pkcs11: URI) what they are.
[[nodiscard]] int cert_list(const std::vector<std::string>& files);

/// Says of every certificate that the configuration names how long it still holds, and which keys are in tokens.
/// @param warn_days  1 when one holds for less than that.
[[nodiscard]] int cert_check(const std::string& config, int warn_days);

/// What the makers of keys are told (docs/keys.md).
struct CertKeyOptions {
    std::string folder = "keys";
    std::string role;  ///< "tls", "sign", "encrypt"
    std::string name;  ///< of the ring
    std::string id;
    std::string kind;  ///< empty: P-256, or like the key before
    std::string key;   ///< a private key that is there already; empty: one is made
    std::string common_name;
    std::string organization;
    std::vector<std::string> dns_names;
    std::vector<std::string> addresses;
    int self_signed_days{};
    std::string at;                  ///< RFC 3339 or "now"; empty: a day from now
    std::string file;                ///< what the authority sent
    std::vector<std::string> trust;  ///< files of trusted authorities
    bool keep_old{};
};
/// A ring of keys with its first key and request. One that is there is shown and stays as it is.
[[nodiscard]] int cert_init(const CertKeyOptions& options);
/// Prints a key's certificate request; with names, a new one.
[[nodiscard]] int cert_csr(const CertKeyOptions& options);
[[nodiscard]] int cert_import(const CertKeyOptions& options);
/// A second key beside the first, or with `finish` the end of the first.
[[nodiscard]] int cert_rotate(const CertKeyOptions& options, bool finish);

}  // namespace datong::app
