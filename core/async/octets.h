#pragma once

#include <cstdint>

namespace datong::async {

/// How many octets a TCP connection has brought since it stands, as the system counts them; 0 where it does not.
[[nodiscard]] std::uint64_t octets_received(int socket) noexcept;

}  // namespace datong::async
