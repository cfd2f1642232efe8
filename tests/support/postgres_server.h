#pragma once

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scratch_folder.h"

namespace datong::support {

/// A PostgreSQL of its own for one test, from Debian's binaries, on a Unix socket in a scratch folder; no
/// port. As root it runs under the user postgres, for the server refuses root.
class PostgresServer {
public:
    /// Throws where there is no PostgreSQL or it does not start.
    /// @param is_durable  whether it waits for the disk: for benchmarks, not for tests.
    explicit PostgresServer(bool is_durable = false) : binaries_{find_binaries()}, is_durable_{is_durable} {
        namespace fs = std::filesystem;
        if (::geteuid() == 0) {
            const passwd* user = ::getpwnam("postgres");
            if (user == nullptr || ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
                throw std::runtime_error{"no user postgres to run the server"};
            }
            user_ = user->pw_uid;
            group_ = user->pw_gid;
        }
        const pid_t init = spawn(
            {"initdb", "-D", data(), "-A", "trust", "-U", "datong", "-E", "SQL_ASCII", "--locale=C", "--no-sync"});
        if (wait_for(init) != 0) {
            throw std::runtime_error{"initdb failed"};
        }
        start();
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer() { stop(); }

    void start() {
        server_ = spawn({"postgres", "-D", data(), "-k", folder_.path(), "-c", "listen_addresses=", "-c",
                         is_durable_ ? "fsync=on" : "fsync=off", "-c", "max_connections=30", "-c",
                         "shared_buffers=16MB", "-c", "dynamic_shared_memory_type=mmap"});
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (wait_for(spawn({"pg_isready", "-q", "-h", folder_.path()})) != 0) {
            if (std::chrono::steady_clock::now() > until) {
                throw std::runtime_error{"PostgreSQL does not start"};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }
    /// Breaks every connection and ends.
    void stop() {
        if (server_ > 0) {
            ::kill(server_, SIGINT);
            wait_for(server_);
            server_ = -1;
        }
    }

    /// Runs SQL as the owner; octets go as they are.
    void run(const std::string& sql) const {
        folder_.write("run.sql", sql);
        std::filesystem::permissions(folder_ / "run.sql", std::filesystem::perms::others_read,
                                     std::filesystem::perm_options::add);
        if (wait_for(spawn({"psql", "-q", "-h", folder_.path(), "-U", "datong", "-d", "postgres", "-v",
                            "ON_ERROR_STOP=1", "-f", folder_ / "run.sql"})) != 0) {
            throw std::runtime_error{"psql failed"};
        }
    }

    [[nodiscard]] std::string connection() const { return "host=" + folder_.path() + " dbname=postgres user=datong"; }

private:
    static std::string find_binaries() {
        namespace fs = std::filesystem;
        std::vector<std::string> found;
        for (const char* root : {"/usr/lib/postgresql", "/usr/local/pgsql"}) {
            std::error_code ignored;
            for (const auto& entry : fs::directory_iterator{root, ignored}) {
                if (fs::exists(entry.path() / "bin" / "initdb")) {
                    found.push_back((entry.path() / "bin").string());
                }
            }
        }
        if (found.empty()) {
            throw std::runtime_error{"no PostgreSQL server: apt-get install postgresql"};
        }
        return *std::ranges::max_element(found);
    }

    [[nodiscard]] std::string data() const { return folder_ / "data"; }

    [[nodiscard]] pid_t spawn(std::vector<std::string> command) const {
        command.front().insert(0, binaries_ + '/');
        std::vector<char*> arguments;
        for (std::string& part : command) {
            arguments.push_back(part.data());
        }
        arguments.push_back(nullptr);
        const pid_t child = ::fork();
        if (child == 0) {
            become_user();
            ::execv(arguments.front(), arguments.data());
            ::_exit(127);
        }
        return child;
    }

    void become_user() const {
        const int silent = ::open("/dev/null", O_RDWR);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            ::dup2(silent, stream);
        }
        // the bare calls: those of the C library tell every thread that there was, and here there is one only
        if (user_ != 0 && (::syscall(SYS_setgid, group_) != 0 || ::syscall(SYS_setuid, user_) != 0)) {
            ::_exit(126);
        }
        // a test that crashes takes its server with it
        if (::chdir("/") != 0 || ::prctl(PR_SET_PDEATHSIG, SIGINT) != 0) {
            ::_exit(126);
        }
    }

    static int wait_for(pid_t child) {
        int status = -1;
        ::waitpid(child, &status, 0);
        return status;
    }

    std::string binaries_;
    bool is_durable_{};
    ScratchFolder folder_;
    uid_t user_{};
    gid_t group_{};
    pid_t server_{-1};
};

}  // namespace datong::support
