#include "core/async/octets.h"

// the kernel's own header has the count, and can't stand beside <netinet/tcp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace datong::async {

std::uint64_t octets_received(int socket) noexcept {
    tcp_info told{};
    socklen_t size = sizeof(told);
    constexpr std::size_t kNeeded = offsetof(tcp_info, tcpi_bytes_received) + sizeof(told.tcpi_bytes_received);
    const bool is_told = ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &told, &size) == 0 && size >= kNeeded;
    return is_told ? told.tcpi_bytes_received : 0;
}

}  // namespace datong::async
