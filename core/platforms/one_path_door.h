#pragma once

#include <memory>
#include <string>

#include "core/doors/door.h"
#include "core/exchange/gateway.h"

namespace datong::platforms {

/// A protocol that has one path and POST only, and whose proof stands in the body. May be used from many loops.
class OnePathDoor final : public doors::Door {
public:
    OnePathDoor(const exchange::Gateway& gateway, std::string path, std::unique_ptr<const exchange::Dialect> dialect)
        : gateway_{gateway}, path_{std::move(path)}, dialect_{std::move(dialect)} {}

    [[nodiscard]] bool owns(std::string_view path) const override { return path == path_; }
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override { return judge_length(head, false); }
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override {
        if (http.method != "POST") {
            co_return doors::wrong_method("POST");
        }
        co_return co_await gateway_.answer(dialect_.get(), std::move(http), std::move(peer), arrived);
    }

private:
    const exchange::Gateway& gateway_;
    std::string path_;
    std::unique_ptr<const exchange::Dialect> dialect_;
};

}  // namespace datong::platforms
