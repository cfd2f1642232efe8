#include "adapters/exchange_table/exchange_table_adapter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "adapters/exchange_table/inbox.h"
#include "adapters/exchange_table/outbox.h"
#include "adapters/exchange_table/sentence.h"
#include "core/async/wait.h"
#include "core/database/binding.h"
#include "core/database/source.h"

namespace datong::adapters::exchange_table {
namespace {

using adapter::Ask;
using adapter::Errand;
using adapter::Reply;
using adapter::Settings;
using boost::asio::awaitable;
using database::Connection;
using database::Value;
using record::Record;
using Now = std::chrono::steady_clock;
using PlanPtr = std::shared_ptr<const Plan>;  // work may go on after its call, and its adapter, are gone

constexpr std::chrono::milliseconds kLastLook{30};  // before the deadline

std::string local_time(std::chrono::system_clock::time_point when) {
    std::string text = to_rfc3339(when).substr(0, 19);
    text[10] = ' ';
    return text;
}

bool has_rows(const Record& sets) {
    const Record* rows = sets.find("rows");
    return rows != nullptr && !rows->items().empty();
}

/// What identifies the row: the field of that name, or what stands in for it.
Result<Value> needed(const Record& fields, const std::string& name, charset::Charset charset,
                     const std::string& otherwise = {}) {
    auto value = database::bind(fields.find(name), name, charset);
    if (value && (!value->octets || value->octets->empty())) {
        return otherwise.empty() ? fail(Fault::request_invalid, "the field " + name + " is missing")
                                 : Result<Value>{Value{.octets = otherwise}};
    }
    return value;
}

Result<Row> row_of(const Plan& plan, const Record& fields, charset::Charset charset, const std::string& exchange) {
    // a key of our own only where nobody needs to find the row again
    auto key = needed(fields, "key", charset, plan.does == Does::ask ? exchange : "");
    auto reason = database::bind(fields.find("reason"), "reason", charset);
    if (!key || !reason) {
        return fail(key ? std::move(reason.error()) : std::move(key.error()));
    }
    Row row{.key = std::move(*key), .cells = {}, .reason = std::move(*reason)};
    for (const auto& [field, column] : plan.columns) {
        auto cell = database::bind(fields.find(field), field, charset);
        if (!cell) {
            return fail(std::move(cell.error()));
        }
        row.cells.push_back(std::move(*cell));
    }
    return row;
}

class ExchangeTableAdapter final : public adapter::Adapter {
public:
    ExchangeTableAdapter(const database::Opening& opening, std::size_t connections, const Plans& plans,
                         const adapter::Tools& tools)
        : source_{opening, connections, tools.blocking}, clock_{tools.clock} {
        for (const auto& [name, plan] : plans) {
            plans_[name] = std::make_shared<const Plan>(plan);
        }
    }

    awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto found = plans_.find(what.operation);
        if (found == plans_.end()) {
            co_return fail(Fault::internal, "exchange_table has no operation " + what.operation);
        }
        const PlanPtr plan = found->second;
        auto rows = co_await run(plan, std::move(what.fields), std::move(errand));
        if (!rows) {
            co_return fail(std::move(rows.error()));
        }
        Reply reply;
        reply.rows = std::move(*rows);
        co_return reply;
    }

    /// Lets the database say whether every table has its key column.
    awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        std::vector<std::pair<Name, Name>> tables;
        for (const auto& [name, plan] : plans_) {
            tables.emplace_back(plan->table, plan->key);
            if (!plan->answer.table.empty()) {
                tables.emplace_back(plan->answer.table, plan->answer.key);
            }
        }
        database::Work work = [tables = std::move(tables), dialect = source_.opening().dialect](Connection& connection,
                                                                                                Deadline deadline) {
            Result<Record> seen = Record{};
            for (const auto& [table, key] : tables) {
                Sentence sentence{connection, dialect};
                seen = sentence.sql("SELECT ").name(key).sql(" FROM ").name(table).sql(" WHERE 1 = 0").run(1, deadline);
                if (!seen) {
                    break;
                }
            }
            return seen;
        };
        co_return co_await source_.probe(std::move(work), std::move(errand));
    }

    std::vector<adapter::Warning> warnings() const override { return database::protection_warnings(source_.opening()); }

private:
    awaitable<Result<Record>> run(PlanPtr plan, Record fields, Errand errand) {
        const charset::Charset charset = source_.opening().charset;
        switch (plan->does) {
            case Does::claim:
                co_return co_await claim_rows(plan, std::move(errand));
            case Does::settle:
            case Does::set_aside:
                co_return co_await end(plan, std::move(fields), std::move(errand));
            default:
                break;
        }
        auto row = row_of(*plan, fields, charset, errand.exchange);
        if (!row) {
            co_return fail(std::move(row.error()));
        }
        if (plan->does == Does::ask) {
            co_return co_await ask_and_wait(plan, std::move(*row), std::move(errand));
        }
        co_return co_await source_.use(writing(plan, std::move(*row)), std::move(errand), true);
    }

    /// One of what outbox.h does.
    database::Work writing(PlanPtr plan, Row row) const {
        return [plan = std::move(plan), row = std::move(row), dialect = source_.opening().dialect](
                   Connection& connection, Deadline deadline) {
            switch (plan->does) {
                case Does::replace:
                    return replace(*plan, row, connection, dialect, deadline);
                case Does::look:
                    return look(*plan, row.key, connection, dialect, deadline);
                default:
                    return put(*plan, row, connection, dialect, deadline);
            }
        };
    }

