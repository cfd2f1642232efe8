#include "adapters/sql/pool.h"

#include <utility>

namespace datong::adapters::sql {

Result<record::Record> Pool::run(const std::vector<Look>& looks, const std::vector<Values>& values, Deadline deadline) {
    auto taken = take(deadline);
    if (!taken) {
        return fail(std::move(taken.error()));
    }
    std::unique_ptr<Connection> connection = std::move(*taken);
    const bool was_kept = connection != nullptr;
    auto rows = run_on(connection, looks, values, deadline);
    if (!rows && was_kept && opening_.read_only && rows.error().fault() == Fault::department_down) {
        connection.reset();
        rows = run_on(connection, looks, values, deadline);
    }
    give_back(std::move(connection));
    return rows;
}

Result<record::Record> Pool::run_on(std::unique_ptr<Connection>& connection, const std::vector<Look>& looks,
                                    const std::vector<Values>& values, Deadline deadline) {
    if (std::chrono::steady_clock::now() >= deadline) {
        return fail(Fault::department_timeout, "no time left to ask the database");
    }
    if (!connection) {
        auto opened = open(opening_, deadline);
        if (!opened) {
            return fail(std::move(opened.error()));
        }
        connection = std::move(*opened);
    }
    return connection->run(looks, values, deadline);
}

Result<std::unique_ptr<Connection>> Pool::take(Deadline deadline) {
    std::unique_lock lock{mutex_};
    if (!free_.wait_until(lock, deadline, [this] { return in_use_ < most_; })) {
        return fail(Fault::department_timeout, "every connection is in use");
    }
    ++in_use_;
    if (kept_.empty()) {
        return std::unique_ptr<Connection>{};
    }
    auto connection = std::move(kept_.back());
    kept_.pop_back();
    return connection;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    {
        const std::scoped_lock lock{mutex_};
        --in_use_;
        if (connection && connection->is_sound()) {
            kept_.push_back(std::move(connection));
        }
    }
    free_.notify_one();
}

Result<std::unique_ptr<Connection>> open(const Opening& opening, Deadline deadline) {
    return opening.dialect == Dialect::sqlite ? open_sqlite(opening) : open_postgresql(opening, deadline);
}

}  // namespace datong::adapters::sql
