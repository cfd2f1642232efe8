#pragma once

#include <string>
#include <vector>

#include "tests/faults/script.h"

namespace datong::faults {

/// What each kind of fault may do to the calls of the script, and what it must not; the evidence is judged by
/// run_script itself.
///
/// - `EINTR`, `short`, and a clock that stays within a signature's window: nothing. Every call is answered as usual.
/// - `kill`, `torn`: one call at most is cut off. All others are answered as usual; a submission that is sent again may
///   be told what became of the first (docs/submit.md).
/// - `ENOSPC`, `EIO`: calls may be told that nothing can be kept, until the disk takes something again.
/// - a clock that leaves the window: from the step on signed calls are refused as `signature_stale`, and nothing else.
/// @param usual  what each call of the script is answered without a fault, in its order.
/// @return what must not be, for people; empty when all is as it should be.
[[nodiscard]] std::vector<std::string> complaints(const Fault& fault, const Outcome& outcome,
                                                  const std::vector<std::string>& usual);

}  // namespace datong::faults
