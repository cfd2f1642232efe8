#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/signing/structured_field.h"

namespace datong::signing::sf {

/// Where a reader stands in a field value, and what it can take there: blanks, keys and bare items.
/// Source: RFC 9651, 4.2.3.1 to 4.2.10; one function a clause.
class Cursor {
public:
    /// @param text  must outlive the cursor.
    explicit Cursor(std::string_view text) : text_{text} {}

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    /// The next character; NUL at the end, which no clause accepts.
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool take(char c);
    void skip_blanks();
    void skip_ows();

    Result<std::string> key();
    Result<BareItem> bare_item();

    [[nodiscard]] tl::unexpected<Error> trouble(std::string_view what) const;

private:
    std::string run_of(bool (*belongs)(char));
    Result<BareItem> number();
    Result<BareItem> string();
    Result<BareItem> bytes();
    Result<BareItem> boolean();
    Result<BareItem> date();
    Result<BareItem> display_string();

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace datong::signing::sf
