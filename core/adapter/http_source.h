#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/adapter/adapter.h"
#include "core/adapter/file_origins.h"
#include "core/adapter/settings.h"
#include "core/http/client.h"

namespace datong::adapter {

/// What every adapter over HTTP has in common: the client, the path in front, constant headers.
/// May be used from many loops.
class HttpSource {
public:
    HttpSource(std::unique_ptr<http::Client> client, HttpAddress address, FileOrigins files, Settings::Map headers,
               bool old_tls = false, bool has_certificate = false)
        : client_{std::move(client)},
          address_{std::move(address)},
          files_{std::move(files)},
          headers_{std::move(headers)},
          old_tls_{old_tls},
          has_certificate_{has_certificate} {}

    /// url, ca, pinned, old_tls, client_chain, client_key, headers, connect_ms, max_answer, files_at.
    [[nodiscard]] static std::vector<Setting> settings();
    /// @return nullptr after a mistake.
    [[nodiscard]] static std::unique_ptr<HttpSource> make(const Settings& settings, const Tools& tools,
                                                          Mistakes& mistakes);

    /// Sends with the path in front and the constant headers added, and gives what came as it came,
    /// whatever its status.
    /// @param request  target without the path in front; "" is the path in front itself.
    /// @param once     Errand::once.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> send(codec::HttpMessage request, Deadline deadline, bool once);
    /// The same, with the headers of what came.
    [[nodiscard]] boost::asio::awaitable<Result<codec::HttpMessage>> exchange(codec::HttpMessage request,
                                                                              Deadline deadline, bool once);

    /// GETs a file that a reply named by its address, or by a path of this source; the constant headers go along to
    /// this source's own host only. A redirect is not followed.
    /// @return status 200; Fault::not_permitted for an address that `files_at` does not allow, body_too_large over
    ///         `most` octets, department_refused or department_down for any other status.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> fetch_file(std::string address, std::size_t most,
                                                                   Deadline deadline);
    [[nodiscard]] bool fetches_files() const { return !files_.is_empty(); }

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
    FileOrigins files_;
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
