#pragma once

#include "core/doors/door.h"
#include "core/doors/rest_dialect.h"
#include "core/exchange/gateway.h"

namespace datong::doors {

/// The native REST door: everything below /v1/.
class RestDoor final : public Door {
public:
    RestDoor(const exchange::Gateway& gateway, const catalogue::Current& current)
        : gateway_{gateway}, current_{current} {}

    [[nodiscard]] bool owns(std::string_view path) const override { return path.starts_with("/v1/"); }
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    const exchange::Gateway& gateway_;
    const catalogue::Current& current_;
    RestDialect dialect_;
};

}  // namespace datong::doors
