#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/adapter/adapter.h"
#include "core/adapter/settings.h"
#include "core/http/client.h"

namespace datong::adapter {

/// A URL taken apart.
struct HttpAddress {
    std::string origin;  ///< "https://host:port"
    std::string host;    ///< without the brackets of an IPv6 address
    std::string port;    ///< the scheme's own where the URL has none
    std::string path;    ///< without a slash at its end; empty: none
};

/// What every adapter over HTTP has in common: the client, the path in front, constant headers.
/// May be used from many loops.
class HttpSource {
public:
    HttpSource(std::unique_ptr<http::Client> client, HttpAddress address, Settings::Map headers, bool old_tls = false,
               bool has_certificate = false)
        : client_{std::move(client)},
          address_{std::move(address)},
          headers_{std::move(headers)},
          old_tls_{old_tls},
          has_certificate_{has_certificate} {}

    /// url, ca, pinned, old_tls, client_chain, client_key, headers, connect_ms, max_answer.
    [[nodiscard]] static std::vector<Setting> settings();
    /// @return nullptr after a mistake.
    [[nodiscard]] static std::unique_ptr<HttpSource> make(const Settings& settings, const Tools& tools,
                                                          Mistakes& mistakes);

    /// Sends with the path in front and the constant headers added, and gives what came as it came,
    /// whatever its status.
    /// @param request  target without the path in front; "" is the path in front itself.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> send(codec::HttpMessage request, Deadline deadline);
    /// The same, with the headers of what came.
    [[nodiscard]] boost::asio::awaitable<Result<codec::HttpMessage>> exchange(codec::HttpMessage request,
                                                                              Deadline deadline);

    /// Whether the host takes a connection and, over https, shows a certificate that the settings trust. Constant
    /// headers and a client certificate may be credentials: whether they are taken shows with the first call.
    /// @return Contact::anonymous where there are none.
    [[nodiscard]] boost::asio::awaitable<Result<Contact>> probe(Deadline deadline);

    /// What the connection's settings weaken.
    [[nodiscard]] std::vector<Warning> warnings() const;
    [[nodiscard]] bool is_encrypted() const { return address_.origin.starts_with("https://"); }

private:
    std::unique_ptr<http::Client> client_;
    HttpAddress address_;
    Settings::Map headers_;
    bool old_tls_;
    bool has_certificate_;
};

/// A method, header name or other token of HTTP. Source: RFC 9110, 5.6.2.
[[nodiscard]] bool is_token(std::string_view text);
/// No control character, so nothing that could end a header line.
[[nodiscard]] bool is_header_value(std::string_view text);
/// Whether settings may set it: not what the client sets itself (Host, Content-Length, Content-Type ...).
[[nodiscard]] bool is_allowed_header(std::string_view name, std::string_view value);
/// A path of printable ASCII without query, fragment, white space or dot segments.
[[nodiscard]] bool is_path(std::string_view text);

}  // namespace datong::adapter
