#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "core/database/drivers.h"
#include "core/database/key_values.h"
#include "core/database/mariadb_statement.h"

namespace datong::database {
namespace {

using Now = std::chrono::steady_clock;
using record::Record;
using std::chrono::milliseconds;

constexpr std::uint64_t kMostReply = 65'536;  // octets of an answer that has no rows
constexpr unsigned kStatementTimeout = 1969;  // MariaDB: max_statement_time
constexpr unsigned kQueryTimeout = 3024;      // MySQL: max_execution_time

struct Close {
    void operator()(MYSQL* handle) const noexcept { mysql_close(handle); }
};
using Handle = std::unique_ptr<MYSQL, Close>;

/// What the server calls a charset; nullptr where it has none.
const char* name_of(charset::Charset charset) {
    switch (charset) {
        case charset::Charset::utf_8:
            return "utf8mb4";
        case charset::Charset::gbk:
            return "gbk";
        case charset::Charset::big5:
            return "big5";
        case charset::Charset::latin_1:
            return "latin1";
        default:
            return nullptr;
    }
}

std::optional<unsigned> read_port(const std::string& text) {
    const bool has_digits =
        !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
    const unsigned long port = has_digits ? std::stoul(text) : 0;
    return port >= 1 && port <= 65'535 ? std::optional{static_cast<unsigned>(port)} : std::nullopt;
}

Result<MariadbAddress> read_address(const std::string& connection, charset::Charset charset) {
    const auto pairs = read_key_values(connection);
    MariadbAddress made;
    std::string port = "3306";
    std::string password;
    const std::array<std::pair<std::string_view, std::string*>, 10> keys{{{"host", &made.host},
                                                                          {"port", &port},
                                                                          {"socket", &made.socket},
                                                                          {"user", &made.user},
                                                                          {"password", &password},
                                                                          {"dbname", &made.dbname},
                                                                          {"names", &made.names},
                                                                          {"ssl_ca", &made.ssl_ca},
                                                                          {"ssl_cert", &made.ssl_cert},
                                                                          {"ssl_key", &made.ssl_key}}};
    bool is_known = pairs.has_value();
    for (const auto& [key, value] : pairs.value_or(KeyValues{})) {
        const auto known = std::ranges::find(keys, key, [](const auto& pair) { return pair.first; });
        is_known = is_known && known != keys.end();
        if (known != keys.end()) {
            *known->second = value;
        }
    }
    made.password = Secret{std::move(password)};
    const auto number = read_port(port);
    if (!is_known || !number || made.host.empty() == made.socket.empty()) {
        return fail(
            Fault::bad_request,
            "connection must be key=value pairs of host (or socket), port, user, password, dbname, names, ssl_ca, "
            "ssl_cert, ssl_key");
    }
    if (made.ssl_ca.empty() && (!made.ssl_cert.empty() || !made.ssl_key.empty())) {
        return fail(Fault::bad_request, "ssl_cert and ssl_key need ssl_ca: without it there is no TLS");
    }
    made.port = *number;
    if (made.names.empty()) {
        const char* names = name_of(charset);
        if (names == nullptr) {
            return fail(Fault::bad_request,
                        "MariaDB has no such charset: say names=... in connection, the charset that the columns are "
                        "declared in (names=latin1 where they hold octets of another)");
        }
        made.names = names;
    }
    return made;
}

bool is_down(unsigned code) {
    constexpr std::array kDown{static_cast<unsigned>(CR_SERVER_GONE_ERROR),
                               static_cast<unsigned>(CR_SERVER_LOST),
                               static_cast<unsigned>(CR_CONNECTION_ERROR),
                               static_cast<unsigned>(CR_CONN_HOST_ERROR),
                               static_cast<unsigned>(CR_UNKNOWN_HOST),
                               static_cast<unsigned>(CR_SSL_CONNECTION_ERROR),
                               static_cast<unsigned>(ER_SERVER_SHUTDOWN),
                               static_cast<unsigned>(ER_CON_COUNT_ERROR),
                               static_cast<unsigned>(ER_TOO_MANY_USER_CONNECTIONS),
                               2055U /* CR_SERVER_LOST_EXTENDED */,
                               static_cast<unsigned>(CR_NEW_STMT_METADATA),  // a table was made anew: prepare afresh
                               1927U /* ER_CONNECTION_KILLED */};
    return std::ranges::find(kDown, code) != kDown.end();
}

/// Source: MariaDB, Error Codes; MySQL 8.0, Error Message Reference.
Fault fault_of(unsigned code) {
    if (code == ER_LOCK_WAIT_TIMEOUT || code == kStatementTimeout || code == kQueryTimeout ||
        code == ER_QUERY_INTERRUPTED || code == ER_LOCK_DEADLOCK) {
        return Fault::department_timeout;
    }
    if (is_down(code)) {
        return Fault::department_down;
    }
    const bool is_client_error = code >= CR_MIN_ERROR && code < CR_MIN_ERROR + 1'000;  // a packet too large, malformed
    return is_client_error || code == 0 ? Fault::department_invalid : Fault::department_refused;
}

/// A deadlock, a snapshot that another overtook, or a unique key that is there already.
bool is_collision(unsigned code) {
    return code == ER_LOCK_DEADLOCK || code == ER_DUP_ENTRY || code == ER_CHECKREAD;
}

Error error_of(unsigned code) {
    return {fault_of(code), "MariaDB: error " + std::to_string(code)};
}

class MariadbConnection final : public Connection {
public:
    MariadbConnection(Handle handle, const Opening& opening)
        : handle_{std::move(handle)},
          socket_{handle_->net.fd},
          is_mysql_{!is_mariadb(*handle_)},
          write_{opening.write},
          charset_{opening.charset},
          max_answer_{opening.max_answer} {}
    /// Where rows were left unread, closing one statement would wait for those of another.
    ~MariadbConnection() override {
        if (!sound_) {
            interrupt();
        }
    }

