#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace datong::app {

/// Adds `datong cert` with what looks at X.509 certificates. The command that was chosen leaves its exit code.
void add_cert_tools(CLI::App& app, int& code);

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

/// Prints what certificates say of themselves.
[[nodiscard]] int cert_list(const std::vector<std::string>& files);

/// Says of every certificate that the configuration names how long it still holds.
/// @param warn_days  1 when one holds for less than that.
[[nodiscard]] int cert_check(const std::string& config, int warn_days);

}  // namespace datong::app
