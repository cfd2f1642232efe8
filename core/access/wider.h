#pragma once

#include "core/base/mistake.h"
#include "core/catalogue/snapshot.h"

namespace datong::access {

/// A warning for each subset by which an approved grant has more than before: nobody approved that.
void tell_wider(const catalogue::Snapshot& before, const catalogue::Snapshot& next, const policy::Grant& grant,
                Mistakes& mistakes);

}  // namespace datong::access
