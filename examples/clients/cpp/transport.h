#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::client {

/// Where a gateway is, taken apart. What is signed and what is sent both come from here.
struct Endpoint {
    std::string scheme;     ///< "https", or "http" for a loopback host
    std::string authority;  ///< Host as it is sent: "127.0.0.1:8443"
    std::string base_path;  ///< in front of every target, without a final slash; mostly empty
};

/// @return Fault::bad_request for a URL with user, query or fragment, with another scheme, or http
///         to a host that is not this machine.
[[nodiscard]] Result<Endpoint> read_url(std::string_view url);

struct TransportSettings {
    Endpoint endpoint;
    std::string ca_pem;            ///< the only trust anchors; empty: those of the system
    std::string client_chain_pem;  ///< for mutual TLS; empty: none
    Secret client_key_pem;
    std::chrono::seconds timeout{30};
};

/// Sends one request at a time to one gateway, over cpprestsdk. Never follows a redirect.
class Transport {
public:
    /// @return Fault::bad_request when a certificate or key can't be used.
    [[nodiscard]] static Result<Transport> make(const TransportSettings& settings);
    ~Transport();
    Transport(Transport&&) noexcept;
    Transport& operator=(Transport&&) noexcept;

    /// Sends method, target, fields and body exactly as they stand, with Host from the endpoint.
    /// @return Fault::unavailable when there is no answer or the peer is not trusted.
    [[nodiscard]] Result<codec::HttpMessage> send(const codec::HttpMessage& request) const;

private:
    struct State;
    explicit Transport(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace datong::client
