#include "adapters/exchange_table/outbox.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "adapters/exchange_table/sentence.h"
#include "core/base/text.h"

namespace datong::adapters::exchange_table {
namespace {

using database::Connection;
using database::Dialect;
using database::Value;
using record::Record;

constexpr int kMostCollisions = 20;
constexpr std::chrono::milliseconds kPause{5};  // longer with each collision
constexpr std::size_t kMostOfKey = 1'000;       // rows that one key may have

/// The tools of one piece of work.
struct Desk {
    const Plan& plan;
    const Row& row;
    Connection& connection;
    Dialect dialect;
    Deadline deadline;

    [[nodiscard]] Sentence sentence() const { return {connection, dialect}; }
};

Record named(const char* set, Record rows) {
    Record sets = Record::object();
    sets.put(set, std::move(rows));
    return sets;
}

Record written(bool now) {
    Record row = Record::object();
    row.put("written", Record::bytes(now ? "1" : "0"));
    Record rows = Record::list();
    rows.add(std::move(row));
    return named("row", std::move(rows));
}

/// Does the work alone, as far as anybody can see; where another did something at the same time, once more: it sees
/// then what the other did.
Result<Record> do_alone(const Desk& desk, const std::function<Result<Record>(const Desk&)>& work) {
    for (int collisions = 0;; ++collisions) {
        if (auto begun = desk.connection.begin(desk.deadline); !begun) {
            return fail(std::move(begun.error()));
        }
        auto done = work(desk);
        auto ended = done ? desk.connection.commit(desk.deadline) : fail(done.error());
        if (ended) {
            return done;
        }
        const bool collided = desk.connection.has_collided();
        desk.connection.rollback();
        if (!collided || collisions == kMostCollisions || !desk.connection.is_sound()) {
            return fail(std::move(ended.error()));
        }
        const auto again = std::chrono::steady_clock::now() + kPause * (collisions + 1);
        if (again >= desk.deadline) {
            return fail(Fault::department_timeout, "others write the same rows all the time");
        }
        std::this_thread::sleep_until(again);
    }
}

/// INSERT INTO table (what a new row says) VALUES (...): bound there, a text becomes whatever its column is.
/// @param content  of the plan's columns.
/// @param holds    else it is a row that says that the one before does not.
Status insert(const Desk& desk, const std::vector<Value>& content, bool holds) {
    const Plan& plan = desk.plan;
    std::vector<std::pair<const Name*, const Value*>> cells{{&plan.key, &desk.row.key}};
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        cells.emplace_back(&plan.columns[i].second, &content[i]);
    }
    for (const auto& [column, value] : plan.constants) {
        cells.emplace_back(&column, &value);
    }
    if (!plan.valid.empty()) {
        cells.emplace_back(&plan.valid, holds ? &plan.is_valid : &plan.is_invalid);
    }
    if (!holds && !plan.valid_reason.empty()) {
        cells.emplace_back(&plan.valid_reason, &desk.row.reason);
    }
    if (!plan.flag.column.empty()) {
        cells.emplace_back(&plan.flag.column, &plan.flag.waiting);
    }
    Sentence sentence = desk.sentence();
    sentence.sql("INSERT INTO ").name(plan.table).sql(" (");
    for (std::size_t i = 0; i < cells.size(); ++i) {
        sentence.sql(i == 0 ? "" : ", ").name(*cells[i].first);
    }
    sentence.sql(") VALUES (");
    for (std::size_t i = 0; i < cells.size(); ++i) {
        sentence.sql(i == 0 ? "" : ", ").value(*cells[i].second);
    }
    auto done = sentence.sql(")").change(desk.deadline);
    return done ? Status{} : fail(std::move(done.error()));
}

Sentence& and_content(Sentence& sentence, const Desk& desk) {
    for (std::size_t i = 0; i < desk.plan.columns.size(); ++i) {
        sentence.sql(" AND ").equals(desk.plan.columns[i].second, desk.row.cells[i]);
    }
    return sentence;
}

Result<std::size_t> count(Sentence& sentence, Deadline deadline) {
    auto rows = sentence.run(kMostOfKey, deadline);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    return rows->items().size();
}

Result<Record> put_once(const Desk& desk) {
    const Plan& plan = desk.plan;
    Sentence any = desk.sentence();
    any.sql("SELECT ").name(plan.key).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.key, desk.row.key);
    const auto there = count(any, desk.deadline);
    if (!there) {
        return fail(there.error());
    }
    if (*there == 0) {
        auto done = insert(desk, desk.row.cells, true);
        return done ? Result<Record>{written(true)} : fail(std::move(done.error()));
    }
    Sentence same = desk.sentence();
    same.sql("SELECT ").name(plan.key).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.key, desk.row.key);
    const auto equal = count(and_content(same, desk), desk.deadline);
    if (!equal) {
        return fail(equal.error());
    }
    if (*equal == 0) {
        return fail(Fault::request_invalid, "the key stands for a row of another content already");
    }
    return written(false);
}

/// What the newest row of the key is.
struct Newest {
    Value id;
    bool is_valid{};
    bool is_same{};
};

