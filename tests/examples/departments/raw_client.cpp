#include "tests/examples/departments/raw_client.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace datong::departments::test {
namespace {

using std::chrono::steady_clock;

bool is_whole(const std::string& octets) {
    const std::size_t end = octets.find("\r\n\r\n");
    const std::size_t at = octets.find("Content-Length: ");
    if (end == std::string::npos || at == std::string::npos) {
        return false;
    }
    return octets.size() >= end + 4 + static_cast<std::size_t>(std::atoll(octets.c_str() + at + 16));
}

void read_all(int socket, Raw& raw, steady_clock::time_point until) {
    std::array<char, 65536> buffer{};
    while (!is_whole(raw.octets)) {
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()).count();
        pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
        if (rest <= 0 || poll(&waiting, 1, static_cast<int>(rest)) == 0) {
            raw.timed_out = true;
            return;
        }
        const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            raw.reset = count < 0 && errno == ECONNRESET;
            return;
        }
        raw.octets.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

int Raw::status() const {
    return octets.size() > 12 ? std::atoi(octets.c_str() + 9) : 0;
}

std::string Raw::body() const {
    const std::size_t end = octets.find("\r\n\r\n");
    return end == std::string::npos ? "" : octets.substr(end + 4);
}

std::string Raw::head() const {
    return octets.substr(0, octets.find("\r\n\r\n"));
}

Raw talk(const std::string& url, const std::string& octets, std::chrono::milliseconds patience) {
    const auto until = steady_clock::now() + patience;
    Raw raw;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(url.c_str() + url.find(':', 7) + 1)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        raw.connected = true;
        (void)send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
        read_all(socket, raw, until);
    }
    close(socket);
    return raw;
}

Raw get(const std::string& url, const std::string& target, std::chrono::milliseconds patience) {
    return talk(url, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n", patience);
}

Raw post(const std::string& url, const std::string& target, const std::string& type, const std::string& body,
         std::chrono::milliseconds patience) {
    return talk(url,
                "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
                patience);
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "datong-departments-XXXXXX").string();
    path_ = mkdtemp(name.data()) != nullptr ? name : "";
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::optional<std::string> wait_for_file(const std::string& path, std::chrono::milliseconds patience) {
    const auto until = steady_clock::now() + patience;
    while (!std::filesystem::exists(path)) {
        if (steady_clock::now() > until) {
            return std::nullopt;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    std::ostringstream text;
    text << std::ifstream{path, std::ios::binary}.rdbuf();
    return text.str();
}

}  // namespace datong::departments::test
