#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ssl/context.hpp>

#include "examples/departments/door.h"
#include "examples/departments/identity.h"

namespace datong::departments {

/// A request as a department's old server sees it.
struct Asked {
    std::string method;
    std::string path;                                         ///< without the query, percent-decoded not
    std::map<std::string, std::string, std::less<>> form;     ///< of the query, and of a form or flat JSON in the body
    std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
    std::string body;

    /// A member of the form; empty when it is not there.
    [[nodiscard]] std::string value(std::string_view name) const {
        const auto found = form.find(name);
        return found == form.end() ? std::string{} : found->second;
    }
};

/// Statuses of a Told that no client ever sees: the handler has had its effect, and its reply gets lost.
inline constexpr int kReset = 0;  ///< the connection is reset instead
inline constexpr int kHang = -1;  ///< nothing comes, until the client goes

struct Told {
    int status{200};
    std::string content_type{"application/json;charset=UTF-8"};
    std::string body;
};

/// Answers one request; gets the trouble that holds for this call, of which token_expired,
/// one_element_as_object and wrong_person are its own to play.
using Handler = std::function<Told(const Asked&, Trouble)>;

/// An HTTP/1.1 server on loopback, small and deliberately independent of the gateway's own HTTP code,
/// so that the two are not only tested against each other. Content-Length bodies up to 1 MiB.
///
/// Everything happens on one loop. Destroy it on that loop, or when the loop has ended.
class TinyHttp {
public:
    /// @param faults  nullptr: never any trouble. Must outlive the server.
    TinyHttp(boost::asio::io_context& loop, Handler handler, Faults* faults = nullptr, System system = System::land);

    /// Speaks TLS with this certificate from now on. Throws std::exception when it can't be used.
    void speak_tls(const Identity& identity);

    [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:PORT", or https
    void stop() { door_.stop(); }

private:
    boost::asio::awaitable<void> serve(Door::Held connection);
    boost::asio::awaitable<bool> answer(Door::Held connection, Asked asked);

    Handler handler_;
    std::unique_ptr<boost::asio::ssl::context> tls_;
    Door door_;
};

}  // namespace datong::departments
