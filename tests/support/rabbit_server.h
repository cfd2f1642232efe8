#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
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

/// A RabbitMQ of the distribution for one test, with a node, folders and an epmd of its own, all on loopback ports that
/// were free. Users: datong, password secret. It takes some ten seconds to start: share it.
class RabbitServer {
public:
    /// Throws where there is none or it does not start.
    RabbitServer() : program_{find_program()}, ports_{free_ports()} {
        make_certificates();
        folder_.write("plugins", "[].");
        folder_.write("env.conf", "");
        folder_.write("rabbit.conf",
                      "listeners.tcp.1 = 127.0.0.1:" + std::to_string(port()) + "\nlisteners.ssl.1 = 127.0.0.1:" +
                          std::to_string(tls_port()) + "\nssl_options.cacertfile = " + (folder_ / "ca.pem") +
                          "\nssl_options.certfile = " + (folder_ / "server.pem") +
                          "\nssl_options.keyfile = " + (folder_ / "server.key") +
                          "\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = false\n"
                          "default_user = datong\ndefault_pass = secret\nlog.console = false\nlog.file = false\n");
        epmd_ = spawn({"/usr/bin/epmd", "-address", "127.0.0.1", "-port", std::to_string(ports_[2])});
        start();
    }
    RabbitServer(const RabbitServer&) = delete;
    RabbitServer& operator=(const RabbitServer&) = delete;
    ~RabbitServer() {
        stop();
        ::kill(epmd_, SIGKILL);
        wait_for(epmd_);
    }

    void start() {
        server_ = spawn({program_});
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{120};
        while (!answers(port()) || !answers(tls_port())) {
            if (std::chrono::steady_clock::now() > until || ::waitpid(server_, nullptr, WNOHANG) != 0) {
                throw std::runtime_error{"RabbitMQ does not start"};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }
    /// Breaks every connection and ends.
    void stop() {
        if (server_ > 0) {
            end_family(server_);  // a script and the Erlang machine below it
            server_ = -1;
        }
    }
    void freeze() const { stop_family(server_); }
    void thaw() const { signal_family(server_, SIGCONT); }

    [[nodiscard]] std::uint16_t port() const { return ports_[0]; }
    [[nodiscard]] std::uint16_t tls_port() const { return ports_[1]; }  ///< its certificate is for "localhost"
    /// "ca.pem", "other-ca.pem" (which signed nothing here), "client.pem" and "client.key".
    [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }

private:
    static std::string find_program() {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib/rabbitmq/lib", ignored}) {
            const auto program = entry.path() / "sbin/rabbitmq-server";
            if (std::filesystem::exists(program)) {
                return program.string();
            }
        }
        throw std::runtime_error{"no RabbitMQ: apt-get install rabbitmq-server"};
    }

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }
    static std::array<std::uint16_t, 4> free_ports() {
        std::array<std::uint16_t, 4> ports{};
        std::array<int, 4> sockets{};
        for (std::size_t i = 0; i < ports.size(); ++i) {
            sockets[i] = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in address = loopback(0);
            socklen_t size = sizeof(address);
            ::bind(sockets[i], reinterpret_cast<sockaddr*>(&address), size);
            ::getsockname(sockets[i], reinterpret_cast<sockaddr*>(&address), &size);
            ports[i] = ntohs(address.sin_port);
        }
        for (const int socket : sockets) {
            ::close(socket);
        }
        return ports;
    }
    [[nodiscard]] static bool answers(std::uint16_t port) {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = loopback(port);
        const bool there = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
        ::close(socket);
        return there;
    }

    void openssl(const std::string& arguments) const {
        const std::string line = "cd '" + folder_.path() + "' && exec openssl " + arguments;
        if (wait_for(spawn({"/bin/sh", "-c", line})) != 0) {
            throw std::runtime_error{"openssl failed"};
        }
    }
    void make_certificates() const {
        for (const char* name : {"ca", "other-ca"}) {
            openssl(std::string{"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "} + name +
                    ".key -out " + name + ".pem -days 30 -subj /CN=" + name);
        }
        folder_.write("server.ext", "subjectAltName=DNS:localhost\n");
        folder_.write("client.ext", "extendedKeyUsage=clientAuth\n");
        for (const std::string name : {"server", "client"}) {
            openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " +
                    name + ".csr -subj /CN=" + (name == "server" ? "localhost" : "datong"));
            openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile " +
                    name + ".ext -out " + name + ".pem");
        }
    }

    /// All that the broker reads of its environment: nothing of this machine's own.
    [[nodiscard]] std::vector<std::string> environment() const {
        return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG=C.UTF-8",
                "HOME=" + folder_.path(),
                "ERL_EPMD_PORT=" + std::to_string(ports_[2]),
                "ERL_EPMD_ADDRESS=127.0.0.1",
                "ERL_CRASH_DUMP_SECONDS=0",  // no dump into whatever folder the test runs in
                "RABBITMQ_NODENAME=datong" + std::to_string(ports_[0]) + "@localhost",
                "RABBITMQ_NODE_PORT=" + std::to_string(ports_[0]),
                "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
                "RABBITMQ_DIST_PORT=" + std::to_string(ports_[3]),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
                "RABBITMQ_MNESIA_BASE=" + (folder_ / "mnesia"),
                "RABBITMQ_LOG_BASE=" + (folder_ / "log"),
                "RABBITMQ_ENABLED_PLUGINS_FILE=" + (folder_ / "plugins"),
                "RABBITMQ_CONF_ENV_FILE=" + (folder_ / "env.conf"),
                "RABBITMQ_CONFIG_FILE=" + (folder_ / "rabbit.conf"),
                "RABBITMQ_PID_FILE=" + (folder_ / "pid")};
    }

    [[nodiscard]] pid_t spawn(std::vector<std::string> command) const {
        std::vector<std::string> set = environment();
        const auto pointers = [](std::vector<std::string>& texts) {
            std::vector<char*> made;
            for (std::string& text : texts) {
                made.push_back(text.data());
            }
            made.push_back(nullptr);
            return made;
        };
        const std::vector<char*> arguments = pointers(command);
        const std::vector<char*> variables = pointers(set);
        const pid_t child = ::fork();
        if (child == 0) {
            const int silent = ::open("/dev/null", O_RDWR);
            for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
                ::dup2(silent, stream);
            }
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes takes its broker with it
            ::execve(arguments.front(), arguments.data(), variables.data());
            ::_exit(127);
        }
        return child;
    }
    static int wait_for(pid_t child) {
        int status = -1;
        ::waitpid(child, &status, 0);
        return status;
    }

    std::string program_;
    std::array<std::uint16_t, 4> ports_;
    ScratchFolder folder_;
    pid_t epmd_{-1};
    pid_t server_{-1};
};

}  // namespace datong::support