    /// Puts the row and looks for its answer again and again, with longer and longer pauses in which nothing is held:
    /// no thread and no connection.
    awaitable<Result<Record>> ask_and_wait(PlanPtr plan, Row row, Errand errand) {
        const Value key = row.key;
        auto done = co_await source_.use(writing(plan, std::move(row)), errand, true);
        if (!done) {
            co_return fail(std::move(done.error()));
        }
        const auto awaiting = std::make_shared<Awaiting>();
        for (auto pause = plan->poll_first;; pause = std::min(pause * 3 / 2, plan->poll_most)) {
            database::Work work = [plan, key, awaiting, dialect = source_.opening().dialect](Connection& connection,
                                                                                             Deadline deadline) {
                return fetch_answer(*plan, key, *awaiting, connection, dialect, deadline);
            };
            auto answer = co_await source_.use(std::move(work), errand, true);
            if (answer && has_rows(*answer)) {
                co_return answer;
            }
            if (!answer && answer.error().fault() == Fault::department_invalid) {
                co_await refuse(plan, key, errand);
            }
            if (!answer && answer.error().fault() != Fault::department_down) {
                co_return fail(std::move(answer.error()));  // where the database is being restarted, it may come back
            }
            const Deadline now = Now::now();
            const Deadline next = std::min(now + pause, errand.deadline - kLastLook);
            if (next <= now) {
                co_return fail(
                    answer ? Error{Fault::department_timeout, "no whole answer yet; the same key finds it later"}
                           : std::move(answer.error()));
            }
            co_await async::sleep_until(next);
        }
    }

    /// As far as it can: the answer is refused either way.
    awaitable<void> refuse(PlanPtr plan, Value key, Errand errand) {
        database::Work work = [plan = std::move(plan), key = std::move(key), dialect = source_.opening().dialect](
                                  Connection& connection, Deadline deadline) -> Result<Record> {
            auto marked = refuse_answer(*plan, key, connection, dialect, deadline);
            return marked ? Result<Record>{Record{}} : fail(std::move(marked.error()));
        };
        const auto ignored = co_await source_.use(std::move(work), std::move(errand), true);
        static_cast<void>(ignored);
    }

    /// As far as it can: where the database is gone, the end of the lease does it.
    awaitable<void> give_back_unread(PlanPtr plan, std::shared_ptr<const Claiming> claiming, Errand errand) {
        database::Work work = [plan = std::move(plan), claiming = std::move(claiming), opening = source_.opening()](
                                  Connection& connection, Deadline deadline) -> Result<Record> {
            auto done = give_back(*plan, *claiming, opening, connection, deadline);
            return done ? Result<Record>{Record{}} : fail(std::move(done.error()));
        };
        const auto ignored = co_await source_.use(std::move(work), std::move(errand), true);
        static_cast<void>(ignored);
    }

    /// Until there is something, or nothing waits. A row that broke its connection is set aside on another one.
    awaitable<Result<Record>> claim_rows(PlanPtr plan, Errand errand) {
        while (true) {
            const auto now = clock_.now();
            const auto claiming = std::make_shared<Claiming>(
                Claiming{.now = local_time(now), .over = local_time(now - plan->lease), .poison = {}});
            database::Work work = [plan, claiming, opening = source_.opening()](Connection& connection,
                                                                                Deadline deadline) {
                return claim(*plan, *claiming, opening, connection, deadline);
            };
            auto rows = co_await source_.use(std::move(work), errand, true);  // a failure is one that claimed nothing
            // at the deadline the work may still go on with `claiming`, and there is no time to give anything back
            const bool is_ended = rows || rows.error().fault() != Fault::department_timeout;
            if (is_ended && !claiming->unread.empty()) {
                co_await give_back_unread(plan, claiming, errand);
            }
            if (!rows || !claiming->poison.octets) {
                co_return rows;
            }
            database::Work aside = [plan, claiming, opening = source_.opening()](Connection& connection,
                                                                                 Deadline deadline) -> Result<Record> {
                auto done = set_aside(*plan, claiming->poison, "too many octets", opening, connection, deadline);
                return done ? Result<Record>{Record{}} : fail(std::move(done.error()));
            };
            const auto done = co_await source_.use(std::move(aside), errand, true);
            if (has_rows(*rows) || !done) {
                co_return has_rows(*rows) ? std::move(rows) : fail(done.error());
            }
        }
    }

    awaitable<Result<Record>> end(PlanPtr plan, Record fields, Errand errand) {
        const charset::Charset charset = source_.opening().charset;
        auto id = needed(fields, "id", charset);
        auto reason = database::bind(fields.find("reason"), "reason", charset);
        if (!id || !reason) {
            co_return fail(id ? std::move(reason.error()) : std::move(id.error()));
        }
        database::Work work = [plan = std::move(plan), id = std::move(*id), reason = std::move(*reason),
                               opening = source_.opening()](Connection& connection, Deadline deadline) {
            return end_claim(*plan, id, reason, opening, connection, deadline);
        };
        co_return co_await source_.use(std::move(work), std::move(errand), true);
    }

    database::Source source_;
    const Clock& clock_;
    std::map<std::string, PlanPtr, std::less<>> plans_;
};

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    const auto opening = has_errors(own) ? std::nullopt : database::read_opening(settings, tools, own);
    if (opening) {
        Plans plans;
        for (const auto& [name, operation] : settings.entries("operations")) {
            plans[name] = read_plan(operation, *opening, own);
        }
        if (!has_errors(own)) {
            made = std::make_unique<ExchangeTableAdapter>(
                *opening, static_cast<std::size_t>(settings.whole("connections")), plans, tools);
        }
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

}  // namespace

adapter::Kind kind() {
    return {.name = "exchange_table",
            .version = "1.0.0",
            .status = "alpha",
            .settings = database::source_settings(),
            .operation_settings = operation_settings(),
            .make = make};
}

}  // namespace datong::adapters::exchange_table
