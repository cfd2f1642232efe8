#include "core/database/pool.h"

#include <utility>

namespace datong::database {
namespace {

/// Firewalls forget quiet connections, often after five minutes, and then swallow what is sent on them.
constexpr std::chrono::minutes kMostQuiet{2};

}  // namespace

Result<record::Record> Pool::use(const Work& work, Deadline deadline, bool repeats, async::Interrupt& interrupt) {
    if (auto taken = take_place(deadline); !taken) {
        return fail(std::move(taken.error()));
    }
    std::unique_ptr<Connection> connection = take_kept();
    const bool was_kept = connection != nullptr;
    auto rows = do_on(connection, work, deadline, interrupt);
    if (!rows && was_kept && repeats && rows.error().fault() == Fault::department_down) {
        connection.reset();
        rows = do_on(connection, work, deadline, interrupt);
    }
    const bool shut_out = !rows && !connection && rows.error().fault() == Fault::department_refused;
    give_back(std::move(connection));
    return shut_out ? fail(Fault::department_down, rows.error().detail()) : std::move(rows);
}

Result<record::Record> Pool::try_fresh(const Work& work, Deadline deadline, async::Interrupt& interrupt) {
    if (auto taken = take_place(deadline); !taken) {
        return fail(std::move(taken.error()));
    }
    std::unique_ptr<Connection> connection;
    auto rows = do_on(connection, work, deadline, interrupt);
    give_back(std::move(connection));
    return rows;
}

Result<record::Record> Pool::do_on(std::unique_ptr<Connection>& connection, const Work& work, Deadline deadline,
                                   async::Interrupt& interrupt) {
    if (std::chrono::steady_clock::now() >= deadline) {
        return fail(Fault::department_timeout, "no time left to ask the database");
    }
    const bool is_fresh = !connection;
    if (is_fresh) {
        auto opened = open(opening_, deadline, interrupt);
        if (!opened) {
            return fail(std::move(opened.error()));
        }
        connection = std::move(*opened);
    }
    if (!interrupt.hold([held = connection.get()] { held->interrupt(); },
                        [held = connection.get()] { return held->is_flooded(); })) {
        if (is_fresh) {
            connection.reset();  // nothing that it relies on was set
        }
        return fail(Fault::department_timeout, "nobody waits for the database any more");
    }
    const auto settled = is_fresh ? connection->settle(deadline) : Status{};
    auto rows = settled ? work(*connection, deadline) : fail(settled.error());
    interrupt.let_go();
    if (!settled) {
        connection.reset();
    }
    return rows;
}

Status Pool::take_place(Deadline deadline) {
    std::unique_lock lock{mutex_};
    if (!free_.wait_until(lock, deadline, [this] { return in_use_ < most_; })) {
        return fail(Fault::department_timeout, "every connection is in use");
    }
    ++in_use_;
    return {};
}

std::unique_ptr<Connection> Pool::take_kept() {
    std::vector<Kept> stale;  // closed outside of the lock
    const std::scoped_lock lock{mutex_};
    if (kept_.empty()) {
        return nullptr;
    }
    Kept last = std::move(kept_.back());
    kept_.pop_back();
    if (std::chrono::steady_clock::now() - last.since > kMostQuiet) {
        stale.swap(kept_);  // the others have been quiet for longer
        stale.push_back(std::move(last));
        return nullptr;
    }
    return std::move(last.connection);
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    {
        const std::scoped_lock lock{mutex_};
        --in_use_;
        if (connection && connection->is_sound() && !connection->is_worn()) {
            kept_.push_back({.connection = std::move(connection), .since = std::chrono::steady_clock::now()});
        }
    }
    free_.notify_one();
}

Result<std::unique_ptr<Connection>> open(const Opening& opening, Deadline deadline, async::Interrupt& interrupt) {
    switch (opening.dialect) {
        case Dialect::sqlite:
            return open_sqlite(opening);
        case Dialect::postgresql:
            return open_postgresql(opening, deadline, interrupt);
        case Dialect::mariadb:
            return open_mariadb(opening, deadline, interrupt);
        case Dialect::odbc:
            break;
    }
    return open_odbc(opening, deadline);
}

}  // namespace datong::database
