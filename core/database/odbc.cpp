#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "core/base/text.h"
#include "core/database/drivers.h"
#include "core/database/odbc_statement.h"

namespace datong::database {
namespace {

using Now = std::chrono::steady_clock;
using record::Record;
using Environment = OdbcHandle<SQL_HANDLE_ENV>;
using Session = OdbcHandle<SQL_HANDLE_DBC>;

bool is_good(SQLRETURN code) {
    return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO;
}

SQLPOINTER as_pointer(std::size_t number) {
    return reinterpret_cast<SQLPOINTER>(number);  // NOLINT(performance-no-int-to-ptr)
}

std::size_t seconds_until(Deadline deadline) {
    const auto rest = std::chrono::ceil<std::chrono::seconds>(deadline - Now::now()).count();
    return static_cast<std::size_t>(std::max<std::int64_t>(rest, 1));
}

/// Source: ODBC 3.8, Appendix A, ODBC Error Codes; the classes 57, 55 and 40P01 are PostgreSQL's own.
Fault fault_of(std::string_view state) {
    if (state == "HYT00" || state == "HYT01" || state == "HY008" || state == "57014" || state == "55P03" ||
        state == "40P01") {
        return Fault::department_timeout;
    }
    const bool is_down = state.starts_with("08") || state.starts_with("57P") || state.starts_with("IM") ||
                         state.starts_with("HY010") || state.empty();
    return is_down ? Fault::department_down : Fault::department_refused;
}

bool is_collision(std::string_view state) {
    return state.starts_with("40") || state == "23000" || state == "23505";
}

/// Through whatever driver unixODBC has under that name.
class OdbcConnection final : public Connection {
public:
    OdbcConnection(Environment environment, Session session, const Opening& opening)
        : environment_{std::move(environment)},
          session_{std::move(session)},
          write_{opening.write},
          charset_{opening.charset},
          max_answer_{opening.max_answer} {}
    ~OdbcConnection() override { SQLDisconnect(session_.get()); }

    Status settle(Deadline /*deadline*/) override {
        std::array<char, 8> quote{};
        std::array<char, 32> name{};
        SQLSMALLINT size{};
        if (is_good(SQLGetInfo(session_.get(), SQL_IDENTIFIER_QUOTE_CHAR, quote.data(),
                               static_cast<SQLSMALLINT>(quote.size()), &size))) {
            quote_ = quote.data();
        }
        is_sqlite_ = is_good(SQLGetInfo(session_.get(), SQL_DBMS_NAME, name.data(),
                                        static_cast<SQLSMALLINT>(name.size()), &size)) &&
                     std::string_view{name.data()}.starts_with("SQLite");
        // who only reads never commits: that holds with every driver, while not every one has a read-only mode
        return write_ ? Status{} : set_autocommit(false);
    }

    Status begin(Deadline /*deadline*/) override {
        in_transaction_ = true;
        if (!write_) {
            return {};
        }
        // a driver without it keeps its own level
        SQLSetConnectAttr(session_.get(), SQL_ATTR_TXN_ISOLATION, as_pointer(SQL_TXN_SERIALIZABLE), 0);
        return set_autocommit(false);
    }
    Status commit(Deadline /*deadline*/) override {
        in_transaction_ = false;
        if (!write_) {
            return end(SQL_ROLLBACK);
        }
        auto ended = end(SQL_COMMIT);
        auto set = ended ? set_autocommit(true) : Status{};
        return ended ? set : ended;
    }
    void rollback() override {
        in_transaction_ = false;
        const bool ended = end(SQL_ROLLBACK).has_value() && (!write_ || set_autocommit(true).has_value());
        sound_ = sound_ && ended;
    }

    Result<Record> execute(const Look& look, const Values& values, Deadline deadline) override {
        collided_ = false;
        auto rows = prepare_and_run(look, values, deadline);
        const bool is_forbidden = !write_ && rows && is_change(*rows);
        if (!write_ && (!in_transaction_ || is_forbidden)) {
            rollback();
        }
        if (is_forbidden) {
            return fail(Fault::department_refused,
                        "ODBC: the source is only read, and the statement changes something");
        }
        return rows;
    }

    bool is_sound() const override { return sound_; }
    bool has_collided() const override { return collided_; }
    /// A driver that says " " has no quotes; a checked name needs none then.
    std::string quoted(std::string_view name) const override {
        return quote_ == " " ? std::string{name} : between(quote_, name);
    }

    /// On a thread of its own, for the driver may wait for the server to stop the statement.
    void interrupt() noexcept override {
        const std::scoped_lock lock{running_mutex_};
        if (running_ == nullptr || canceller_.joinable()) {
            return;
        }
        try {
            canceller_ = std::thread{[statement = running_] { statement->cancel(); }};
        } catch (const std::system_error&) {  // no thread is left: the driver's own time-out must do
            return;
        }
    }

private:
    /// While it lives, an interrupt cancels the statement; it ends when no thread touches the statement any more.
    class Running {
    public:
        Running(OdbcConnection& connection, OdbcStatement& statement) : connection_{connection} {
            const std::scoped_lock lock{connection_.running_mutex_};
            connection_.running_ = &statement;
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running() {
            std::thread canceller;
            {
                const std::scoped_lock lock{connection_.running_mutex_};
                connection_.running_ = nullptr;
                canceller.swap(connection_.canceller_);
            }
            if (canceller.joinable()) {
                canceller.join();
                connection_.sound_ = false;  // a server may hear it late, and stop the next statement
            }
        }

    private:
        OdbcConnection& connection_;
    };