Result<std::vector<std::string>> ids(Sentence& sentence, std::size_t most, Deadline deadline) {
    auto rows = sentence.run(most, deadline);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<std::string> found;
    for (const Record& row : rows->items()) {
        found.emplace_back(row.members().front().value.scalar());
    }
    return found;
}

Result<Newest> newest(const Desk& desk) {
    const Plan& plan = desk.plan;
    Sentence last = desk.sentence();
    last.sql("SELECT ").name(plan.id).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.key, desk.row.key);
    auto found = ids(last.sql(" ORDER BY ").name(plan.id).sql(" DESC").at_most(1), 1, desk.deadline);
    if (!found || found->empty()) {
        return found ? fail(Fault::department_refused, "there is no row of that key to replace")
                     : fail(std::move(found.error()));
    }
    Newest row{.id = {.octets = found->front()}};
    Sentence valid = desk.sentence();
    valid.sql("SELECT ").name(plan.id).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.id, row.id);
    const auto holds = count(valid.and_if(plan.valid, plan.is_valid), desk.deadline);
    Sentence same = desk.sentence();
    same.sql("SELECT ").name(plan.id).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.id, row.id);
    const auto equal = holds ? count(and_content(same, desk), desk.deadline) : Result<std::size_t>{0};
    if (!holds || !equal) {
        return fail(holds ? equal.error() : holds.error());
    }
    row.is_valid = *holds > 0;
    row.is_same = *equal > 0;
    return row;
}

/// The row before once more, as one that does not hold: cell by cell as the database gave them.
Status insert_invalid(const Desk& desk, const Newest& before) {
    const Plan& plan = desk.plan;
    Sentence sentence = desk.sentence();
    sentence.sql("SELECT ");
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        sentence.sql(i == 0 ? "" : ", ").name(plan.columns[i].second);
    }
    sentence.sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.id, before.id);
    auto rows = sentence.run(1, desk.deadline);
    if (!rows || rows->items().empty()) {
        return rows ? fail(Fault::department_refused, "the row is gone") : fail(std::move(rows.error()));
    }
    std::vector<Value> cells;
    for (const record::Member& cell : rows->items().front().members()) {
        cells.push_back(cell.value.is_null() ? Value{} : Value{.octets = std::string{cell.value.scalar()}});
        if (cells.back().octets.value_or("").find('\0') != std::string::npos) {
            return fail(Fault::department_invalid, "a column with zero octets can't be copied");
        }
    }
    return insert(desk, cells, false);
}

Result<Record> replace_once(const Desk& desk) {
    const auto before = newest(desk);
    if (!before) {
        return fail(before.error());
    }
    if (before->is_valid && before->is_same) {
        return written(false);
    }
    auto done = before->is_valid ? insert_invalid(desk, *before) : Status{};
    done = done ? insert(desk, desk.row.cells, true) : std::move(done);
    return done ? Result<Record>{written(true)} : fail(std::move(done.error()));
}

/// Whether the request row's state says so.
Result<bool> has_state(const Desk& desk, const Value& state) {
    const Plan& plan = desk.plan;
    if (plan.flag.column.empty()) {
        return false;
    }
    Sentence sentence = desk.sentence();
    sentence.sql("SELECT ").name(plan.key).sql(" FROM ").name(plan.table).sql(" WHERE ").equals(plan.key, desk.row.key);
    const auto rows = count(sentence.and_if(plan.flag.column, state), desk.deadline);
    return rows ? Result<bool>{*rows > 0} : fail(rows.error());
}

/// Says of the answer's rows that we have them, or why nobody can use them.
/// @param row  the one of that id; nullptr: every row of the key.
Status mark_answer(const Desk& desk, const Value* row, const Value& state, const char* reason) {
    const Answer& answer = desk.plan.answer;
    if (answer.flag.column.empty()) {
        return {};
    }
    Sentence sentence = desk.sentence();
    sentence.sql("UPDATE ").name(answer.table).sql(" SET ").name(answer.flag.column).sql(" = ").value(state);
    if (reason != nullptr && !answer.reason.empty()) {
        sentence.sql(", ").name(answer.reason).sql(" = ").value({.octets = reason});
    }
    sentence.sql(" WHERE ").equals(answer.key, desk.row.key).and_if(answer.flag.column, answer.flag.waiting);
    auto done = (row == nullptr ? sentence : sentence.and_if(answer.id, *row)).change(desk.deadline);
    return done ? Status{} : fail(std::move(done.error()));
}

/// A cell by the name of its column: databases differ in whose case they keep.
const Record* cell_of(const Record& row, std::string_view column) {
    const auto& cells = row.members();
    const auto found = std::ranges::find_if(
        cells, [&](const record::Member& cell) { return ascii_lower(cell.name.view()) == ascii_lower(column); });
    return found == cells.end() ? nullptr : &found->value;
}

