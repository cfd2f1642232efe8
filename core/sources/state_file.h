#pragma once

#include <string>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::sources {

/// A small JSON file that this program keeps for itself over a restart.
/// @return null when there is none yet; Fault::internal when it can't be read or is no JSON.
[[nodiscard]] Result<record::Record> read_state(const std::string& path);

/// Replaces the file in one step and durably: whoever reads it finds the old state or the new one, whatever stops the
/// machine. Makes its folder where it is missing.
/// @return Fault::internal with the reason of the system (no space, read-only).
[[nodiscard]] Status write_state(const std::string& path, const record::Record& state);

}  // namespace datong::sources
