#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "examples/departments/faults.h"

namespace datong::departments {

/// A request as a department's old server sees it.
struct Asked {
    std::string method;
    std::string path;                                         ///< without the query, percent-decoded not
    std::map<std::string, std::string, std::less<>> form;     ///< of the query, and of a form or flat JSON in the body
    std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
    std::string body;
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
    /// Listens at once on a port of the system's choice.
    /// @param faults  nullptr: never any trouble. Must outlive the server.
    TinyHttp(boost::asio::io_context& loop, Handler handler, Faults* faults = nullptr, System system = System::land);

    [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:PORT"

    /// Refuses new connections and drops those there are; the port stays reserved.
    void close_door();
    void open_door();
    /// close_door() and no coming back.
    void stop();

private:
    struct Connection;
    using Held = std::shared_ptr<Connection>;

    void follow_switch();
    void accept_next();
    boost::asio::awaitable<void> serve(Held connection);
    boost::asio::awaitable<bool> answer(Held connection, Asked asked);
    void drop_connections();

    boost::asio::io_context& loop_;
    Handler handler_;
    Faults* faults_;
    System system_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::endpoint endpoint_;
    std::set<Held> connections_;
    bool open_{};
};

}  // namespace datong::departments
