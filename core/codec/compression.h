#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::codec {

/// gzip is RFC 1952 (members one behind the other count as one), zlib is RFC 1950.
enum class Compression { gzip, zlib };

/// @param max_bytes  what comes out at most: a few hundred bytes can unpack to gigabytes.
/// @return Fault::bad_request for what is not of that format, is cut off, has a wrong check sum or something
///         behind its end; Fault::body_too_large over max_bytes, before more memory than that is used.
[[nodiscard]] Result<std::string> decompress(std::string_view octets, Compression format, std::size_t max_bytes);

/// The inverse; the same octets for the same input on one version of zlib (gzip without name and time).
[[nodiscard]] Result<std::string> compress(std::string_view octets, Compression format);

}  // namespace datong::codec
