#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace datong::evidence {

/// The value of a line of an RFC 9421 signature base; nullopt when it has none of that identifier.
/// @param component  serialised, such as "\"@status\"" or "\"content-digest\";req".
[[nodiscard]] std::optional<std::string_view> line_of(std::string_view base, std::string_view component);

/// The value of the first line whose identifier is `component` with whatever parameters behind it.
[[nodiscard]] std::optional<std::string_view> line_beginning(std::string_view base, std::string_view component);

/// The "keyid" among the parameters of the base's last line; nullopt when it is no RFC 9421 base or names none.
/// Source: RFC 9421, 2.3 and 2.5; RFC 9651, 3.3.3.
[[nodiscard]] std::optional<std::string> keyid_of(std::string_view base);

/// The sha-256 member of a Content-Digest value as lower-case hex; nullopt when there is none.
/// Source: RFC 9530, 2; RFC 9651, 3.2 (of members of one name the last counts).
[[nodiscard]] std::optional<std::string> sha256_of_content_digest(std::string_view value);

}  // namespace datong::evidence
