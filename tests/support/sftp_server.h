#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/family.h"
#include "tests/support/scratch_folder.h"

namespace datong::support {

/// OpenSSH's own server for one test, on a loopback port that was free, with keys made for it. One of
/// its user's keys is let in; `folder()` is what it serves.
class SftpServer {
public:
    /// Throws where there is no sshd or it does not start.
    /// @param subsystem  what serves its folders, in place of OpenSSH's own.
    explicit SftpServer(const std::string& subsystem = "internal-sftp") : port_{free_port()} {
        if (!std::filesystem::exists(kProgram)) {
            throw std::runtime_error{"no sshd: apt-get install openssh-server"};
        }
        make_key("host");
        make_key("user");
        make_key("stranger");
        std::filesystem::copy_file(folder_ / "user.pub", folder_ / "authorized");
        folder_.write("config", "Port " + std::to_string(port_) + "\nListenAddress 127.0.0.1\nHostKey " +
                                    (folder_ / "host") + "\nAuthorizedKeysFile " + (folder_ / "authorized") +
                                    "\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                                    "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
                                    "Subsystem sftp " +
                                    subsystem + "\n");
        if (::geteuid() == 0) {
            ::mkdir("/run/sshd", 0755);  // where it leaves its privileges behind; it wants nothing in it
        }
        start();
    }
    SftpServer(const SftpServer&) = delete;
    SftpServer& operator=(const SftpServer&) = delete;
    ~SftpServer() { stop(); }

    void start() {
        server_ = spawn({kProgram, "-D", "-e", "-f", folder_ / "config"});
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!answers()) {
            if (std::chrono::steady_clock::now() > until) {
                throw std::runtime_error{"sshd does not start"};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
    }
    /// Ends it with every session, which has processes of its own.
    void stop() {
        if (server_ > 0) {
            end_family(server_);
            server_ = -1;
        }
    }
    /// Keeps every session and takes no octet: what a machine does that hangs.
    void freeze() const { stop_family(server_); }
    void thaw() const { signal_family(server_, SIGCONT); }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const ScratchFolder& folder() const { return folder_; }
    [[nodiscard]] std::string key(const std::string& name = "user") const { return folder_ / name; }
    /// "SHA256:…", by ssh-keygen: another's word, not ours.
    [[nodiscard]] std::string fingerprint(const std::string& name = "host") const {
        const std::string out = folder_ / (name + ".print");
        if (wait_for(spawn({"/usr/bin/ssh-keygen", "-lf", folder_ / (name + ".pub")}, out)) != 0) {
            throw std::runtime_error{"ssh-keygen failed"};
        }
        const std::string line = folder_.read(name + ".print");
        const auto begin = line.find("SHA256:");
        return line.substr(begin, line.find(' ', begin) - begin);
    }
    /// Another host key from the next start on.
    void change_host_key() {
        stop();
        std::filesystem::rename(folder_ / "stranger", folder_ / "host");
        std::filesystem::rename(folder_ / "stranger.pub", folder_ / "host.pub");
        start();
    }

private:
    static constexpr const char* kProgram = "/usr/sbin/sshd";

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }
    static std::uint16_t free_port() {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof(address);
        ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(socket);
        return ntohs(address.sin_port);
    }
    [[nodiscard]] bool answers() const {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = loopback(port_);
        const bool there = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
        ::close(socket);
        return there;
    }

    void make_key(const std::string& name) const {
        if (wait_for(spawn({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / name})) != 0) {
            throw std::runtime_error{"ssh-keygen failed"};
        }
    }

    [[nodiscard]] static pid_t spawn(std::vector<std::string> command, const std::string& out = "/dev/null") {
        std::vector<char*> arguments;
        for (std::string& part : command) {
            arguments.push_back(part.data());
        }
        arguments.push_back(nullptr);
        const pid_t child = ::fork();
        if (child == 0) {
            const int silent = ::open("/dev/null", O_RDWR);
            const int into = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            ::dup2(silent, STDIN_FILENO);
            ::dup2(into, STDOUT_FILENO);
            ::dup2(silent, STDERR_FILENO);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes takes its server with it
            ::execv(arguments.front(), arguments.data());
            ::_exit(127);
        }
        return child;
    }
    static int wait_for(pid_t child) {
        int status = -1;
        ::waitpid(child, &status, 0);
        return status;
    }

    ScratchFolder folder_;
    std::uint16_t port_;
    pid_t server_{-1};
};

}  // namespace datong::support
