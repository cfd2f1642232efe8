#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>

#include "core/base/text.h"
#include "core/database/drivers.h"
#include "core/database/postgresql_line.h"

namespace datong::database {
namespace {

using Now = std::chrono::steady_clock;
using record::Record;
using std::chrono::milliseconds;

constexpr milliseconds kGrace{500};  // for ROLLBACK, when a call has no time left
constexpr Oid kBytea = 17;           // pg_type.h

/// A cell of bytea comes in hexadecimal, and a row has more than its cells.
std::size_t row_limit(const Opening& opening) {
    return 2 * opening.max_answer + (1U << 20U);
}

/// A deadlock, a snapshot that another overtook, or a unique key that is there already.
bool is_collision(std::string_view state) {
    return state == "40001" || state == "40P01" || state == "23505";
}

/// "cached plan must not change result type", where a table was changed, or the statement is not there any more. While
/// the connection lives, the same statement would fail the same way.
bool is_stale(std::string_view state) {
    return state == "0A000" || state == "26000";
}

class PostgresqlConnection final : public Connection {
public:
    PostgresqlConnection(std::unique_ptr<PostgresqlLine> line, const Opening& opening)
        : line_{std::move(line)}, charset_{opening.charset}, write_{opening.write}, max_answer_{opening.max_answer} {}

    /// client_encoding SQL_ASCII: cells and parameters are the bytes as stored, no conversion; the mapping names the
    /// charset.
    Status settle(Deadline deadline) override {
        const std::string also = write_ ? ""
                                        : "SET default_transaction_read_only = on;"
                                          "SET default_transaction_isolation = 'repeatable read';";
        return command(
            "SET client_encoding = 'SQL_ASCII'; SET bytea_output = 'hex'; SET DateStyle = 'ISO, YMD';"
            "SET standard_conforming_strings = on; SET IntervalStyle = 'iso_8601';" +
                also,
            deadline);
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
        const bool was_prepared = prepared_.contains(look.statement.text);
        is_stale_ = false;
        auto rows = run_one(look, values, deadline);
        const bool keeps = rows || collided_ || rows.error().fault() == Fault::department_refused;
        sound_ = sound_ && keeps && !is_stale_ && line_->is_sound();
        if (is_stale_ && was_prepared) {
            return fail(Fault::department_down, rows.error().detail());  // a fresh connection may well do it
        }
        return rows;
    }
    bool is_sound() const override { return sound_ && line_->is_sound(); }
    bool is_worn() const override { return line_->is_worn(); }
    bool has_collided() const override { return collided_; }
    std::string quoted(std::string_view name) const override { return between("\"", name); }
    void interrupt() noexcept override { line_->interrupt(); }

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
        if (PQsendQueryPrepared(line_->get(), name->c_str(), static_cast<int>(parameters.size()), parameters.data(),
                                nullptr, nullptr, 0) != 1) {
            return broken();
        }
        PQsetSingleRowMode(line_->get());  // rows over the limits never come into memory together
        return take_rows(look, deadline);
    }

    Result<Record> take_rows(const Look& look, Deadline deadline) {
        Gathering gathering{look, max_answer_};
        Result<Record> answer = fail(Fault::department_down, "PostgreSQL: no result");
        while (true) {
            auto next = line_->next_result(deadline);
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
        if (prepared_.size() >= kMostPrepared) {
            if (auto forgot = command("DEALLOCATE ALL", deadline); !forgot) {
                return fail(std::move(forgot.error()));
            }
            prepared_.clear();
        }
        const std::string name = "datong_" + std::to_string(prepared_.size() + 1);
        if (PQsendPrepare(line_->get(), name.c_str(), statement.text.c_str(), 0, nullptr) != 1) {
            return broken();
        }
        if (auto done = finish(deadline, true); !done) {
            return fail(std::move(done.error()));
        }
        prepared_.emplace(statement.text, name);
        return name;
    }

    Status command(const std::string& sql, Deadline deadline) {
        if (PQsendQuery(line_->get(), sql.c_str()) != 1) {
            return broken();
        }
        return finish(deadline, false);
    }

    /// Takes the results of what gives no rows.
    /// @param says  the server may say what it dislikes: a statement's text, which holds no value.
    Status finish(Deadline deadline, bool says) {
        Status done;
        while (true) {
            auto next = line_->next_result(deadline);
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

    Status limit_to(Deadline deadline) {
        const milliseconds limit = statement_limit(deadline);
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
        is_stale_ = is_stale(state);
        return state.empty() ? fail(Fault::department_down, "PostgreSQL: the connection broke")
                             : fail(postgresql_fault(state), "PostgreSQL: SQLSTATE " + state);
    }

    static tl::unexpected<Error> broken() { return fail(Fault::department_down, "PostgreSQL: the connection broke"); }

    std::unique_ptr<PostgresqlLine> line_;
    charset::Charset charset_;
    bool write_;
    std::size_t max_answer_;
    milliseconds limit_{};
    bool sound_{true};
    bool in_transaction_{};
    bool collided_{};
    bool is_stale_{};                              ///< what was prepared here serves no more
    std::map<std::string, std::string> prepared_;  ///< name by SQL
};

}  // namespace

Status check_postgresql_connection(const std::string& connection) {
    char* why = nullptr;  // it may quote a part of the setting
    const std::unique_ptr<PQconninfoOption, PostgresqlFinish> options{PQconninfoParse(connection.c_str(), &why)};
    PQfreemem(why);
    if (!options) {
        return fail(Fault::bad_request,
                    "connection must be libpq's key=value pairs (host=... port=... dbname=... user=... "
                    "sslmode=verify-full) or a postgresql:// URI");
    }
    return {};
}

Result<std::unique_ptr<Connection>> open_postgresql(const Opening& opening, Deadline deadline,
                                                    async::Interrupt& interrupt) {
    auto line = PostgresqlLine::sign_in(opening.connection.reveal(), row_limit(opening), deadline, interrupt);
    if (!line) {
        return fail(std::move(line.error()));
    }
    return std::make_unique<PostgresqlConnection>(std::move(*line), opening);
}

}  // namespace datong::database
