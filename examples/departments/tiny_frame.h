#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "examples/departments/door.h"

namespace datong::departments {

/// How a server of framed messages over bare TCP knows where a request ends.
struct FrameHead {
    std::size_t octets{};  ///< up to and with the length
    /// Octets of the whole request by its head; nullopt when it is none.
    std::function<std::optional<std::size_t>(std::string_view head)> whole{};
};

/// Answers one request with one whole frame; gets the trouble that holds for this call, of which
/// wrong_person, wrong_encoding and token_expired are its own to play.
using FrameHandler = std::function<std::string(std::string_view request, Trouble)>;

/// A server of framed messages (报文) on loopback: one request, one reply, then it closes.
///
/// Everything happens on one loop. Destroy it on that loop, or when the loop has ended.
class TinyFrame {
public:
    TinyFrame(boost::asio::io_context& loop, FrameHead head, FrameHandler handler, Faults& faults, System system);

    [[nodiscard]] int port() const { return door_.port(); }
    void stop() { door_.stop(); }

private:
    boost::asio::awaitable<void> serve(Door::Held connection);

    FrameHead head_;
    FrameHandler handler_;
    Door door_;
};

}  // namespace datong::departments
