#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace datong::tests {

/// Certificates of a server, in PEM; empty: plain HTTP.
struct LoopbackTls {
    std::string chain_pem;
    std::string key_pem;
    std::string client_ca_pem;  ///< not empty: a client certificate is required
};

/// A server on 127.0.0.1 for a test: reads one request a connection, octet by octet as sent, and
/// writes what the handler says. One connection at a time, on a thread of its own.
class Loopback {
public:
    using Handler = std::function<std::string(const std::string& request)>;
    explicit Loopback(Handler handler, LoopbackTls tls = {});
    ~Loopback();
    Loopback(const Loopback&) = delete;
    Loopback& operator=(const Loopback&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string authority() const;  ///< "127.0.0.1:PORT"

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace datong::tests
