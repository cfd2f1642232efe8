#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace datong::test {

/// A blocking socket that sends and reads raw bytes. Every wait ends after ten seconds.
class Wire {
public:
    /// Connects on loopback.
    /// @param from  the address it comes from, one of 127.0.0.0/8.
    explicit Wire(std::uint16_t port, const char* from = "127.0.0.1");
    explicit Wire(int socket) : socket_{socket} {}
    Wire(Wire&& other) noexcept;
    Wire& operator=(Wire&&) = delete;
    ~Wire();

    bool send(std::string_view bytes);
    void finish_sending();
    /// Closes with a reset instead of an orderly end.
    void reset();
    /// All bytes until the peer closes.
    std::string read_to_end();
    /// Bytes until the text has come, or the peer closes.
    std::string read_until(std::string_view text);
    /// One answer: head and as much body as Content-Length says.
    std::string read_answer();

private:
    std::string read_some();

    int socket_;
    std::string unread_;
};

/// A listening socket for a made-up department that says what a test wants.
class Listener {
public:
    Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    Wire accept();

private:
    int socket_;
    std::uint16_t port_{};
};

/// The corpus has many requests without Host, which is refused by us: with one, what they are about
/// shows.
[[nodiscard]] std::string with_host(std::string raw);

/// The status of "HTTP/1.1 200 OK..."; 0 for anything else.
int status_of(std::string_view answer);

}  // namespace datong::test
