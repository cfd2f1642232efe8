#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::adapter {

/// A text of the settings with places for fields: "/v2/owners/{ID}" or "REQ_{exchange}.xml".
///
/// What is filled in goes through the adapter's own encoder, so that a field can't leave its place.
class Pattern {
public:
    /// Gives the encoded text of a name; its failure is the pattern's.
    using Fill = std::function<Result<std::string>(const std::string& name)>;

    Pattern() = default;
    /// @return Fault::bad_request for a brace without its partner or an empty name.
    [[nodiscard]] static Result<Pattern> parse(std::string_view text);

    [[nodiscard]] Result<std::string> fill(const Fill& value_of) const;
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

private:
    std::vector<std::string> constants_{std::string{}};  ///< before, between and behind the names
    std::vector<std::string> names_;
};

}  // namespace datong::adapter