/// Marks what was read and nothing that came meanwhile: row by row, or the only one while it is the only one.
Result<Record> mark_read(const Desk& desk, const Record& rows) {
    const Answer& answer = desk.plan.answer;
    if (answer.id.empty()) {
        Sentence all = desk.sentence();
        all.sql("SELECT ").name(answer.key).sql(" FROM ").name(answer.table).sql(" WHERE ");
        const auto there = count(all.equals(answer.key, desk.row.key), desk.deadline);
        if (!there || *there != rows.items().size()) {
            return there ? fail(Fault::department_invalid, "a row came beside the answer") : fail(there.error());
        }
        auto marked = mark_answer(desk, nullptr, answer.flag.done, nullptr);
        return marked ? Result<Record>{Record{}} : fail(std::move(marked.error()));
    }
    for (const Record& row : rows.items()) {
        const Record* cell = cell_of(row, answer.id_as);
        if (cell == nullptr) {
            return fail(Fault::department_invalid, "the answer has no column " + answer.id_as);
        }
        const Value id = cell->is_null() ? Value{} : Value{.octets = std::string{cell->scalar()}};
        if (auto marked = mark_answer(desk, &id, answer.flag.done, nullptr); !marked) {
            return fail(std::move(marked.error()));
        }
    }
    return Record{};
}

/// By what its rows say themselves: each the same number.
Result<bool> has_all_rows(const Plan& plan, const Record& rows) {
    std::optional<std::uint64_t> whole;
    for (const Record& row : rows.items()) {
        const Record* cell = cell_of(row, plan.answer.count_as);
        const auto says = cell == nullptr ? std::nullopt : to_whole_number(cell->scalar());
        if (!says || (whole && *says != *whole)) {
            return fail(Fault::department_invalid, "the answer does not say how many rows it has");
        }
        whole = says;
    }
    const std::size_t there = rows.items().size();
    return there > *whole ? fail(Fault::department_invalid, "the answer has more rows than it says")
                          : Result<bool>{there == *whole};
}

/// @param is_done  the request row said so before the rows were read.
Result<bool> is_whole(const Plan& plan, const Record& rows, bool is_done, Awaiting& awaiting) {
    if (!plan.answer.count_as.empty()) {
        return has_all_rows(plan, rows);
    }
    if (plan.answer.after_done || plan.max_rows == 1) {
        return is_done || !plan.answer.after_done;
    }
    const bool is_same = awaiting.before == rows;
    awaiting.before = rows;
    return is_same;
}

/// No whole answer: whether there will be one.
Result<Record> none_unless_refused(const Desk& desk) {
    const auto refused = has_state(desk, desk.plan.flag.failed);
    if (!refused) {
        return fail(refused.error());
    }
    return *refused ? fail(Fault::department_refused, "the department set the request row aside")
                    : Result<Record>{named("rows", Record::list())};
}

}  // namespace

Result<Record> put(const Plan& plan, const Row& row, Connection& connection, Dialect dialect, Deadline deadline) {
    return do_alone({plan, row, connection, dialect, deadline}, put_once);
}

Result<Record> replace(const Plan& plan, const Row& row, Connection& connection, Dialect dialect, Deadline deadline) {
    return do_alone({plan, row, connection, dialect, deadline}, replace_once);
}

Result<Record> look(const Plan& plan, const Value& key, Connection& connection, Dialect dialect, Deadline deadline) {
    Sentence sentence{connection, dialect};
    sentence.sql("SELECT * FROM ").name(plan.table).sql(" WHERE ").equals(plan.key, key);
    auto rows = sentence.sql(" ORDER BY ").name(plan.id).run(plan.max_rows, deadline);
    return rows ? Result<Record>{named("rows", std::move(*rows))} : fail(std::move(rows.error()));
}

Result<Record> fetch_answer(const Plan& plan, const Value& key, Awaiting& awaiting, Connection& connection,
                            Dialect dialect, Deadline deadline) {
    const Row row{.key = key};
    const Desk desk{plan, row, connection, dialect, deadline};
    const auto is_done = plan.answer.after_done ? has_state(desk, plan.flag.done) : Result<bool>{false};
    if (!is_done) {
        return fail(is_done.error());
    }
    Sentence sentence = desk.sentence();
    sentence.sql("SELECT * FROM ").name(plan.answer.table).sql(" WHERE ").equals(plan.answer.key, key);
    if (!plan.answer.id.empty()) {
        sentence.sql(" ORDER BY ").name(plan.answer.id);
    }
    auto rows = sentence.run(plan.max_rows, deadline);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    if (rows->items().empty()) {
        return none_unless_refused(desk);
    }
    const auto whole = is_whole(plan, *rows, *is_done, awaiting);
    if (!whole) {
        return fail(whole.error());
    }
    if (!*whole) {
        return none_unless_refused(desk);
    }
    if (!plan.answer.flag.column.empty()) {
        const auto mark = [&rows](const Desk& at) { return mark_read(at, *rows); };
        if (auto marked = do_alone(desk, mark); !marked) {
            return fail(std::move(marked.error()));
        }
    }
    return named("rows", std::move(*rows));
}

Status refuse_answer(const Plan& plan, const Value& key, Connection& connection, Dialect dialect, Deadline deadline) {
    const Row row{.key = key};
    return mark_answer({plan, row, connection, dialect, deadline}, nullptr, plan.answer.flag.failed,
                       "too many rows or octets");
}

}  // namespace datong::adapters::exchange_table
