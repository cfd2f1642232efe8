#pragma once

namespace datong {

/// The calling thread gives way to calls from now on: it gets the time that they leave, and a tenth of a processor
/// where they leave none. For what nobody waits for: seals, the index, the archive. For good, for only the
/// privileged may take a priority back.
/// Source: sched(7), "The nice value": Linux has one for each thread.
void give_way_to_calls() noexcept;

}  // namespace datong
