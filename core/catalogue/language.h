#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace datong::catalogue {

/// What something is called: in the configuration's first language, and in others by their BCP 47 tags.
struct Title {
    std::string text;
    std::map<std::string, std::string, std::less<>> others{};

    /// The title in a language; where it has none there, the first one.
    [[nodiscard]] const std::string& in(std::string_view language) const;
};

/// The sentences of a language in which a clerk is told what to bring (一次性告知): one file of `languages/` each, so
/// that a further language needs no code. A text has places in braces, which are filled; which ones each may have is
/// said beside it.
struct Language {
    std::string id;          ///< BCP 47: "zh-CN", "en", "bo"
    std::string heading;     ///< {matter}
    std::string nothing;     ///< nothing has to be brought
    std::string needed;      ///< {material} {why}
    std::string may_follow;  ///< {material} {why} {until}
    std::string awaited;     ///< {material} {from}: its department answers later
    std::string not_needed;  ///< {material} {from}
    std::string question;    ///< {question}
    std::string summary;     ///< {before} {now} {later}: how many materials paper would have taken, and what is left
    std::string date;        ///< {year} {month} {day}
    std::map<std::string, std::string, std::less<>> why;  ///< by reason, each of kWhys
};

/// Why a material has to be brought after all.
inline constexpr std::string_view kWhys[]{"not_found",     "mismatch",        "no_match",  "unavailable",
                                          "not_permitted", "incomplete_call", "no_consent"};

/// Fills the places of a text: "{material}" with the value of "material". What has no value stays as it is.
[[nodiscard]] std::string fill(std::string_view text, const std::map<std::string, std::string, std::less<>>& values);
/// The names of a text's places, in their order.
[[nodiscard]] std::vector<std::string> places_of(std::string_view text);

}  // namespace datong::catalogue
