#include <algorithm>
#include <utility>

#include "adapters/file/sorter.h"

namespace datong::adapters::file {
namespace {

constexpr std::uint64_t kBase = 1'099'511'628'211U;

std::uint64_t digest_of(std::string_view octets) {
    std::uint64_t made = 0;
    for (const char c : octets) {
        made = made * kBase + static_cast<unsigned char>(c);
    }
    return made;
}

}  // namespace

Texts::Texts(std::vector<One> all) : all_{std::move(all)} {
    for (std::size_t i = 0; i < all_.size(); ++i) {
        const One& one = all_[i];
        const std::size_t at = one.id.empty() ? std::string::npos : one.text.find(one.id);
        const std::string_view piece = at == std::string::npos ? std::string_view{one.text} : std::string_view{one.id};
        if (piece.empty()) {
            continue;
        }
        const std::uint64_t digest = digest_of(piece);
        Group& group = groups_[piece.size()];
        group.hints.resize(kHints);
        group.hints[hint(digest)] = true;
        group.pieces.emplace(digest, Piece{.text = i, .offset = at == std::string::npos ? 0 : at});
    }
}

std::size_t Texts::hint(std::uint64_t digest) {
    constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15U;
    return static_cast<std::size_t>(digest * kSpread >> 48U);
}

/// The digest rolls over the octets; one that a text's id has is looked at.
std::vector<const Texts::One*> Texts::found_in(std::string_view octets) const {
    std::vector<bool> is_found(all_.size());
    for (const auto& [size, group] : groups_) {
        if (octets.size() < size) {
            continue;
        }
        std::uint64_t first_weight = 1;
        for (std::size_t i = 1; i < size; ++i) {
            first_weight *= kBase;
        }
        std::uint64_t digest = digest_of(octets.substr(0, size));
        for (std::size_t at = 0;; ++at) {
            if (group.hints[hint(digest)]) {
                const auto [from, to] = group.pieces.equal_range(digest);
                for (auto one = from; one != to; ++one) {
                    const std::string& text = all_[one->second.text].text;
                    is_found[one->second.text] =
                        is_found[one->second.text] ||
                        (at >= one->second.offset && octets.substr(at - one->second.offset, text.size()) == text);
                }
            }
            if (at + size == octets.size()) {
                break;
            }
            digest -= first_weight * static_cast<unsigned char>(octets[at]);
            digest = digest * kBase + static_cast<unsigned char>(octets[at + size]);
        }
    }
    std::vector<const One*> found;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (is_found[i]) {
            found.push_back(&all_[i]);
        }
    }
    return found;
}

}  // namespace datong::adapters::file
