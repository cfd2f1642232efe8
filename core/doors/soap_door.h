#pragma once

#include "core/doors/door.h"
#include "core/doors/soap_dialect.h"
#include "core/exchange/gateway.h"

namespace datong::doors {

/// The SOAP door: everything below /soap/. POST calls; GET with ?wsdl or ?xsd describes a service to a connection that
/// shows the client certificate of a consumer with a grant for it.
class SoapDoor final : public Door {
public:
    SoapDoor(const exchange::Gateway& gateway, const catalogue::Current& current, const Clock& clock)
        : gateway_{gateway}, current_{current}, clock_{clock} {}

    [[nodiscard]] bool owns(std::string_view path) const override { return path.starts_with("/soap/"); }
    /// A SOAP signature stands in the body, so the head can't show one. Where every connection has shown a certificate,
    /// bodies up to the listener's limit are read; else up to 64 KiB, as of anybody who has not signed.
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    const exchange::Gateway& gateway_;
    const catalogue::Current& current_;
    const Clock& clock_;
    Tokens tokens_;
};

}  // namespace datong::doors
