#pragma once

#include <istream>
#include <string>

#include "core/base/result.h"

namespace datong::client {

/// A file's octets. @param name  "-" for `in`. @return Fault::bad_request naming a file that can't be read.
[[nodiscard]] Result<std::string> read_file(const std::string& name, std::istream& in);
/// The same; of no name nothing.
[[nodiscard]] Result<std::string> read_optional(const std::string& name, std::istream& in);

}  // namespace datong::client
