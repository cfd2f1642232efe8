#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::signing {

/// One thing wrong with an answer. Names the place, never the content.
struct Finding {
    std::string
        code;  ///< "signature", "key_unknown", "statement", "field_digest", "digest_unsigned",
               ///< "provenance_missing", "provenance_stray", "provenance_twice", "digest_list", "origin", "file"
    std::string path;  ///< JSON pointer: into `content` for fields, into the answer for statements
    std::string text_zh;
    std::string text_en;
};

/// In whose name a certificate says that it speaks (签发方).
struct Issuer {
    std::string iss;    ///< unified social credit code
    std::string id;     ///< "issuer.id" of the payload: "land"; empty when it does not say
    std::string title;  ///< "issuer.title"
};

/// What a certificate (a JWS by the issuer, over digests) says of the answer around it.
struct CertificateCheck {
    Issuer issuer;
    std::string keyid;        ///< of the JWS header
    std::string id;           ///< "jti"
    std::string valid_until;  ///< "2026-12-29", the last day of its use as the issuer signed it; empty: it names none
    std::size_t fields{};     ///< provenance entries whose digest is signed
    std::vector<Finding> findings;

    [[nodiscard]] bool is_good() const { return findings.empty(); }
};

/// The key with which this issuer signs under this key id; nullopt for one that nobody vouches for,
/// or that is somebody else's.
using FindKey = std::function<std::optional<crypto::VerifyingKey>(const Issuer& issuer, std::string_view keyid)>;

/// Checks an answer against its certificate: the issuer's signature; `service`, `outcome`, `as_of` and
/// `scope` (and whatever else both say) alike in both, `sharing.valid_until` the signed `valid_until` or neither there,
/// and `jti` the exchange ("ID", or "ID#MATERIAL"); every
/// leaf of `content` under a provenance entry; every entry's digest right (field_digest) and signed, and its source
/// the signed one.
/// A leaf is a scalar or an empty object or list; the entry may stand for it or for what it is in.
/// A field that was left out together with its entry is no finding: the rest still proves. A file that the answer names
/// must be one whose digest the issuer signed; the octets of one that stands in the content are compared with it.
/// @param answer  {exchange, service, outcome, as_of, scope, content, certificate, provenance, digests}
/// @return all findings; Fault::bad_request when there is no certificate, or it can't be read.
[[nodiscard]] Result<CertificateCheck> check_certificate(const record::Record& answer, const FindKey& find_key);

/// Whether a checked answer is about this: `asked` holds a salted digest of what was asked, which the
/// issuer signed too, so that a "no such record" about one person can't be shown for another.
/// @param path  "/id_no" (a text, as the consumer sent it) or "/query" (the object).
[[nodiscard]] bool says_it_was_asked(const record::Record& answer, std::string_view path, const record::Record& value);

/// Whether an answer is the gateway's own word of what no department has signed yet: `pending`, `deferred` or
/// `unknown`, and nothing in it that a certificate would have to prove.
[[nodiscard]] bool is_open_word(const record::Record& answer);

/// One material of a matter's answer (材料).
struct MaterialCheck {
    std::string requirement;
    std::string material;
    std::string service;
    std::string outcome;
    std::string fault;                      ///< code of the problem in place of an answer, "withheld", or empty
    std::optional<CertificateCheck> check;  ///< none when the material has a fault or no readable certificate
    std::string trouble;                    ///< why there is none; empty for a fault and an open word
    bool is_open{};                         ///< its answer is an open word: ask later

    [[nodiscard]] bool is_good() const { return check && check->is_good(); }
};

/// Every material of {exchange, matter, outcome, requirements: [{id, materials: [{material, service, outcome,
/// answer}]}]}. A certificate must be of this exchange, and for the material that it stands under.
/// @return Fault::bad_request when it is no answer to a matter.
[[nodiscard]] Result<std::vector<MaterialCheck>> check_matter(const record::Record& answer, const FindKey& find_key);

}  // namespace datong::signing
