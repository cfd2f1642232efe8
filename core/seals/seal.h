#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/evidence/frame.h"
#include "core/record/record.h"

namespace datong::seals {

inline constexpr std::string_view kSealType = "datong-seal+jws";  ///< "typ" of its signature

/// The gateway's word on all records from one number to another: a record of the log itself.
struct Seal {
    std::string at;  ///< RFC 3339
    std::uint64_t from{};
    std::uint64_t to{};
    evidence::ChainHash hash{evidence::ChainHash::sha256};  ///< of the tree: that of the chain at record `from`
    std::string root;          ///< 32 octets: of the Merkle tree over the payloads of those records
    std::string head;          ///< 32 octets: hash of record `to`, so that the seal holds the whole chain before it
    std::uint64_t previous{};  ///< number of the seal before; 0: none
    std::uint64_t stamped{};   ///< number of the newest seal with a time-stamp then; not signed, only to find it again
    std::uint64_t open{};      ///< the oldest intent that is open behind `to`, 0: none; not signed, for the next start
    std::string jws{};         ///< compact, by the gateway over statement_of()
};

/// What is signed: {"at":...,"from":...,"to":...,"hash":"sm3","root":"HEX","head":"HEX","previous":...}; without hash
/// it is SHA-256.
[[nodiscard]] std::string statement_of(const Seal& seal);
/// The same seal with its signature. @return Fault::internal where the key can't sign.
[[nodiscard]] Result<Seal> signed_seal(Seal seal, const std::string& keyid, const crypto::SigningKey& key);
/// The log's entry, of kind "seal".
[[nodiscard]] std::string to_json(const Seal& seal);
/// @return Fault::bad_request when a member is missing or of the wrong shape.
[[nodiscard]] Result<Seal> read_seal(const record::Record& entry);

}  // namespace datong::seals
