#pragma once

#include <memory>
#include <string_view>

namespace datong::path {

/// A compiled I-Regexp (RFC 9485), matched in linear time. May be used from many threads.
class Pattern {
public:
    /// @return nullptr for what is no regular expression, or a too large one.
    [[nodiscard]] static std::shared_ptr<const Pattern> compile(std::string_view iregexp);

    virtual ~Pattern() = default;
    [[nodiscard]] virtual bool matches(std::string_view whole) const = 0;
    [[nodiscard]] virtual bool is_found_in(std::string_view text) const = 0;
};

}  // namespace datong::path