    /// Cells come as stored, and what does not fit is refused, never cut.
    Status settle(Deadline /*deadline*/) override {
        // MySQL's library greets with the number of a collation, and MariaDB takes one that it does not know for
        // latin1's
        const std::string names = std::string{"SET NAMES "} + mysql_character_set_name(handle_.get());
        const char* also = write_ ? "SET SESSION TRANSACTION READ WRITE" : "SET SESSION TRANSACTION READ ONLY";
        for (const char* sql : {names.c_str(), "SET character_set_results = NULL",
                                "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')", also}) {
            if (auto done = command(sql); !done) {
                return done;
            }
        }
        return {};
    }

    Status begin(Deadline deadline) override {
        if (auto limited = limit_to(deadline); !limited) {
            return limited;
        }
        if (auto set = write_ ? command("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE") : Status{}; !set) {
            return set;
        }
        auto begun = command("START TRANSACTION");
        in_transaction_ = begun.has_value();
        return begun;
    }
    Status commit(Deadline /*deadline*/) override {
        in_transaction_ = false;
        return command("COMMIT");
    }
    void rollback() override {
        in_transaction_ = false;
        sound_ = sound_ && command("ROLLBACK").has_value();
    }

    Result<Record> execute(const Look& look, const Values& values, Deadline deadline) override {
        collided_ = false;
        if (auto limited = in_transaction_ ? Status{} : limit_to(deadline); !limited) {
            return fail(std::move(limited.error()));
        }
        if (prepared_.size() >= kMostPrepared && !prepared_.contains(look.statement.text)) {
            prepared_.clear();
        }
        auto& statement = prepared_[look.statement.text];
        if (!statement) {
            auto made = std::make_unique<MariadbStatement>(*handle_, socket_, charset_);
            if (!made->prepare(look.statement.text)) {
                const Error error = note(made->error());  // a statement's text holds no value, so it may be quoted
                return fail(error.fault(), error.detail() + ": " + first_line(made->message()));
            }
            statement = std::move(made);
        }
        auto rows = statement->run(look, values, max_answer_);
        if (!rows) {
            Error error = note(statement->error());
            if (sound_) {
                prepared_.erase(look.statement.text);
            }
            return fail(std::move(error));
        }
        sound_ = sound_ && rows->has_value();
        if (sound_ && statement->is_outdated()) {
            prepared_.erase(look.statement.text);
        }
        return std::move(*rows);
    }

