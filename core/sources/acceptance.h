#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::sources {

/// What came of one agreed case. No value of a person stands here.
struct CaseResult {
    std::string name;
    std::string file;
    std::string file_digest;  ///< hex SHA-256
    std::string service;
    std::string expected;                ///< "found", "not_found" or the code of a fault
    std::string outcome;                 ///< the same, as it came
    std::vector<std::string> differing;  ///< JSON pointers where the content was not as agreed
    std::string reply_digest;            ///< hex SHA-256 of the department's reply; empty for none
    std::chrono::milliseconds took{};

    [[nodiscard]] bool passed() const { return outcome == expected && differing.empty(); }
};

/// Which versions were tested: "id@version#sha256".
struct MappingNames {
    std::string service;
    std::string request;
    std::string response;
};

/// A joint-test record (联调验收单).
struct Acceptance {
    std::string gateway;
    std::string department;  ///< id
    std::string title;
    std::string uscc;
    std::string source;
    std::string snapshot;  ///< digest of the configuration
    std::string by;        ///< who ran it
    std::string at;        ///< RFC 3339
    std::vector<MappingNames> mappings;
    std::vector<CaseResult> cases;

    [[nodiscard]] bool passed() const;
};

/// The record as compact JSON ("acceptance/v1"): what is signed.
[[nodiscard]] std::string to_json(const Acceptance& acceptance);
/// The same as a page in Chinese, to read and to print.
[[nodiscard]] std::string to_page(const Acceptance& acceptance);

/// A compact JWS of type "datong-acceptance+jws" over the record.
[[nodiscard]] Result<std::string> sign_acceptance(const std::string& json, std::string_view keyid,
                                                  const crypto::SigningKey& key);

/// Verifies a record's JWS with the keys of a JWKS: signed by the gateway, or by the department that it speaks of.
/// @return the record; Fault::bad_request when it is none, signature_invalid with the reason.
[[nodiscard]] Result<record::Record> verify_acceptance(std::string_view jws, const record::Record& keys);

}  // namespace datong::sources
