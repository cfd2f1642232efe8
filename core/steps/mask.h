#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "core/base/mistake.h"

namespace datong::steps {

/// How a name is masked: its first character stays, its last, both, or none.
enum class NameMask { first, last, ends, none };

/// Characters that stay on both ends.
struct Kept {
    std::size_t first{};
    std::size_t last{};
};

/// Characters of both ends together that a mask may show: no profile shows the whole.
inline constexpr std::size_t kMostShown = 10;

/// How one installation masks (mappings/masking.yaml): each province has a rule of its own.
struct MaskProfile {
    NameMask name{NameMask::first};
    Kept id{6, 4};
    Kept phone{3, 4};
    Kept bank_card{6, 4};
    bool county{true};          ///< an address keeps its county
    bool first_of_email{true};  ///< a mailbox keeps its first character
};

/// One profile out of the text of masking.yaml; what it does not say is as above.
/// @return mistakes M101 to M109 with file, line and column; the profile's name unknown: M301 with the nearest.
[[nodiscard]] tl::expected<MaskProfile, Mistakes> read_mask_profile(std::string_view yaml, const std::string& file,
                                                                    const std::string& name);

/// Keeps so many characters on both ends and hides each of the others; all of them when not more than
/// those are there. Characters are code points.
[[nodiscard]] std::string masked(std::string_view utf8, std::size_t keep_first, std::size_t keep_last,
                                 char32_t hidden = U'*');
/// 张三丰 -> 张**, 扎西·次仁 -> 扎*·** (the dots U+00B7, U+2022 and U+30FB stay).
[[nodiscard]] std::string masked_name(std::string_view utf8, NameMask how);
/// 18 digits keep 6 and 4, 15 digits 6 and 3 (they have no check digit): what is hidden is the date of birth
/// (and a digit of the sequence); anything else is hidden whole.
[[nodiscard]] std::string masked_id(std::string_view utf8, Kept kept = {6, 4});
/// 138****8000, 0999-***1234; anything else is hidden whole.
/// @param kept  of a mobile number; of a land line the area code stays when kept.first is not 0.
[[nodiscard]] std::string masked_phone(std::string_view utf8, Kept kept = {3, 4});
/// z*******@example.com: the first character of the mailbox and the domain stay; a text that is no address
/// is hidden whole.
[[nodiscard]] std::string masked_email(std::string_view utf8, std::size_t keep_first = 1);
/// Kept up to the county (区, 县, 旗, or a 市 below a 市), the rest four stars; where no such end is found,
/// nothing is kept.
[[nodiscard]] std::string masked_address(std::string_view utf8);

/// A value as it may stand in an error, a log or a trace (docs/mapping.md, 3.8).
/// @param value_class  "public" and "internal": at most 64 characters as they are. Anything else, none too,
///                     counts as sensitive: first and last character (of Chinese text the first only), at
///                     most 64 characters.
[[nodiscard]] std::string masked_for_log(std::string_view value, std::string_view value_class);

}  // namespace datong::steps
