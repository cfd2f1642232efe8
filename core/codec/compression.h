#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// One file of a ZIP archive as the central directory tells it. Views into the archive, which must outlive it.
struct ZipMember {
    std::string_view name;
    std::uint32_t flags{};
    std::uint32_t method{};  ///< 0 stored, 8 deflated
    std::uint32_t crc{};
    std::size_t packed{};
    std::size_t size{};
    std::size_t local{};     ///< where its local head stands
    std::string_view front;  ///< the archive before its directory
};

/// Every file of an archive in memory, in the order of the directory; nothing is unpacked yet and no name is judged.
/// Refused: more than 1,000 files, parts, ZIP64, a directory that does not end where the archive does.
/// @return Fault::bad_request with the reason. Source: PKWARE APPNOTE 6.3, 4.3.
[[nodiscard]] Result<std::vector<ZipMember>> list_zip(std::string_view archive);

/// What stands in the archive for a file. @return Fault::bad_request where its local head says another name or place.
[[nodiscard]] Result<std::string_view> packed_octets(const ZipMember& member);

/// A file's octets, with size and check sum as the directory says.
/// @param most  octets that may come out; never is more than that unpacked.
/// @return Fault::bad_request for an encrypted one, another method, or damage; Fault::body_too_large over `most`.
[[nodiscard]] Result<std::string> unzip(const ZipMember& member, std::size_t most);

}  // namespace datong::codec
