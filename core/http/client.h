#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/async/resolve.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/crypto/key.h"

namespace datong::http {

struct ClientSettings {
    std::string url;     ///< "https://host:port" or "http://host:port"; a path in front of every target
    std::string ca_pem;  ///< trust anchors for https, text; the certificate is always checked
    /// In place of anchors: the server's own certificates, text. One of them and no other is taken, whatever
    /// name stands in it.
    std::string pinned_pem{};
    /// For a box that nobody can mend: TLS 1.0, SHA-1, RSA of 1024 bits, no forward secrecy, an expired
    /// certificate. Only with pinned_pem.
    bool old_tls{};
    std::string client_chain_pem;  ///< for mutual TLS
    Secret client_key_pem;
    /// In place of `client_key_pem`: one that stays in its token. No loop waits for it; a handshake that it signs may
    /// take crypto::kTokenTime more than there is time for, while it hangs.
    std::optional<crypto::SigningKey> client_token{};
    std::size_t max_answer = 32U << 20;
    std::size_t idle_per_loop = 64;
    /// Connections at once, idle ones and those of all loops counted, as long as no more requests are under way: for a
    /// new one an idle one of another loop goes first. 0: no such number.
    std::size_t most_open = 0;
    /// Judges whoever answered the handshake of https, before each request: a failure is the request's. On the
    /// connection's loop, and no longer than until the deadline, which is the request's; must not throw. Empty: the
    /// handshake is enough.
    std::function<boost::asio::awaitable<Status>(std::string sha256, std::shared_ptr<const std::string> chain_pem,
                                                 Deadline deadline)>
        judge_server{};
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds idle_timeout{30'000};
    async::LookUp look_up{};  ///< of the host's name; empty: the system's
};

/// How one request is sent.
struct Sending {
    std::size_t most{};  ///< bytes of this answer's body in place of max_answer; 0: max_answer
    bool once{};         ///< never a second time, whatever its method: it may have its effect
};

/// A pooled HTTP/1.1 client for one origin. May be used from many loops: a connection stays on the
/// loop that opened it. Never follows a redirect. A kept connection that turns out closed before any
/// byte of an answer came is replaced once when the request is GET or HEAD and not `once`; before any reuse it is
/// looked at, so that others seldom meet one. A host's name is looked up for this client alone: where its name server
/// is silent, nobody else waits. Destroy it before the loops.
class Client {
public:
    /// @return Fault::internal when the URL or a PEM text is none, or old_tls stands without pinned_pem.
    [[nodiscard]] static Result<std::unique_ptr<Client>> make(ClientSettings settings);
    struct State;
    explicit Client(std::shared_ptr<State> state);  ///< for make
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// @param request  method, target, fields, body; Host is set from the URL unless given as field or
    ///                 authority. Content-Length and Connection are the client's.
    /// @return Fault::department_down (refused, reset, TLS not trusted, not HTTP), department_timeout at
    ///         the deadline, department_invalid over max_answer, body_too_large over `how.most`, unavailable where
    ///         the token of our own key gives no signature.
    [[nodiscard]] boost::asio::awaitable<Result<codec::HttpMessage>> send(codec::HttpMessage request, Deadline deadline,
                                                                          Sending how = {});

    /// Opens a connection and closes it again, TLS included: who answers shows the certificate that the settings ask
    /// for. Nothing is sent.
    /// @return as send.
    [[nodiscard]] boost::asio::awaitable<Status> greet(Deadline deadline);

private:
    std::shared_ptr<State> state_;
};

}  // namespace datong::http
