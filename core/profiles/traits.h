#pragma once

#include <span>
#include <string_view>

namespace datong::profiles {

/// What a platform's way of signing is worth. docs/signing-profiles.md tells the same in words.
struct Traits {
    std::string_view name;   ///< as settings say it
    bool covers_body{};      ///< whether a changed body is noticed
    bool is_weak{};          ///< MD5, SHA-1, or no signature at all: only for calls that we make
    bool lends_secret{};     ///< the platform hands out what signs or identifies, for a time
    std::string_view signs;  ///< what the signature covers, in order
};

/// All of them; static.
[[nodiscard]] std::span<const Traits> all_traits();
[[nodiscard]] const Traits* find_traits(std::string_view name);

}  // namespace datong::profiles
