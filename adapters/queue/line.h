#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace datong::adapters::queue {

/// The socket that one call uses, so that it can be cut from elsewhere: librabbitmq reads for as long as octets come,
/// keeps what it does not know, and looks at its time only when the socket is dry. May be used from many threads.
class Line {
public:
    /// @param most  octets that may come over it from now on. @return false when it was cut already.
    [[nodiscard]] bool hold(int socket, std::uint64_t most);
    /// The socket is not touched any more. @return false when it was cut.
    bool let_go() noexcept;
    /// Ends what is held now, and what would be held later.
    void cut() noexcept;
    /// Cuts it when more has come than may. @return whether it is not cut.
    bool look() noexcept;
    [[nodiscard]] bool brought_too_much() const noexcept;

private:
    void cut_now() noexcept;

    mutable std::mutex mutex_;
    int socket_{-1};
    std::uint64_t most_{};  ///< as the system counts
    bool cut_{};
    bool too_much_{};
};

/// Holds a line from the first record of a TLS handshake on, which whoever answers may spin out for ever before he has
/// shown a certificate. It holds a copy of the socket, for who opens it closes it where that fails.
class Handshake {
public:
    /// @param context  an SSL_CTX for one connection that is not opened yet; null: no TLS. It and `line` outlive this.
    /// @param most  as Line::hold.
    Handshake(void* context, Line& line, std::uint64_t most);
    Handshake(const Handshake&) = delete;
    Handshake& operator=(const Handshake&) = delete;
    ~Handshake();  ///< lets the line go

private:
    void begin(int socket);

    void* context_;
    Line& line_;
    std::uint64_t most_;
    int copy_{-1};
};

/// Looks at a line as long as its call waits, and cuts it when the call is given up or dropped. Of the call's loop.
class Watch {
public:
    Watch(const boost::asio::any_io_executor& loop, std::shared_ptr<Line> line);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

private:
    std::shared_ptr<boost::asio::steady_timer> timer_;
    std::shared_ptr<Line> line_;
};

}  // namespace datong::adapters::queue
