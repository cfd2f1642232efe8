#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"
#include "core/seals/stamp.h"

namespace datong::container {

/// What one file of a container proves, in words.
struct FileProof {
    std::string file;
    std::string text_zh;
    std::string text_en;
};

/// One thing that is wrong. Names the place, never the content.
struct Finding {
    std::string code;   ///< "file_altered", "file_unsigned", "file_missing", "file_unknown", "file_twice", "signer",
                        ///< "signature", "record", "body", "certificate", "seal", "stamp",
                        ///< "revocation"
    std::string file;   ///< of the container; empty: the container itself
    std::string field;  ///< JSON pointer into the file, "MATERIAL: pointer" in a matter's answer; empty: all of it
    std::string text_zh;
    std::string text_en;
};

/// What a check of a container found.
struct Checked {
    std::string exchange;
    std::string consumer;
    std::string service;
    std::string outcome;
    std::string at;
    std::string signed_by;  ///< key id of the gateway that made it
    bool is_open{};         ///< it has an intent alone: that it was asked is proven, and nothing of an answer
    bool is_sealed{};       ///< a seal of the log covers the exchange
    std::string stamped;    ///< time of the time-stamp on that seal, RFC 3339; empty: none
    std::vector<FileProof> proofs;
    std::vector<Finding> findings;

    [[nodiscard]] bool is_good() const { return findings.empty(); }
};

/// Proves a container with nothing but its octets and the public keys: who asked and who answered (signatures by keys
/// of theirs), that every file is signed and as it was, that bodies, certificates and every field in them are those of
/// the records, and the record's place in its seal. All that is wrong is found, not only the first.
/// @param keys  JWKS that the verifier trusts, as for a folder; what the container itself brings proves nothing.
/// @param stamps  one of them must lead to each time-stamp, none older than its seal; empty: those in it are not
/// checked,
///                and it says so.
/// @return Fault::bad_request for what is no such container, Fault::not_signed ("policy: ...") for one of another
///         profile, Fault::body_too_large; of `keys`: Fault::bad_request beginning with "keys: ".
[[nodiscard]] Result<Checked> check_container(std::string_view octets, const record::Record& keys,
                                              const std::vector<seals::StampTrust>& stamps = {});

}  // namespace datong::container
