#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace datong::keeping {

/// What was moved.
struct Archived {
    std::vector<std::string> segments;  ///< file names
    std::uint64_t from{};               ///< number of the first record; 0: nothing was old enough
    std::uint64_t to{};                 ///< and of the last
    std::string head{};                 ///< hex hash of the last
};

/// What archive_before() would move. Moves nothing.
[[nodiscard]] Result<Archived> find_archivable(const std::string& evidence_folder, const std::string& before,
                                               const std::string& archive);

/// Moves whole segments whose records are all from before a moment (or before a later segment that was begun before it:
/// a record's own time may be of a clock that was ahead) into another folder, the oldest first, and never the
/// one that is written to. The folder gets a chain file (chain.json): for each segment its records, the hash before its
/// first and of its last one, and its SHA-256. The folder of evidence names the archive (file `archives`), and whatever
/// reads it reads on there. Works beside a running gateway; a segment is durable there before it is removed here.
/// @param before   RFC 3339 at +08:00.
/// @param archive  absolute path; made where it is missing.
/// @return Fault::evidence_unavailable where something can't be read or written, Fault::bad_request for an archive
///         that is the folder itself, by whatever name, or no absolute path.
[[nodiscard]] Result<Archived> archive_before(const std::string& evidence_folder, const std::string& before,
                                              const std::string& archive);

}  // namespace datong::keeping
