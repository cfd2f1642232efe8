#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace re2 {
class RE2;
}

namespace datong::steps {

/// A compiled regular expression in RE2's syntax: linear in the length of the text, whatever the pattern.
/// Immutable; may be used from many threads; copies share the program.
class Pattern {
public:
    /// @return why not, in English, when it is no regular expression or its program is over 1 MiB.
    [[nodiscard]] static tl::expected<Pattern, std::string> compile(std::string_view text);

    [[nodiscard]] bool matches_whole(std::string_view text) const;
    [[nodiscard]] bool is_found_in(std::string_view text) const;
    /// A group of the first match; nullopt for no match or a group that took no part in it.
    /// @param group  0 is the whole match; at most groups().
    [[nodiscard]] std::optional<std::string> extract(std::string_view text, int group) const;
    [[nodiscard]] int groups() const;
    /// Every match replaced, \1 to \9 standing for groups.
    [[nodiscard]] std::string replace_all(std::string text, std::string_view with) const;
    /// What is wrong with a replacement ("\3" where there are two groups); nullopt when nothing.
    [[nodiscard]] std::optional<std::string> mistake_in(std::string_view replacement) const;

private:
    explicit Pattern(std::shared_ptr<const re2::RE2> program);
    std::shared_ptr<const re2::RE2> program_;
};

}  // namespace datong::steps
