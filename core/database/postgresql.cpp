#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>

#include "core/base/text.h"
#include "core/database/drivers.h"

namespace datong::database {
namespace {

using Now = std::chrono::steady_clock;
using record::Record;
using std::chrono::milliseconds;

constexpr milliseconds kStep{250};   // statement_timeout is set anew only when it changes by a step
constexpr milliseconds kGrace{500};  // the server's own time-out comes first, so that the connection is kept
constexpr Oid kBytea = 17;           // pg_type.h

struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PGresult* result) const noexcept { PQclear(result); }
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using ResultPtr = std::unique_ptr<PGresult, Finish>;

/// Source: PostgreSQL 15, Appendix A, PostgreSQL Error Codes.
Fault fault_of(std::string_view state) {
    if (state == "57014" || state == "55P03" || state == "40P01") {  // canceled, lock not available, deadlock
        return Fault::department_timeout;
    }
    for (const std::string_view down : {"08", "53", "57P", "58", "XX"}) {
        if (state.starts_with(down)) {
            return Fault::department_down;
        }
    }
    return Fault::department_refused;
}

/// A deadlock, a snapshot that another overtook, or a unique key that is there already.
bool is_collision(std::string_view state) {
    return state == "40001" || state == "40P01" || state == "23505";
}

class PostgresqlConnection final : public Connection {
public:
    PostgresqlConnection(PGconn* connection, const Opening& opening)
        : connection_{connection}, charset_{opening.charset}, write_{opening.write}, max_answer_{opening.max_answer} {}

    /// Sets what the statements rely on. client_encoding SQL_ASCII: cells and parameters are the bytes
    /// as stored, no conversion; the mapping names the charset.
    Status settle(bool write) {
        const std::string also = write ? ""
                                       : "SET default_transaction_read_only = on;"
                                         "SET default_transaction_isolation = 'repeatable read';";
        return command(
            "SET client_encoding = 'SQL_ASCII'; SET bytea_output = 'hex'; SET DateStyle = 'ISO, YMD';"
            "SET standard_conforming_strings = on; SET IntervalStyle = 'iso_8601';" +
                also,
            Now::now() + std::chrono::seconds{5});
    }

    Status begin(Deadline deadline) override {
        if (auto limited = limit_to(deadline); !limited) {
            return limited;
        }
        auto begun = command(write_ ? "BEGIN ISOLATION LEVEL SERIALIZABLE" : "BEGIN", deadline);
        in_transaction_ = begun.has_value();
        return begun;
    }
    Status commit(Deadline deadline) override {
        in_transaction_ = false;
        collided_ = false;
        auto ended = command("COMMIT", deadline);
        sound_ = sound_ && (ended || collided_);
        return ended;
    }
    void rollback() override {
        in_transaction_ = false;
        sound_ = sound_ && command("ROLLBACK", Now::now() + kGrace).has_value();
    }

    Result<Record> execute(const Look& look, const Values& values, Deadline deadline) override {
        collided_ = false;
        if (auto limited = in_transaction_ ? Status{} : limit_to(deadline); !limited) {
            return fail(std::move(limited.error()));
        }
        auto rows = run_one(look, values, deadline);
        const bool keeps = rows || collided_ || rows.error().fault() == Fault::department_refused;
        sound_ = sound_ && keeps && PQstatus(connection_.get()) == CONNECTION_OK;
        return rows;
    }
    bool is_sound() const override { return sound_; }
    bool has_collided() const override { return collided_; }
    std::string quoted(std::string_view name) const override { return between("\"", name); }

private:
    Result<Record> run_one(const Look& look, const Values& values, Deadline deadline) {
        auto name = prepare(look.statement, deadline);
        if (!name) {
            return fail(std::move(name.error()));
        }
        std::vector<const char*> parameters;
        for (const Value& value : values) {
            parameters.push_back(value.octets ? value.octets->c_str() : nullptr);
        }
        if (PQsendQueryPrepared(connection_.get(), name->c_str(), static_cast<int>(parameters.size()),
                                parameters.data(), nullptr, nullptr, 0) != 1) {
            return broken();
        }
        PQsetSingleRowMode(connection_.get());  // rows over the limits never come into memory together
        return take_rows(look, deadline);
    }

    Result<Record> take_rows(const Look& look, Deadline deadline) {
        Gathering gathering{look, max_answer_};
        Result<Record> answer = fail(Fault::department_down, "PostgreSQL: no result");
        while (true) {
            auto next = next_result(deadline);
            if (!next) {
                return fail(std::move(next.error()));
            }
            PGresult* result = next->get();
            if (result == nullptr) {
                return answer;
            }
            switch (PQresultStatus(result)) {
                case PGRES_SINGLE_TUPLE:
                    if (auto added = gathering.add(row_of(*result)); !added) {
                        sound_ = false;
                        return fail(std::move(added.error()));
                    }
                    break;
                case PGRES_TUPLES_OK:
                    answer = gathering.take();
                    break;
                case PGRES_COMMAND_OK:
                    answer = affected_rows(PQcmdTuples(result));
                    break;
                default:
                    answer = refused(*result);
            }
        }
    }

    Record::Object row_of(const PGresult& result) const {
        const int columns = PQnfields(&result);
        Record::Object row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) {
            row.push_back({column_name(PQfname(&result, i), static_cast<std::size_t>(i), charset_), cell(result, i)});
        }
        return row;
    }

