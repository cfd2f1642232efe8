#include "examples/tsa/server.h"

#include <boost/asio/post.hpp>

namespace datong::tsa {

Server::Server(AuthorityOptions options) : authority_{std::move(options)} {
    http_ = std::make_unique<departments::TinyHttp>(
        loop_, [this](const departments::Asked& asked, departments::Trouble) { return answer(asked); });
    thread_ = std::thread{[this] { loop_.run(); }};
}

Server::~Server() {
    boost::asio::post(loop_, [this] {
        http_->stop();
        loop_.stop();
    });
    thread_.join();
    http_.reset();
}

departments::Told Server::answer(const departments::Asked& asked) {
    ++asked_;
    if (is_down_) {
        return {.status = 503, .content_type = "text/plain", .body = "down"};
    }
    if (asked.method != "POST" || asked.path != "/tsa") {
        return {.status = 404, .content_type = "text/plain", .body = "POST /tsa"};
    }
    auto reply = authority_.reply(asked.body);
    if (!reply) {
        return {.status = 500, .content_type = "text/plain", .body = "openssl ts made no reply"};
    }
    return {.status = 200, .content_type = "application/timestamp-reply", .body = std::move(*reply)};
}

}  // namespace datong::tsa
