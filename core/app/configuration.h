#pragma once

#include <functional>
#include <string>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/catalogue/snapshot.h"

namespace datong::app {

/// Loads the configuration beside no running gateway: no evidence, no listener.
/// @param use  called with what was loaded, unless there are errors.
/// @return all that is wrong, warnings too.
[[nodiscard]] Mistakes with_configuration(const std::string& config,
                                          const std::function<void(const catalogue::Snapshot&)>& use);

/// A department's pause that another configuration would leave without force (C224).
[[nodiscard]] Mistake pause_without_force(const std::string& file, const Error& why, Severity severity);

}  // namespace datong::app
