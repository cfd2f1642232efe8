#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/record/record.h"
#include "core/sharing/book.h"

namespace datong::platforms {

// The pages on which anybody checks a sharing result (共享查验结果): HTML in Chinese with English beside it, one style
// of its own, no script, nothing from elsewhere; a result prints on one sheet of A4.

/// Where number and code are entered. @param note  what went wrong before, in two languages; empty: nothing.
[[nodiscard]] std::string check_form(std::string_view gateway, std::string_view note);
/// What the book says of a result that was found. @param now  of the check.
[[nodiscard]] std::string result_page(const record::Record& shown, std::chrono::system_clock::time_point now);
/// Why a code is good no more.
[[nodiscard]] std::string refused_page(std::string_view gateway, const sharing::Book::Checked& checked);

/// What the pages may do, for the header of that name: nothing but this style and this form.
[[nodiscard]] std::string content_security_policy();

/// A text as HTML shows it, in an element or an attribute in quotes.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace datong::platforms
