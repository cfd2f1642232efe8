#pragma once

#include <fcntl.h>
#include <mysql.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scratch_folder.h"

namespace datong::support {

/// A MariaDB of its own for one test, from the distribution's mariadb-server-core, on 127.0.0.1 at a free port, with
/// the database `t` and the user root without a password.
class MariadbServer {
public:
    /// Throws where there is no MariaDB or it does not start.
    MariadbServer() {
        if (!std::filesystem::exists(kProgram)) {
            throw std::runtime_error{"no MariaDB server: apt-get install mariadb-server-core"};
        }
        std::filesystem::create_directory(folder_ / "data");
        std::filesystem::create_directory(folder_ / "tmp");  // at its start each takes away what lies in its tmpdir
        std::string tables = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n";
        for (const char* part : {"mysql_system_tables.sql", "mysql_system_tables_data.sql"}) {
            std::ifstream file{std::string{"/usr/share/mysql/"} + part};
            tables.append(std::istreambuf_iterator<char>{file}, {});
        }
        folder_.write("tables.sql", tables);
        if (wait_for(spawn({"--bootstrap"})) != 0) {
            throw std::runtime_error{"MariaDB's own tables could not be made"};
        }
        start();
        run("CREATE DATABASE t", "");
    }
    MariadbServer(const MariadbServer&) = delete;
    MariadbServer& operator=(const MariadbServer&) = delete;
    ~MariadbServer() { stop(); }

    /// On the same port when it ran before.
    void start() {
        port_ = port_ == 0 ? free_port() : port_;
        server_ = spawn({"--socket=" + (folder_ / "s"), "--bind-address=127.0.0.1", "--port=" + std::to_string(port_),
                         "--skip-name-resolve", "--pid-file=" + (folder_ / "pid"), "--max-connections=60"});
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (connect("") == nullptr) {
            if (std::chrono::steady_clock::now() > until) {
                throw std::runtime_error{"MariaDB does not start"};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
    }
    /// Breaks every connection and ends, as if the machine had stopped.
    void stop() {
        if (server_ > 0) {
            ::kill(server_, SIGKILL);
            wait_for(server_);
            server_ = -1;
        }
    }

    /// Runs statements as root; octets go as they are.
    void run(const std::string& sql, const char* database = "t") const {
        const Handle handle = connect(database);
        if (!handle || mysql_real_query(handle.get(), sql.data(), sql.size()) != 0) {
            throw std::runtime_error{handle ? mysql_error(handle.get()) : "MariaDB is not there"};
        }
        do {
            const std::unique_ptr<MYSQL_RES, Close> result{mysql_store_result(handle.get())};
        } while (mysql_next_result(handle.get()) == 0);
        if (mysql_errno(handle.get()) != 0) {
            throw std::runtime_error{mysql_error(handle.get())};
        }
    }

    [[nodiscard]] std::string connection(const std::string& user = "root") const {
        return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=t user=" + user;
    }
    [[nodiscard]] unsigned port() const { return port_; }

private:
    static constexpr const char* kProgram = "/usr/sbin/mariadbd";
    struct Close {
        void operator()(MYSQL* handle) const noexcept { mysql_close(handle); }
        void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
    };
    using Handle = std::unique_ptr<MYSQL, Close>;

    [[nodiscard]] Handle connect(const char* database) const {
        Handle handle{mysql_init(nullptr)};
        mysql_options(handle.get(), MYSQL_SET_CHARSET_NAME, "latin1");
        const auto* made =
            mysql_real_connect(handle.get(), "127.0.0.1", "root", "", *database == '\0' ? nullptr : database, port_,
                               nullptr, CLIENT_MULTI_STATEMENTS);
        return made == nullptr ? nullptr : std::move(handle);
    }

    [[nodiscard]] pid_t spawn(const std::vector<std::string>& more) const {
        std::vector<std::string> command{kProgram,
                                         "--no-defaults",
                                         "--datadir=" + (folder_ / "data"),
                                         "--tmpdir=" + (folder_ / "tmp"),
                                         "--innodb-buffer-pool-size=16M",
                                         "--innodb-log-file-size=4M",
                                         "--innodb-flush-log-at-trx-commit=0",
                                         "--innodb-lock-wait-timeout=5",
                                         "--key-buffer-size=1M",
                                         "--character-set-server=latin1"};
        if (::geteuid() == 0) {
            command.emplace_back("--user=root");
        }
        command.insert(command.end(), more.begin(), more.end());
        std::vector<char*> arguments;
        for (std::string& part : command) {
            arguments.push_back(part.data());
        }
        arguments.push_back(nullptr);
        const std::string input = more.front() == "--bootstrap" ? folder_ / "tables.sql" : "/dev/null";
        const pid_t child = ::fork();
        if (child == 0) {
            ::dup2(::open(input.c_str(), O_RDONLY), STDIN_FILENO);
            const int silent = ::open("/dev/null", O_WRONLY);
            ::dup2(silent, STDOUT_FILENO);
            ::dup2(silent, STDERR_FILENO);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes takes its server with it
            ::execv(arguments.front(), arguments.data());
            ::_exit(127);
        }
        return child;
    }

    static unsigned free_port() {
        const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        void* any = &address;
        const bool bound = ::bind(probe, static_cast<sockaddr*>(any), size) == 0 &&
                           ::getsockname(probe, static_cast<sockaddr*>(any), &size) == 0;
        ::close(probe);
        if (!bound) {
            throw std::runtime_error{"no free port"};
        }
        return ntohs(address.sin_port);
    }

    static int wait_for(pid_t child) {
        int status = -1;
        ::waitpid(child, &status, 0);
        return status;
    }

    ScratchFolder folder_;
    unsigned port_{};
    pid_t server_{-1};
};

}  // namespace datong::support
