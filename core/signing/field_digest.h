#pragma once

#include <string>
#include <string_view>

namespace datong::signing {

/// The digest of one field of an answer, as it stands in its certificate and its provenance:
/// base64url(SHA-256(salt || 0x0A || path || 0x0A || value)), 43 characters. The salt keeps a hidden
/// field from being guessed.
/// @param salt        the base64url text of the salt as it stands in the provenance.
/// @param path        JSON pointer (RFC 6901) into `content`, such as "/holders/0/name".
/// @param value_json  compact JSON of the value there (codec::write_json).
[[nodiscard]] std::string field_digest(std::string_view salt, std::string_view path, std::string_view value_json);

/// The same of a file, whose value is the text of its Base64, without making that text.
[[nodiscard]] std::string file_field_digest(std::string_view salt, std::string_view path, std::string_view octets);

/// Makes `path` that of the member `name` below. @return it.
std::string& append_step(std::string& path, std::string_view name);

/// A new salt: 128 random bits in base64url, 22 characters.
[[nodiscard]] std::string new_salt();

}  // namespace datong::signing
