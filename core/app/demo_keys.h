#pragma once

#include <string>

#include "core/base/result.h"

namespace datong::app {

/// Makes a demo authority, the gateway's TLS key, and signing keys of gateway, departments and
/// consumers in `folder`, and `trust.jwks` with all the public halves. For a demo on one machine.
[[nodiscard]] Status make_demo_keys(const std::string& folder);

}  // namespace datong::app
