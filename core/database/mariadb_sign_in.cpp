#include <mysql.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/database/mariadb_statement.h"

namespace datong::database {
namespace {

using Now = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned kMostSilence = 60;  // seconds between two packets; the deadline is mostly earlier

const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

void set_options(MYSQL& handle, const MariadbAddress& address, std::size_t max_answer, Deadline deadline) {
    const auto rest = std::chrono::ceil<std::chrono::seconds>(deadline - Now::now()).count();
    const auto seconds = static_cast<unsigned>(std::clamp<std::int64_t>(rest, 1, kMostSilence));
    const unsigned off = 0;  // a hostile server could ask for files of ours
    const auto largest = 4 * static_cast<unsigned long>(max_answer) + 65'536;  // a longer row ends the connection
    mysql_options(&handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(&handle, MYSQL_OPT_READ_TIMEOUT, &kMostSilence);
    mysql_options(&handle, MYSQL_OPT_WRITE_TIMEOUT, &kMostSilence);
    mysql_options(&handle, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(&handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &largest);
    mysql_options(&handle, MYSQL_SET_CHARSET_NAME, address.names.c_str());
#ifdef MARIADB_PACKAGE_VERSION_ID
    // not mysql_clear_password and dialog, which a hostile server could ask the password by
    mysql_options(&handle, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password");
    const char verify = address.ssl_ca.empty() ? 0 : 1;
    mysql_options(&handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#else
    const unsigned mode = address.ssl_ca.empty() ? SSL_MODE_PREFERRED : SSL_MODE_VERIFY_IDENTITY;
    mysql_options(&handle, MYSQL_OPT_SSL_MODE, &mode);
#endif
    if (!address.ssl_ca.empty()) {
        mysql_options(&handle, MYSQL_OPT_SSL_CA, address.ssl_ca.c_str());
        mysql_options(&handle, MYSQL_OPT_SSL_CERT, or_null(address.ssl_cert));
        mysql_options(&handle, MYSQL_OPT_SSL_KEY, or_null(address.ssl_key));
    }
}

#ifdef MARIADB_PACKAGE_VERSION_ID
/// What of `wants` came true by the deadline. Source: MariaDB Connector/C, non-blocking API.
int wait_for(int socket, int wants, Deadline deadline) {
    const auto rest = std::chrono::ceil<milliseconds>(deadline - Now::now()).count();
    const int events = ((wants & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) | ((wants & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
                       ((wants & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0);
    pollfd waiting{.fd = socket, .events = static_cast<short>(events), .revents = 0};
    if (rest <= 0 || ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(rest, 3'600'000))) <= 0) {
        return MYSQL_WAIT_TIMEOUT;
    }
    const int came = waiting.revents;
    return ((came & (POLLIN | POLLHUP | POLLERR)) != 0 ? MYSQL_WAIT_READ : 0) |
           ((came & (POLLOUT | POLLHUP | POLLERR)) != 0 ? MYSQL_WAIT_WRITE : 0) |
           ((came & POLLPRI) != 0 ? MYSQL_WAIT_EXCEPT : 0);
}

/// Step by step, so that all of it ends at the deadline: the library's own limits begin anew with each octet.
bool connect(MYSQL& handle, const MariadbAddress& address, Deadline deadline, async::Interrupt& /*interrupt*/) {
    mysql_options(&handle, MYSQL_OPT_NONBLOCK, nullptr);  // what is asked later may block as ever
    MYSQL* made = nullptr;
    int wants = mysql_real_connect_start(&made, &handle, or_null(address.host), address.user.c_str(),
                                         address.password.reveal().c_str(), or_null(address.dbname), address.port,
                                         or_null(address.socket), 0);
    while (wants != 0) {
        wants = mysql_real_connect_cont(&made, &handle, wait_for(mysql_get_socket(&handle), wants, deadline));
    }
    return made != nullptr;
}
#else
/// The library tries the addresses of a host one after the other only where it blocks.
bool has_one_address(const MariadbAddress& address) {
    const addrinfo hints{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    addrinfo* found = nullptr;
    if (address.host.empty() || ::getaddrinfo(address.host.c_str(), nullptr, &hints, &found) != 0) {
        return true;
    }
    const bool is_one = found == nullptr || found->ai_next == nullptr;
    ::freeaddrinfo(found);
    return is_one;
}

/// Likewise, for a host of one address. The library does not say what it waits for, has no socket from the beginning,
/// and blocks when the server asks for another way to sign in: then what is held is cut.
bool connect(MYSQL& handle, const MariadbAddress& address, Deadline deadline, async::Interrupt& interrupt) {
    if (!has_one_address(address)) {
        return mysql_real_connect(&handle, or_null(address.host), address.user.c_str(),
                                  address.password.reveal().c_str(), or_null(address.dbname), address.port,
                                  or_null(address.socket), 0) != nullptr;
    }
    std::optional<MariadbSocket> held;
    bool goes_on = true;
    auto state = NET_ASYNC_NOT_READY;
    while (state == NET_ASYNC_NOT_READY && goes_on && Now::now() < deadline) {
        state = mysql_real_connect_nonblocking(&handle, or_null(address.host), address.user.c_str(),
                                               address.password.reveal().c_str(), or_null(address.dbname), address.port,
                                               or_null(address.socket), 0);
        const bool has_socket = state == NET_ASYNC_NOT_READY && handle.net.vio != nullptr;
        if (has_socket && !held) {
            held.emplace(handle.net.fd);
            goes_on = interrupt.hold([&held] { held->cut(); });
        }
        pollfd waiting{.fd = has_socket ? handle.net.fd : -1, .events = POLLIN, .revents = 0};
        if (state == NET_ASYNC_NOT_READY) {
            ::poll(&waiting, 1, 10);
        }
    }
    interrupt.let_go();
    return state == NET_ASYNC_COMPLETE;
}
#endif

}  // namespace

bool sign_in_mariadb(MYSQL& handle, const MariadbAddress& address, std::size_t max_answer, Deadline deadline,
                     async::Interrupt& interrupt) {
    set_options(handle, address, max_answer, deadline);
    return connect(handle, address, deadline, interrupt);
}

}  // namespace datong::database
