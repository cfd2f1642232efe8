#pragma once

#include <string>
#include <vector>

#include "tests/commands/installation.h"

namespace datong::faults {

/// What goes wrong with a gateway: the `at`-th of that kind, in that way (fault_layer.cpp). at 0: nothing.
struct Fault {
    std::string kind;
    std::string way;
    int at{};
};

/// What the client was told of one call of the script.
struct Said {
    int step{};            ///< from 0
    bool is_push{};        ///< a submission, under a key
    bool is_signed{};      ///< not the stranger's
    std::string answer{};  ///< "200 found", "403 not_permitted"; empty: the call was cut off
};

/// What a run of the script came to, by the client's own log of what it was answered.
struct Outcome {
    std::vector<Said> said;  ///< in the order of the calls
    bool has_resumed{true};  ///< behind the script a read is answered as usual again
    bool was_hit{};          ///< the fault happened
    int answered{};          ///< calls
    int cut_off{};           ///< calls without an answer
    int unrecorded{};        ///< calls that were told that nothing could be kept (503)
    std::uint64_t records{};
    std::vector<std::string> failures;  ///< what must not be; empty when all is well
};

/// Starts a gateway of its own with a simulated city, sends it 20 mixed calls (reads over four protocols, submissions
/// to four departments and their repetitions, refusals, a stranger), starts it again when it dies, ends it, and judges:
/// the evidence verifies; every answered call has exactly one record with the digest of that answer; nothing is left
/// open; no key had two effects.
[[nodiscard]] Outcome run_script(const Fault& fault);

}  // namespace datong::faults