    bool is_sound() const override { return sound_; }
    bool has_collided() const override { return collided_; }
    std::string quoted(std::string_view name) const override { return between("`", name); }
    void interrupt() noexcept final { socket_.cut(); }
    bool is_flooded() noexcept override { return socket_.is_over(); }

private:
    static bool is_mariadb(MYSQL& handle) {
        return std::string_view{mysql_get_server_info(&handle)}.find("MariaDB") != std::string_view::npos;
    }

    Status limit_to(Deadline deadline) {
        const milliseconds limit = statement_limit(deadline);
        if (limit == limit_) {
            return {};
        }
        const std::string sql = is_mysql_ ? "SET SESSION max_execution_time = " + std::to_string(limit.count())
                                          : "SET SESSION max_statement_time = " + std::to_string(limit.count()) + "e-3";
        auto set = command(sql.c_str());
        limit_ = set ? limit : milliseconds{};
        return set;
    }

    Status command(const char* sql) {
        socket_.limit(kMostReply);
        const bool is_done = mysql_query(handle_.get(), sql) == 0;
        socket_.lift();
        if (!is_done) {
            return fail(note(mysql_errno(handle_.get())));
        }
        return {};
    }

    Error note(unsigned code) {
        Error error = socket_.was_over()
                          ? Error{Fault::department_invalid, "MariaDB: an answer without rows, and without end"}
                          : error_of(code);
        collided_ = is_collision(code);
        sound_ = sound_ && (collided_ || error.fault() == Fault::department_refused ||
                            (code == kStatementTimeout && !in_transaction_));
        return error;
    }

    Handle handle_;
    MariadbSocket socket_;
    bool is_mysql_;
    bool write_;
    charset::Charset charset_;
    std::size_t max_answer_;
    milliseconds limit_{};
    bool sound_{true};
    bool in_transaction_{};
    bool collided_{};
    std::map<std::string, std::unique_ptr<MariadbStatement>> prepared_;  ///< by SQL; goes before the handle
};

/// The library keeps memory for each thread that used it.
struct ThreadEnd {
    ThreadEnd() = default;
    ThreadEnd(const ThreadEnd&) = delete;
    ThreadEnd& operator=(const ThreadEnd&) = delete;
    ~ThreadEnd() { mysql_thread_end(); }
};

}  // namespace

Status check_mariadb_connection(const std::string& connection, charset::Charset charset) {
    auto address = read_address(connection, charset);
    return address ? Status{} : fail(std::move(address.error()));
}

Result<std::unique_ptr<Connection>> open_mariadb(const Opening& opening, Deadline deadline,
                                                 async::Interrupt& interrupt) {
    static std::once_flag library;  // the library's own beginning is not safe from two threads
    std::call_once(library, [] { mysql_library_init(0, nullptr, nullptr); });
    thread_local const ThreadEnd thread_end;
    auto address = read_address(opening.connection.reveal(), opening.charset);
    Handle handle{mysql_init(nullptr)};
    if (!address || !handle) {
        return fail(Fault::internal, "MariaDB: no handle");
    }
    if (!sign_in_mariadb(*handle, *address, opening.max_answer, deadline, interrupt)) {
        if (Now::now() >= deadline) {
            return fail(Fault::department_timeout, "MariaDB did not answer our sign-in");
        }
        const unsigned code = mysql_errno(handle.get());
        const bool is_there = fault_of(code) == Fault::department_refused;
        return fail(is_there ? Fault::department_refused : Fault::department_down,
                    (is_there ? "MariaDB is there and does not let us in: " : "MariaDB: ") +
                        first_line(mysql_error(handle.get())));
    }
    return std::make_unique<MariadbConnection>(std::move(handle), opening);
}

}  // namespace datong::database
