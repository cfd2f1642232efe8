#include "core/seals/merkle.h"

#include <bit>
#include <utility>

#include "core/crypto/digest.h"

namespace datong::seals {
namespace {

std::string node_hash(std::string_view left, std::string_view right, ChainHash hash) {
    std::string octets{'\x01'};
    octets += left;
    octets += right;
    return evidence::hash_of(hash, octets);
}

/// Where a tree of two leaves or more splits: the largest power of two below its size.
std::size_t split_of(std::size_t size) {
    return std::bit_floor(size - 1);
}

}  // namespace

std::string leaf_hash(std::string_view entry, ChainHash chosen) {
    if (chosen != ChainHash::sha256) {
        return evidence::hash_of(chosen, std::string{'\0'}.append(entry));
    }
    crypto::Sha256 hash;
    hash.add(std::string_view{"\0", 1});
    hash.add(entry);
    return hash.finish();
}

void MerkleTree::add(std::string leaf) {
    // every one bit at the end of the size is a whole subtree that the new one completes
    for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
        leaf = node_hash(whole_.back(), leaf, hash_);
        whole_.pop_back();
    }
    whole_.push_back(std::move(leaf));
    ++size_;
}

std::string MerkleTree::root() const {
    if (whole_.empty()) {
        return evidence::hash_of(hash_, "");
    }
    std::string root = whole_.back();
    for (std::size_t i = whole_.size() - 1; i > 0; --i) {
        root = node_hash(whole_[i - 1], root, hash_);
    }
    return root;
}

std::string merkle_root(std::span<const std::string> leaves, ChainHash hash) {
    MerkleTree tree{hash};
    for (const std::string& leaf : leaves) {
        tree.add(leaf);
    }
    return tree.root();
}

std::vector<std::string> inclusion_path(std::span<const std::string> leaves, std::uint64_t index, ChainHash hash) {
    if (leaves.size() < 2) {
        return {};
    }
    const std::size_t split = split_of(leaves.size());
    const bool is_left = index < split;
    auto path = is_left ? inclusion_path(leaves.first(split), index, hash)
                        : inclusion_path(leaves.subspan(split), index - split, hash);
    path.push_back(merkle_root(is_left ? leaves.subspan(split) : leaves.first(split), hash));
    return path;
}

std::optional<std::string> root_from_path(std::string_view leaf, std::uint64_t index, std::uint64_t size,
                                          std::span<const std::string> path, ChainHash hash) {
    if (index >= size) {
        return std::nullopt;
    }
    std::uint64_t node = index;
    std::uint64_t last = size - 1;
    std::string root{leaf};
    for (const std::string& other : path) {
        if (last == 0) {
            return std::nullopt;  // longer than the tree is high
        }
        if ((node & 1U) != 0 || node == last) {
            root = node_hash(other, root, hash);
            while ((node & 1U) == 0 && node != 0) {
                node >>= 1U;
                last >>= 1U;
            }
        } else {
            root = node_hash(root, other, hash);
        }
        node >>= 1U;
        last >>= 1U;
    }
    return last == 0 ? std::optional{std::move(root)} : std::nullopt;
}

}  // namespace datong::seals
