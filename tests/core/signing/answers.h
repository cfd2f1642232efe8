#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/signing/certificate.h"
#include "core/signing/field_digest.h"
#include "core/signing/jws.h"

/// Answers and their certificates, as the gateway makes them.
namespace datong::signing::tests {

/// Of the department "land", the only one that is trusted here.
inline const crypto::SigningKey& land_key() {
    static const crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    return key;
}

inline constexpr std::string_view kLandCode = "11999901MB0000019U";

inline std::optional<crypto::VerifyingKey> find_key(const Issuer& issuer, std::string_view keyid) {
    if (issuer.iss == kLandCode && issuer.id == "land" && keyid == "land-2026") {
        return land_key().verifying_key();
    }
    return std::nullopt;
}

inline record::Record json(const std::string& text) {
    return codec::read_json(text).value();
}

inline void add_provenance(record::Record& answer, record::Record& statement, const std::string& path,
                           const record::Record& value) {
    const std::string salt = new_salt();
    const std::string digest = field_digest(salt, path, codec::write_json(value));
    record::Record entry = record::Record::object();
    entry.put("path", record::Record::text(path));
    entry.put("department", record::Record::text("land"));
    entry.put("salt", record::Record::text(salt));
    entry.put("digest", record::Record::text(digest));
    answer.find("provenance")->add(std::move(entry));
    answer.find("digests")->add(record::Record::text(digest));
    statement.find("digests")->add(record::Record::text(digest));
}

inline std::string sealed(const record::Record& statement, const std::string& keyid = "land-2026") {
    return sign_jws(codec::write_json(statement), keyid, "datong-certificate+jws", crypto::Algorithm::ecdsa_p256_sha256,
                    land_key())
        .value();
}

inline record::Record statement_of(const record::Record& answer) {
    record::Record statement = json(R"({"iss":"11999901MB0000019U","issuer":{"id":"land","title":"示例局"},
        "jti":"0190-x","iat":1767225600,"exchange":"0190-x","purpose":"transfer",
        "origin":{"department":"land"},"digests":[]})");
    for (const std::string name : {"service", "outcome", "as_of", "scope"}) {
        statement.put(name, *answer.find(name));
    }
    return statement;
}

/// An answer as the gateway makes it, with a certificate of four fields, one of them hidden again.
inline record::Record good_answer() {
    record::Record answer = json(R"({"exchange":"0190-x","service":"realestate-certificate@1.0.0","outcome":"found",
        "as_of":"2026-01-01T08:00:00+08:00","scope":{"registers":["realestate"],"divisions":["9999"]},
        "content":{"certificateNumber":"示例（2026）0000001号","area":100.10,"holders":[{"a/b":"x"}],"mortgages":[]},
        "provenance":[],"digests":[]})");
    record::Record statement = statement_of(answer);
    add_provenance(answer, statement, "/certificateNumber", *answer.find_path({"content", "certificateNumber"}));
    add_provenance(answer, statement, "/area", *answer.find_path({"content", "area"}));
    add_provenance(answer, statement, "/holders/0/a~1b", record::Record::text("x"));
    add_provenance(answer, statement, "/mortgages", record::Record::list());
    add_provenance(answer, statement, "/hidden", record::Record::text("y"));
    answer.find("provenance")->items_to_edit().pop_back();
    answer.put("certificate", record::Record::text(sealed(statement)));
    return answer;
}

}  // namespace datong::signing::tests
