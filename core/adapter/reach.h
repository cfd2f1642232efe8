#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::adapter {

/// Opens a TCP connection and closes it again: the cheapest sign that a system is there.
/// @param port  a number or a service's name.
/// @return Fault::department_down, or department_timeout at the deadline.
[[nodiscard]] boost::asio::awaitable<Status> reach(std::string host, std::string port, Deadline deadline);

}  // namespace datong::adapter
