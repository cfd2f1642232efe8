#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace datong::departments::test {

/// What a plain TCP socket saw: no HTTP library of ours is in between.
struct Raw {
    bool connected{};
    bool reset{};                            ///< the peer sent RST
    bool timed_out{};                        ///< nothing (more) came in time
    std::string octets;                      ///< all that came
    [[nodiscard]] int status() const;        ///< 0 when there is no status line
    [[nodiscard]] std::string body() const;  ///< behind the first empty line
    [[nodiscard]] std::string head() const;
};

/// Connects to "http://127.0.0.1:PORT...", sends the octets and reads until the message is whole (by
/// Content-Length), the peer closes, or `patience` has passed.
[[nodiscard]] Raw talk(const std::string& url, const std::string& octets,
                       std::chrono::milliseconds patience = std::chrono::seconds{10});

[[nodiscard]] Raw get(const std::string& url, const std::string& target,
                      std::chrono::milliseconds patience = std::chrono::seconds{10});
[[nodiscard]] Raw post(const std::string& url, const std::string& target, const std::string& type,
                       const std::string& body, std::chrono::milliseconds patience = std::chrono::seconds{10});

/// A folder of its own below the system's temporary folder, removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// The file's octets as soon as it is there under its final name; nullopt after `patience`.
[[nodiscard]] std::optional<std::string> wait_for_file(const std::string& path, std::chrono::milliseconds patience);

}  // namespace datong::departments::test
