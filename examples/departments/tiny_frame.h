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

/// One whole frame, or what happens in its place when the handler has had its effect and its reply gets lost.
struct FrameTold {
    std::string octets;
    Trouble instead{Trouble::none};  ///< reset or hang
};

/// Answers one request; gets the trouble that holds for this call, of which
/// wrong_person, wrong_encoding and token_expired are its own to play.
using FrameHandler = std::function<FrameTold(std::string_view request, Trouble)>;

/// A server of framed messages (报文) on loopback: one request, one reply, then it closes.
///
/// Everything happens on one loop. Destroy it on that loop, or when the loop has ended.
class TinyFrame {
public:
    /// @param faults  nullptr: never any trouble. Must outlive the server.
    TinyFrame(boost::asio::io_context& loop, FrameHead head, FrameHandler handler, Faults* faults, System system);

    [[nodiscard]] int port() const { return door_.port(); }
    void stop() { door_.stop(); }

private:
    boost::asio::awaitable<void> serve(Door::Held connection);

    FrameHead head_;
    FrameHandler handler_;
    Door door_;
};

}  // namespace datong::departments
