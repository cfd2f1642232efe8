#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/async/loops.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/crypto/key.h"
#include "core/telemetry/sink.h"

namespace datong::http {

/// Who is at the other end of a connection.
struct Peer {
    std::string address;       ///< "127.0.0.1"
    std::string x509_sha256;   ///< hex fingerprint of the client's certificate; empty without mutual TLS
    std::string x509_subject;  ///< RFC 2253 form
    std::chrono::system_clock::time_point
        x509_ends{};                                ///< when it is over; the handshake looked, a connection lives on
    std::shared_ptr<const std::string> x509_pem{};  ///< that certificate and those that came with it
    std::shared_ptr<const std::string> anchors{};   ///< under which the connection was let in: TlsFiles::client_ca_pem
};

/// Answers one request. Runs on the connection's loop. Must not throw; what it throws all the same
/// becomes a 500 and an event. `arrived` is when the whole request, body and all, had come. Of the
/// answer's fields Content-Length, Transfer-Encoding, Connection, Keep-Alive and Date are the server's.
using Handler =
    std::function<boost::asio::awaitable<codec::HttpMessage>(codec::HttpMessage request, Peer peer, Deadline arrived)>;

struct TlsFiles {
    std::string chain_pem;      ///< the server's certificate chain, text
    std::string key_pem;        ///< its private key, text
    std::string client_ca_pem;  ///< trust anchors for clients; empty: no client certificate asked
    bool client_required{};     ///< refuse the handshake without one
    /// In place of `key_pem`: one that stays in its token. No loop waits for it.
    std::optional<crypto::SigningKey> token{};
};

struct ServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port{};                 ///< 0: the system chooses
    std::shared_ptr<const TlsFiles> tls;  ///< null: plain HTTP
    std::size_t max_body = 1U << 20;
    std::size_t max_header = 16U << 10;
    std::size_t max_header_lines = 64;
    std::size_t max_connections = 10'000;
    /// 0: no limit, nor one of its bodies, as behind a proxy. An IPv6 address is counted by its first 64 bits.
    std::size_t max_connections_per_address = 2'000;
    /// Bytes of bodies that are being read or handled, over all connections. They are taken piece by piece as a body
    /// comes in: a length that is only promised holds nothing of it. One address holds as many as it leaves for others.
    /// A request that finds none gets a 503.
    std::size_t max_body_bytes_in_flight = 256U << 20;
    std::chrono::milliseconds head_timeout{30'000};   ///< from the first byte; also for the TLS handshake
    std::chrono::milliseconds body_timeout{30'000};   ///< for the whole body
    std::chrono::milliseconds body_pause{10'000};     ///< of a body of which nothing comes
    std::chrono::milliseconds idle_timeout{75'000};   ///< between two requests
    std::chrono::milliseconds write_timeout{30'000};  ///< for a whole answer, and a second more every 64 KiB
    /// Judges a request by its head alone, before any of its body is read; a failure is the refuser's, and the
    /// connection closes. Empty: all may go on. On the connection's loop; quick; must not throw.
    std::function<Status(const codec::HttpMessage& head)> judge_head{};
    /// Meets a client that showed a certificate, before its first request: time to learn what is known of it. On the
    /// connection's loop, within the time of a head; must not throw. Empty: nobody is met.
    std::function<boost::asio::awaitable<void>(Peer peer)> meet{};
    telemetry::Sink* sink{};  ///< where events go; must outlive the loops; may be null
};

/// Turns a request that never became one (malformed, too large, too slow) into the answer sent before
/// the connection closes; also the 500 after a handler threw. Plain and quick: no evidence is waited for.
/// Each is counted in datong_http_refusals_total{fault}.
using Refuser = std::function<codec::HttpMessage(Error why, const std::string& address)>;

/// An HTTP/1.1 server on every loop (SO_REUSEPORT), with the HTTP rules of docs/architecture.md, 6.
/// A connection over max_connections, or over those of one address, is closed at once. Destroy it before the loops.
class Server {
public:
    Server(ServerSettings settings, async::Loops& loops, Handler handler, Refuser refuse);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds and accepts; call once, before or after Loops::start.
    /// @return Fault::internal when the address is none or another process (or server) listens there, or the TLS files
    ///         don't fit.
    [[nodiscard]] Status listen();
    [[nodiscard]] std::uint16_t port() const;
    /// Whether replace_tls would take these; nothing is right where there was nothing.
    /// @return Fault::internal when they don't fit, or would turn TLS on or off.
    [[nodiscard]] Status can_show(const std::shared_ptr<const TlsFiles>& tls) const;
    /// New connections use these from now on; the old ones keep theirs.
    [[nodiscard]] Status replace_tls(std::shared_ptr<const TlsFiles> tls);
    /// Stops accepting, lets open requests finish for `grace`, then closes. Blocks; call it from a
    /// thread that is no loop. Idle connections close at once.
    void drain(std::chrono::milliseconds grace);
    [[nodiscard]] std::size_t connections() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Whether a parsed request may go on: the rules that Beast leaves to us.
/// @return Fault::bad_request, method_not_allowed or header_too_large with the reason.
[[nodiscard]] Status check_http_rules(const codec::HttpMessage& request);

}  // namespace datong::http
