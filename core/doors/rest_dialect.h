#pragma once

#include "core/exchange/call.h"

namespace datong::doors {

/// The native protocol (docs/architecture.md, 6): JSON, signed by RFC 9421 with RFC 9530 digests.
/// Immutable; may be used from many threads.
class RestDialect final : public exchange::Dialect {
public:
    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    /// In rest_describe.cpp.
    [[nodiscard]] Result<exchange::Answer> describe(const exchange::Visit& visit) const override;
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;
};

/// What a description tells (docs/contracts.md).
enum class RestView { services, matters, grants, openapi, wsdl };

/// What a native path names: /v1/services/NAME, /v1/matters/NAME/materials, /v1/submissions/ID,
/// /v1/exchanges/ID/evidence, /v1/exchanges/ID/materials, /v1/exchanges/ID/files/NUMBER, /v1/usage, /v1/consents,
/// /v1/consents/ID, /v1/consents/ID/revoke, or a description: /v1/services, /v1/matters, /v1/grants, and below a
/// service or a matter openapi.json and wsdl.
struct RestTarget {
    exchange::Request::Kind kind{};
    std::string name;
    RestView view{};       ///< of a description
    bool is_matters{};     ///< of a description
    std::size_t number{};  ///< of a file
};
[[nodiscard]] std::optional<RestTarget> rest_target(std::string_view path);

}  // namespace datong::doors
