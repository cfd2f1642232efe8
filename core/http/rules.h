#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::http {

/// What must be judged on the bytes themselves, before a parser has unfolded and trimmed them: line
/// ends, folded lines, control characters, single spaces in the request line, the number of lines.
/// @param head       from the method to the empty line, both included.
/// @param max_lines  field lines allowed.
/// @return Fault::bad_request or header_too_large.
/// Source: RFC 9112, 2.2, 3 and 5.2; RFC 9110, 5.5.
[[nodiscard]] Status check_raw_head(std::string_view head, std::size_t max_lines);

/// The target alone: origin form, visible ASCII, whole escapes, and a path that means the same before
/// and after decoding once: no dot segments, no encoded slash, backslash or control character.
/// @return Fault::bad_request.
/// Source: RFC 9112, 3.2.1; RFC 3986, 2.1, 3.3 and 6.2.2.3.
[[nodiscard]] Status check_target(std::string_view target);

/// Whether a text can stand in a field line without beginning another: no control character but the tab.
[[nodiscard]] bool is_field_value(std::string_view text);
/// A token. Source: RFC 9110, 5.6.2.
[[nodiscard]] bool is_token(std::string_view text);

}  // namespace datong::http