    static bool is_change(const Record& rows) {
        return rows.items().size() == 1 && rows.items().front().members().size() == 1 &&
               rows.items().front().members().front().name == "affected";
    }

    /// Prepared anew each time: a driver may go on naming the columns as they were when the statement was prepared, and
    /// give the values of a table that was made anew under the wrong names.
    Result<Record> prepare_and_run(const Look& look, const Values& values, Deadline deadline) {
        if (is_sqlite_) {  // prepares by the tables that it remembers; this has it look at the file
            OdbcStatement anew{session_.get(), charset_};
            const Look tables{.set = "tables", .statement = {}, .max_rows = 1};
            const Running running{*this, anew};
            if (!anew.prepare("SELECT 1 FROM sqlite_master LIMIT 1") ||
                !anew.run(tables, {}, max_answer_, seconds_until(deadline))) {
                return fail(note(anew.state()));
            }
        }
        OdbcStatement statement{session_.get(), charset_};
        const Running running{*this, statement};
        if (!statement.prepare(look.statement.text)) {
            const Error error = note(statement.state());  // a statement's text holds no value, so it may be quoted
            return fail(error.fault(), error.detail() + ": " + statement.message());
        }
        auto rows = statement.run(look, values, max_answer_, seconds_until(deadline));
        if (!rows) {
            return fail(note(statement.state()));
        }
        sound_ = sound_ && rows->has_value();
        return std::move(*rows);
    }

    Error note(const std::string& state) {
        const bool is_gone = state == "HY000" && is_dead();  // what a driver says that has nothing better to say
        const Fault fault = is_gone ? Fault::department_down : fault_of(state);
        collided_ = is_collision(state);
        sound_ = sound_ && (collided_ || fault == Fault::department_refused);
        return {fault, "ODBC: SQLSTATE " + (state.empty() ? std::string{"unknown"} : state)};
    }

    /// As the driver saw it last; false where it can't say.
    bool is_dead() {
        SQLUINTEGER dead = SQL_CD_FALSE;
        return is_good(SQLGetConnectAttr(session_.get(), SQL_ATTR_CONNECTION_DEAD, &dead, sizeof dead, nullptr)) &&
               dead == SQL_CD_TRUE;
    }

    Status end(SQLSMALLINT how) {
        if (!is_good(SQLEndTran(SQL_HANDLE_DBC, session_.get(), how))) {
            return fail(note(odbc_state(SQL_HANDLE_DBC, session_.get())));
        }
        return {};
    }

    Status set_autocommit(bool on) {
        const std::size_t value = on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF;
        if (!is_good(SQLSetConnectAttr(session_.get(), SQL_ATTR_AUTOCOMMIT, as_pointer(value), 0))) {
            return fail(note(odbc_state(SQL_HANDLE_DBC, session_.get())));
        }
        return {};
    }

    Environment environment_;
    Session session_;
    bool write_;
    charset::Charset charset_;
    std::size_t max_answer_;
    std::string quote_ = "\"";
    bool is_sqlite_{};
    bool in_transaction_{};
    bool sound_{true};
    bool collided_{};
    std::mutex running_mutex_;  ///< of the two below
    OdbcStatement* running_{};
    std::thread canceller_;
};

}  // namespace

Status check_odbc_connection(const std::string& connection) {
    const std::string lower = ascii_lower(connection);
    if (!lower.starts_with("dsn=") && !lower.starts_with("driver=") && !lower.starts_with("filedsn=")) {
        return fail(Fault::bad_request, "connection must begin with DSN=NAME; or DRIVER={NAME};");
    }
    return {};
}

Result<std::unique_ptr<Connection>> open_odbc(const Opening& opening, Deadline deadline) {
    Environment environment{nullptr};
    SQLSetEnvAttr(environment.get(), SQL_ATTR_ODBC_VERSION, as_pointer(SQL_OV_ODBC3), 0);
    Session session{environment.get()};
    if (session.get() == nullptr) {
        return fail(Fault::internal, "ODBC: no handle");
    }
    // not every driver has these
    SQLSetConnectAttr(session.get(), SQL_ATTR_LOGIN_TIMEOUT, as_pointer(seconds_until(deadline)), 0);
    SQLSetConnectAttr(session.get(), SQL_ATTR_CONNECTION_TIMEOUT, as_pointer(seconds_until(deadline)), 0);
    std::string text = opening.connection.reveal();
    void* octets = text.data();
    SQLSMALLINT ignored{};
    const SQLRETURN connected =
        SQLDriverConnect(session.get(), nullptr, static_cast<SQLCHAR*>(octets), static_cast<SQLSMALLINT>(text.size()),
                         nullptr, 0, &ignored, SQL_DRIVER_NOPROMPT);
    if (!is_good(connected)) {
        const std::string state = odbc_state(SQL_HANDLE_DBC, session.get());
        const bool is_there = state.starts_with("28") || state == "08004";
        return fail(is_there ? Fault::department_refused : Fault::department_down,
                    "ODBC: SQLSTATE " + state + ": " + odbc_message(SQL_HANDLE_DBC, session.get()));
    }
    return std::make_unique<OdbcConnection>(std::move(environment), std::move(session), opening);
}

}  // namespace datong::database
