#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/evidence/frame.h"

namespace datong::seals {

/// That one record stands below a seal: whoever has the record's payload comes by leaf_hash() and root_from_path() to
/// the root that the seal's JWS names.
struct SealProof {
    std::uint64_t seal{};                                   ///< number of the seal's record
    std::uint64_t index{};                                  ///< of the record in the tree, from 0
    std::uint64_t size{};                                   ///< leaves of the tree
    evidence::ChainHash hash{evidence::ChainHash::sha256};  ///< of the tree
    std::vector<std::string> path;                          ///< 32 octets each, the leaf's neighbour first
    std::string jws;                                        ///< compact, of the seal
    std::string stamp;                                      ///< DER TimeStampToken over the JWS; empty: none yet
};

/// Reads from the record on to its seal, and of what stands behind it only where that one's stamp may be.
/// @return Fault::no_such_resource when there is no such record or no seal covers it yet.
[[nodiscard]] Result<SealProof> proof_of(const std::string& folder, std::uint64_t record);

}  // namespace datong::seals