    static Record cell(const PGresult& result, int column) {
        if (PQgetisnull(&result, 0, column) == 1) {
            return {};
        }
        const auto size = static_cast<std::size_t>(PQgetlength(&result, 0, column));
        const std::string_view octets{PQgetvalue(&result, 0, column), size};
        if (PQftype(&result, column) == kBytea && octets.starts_with("\\x")) {
            return Record::bytes(from_hex(octets.substr(2)).value_or(std::string{octets}));
        }
        return Record::bytes(std::string{octets});
    }

    /// @return the statement's name on the server, prepared once a connection.
    Result<std::string> prepare(const Statement& statement, Deadline deadline) {
        if (const auto known = prepared_.find(statement.text); known != prepared_.end()) {
            return known->second;
        }
        const std::string name = "datong_" + std::to_string(prepared_.size() + 1);
        if (PQsendPrepare(connection_.get(), name.c_str(), statement.text.c_str(), 0, nullptr) != 1) {
            return broken();
        }
        if (auto done = finish(deadline, true); !done) {
            return fail(std::move(done.error()));
        }
        prepared_.emplace(statement.text, name);
        return name;
    }

    Status command(const std::string& sql, Deadline deadline) {
        if (PQsendQuery(connection_.get(), sql.c_str()) != 1) {
            return broken();
        }
        return finish(deadline, false);
    }

    /// Takes the results of what gives no rows.
    /// @param says  the server may say what it dislikes: a statement's text, which holds no value.
    Status finish(Deadline deadline, bool says) {
        Status done;
        while (true) {
            auto next = next_result(deadline);
            if (!next) {
                return fail(std::move(next.error()));
            }
            if (*next == nullptr) {
                return done;
            }
            if (PQresultStatus(next->get()) != PGRES_COMMAND_OK) {
                const char* why = PQresultErrorField(next->get(), PG_DIAG_MESSAGE_PRIMARY);
                auto error = refused(**next);
                done = says ? fail(error.value().fault(), error.value().detail() + ": " + first_line(why))
                            : std::move(error);
            }
        }
    }

    /// @return the next result; nullptr behind the last one.
    Result<ResultPtr> next_result(Deadline deadline) {
        while (PQisBusy(connection_.get()) == 1) {
            const auto rest = std::chrono::ceil<milliseconds>(deadline + kGrace - Now::now()).count();
            pollfd socket{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
            if (rest <= 0 || ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(rest, 60'000))) == 0) {
                sound_ = false;
                return fail(Fault::department_timeout, "PostgreSQL did not answer");
            }
            if (PQconsumeInput(connection_.get()) != 1) {
                return broken();
            }
        }
        return ResultPtr{PQgetResult(connection_.get())};
    }

    Status limit_to(Deadline deadline) {
        const auto rest = std::chrono::duration_cast<milliseconds>(deadline - Now::now());
        const auto limit = std::max(kStep, (rest + kStep - milliseconds{1}) / kStep * kStep);
        if (limit == limit_) {
            return {};
        }
        const std::string count = std::to_string(limit.count());
        auto set = command("SET statement_timeout = " + count + "; SET lock_timeout = " + count, deadline);
        limit_ = set ? limit : milliseconds{};
        return set;
    }

    /// Only the code: message and detail may quote values.
    tl::unexpected<Error> refused(const PGresult& result) {
        const char* field = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
        const std::string state = field == nullptr ? "" : field;
        collided_ = is_collision(state);
        return state.empty() ? fail(Fault::department_down, "PostgreSQL: the connection broke")
                             : fail(fault_of(state), "PostgreSQL: SQLSTATE " + state);
    }

    tl::unexpected<Error> broken() {
        sound_ = PQstatus(connection_.get()) == CONNECTION_OK && sound_;
        return fail(Fault::department_down, "PostgreSQL: the connection broke");
    }

    std::unique_ptr<PGconn, Finish> connection_;
    charset::Charset charset_;
    bool write_;
    std::size_t max_answer_;
    milliseconds limit_{};
    bool sound_{true};
    bool in_transaction_{};
    bool collided_{};
    std::map<std::string, std::string> prepared_;  ///< name by SQL
};

}  // namespace

Status check_postgresql_connection(const std::string& connection) {
    char* why = nullptr;  // it may quote a part of the setting
    const std::unique_ptr<PQconninfoOption, Finish> options{PQconninfoParse(connection.c_str(), &why)};
    PQfreemem(why);
    if (!options) {
        return fail(Fault::bad_request,
                    "connection must be libpq's key=value pairs (host=... port=... dbname=... user=... "
                    "sslmode=verify-full) or a postgresql:// URI");
    }
    return {};
}

Result<std::unique_ptr<Connection>> open_postgresql(const Opening& opening, Deadline deadline) {
    const auto rest = std::chrono::duration_cast<std::chrono::seconds>(deadline - Now::now()).count();
    const std::string seconds = std::to_string(std::clamp<std::int64_t>(rest, 2, 30));
    const std::array<const char*, 4> names{"dbname", "connect_timeout", "application_name", nullptr};
    const std::array<const char*, 4> values{opening.connection.reveal().c_str(), seconds.c_str(), "datong", nullptr};
    PGconn* opened = PQconnectdbParams(names.data(), values.data(), 1);
    auto connection = std::make_unique<PostgresqlConnection>(opened, opening);
    if (PQstatus(opened) != CONNECTION_OK) {
        const bool is_there = PQpingParams(names.data(), values.data(), 1) == PQPING_OK;
        return fail(is_there ? Fault::department_refused : Fault::department_down,
                    (is_there ? "PostgreSQL is there and does not let us in: " : "PostgreSQL: ") +
                        first_line(PQerrorMessage(opened)));
    }
    if (auto settled = connection->settle(opening.write); !settled) {
        return fail(std::move(settled.error()));
    }
    return connection;
}

}  // namespace datong::database
