#include "adapters/exchange_table/inbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/exchange_table/sentence.h"
#include "core/charset/charset.h"

namespace datong::adapters::exchange_table {
namespace {

using database::Connection;
using database::Value;
using record::Record;

constexpr std::size_t kMoreCandidates = 16;  // others may be quicker with some of them

struct Desk {
    const Plan& plan;
    const database::Opening& opening;
    Connection& connection;
    Deadline deadline;

    [[nodiscard]] Sentence sentence() const { return {connection, opening.dialect}; }
    /// UPDATE table SET flag = state
    [[nodiscard]] Sentence update(const Value& state) const {
        Sentence made = sentence();
        made.sql("UPDATE ").name(plan.table).sql(" SET ").name(plan.flag.column).sql(" = ").value(state);
        return made;
    }
};

Sentence& with_reason(Sentence& sentence, const Plan& plan, const Value& reason) {
    return plan.reason.empty() ? sentence : sentence.sql(", ").name(plan.reason).sql(" = ").value(reason);
}

/// Claims that are over: back to waiting while a row may be tried again, else set aside.
Status end_old_claims(const Desk& desk, const std::string& over) {
    const Plan& plan = desk.plan;
    if (plan.lease.count() == 0) {
        return {};
    }
    const Value most{.octets = std::to_string(plan.max_attempts)};
    Sentence aside = desk.update(plan.flag.failed);
    with_reason(aside, plan, {.octets = "claimed and never settled"});
    aside.sql(" WHERE ").equals(plan.flag.column, plan.flag.claimed);
    aside.sql(" AND ").name(plan.claimed_at).sql(" < ").value({.octets = over});
    if (!plan.attempts.empty()) {
        aside.sql(" AND ").name(plan.attempts).sql(" >= " + *most.octets);
    }
    auto done = aside.change(desk.deadline);
    if (done && !plan.attempts.empty()) {
        Sentence back = desk.update(plan.flag.waiting);
        back.sql(" WHERE ").equals(plan.flag.column, plan.flag.claimed);
        done = back.sql(" AND ").name(plan.claimed_at).sql(" < ").value({.octets = over}).change(desk.deadline);
    }
    return done ? Status{} : fail(std::move(done.error()));
}

Result<std::vector<Value>> candidates(const Desk& desk) {
    const Plan& plan = desk.plan;
    const std::size_t most = plan.max_rows + kMoreCandidates;
    Sentence sentence = desk.sentence();
    sentence.sql("SELECT ").name(plan.id).sql(" FROM ").name(plan.table).sql(" WHERE ");
    sentence.equals(plan.flag.column, plan.flag.waiting);
    auto rows = sentence.sql(" ORDER BY ").name(plan.id).at_most(most).run(most, desk.deadline);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<Value> found;
    for (const Record& row : rows->items()) {
        if (!row.members().front().value.is_null()) {
            found.push_back({.octets = std::string{row.members().front().value.scalar()}});
        }
    }
    return found;
}

/// @return whether the row is ours now.
Result<bool> take(const Desk& desk, const Value& id, const std::string& now) {
    const Plan& plan = desk.plan;
    Sentence sentence = desk.update(plan.flag.claimed);
    if (!plan.claimed_at.empty()) {
        sentence.sql(", ").name(plan.claimed_at).sql(" = ").value({.octets = now});
    }
    if (!plan.attempts.empty()) {
        sentence.sql(", ").name(plan.attempts).sql(" = COALESCE(").name(plan.attempts).sql(", 0) + 1");
    }
    sentence.sql(" WHERE ").equals(plan.id, id);
    auto touched = sentence.and_if(plan.flag.column, plan.flag.waiting).change(desk.deadline);
    if (touched) {
        return *touched > 0;
    }
    // another was quicker, as far as this database can say
    return desk.connection.has_collided() && desk.connection.is_sound() ? Result<bool>{false}
                                                                        : fail(std::move(touched.error()));
}

Status put_aside(const Desk& desk, const Value& id, std::string why) {
    Sentence sentence = desk.update(desk.plan.flag.failed);
    with_reason(sentence, desk.plan, {.octets = std::move(why)}).sql(" WHERE ").equals(desk.plan.id, id);
    auto done = sentence.and_if(desk.plan.flag.column, desk.plan.flag.claimed).change(desk.deadline);
    return done ? Status{} : fail(std::move(done.error()));
}

/// Why nobody could use this row; quotes no cell.
std::optional<std::string> trouble_in(const Desk& desk, const Record& row) {
    for (const auto& [field, column] : desk.plan.columns) {
        const auto name = database::column_name(column.front(), 0, desk.opening.charset);
        const Record* cell = row.find(name);
        if (cell == nullptr) {
            return "no column " + name;
        }
        if (!cell->is_null() && !charset::decode(cell->scalar(), desk.opening.charset)) {
            return "not in the agreed charset: " + name;
        }
    }
    return std::nullopt;
}

/// @return the claimed row, or nothing when it had to be set aside.
Result<std::optional<Record>> read(const Desk& desk, const Value& id) {
    Sentence sentence = desk.sentence();
    sentence.sql("SELECT * FROM ").name(desk.plan.table).sql(" WHERE ").equals(desk.plan.id, id);
    auto rows = sentence.run(1, desk.deadline);
    if (!rows && (rows.error().fault() != Fault::department_invalid || !desk.connection.is_sound())) {
        return fail(std::move(rows.error()));
    }
    std::optional<std::string> trouble = "too many octets, or not the only row of its id";
    if (rows) {
        trouble = rows->items().empty() ? "gone" : trouble_in(desk, rows->items().front());
    }
    if (!trouble) {
        return std::optional{std::move(rows->items_to_edit().front())};
    }
    auto done = put_aside(desk, id, std::move(*trouble));
    return done ? Result<std::optional<Record>>{std::nullopt} : fail(std::move(done.error()));
}

/// Whether the database is there, and refuses this row.
bool is_its_own_fault(const Error& error, const Connection& connection) {
    return error.fault() == Fault::department_refused && connection.is_sound();
}

Record named(const char* set, Record rows) {
    Record sets = Record::object();
    sets.put(set, std::move(rows));
    return sets;
}

}  // namespace

Status set_aside(const Plan& plan, const Value& id, std::string why, const database::Opening& opening,
                 Connection& connection, Deadline deadline) {
    return put_aside({plan, opening, connection, deadline}, id, std::move(why));
}

Status give_back(const Plan& plan, const Claiming& claiming, const database::Opening& opening, Connection& connection,
                 Deadline deadline) {
    const Desk desk{plan, opening, connection, deadline};
    for (const Value& id : claiming.unread) {
        Sentence sentence = desk.update(plan.flag.waiting);
        sentence.sql(" WHERE ").equals(plan.id, id).and_if(plan.flag.column, plan.flag.claimed);
        if (auto done = sentence.change(deadline); !done) {
            return fail(std::move(done.error()));
        }
    }
    return {};
}

Result<Record> claim(const Plan& plan, Claiming& claiming, const database::Opening& opening, Connection& connection,
                     Deadline deadline) {
    const Desk desk{plan, opening, connection, deadline};
    auto ended = end_old_claims(desk, claiming.over);
    const auto ids = ended ? candidates(desk) : fail(std::move(ended.error()));
    if (!ids) {
        return fail(ids.error());
    }
    Record claimed = Record::list();
    for (const Value& id : *ids) {
        if (claimed.items().size() == plan.max_rows) {
            break;
        }
        const auto ours = take(desk, id, claiming.now);
        auto row = !ours ? fail(ours.error()) : *ours ? read(desk, id) : Result<std::optional<Record>>{std::nullopt};
        if (!row && row.error().fault() == Fault::department_invalid) {
            claiming.poison = id;
            break;
        }
        if (!row && ours && is_its_own_fault(row.error(), connection)) {
            static_cast<void>(put_aside(desk, id, "it can't be read"));  // where even that fails it stays claimed
            continue;
        }
        if (!row && ours && plan.lease.count() == 0) {
            claiming.unread.push_back(id);
        }
        if (!row && claimed.items().empty()) {
            return fail(std::move(row.error()));
        }
        if (!row) {
            break;
        }
        if (*row) {
            claimed.add(std::move(**row));
        }
    }
    return named("rows", std::move(claimed));
}

Result<Record> end_claim(const Plan& plan, const Value& id, const Value& reason, const database::Opening& opening,
                         Connection& connection, Deadline deadline) {
    const Desk desk{plan, opening, connection, deadline};
    const bool is_good = plan.does == Does::settle;
    const Value& state = is_good ? plan.flag.done : plan.flag.failed;
    Sentence sentence = desk.update(state);
    if (!is_good) {
        with_reason(sentence, plan, reason);
    }
    sentence.sql(" WHERE ").equals(plan.id, id);
    auto touched = sentence.and_if(plan.flag.column, plan.flag.claimed).change(deadline);
    if (!touched) {
        return fail(std::move(touched.error()));
    }
    if (*touched == 0) {
        Sentence already = desk.sentence();
        already.sql("SELECT ").name(plan.id).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.id, id);
        auto rows = already.and_if(plan.flag.column, state).run(1, deadline);
        if (!rows || rows->items().empty()) {
            return rows ? fail(Fault::department_refused, "no row of that id is claimed") : fail(rows.error());
        }
    }
    Record row = Record::object();
    row.put("written", Record::bytes(*touched == 0 ? "0" : "1"));
    Record rows = Record::list();
    rows.add(std::move(row));
    return named("row", std::move(rows));
}

}  // namespace datong::adapters::exchange_table
