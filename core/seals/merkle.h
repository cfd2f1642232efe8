#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/evidence/frame.h"

namespace datong::seals {

/// Hashes are 32 octets throughout, SHA-256 or SM3. Source: RFC 9162, 2.1.1.
using evidence::ChainHash;

/// H(0x00 || entry): no node of the tree can be shown as a leaf.
[[nodiscard]] std::string leaf_hash(std::string_view entry, ChainHash hash = ChainHash::sha256);

/// The root over leaves that are added one by one, holding one hash for each level only. Used by one thread.
class MerkleTree {
public:
    explicit MerkleTree(ChainHash hash = ChainHash::sha256) : hash_{hash} {}
    void add(std::string leaf);  ///< @param leaf  leaf_hash of the next entry
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Of no leaf: the hash of nothing.
    [[nodiscard]] std::string root() const;

private:
    ChainHash hash_;
    std::vector<std::string> whole_;  ///< roots of the whole subtrees, the largest first
    std::uint64_t size_{};
};

/// @param leaves  leaf hashes.
[[nodiscard]] std::string merkle_root(std::span<const std::string> leaves, ChainHash hash = ChainHash::sha256);

/// The hashes that lead from one leaf to the root, the leaf's neighbour first. Source: RFC 9162, 2.1.3.1.
/// @param leaves  leaf hashes; @param index  from 0, within them.
[[nodiscard]] std::vector<std::string> inclusion_path(std::span<const std::string> leaves, std::uint64_t index,
                                                      ChainHash hash = ChainHash::sha256);

/// The root of which a path proves that the leaf stands below it. Source: RFC 9162, 2.1.3.2.
/// @return nullopt when no tree of that size has such a path.
[[nodiscard]] std::optional<std::string> root_from_path(std::string_view leaf, std::uint64_t index, std::uint64_t size,
                                                        std::span<const std::string> path,
                                                        ChainHash hash = ChainHash::sha256);

}  // namespace datong::seals
