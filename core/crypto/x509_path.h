#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::crypto {

/// What a certificate's path is checked with. Texts are PEM (any number of blocks each) or DER.
struct PathQuestion {
    std::string_view leaf;
    std::vector<std::string> anchors;   ///< authorities that are trusted
    std::vector<std::string> others{};  ///< intermediate certificates, in any order
    std::vector<std::string> crls{};
    std::chrono::system_clock::time_point at;
    enum class Revocation {
        none,  ///< not looked at
        soft,  ///< a CRL that is there counts; one that is missing does not
        hard,  ///< every certificate below the anchor needs a CRL that holds
    } revocation{Revocation::hard};
    bool at_any_time{};             ///< neither certificates nor lists are too old or too young
    int least_security_bits = 112;  ///< of keys and digests: 112 is RSA-2048 with SHA-256
};

/// The verdict on a path, in words for operators; no verdict is final: a CRL of tomorrow may say otherwise.
struct PathVerdict {
    bool good{};
    bool is_revoked{};    ///< a list that holds says so
    std::string why;      ///< "certificate has expired"; empty when it is good
    std::string subject;  ///< of the certificate at which it failed
    int depth{};          ///< of that certificate: 0 is the leaf
};

/// Builds a path from the leaf to an anchor and checks signatures, times, constraints, usages and revocation.
/// @return Fault::bad_request when a certificate or CRL can't be read or there is no anchor.
/// Source: RFC 5280, 6.1 and 6.3, by OpenSSL's X509_verify_cert.
/// Whether a text holds CRLs, in PEM or DER, and nothing else. @return Fault::bad_request.
[[nodiscard]] Status check_crls(std::string_view text);

[[nodiscard]] Result<PathVerdict> check_path(const PathQuestion& question);

enum class OcspStatus { good, revoked, unknown };

struct OcspQuestion {
    std::string_view leaf;
    std::string_view issuer;
    std::vector<std::string> anchors;
    std::vector<std::string> others{};
    std::chrono::system_clock::time_point at;
    std::chrono::seconds skew{300};
    std::chrono::seconds most_age{86'400};  ///< of an answer that names no next update
};

/// A request about one certificate, without a nonce, so that a responder may answer from its cache.
/// @return DER; Fault::bad_request when one of the two can't be read. Source: RFC 6960, 4.1.
[[nodiscard]] Result<std::string> make_ocsp_request(std::string_view leaf, std::string_view issuer);

/// What an OCSP response says of a certificate; believed only from the issuer itself or its delegate, in its time.
/// @param response  DER, as fetched or stapled.
/// @return Fault::bad_request for what is no response or says "try later"; Fault::signature_invalid when it is not
///         signed by who may; Fault::signature_stale outside its time; OcspStatus::unknown when it does not speak of
///         this certificate.
/// Source: RFC 6960, 3.2 and 4.2.2.
[[nodiscard]] Result<OcspStatus> check_ocsp(std::string_view response, const OcspQuestion& question);

/// What a list (CRL) or a response (OCSP) says of one certificate, whenever it is read.
struct RevocationWord {
    bool is_list{};                                                  ///< else a response
    std::optional<std::chrono::system_clock::time_point> revoked{};  ///< since then; nullopt: it is good
    std::chrono::system_clock::time_point from;                      ///< it speaks of that moment
    std::optional<std::chrono::system_clock::time_point> until{};    ///< when there was to be a newer one
};

/// Reads one, checked by the signature of the certificate's issuer, or of a responder that the issuer named for it. Not
/// looked at: whether the issuer is trusted, and whether the word is still new.
/// @param answer  DER of either.
/// @param leaf, issuer  PEM or DER.
/// @return Fault::bad_request for what is neither, or a certificate that can't be read; Fault::no_such_resource where
/// it
///         says nothing of this certificate (a list of another issuer, of other certificates or of changes only, one
///         that asks for what is not understood, an unknown one);
///         Fault::signature_invalid where the issuer did not sign it, or not the certificate.
/// Source: RFC 5280, 5; RFC 6960, 4.2.
[[nodiscard]] Result<RevocationWord> word_on(std::string_view answer, std::string_view leaf, std::string_view issuer);

/// The lists of a text in PEM (any number) or DER, each as DER; none: it holds none.
[[nodiscard]] std::vector<std::string> split_crls(std::string_view text);

}  // namespace datong::crypto
