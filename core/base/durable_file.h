#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong {

/// Puts a file in the place of another in one step: written aside, made durable, renamed, and the folder made durable,
/// so that after a power failure either the old one or the new one is there, whole. Folders that are missing are made.
/// @return Fault::internal naming the path and the system's reason (a full disk, a missing right).
[[nodiscard]] Status replace_file(const std::string& path, std::string_view bytes);

}  // namespace datong
