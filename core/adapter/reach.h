#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/async/resolve.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::adapter {

/// Opens a TCP connection and closes it again: the cheapest sign that a system is there.
/// @return Fault::department_down, or department_timeout at the deadline.
[[nodiscard]] boost::asio::awaitable<Status> reach(async::Resolver host, Deadline deadline);

}  // namespace datong::adapter
