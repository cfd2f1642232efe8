#pragma once

#include <mysql.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/async/interrupt.h"
#include "core/database/connection.h"

namespace datong::database {

/// Where a server is, and as whom we come.
struct MariadbAddress {
    std::string host;
    unsigned port = 3306;
    std::string socket;
    std::string user;
    Secret password;
    std::string dbname;
    std::string names;  ///< the server's word for what bound octets are
    std::string ssl_ca;
    std::string ssl_cert;
    std::string ssl_key;
};

/// Connects and signs in, all of it by the deadline: the library's own limits begin anew with each octet.
/// @param handle  made and not connected yet. @param max_answer  octets of an answer; a row far over it ends the
/// connection.
[[nodiscard]] bool sign_in_mariadb(MYSQL& handle, const MariadbAddress& address, std::size_t max_answer,
                                   Deadline deadline, async::Interrupt& interrupt);

/// The socket of a connection, on a descriptor of our own: the library may close its own, and another may get the
/// number.
class MariadbSocket {
public:
    explicit MariadbSocket(int socket);
    MariadbSocket(const MariadbSocket&) = delete;
    MariadbSocket& operator=(const MariadbSocket&) = delete;
    ~MariadbSocket();

    /// Ends what waits for it. From any thread.
    void cut() noexcept;
    /// The library reads at most so many octets from now on, until it is lifted; TCP only.
    void limit(std::uint64_t most) noexcept;
    void lift() noexcept;
    /// Whether it has read more. From any thread.
    [[nodiscard]] bool is_over() noexcept;
    [[nodiscard]] bool was_over() const noexcept { return was_over_; }

private:
    [[nodiscard]] std::uint64_t octets_read() const noexcept;

    static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
    const int socket_;
    std::atomic<std::uint64_t> most_{kNoLimit};
    std::atomic<bool> was_over_{};
};

/// A prepared statement of MariaDB or MySQL. Cells come as the octets that the server sends for text, numbers as their
/// digits; nothing is converted.
class MariadbStatement {
public:
    /// @param handle  its connection, which must outlive it, as must its socket.
    MariadbStatement(MYSQL& handle, MariadbSocket& socket, charset::Charset charset)
        : handle_{handle}, socket_{socket}, statement_{mysql_stmt_init(&handle)}, charset_{charset} {}

    /// @return whether it went well; else error() says what was wrong.
    [[nodiscard]] bool prepare(const std::string& sql);
    /// Runs it and takes its rows. What fails says nothing yet: error() does.
    /// @return nullopt when the server or the connection failed; over a limit, department_invalid.
    [[nodiscard]] std::optional<Result<record::Record>> run(const Look& look, const Values& values,
                                                            std::size_t max_bytes);
    /// Source: MariaDB, Error Codes; 2000 to 2999 are the client's own.
    [[nodiscard]] unsigned error() const {
        const unsigned own = statement_ ? mysql_stmt_errno(statement_.get()) : kOutOfMemory;
        return own != 0 ? own : mysql_errno(&handle_);  // what comes among the rows stands there only
    }
    /// Whether its table was made anew since it was prepared: it gave the right names, and would not once more.
    [[nodiscard]] bool is_outdated() const noexcept { return is_outdated_; }
    [[nodiscard]] const char* message() const { return statement_ ? mysql_stmt_error(statement_.get()) : ""; }

private:
    using Flag = std::remove_pointer_t<decltype(MYSQL_BIND::is_null)>;  // char of MariaDB, bool of MySQL
    static constexpr unsigned kOutOfMemory = 2008;
    static constexpr std::size_t kFirstRoom = 256;  ///< octets of a cell; longer ones are fetched once more

    struct Close {
        void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
        void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
    };
    struct Cell {
        std::vector<char> room = std::vector<char>(kFirstRoom);
        unsigned long size{};
        Flag is_null{};
        Flag is_cut{};
    };

    [[nodiscard]] bool bind(const Values& values);
    [[nodiscard]] bool learn_columns();
    [[nodiscard]] std::optional<Result<record::Record>> take_rows(const Look& look, std::size_t max_bytes);
    /// @return nullopt when it could not be fetched.
    [[nodiscard]] std::optional<record::Record> cell(std::size_t column);

    MYSQL& handle_;
    MariadbSocket& socket_;
    std::unique_ptr<MYSQL_STMT, Close> statement_;
    charset::Charset charset_;
    std::vector<unsigned long> sizes_;  ///< of what is bound
    std::vector<std::string> names_;
    bool is_outdated_{};
    std::vector<Cell> cells_;
    std::vector<MYSQL_BIND> binds_;
};

}  // namespace datong::database
