#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::adapters::file {

/// Takes one file out of a ZIP archive in memory; nothing is ever written by a name that stands in it.
///
/// Stored and deflated files, at most 1,000 entries. Refused: encrypted, in parts, ZIP64, other methods, a
/// directory that does not end where the archive does, a local head that says another name.
/// @param pattern  for the file's name, '*' for any octets; one entry must fit, in any folder of the archive.
/// @param most     octets that may come out; never is more than that unpacked.
/// @return Fault::department_invalid with the reason. Source: PKWARE APPNOTE 6.3, 4.3.
[[nodiscard]] Result<std::string> unzip_one(std::string_view archive, std::string_view pattern, std::size_t most);

}  // namespace datong::adapters::file
