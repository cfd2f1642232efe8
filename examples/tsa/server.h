#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "examples/departments/tiny_http.h"
#include "examples/tsa/authority.h"

namespace datong::tsa {

/// The authority behind HTTP (RFC 3161, 3.4) on loopback, on a thread of its own from construction to destruction.
class Server {
public:
    explicit Server(AuthorityOptions options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::string url() const { return http_->url() + "/tsa"; }
    [[nodiscard]] std::filesystem::path anchor() const { return authority_.anchor(); }
    /// Out of order: answers 503 until it is not.
    void set_down(bool is_down) { is_down_ = is_down; }
    [[nodiscard]] int asked() const { return asked_; }

private:
    [[nodiscard]] departments::Told answer(const departments::Asked& asked);

    Authority authority_;
    std::atomic<bool> is_down_{};
    std::atomic<int> asked_{};
    boost::asio::io_context loop_{1};
    std::unique_ptr<departments::TinyHttp> http_;
    std::thread thread_;
};

}  // namespace datong::tsa
