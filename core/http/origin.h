#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "core/async/resolve.h"
#include "core/base/result.h"
#include "core/http/client.h"
#include "core/http/tls.h"

namespace datong::http {

/// The parts of "https://host:port/path".
struct Url {
    bool tls{};
    std::string host;       ///< without the brackets of an IPv6 address
    std::uint16_t port{};   ///< 443 or 80 when not given
    std::string authority;  ///< for Host: the port only when it is not the default
    std::string path;       ///< "" or "/path" without a slash at its end
};

/// @return Fault::internal for anything but http and https, a user, a query or a fragment.
[[nodiscard]] Result<Url> parse_url(const std::string& text);

/// The last TLS session with an origin, so that the next handshake is short. Any thread.
class Ticket {
public:
    Ticket() = default;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket();

    void keep(SSL_SESSION* session);  ///< takes ownership
    /// Lets the session resume, unless the server's certificate is over by now: nobody would look at it.
    void use(SSL* session, bool of_any_age);

private:
    std::mutex mutex_;
    SSL_SESSION* last_{};
};

/// Whom a client calls, and how. Read by every loop.
struct Origin {
    Url url;
    ClientSettings settings;
    async::Resolver resolver;
    TlsContext tls;  ///< null for http
    Ticket ticket;
};

[[nodiscard]] Result<std::shared_ptr<Origin>> make_origin(ClientSettings settings);

}  // namespace datong::http
