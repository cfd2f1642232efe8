#include "core/store/jobs.h"

#include <array>
#include <map>
#include <utility>

#include "core/store/database.h"
#include "core/store/meant.h"
#include "core/store/statement.h"

namespace datong::store {
namespace {

constexpr std::int64_t kVersion = 1;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, consumer TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, target TEXT NOT NULL,
    case_number TEXT NOT NULL, sealed BLOB NOT NULL, created INTEGER NOT NULL, UNIQUE (consumer, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE, material TEXT NOT NULL, service TEXT NOT NULL,
    stage TEXT NOT NULL, outcome TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (job, material)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS job_created ON job (created);
CREATE INDEX IF NOT EXISTS job_case ON job (case_number) WHERE case_number <> '';
CREATE INDEX IF NOT EXISTS part_open ON part (job) WHERE stage IN ('sent', 'pending');
)";

constexpr std::string_view kNotOpen =
    "NOT EXISTS (SELECT 1 FROM part WHERE part.job = job.id AND stage IN ('sent', 'pending'))";

constexpr std::array<std::string_view, 4> kStages{"reserved", "sent", "pending", "settled"};

std::string_view name_of(Stage stage) {
    return kStages[static_cast<std::size_t>(stage)];
}

/// What can't be read is taken for the stage that lets nothing be sent again.
Stage stage_by_name(std::string_view name) {
    for (std::size_t i = 0; i < kStages.size(); ++i) {
        if (kStages[i] == name) {
            return static_cast<Stage>(i);
        }
    }
    return Stage::sent;
}

}  // namespace

struct Jobs::Database {
    store::Database file;
    bool is_unsettled{};  ///< something of what was erased may still stand in the folder
    /// By submission and material: what was to be written and is not.
    std::map<std::pair<std::string, std::string>, Part> owed{};

    [[nodiscard]] sqlite3* get() const { return file.get(); }

    [[nodiscard]] Result<std::vector<Part>> parts_of(const std::string& id) const {
        Statement select{get(), "SELECT material, service, stage, outcome, sealed FROM part WHERE job = ?"};
        select.bind(id);
        std::vector<Part> parts;
        while (select.next()) {
            parts.push_back({.material = select.text(0),
                             .service = select.text(1),
                             .stage = stage_by_name(select.text(2)),
                             .outcome = select.text(3),
                             .sealed = select.text(4)});
        }
        if (auto read = select.status(); !read) {
            return fail(std::move(read.error()));
        }
        for (Part& part : parts) {
            const auto newer = owed.find({id, part.material});
            if (newer != owed.end() && part.stage != Stage::settled) {
                part = newer->second;
            }
        }
        return parts;
    }

    [[nodiscard]] bool owes(const std::string& id) const {
        const auto first = owed.lower_bound({id, {}});
        return first != owed.end() && first->first.first == id;
    }

    [[nodiscard]] Status write(const std::string& id, const Part& part) const {
        Statement update{get(),
                         "UPDATE part SET stage = ?, outcome = ?, sealed = ? WHERE job = ? AND material = ? AND "
                         "stage <> 'settled'"};
        update.bind(name_of(part.stage)).bind(part.outcome).bind_octets(part.sealed);
        return update.bind(id).bind(part.material).run();
    }

    /// @param where  the condition on two texts.
    [[nodiscard]] Result<std::optional<Job>> find(std::string_view where, const std::string& one,
                                                  const std::string& other) const {
        Statement select{get(), std::string{"SELECT id, consumer, key, fingerprint, target, case_number, sealed, "
                                            "created FROM job WHERE "}
                                    .append(where)};
        select.bind(one).bind(other);
        if (!select.next()) {
            auto read = select.status();
            return read ? Result<std::optional<Job>>{std::nullopt} : fail(std::move(read.error()));
        }
        Job job{.id = select.text(0),
                .consumer = select.text(1),
                .key = select.text(2),
                .fingerprint = select.text(3),
                .target = select.text(4),
                .case_number = select.text(5),
                .sealed = select.text(6),
                .created = select.number(7)};
        auto parts = parts_of(job.id);
        if (!parts) {
            return fail(std::move(parts.error()));
        }
        job.parts = std::move(*parts);
        return std::optional{std::move(job)};
    }

    [[nodiscard]] Status insert(const Job& job) const {
        Statement insert{get(), "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
        insert.bind(job.id).bind(job.consumer).bind(job.key).bind_octets(job.fingerprint).bind(job.target);
        insert.bind(job.case_number).bind_octets(job.sealed).bind(job.created);
        if (auto done = insert.run(); !done) {
            return done;
        }
        for (const Part& part : job.parts) {
            Statement one{get(), "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)"};
            one.bind(job.id).bind(part.material).bind(part.service).bind(name_of(part.stage));
            if (auto done = one.bind(part.outcome).bind_octets(part.sealed).run(); !done) {
                return done;
            }
        }
        return {};
    }

    /// Moves a part from one stage to another. @return whether it was there.
    [[nodiscard]] Result<bool> move(const std::string& id, const std::string& material, Stage from, Stage to) const {
        Statement update{get(), "UPDATE part SET stage = ? WHERE job = ? AND material = ? AND stage = ?"};
        if (auto done = update.bind(name_of(to)).bind(id).bind(material).bind(name_of(from)).run(); !done) {
            return fail(std::move(done.error()));
        }
        return sqlite3_changes(get()) == 1;
    }
};

Jobs::Jobs(std::unique_ptr<Database> database) : database_{std::move(database)} {
}

Jobs::~Jobs() {
    (void)pay_within(store::Database::kBusyMs);
}

Result<std::unique_ptr<Jobs>> Jobs::open(const std::string& file) {
    auto opened = store::Database::open(file, {.synchronous = "FULL", .version = kVersion, .tables = kTables});
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    auto database = std::make_unique<Database>(std::move(*opened));
    return std::unique_ptr<Jobs>{new Jobs{std::move(database)}};  // make_unique can't reach the constructor
}

Result<Jobs::Reserved> Jobs::reserve(Job job) {
    const std::lock_guard lock{mutex_};
    (void)pay_within(0);  // what can't be is known all the same
    Transaction transaction{database_->get()};
    if (auto begun = transaction.begun(); !begun) {
        return fail(std::move(begun.error()));
    }
    auto there = database_->find("consumer = ? AND key = ?", job.consumer, job.key);
    if (!there) {
        return fail(std::move(there.error()));
    }
    if (*there) {
        return Reserved{.job = std::move(**there), .is_new = false};
    }
    auto kept = database_->insert(job);
    if (kept) {
        kept = transaction.commit();
    }
    if (!kept) {
        return fail(std::move(kept.error()));
    }
    return Reserved{.job = std::move(job), .is_new = true};
}

Result<std::optional<Job>> Jobs::find(const std::string& consumer, const std::string& id) {
    const std::lock_guard lock{mutex_};
    return database_->find("consumer = ? AND id = ?", consumer, id);
}

Result<bool> Jobs::claim(const std::string& id, const std::string& material) {
    const std::lock_guard lock{mutex_};
    if (auto paid = pay_within(0); !paid && database_->owes(id)) {
        return fail(std::move(paid.error()));
    }
    return database_->move(id, material, Stage::reserved, Stage::sent);
}

Status Jobs::release(const std::string& id, const std::string& material) {
    const std::lock_guard lock{mutex_};
    auto moved = database_->move(id, material, Stage::sent, Stage::reserved);
    return moved ? Status{} : fail(std::move(moved.error()));
}

Status Jobs::note(const std::string& id, const Part& part) {
    const std::lock_guard lock{mutex_};
    const auto [owed, is_new] = database_->owed.try_emplace({id, part.material}, part);
    if (!is_new && owed->second.stage != Stage::settled) {
        owed->second = part;
    }
    return pay_within(store::Database::kBusyMs);
}

Status Jobs::pay() {
    const std::lock_guard lock{mutex_};
    return pay_within(0);
}

/// Whoever has the mutex calls it. @param milliseconds  that another who has the file is waited for.
Status Jobs::pay_within(int milliseconds) {
    auto& owed = database_->owed;
    if (owed.empty()) {
        return {};
    }
    Status done;
    sqlite3_busy_timeout(database_->get(), milliseconds);
    while (done && !owed.empty()) {
        done = database_->write(owed.begin()->first.first, owed.begin()->second);
        if (done) {
            owed.erase(owed.begin());
        }
    }
    sqlite3_busy_timeout(database_->get(), store::Database::kBusyMs);
    owes_ = !owed.empty();
    return done;
}

Status Jobs::drop_if_untouched(const std::string& id) {
    const std::lock_guard lock{mutex_};
    if (auto paid = pay_within(0); !paid && database_->owes(id)) {
        return paid;  // it was touched, which the disk does not know yet
    }
    Statement remove{
        database_->get(),
        "DELETE FROM job WHERE id = ? AND NOT EXISTS (SELECT 1 FROM part WHERE part.job = job.id AND stage "
        "<> 'reserved')"};
    return remove.bind(id).run();
}

Result<std::vector<Unsettled>> Jobs::unsettled(std::size_t most) {
    const std::lock_guard lock{mutex_};
    (void)pay_within(0);
    Statement select{database_->get(),
                     "SELECT job.id, consumer, key, case_number, material, service, outcome, created FROM part JOIN "
                     "job ON job.id = part.job WHERE stage IN ('sent', 'pending') ORDER BY created, job.id, material "
                     "LIMIT ?"};
    select.bind(static_cast<std::int64_t>(most));
    std::vector<Unsettled> all;
    while (select.next()) {
        const std::string outcome = select.text(6);
        all.push_back({.id = select.text(0),
                       .consumer = select.text(1),
                       .key = select.text(2),
                       .case_number = select.text(3),
                       .material = select.text(4),
                       .service = select.text(5),
                       .outcome = outcome.empty() ? "unknown" : outcome,
                       .created = select.number(7)});
    }
    if (auto read = select.status(); !read) {
        return fail(std::move(read.error()));
    }
    return all;
}

Status Jobs::forget(std::int64_t answers, std::int64_t keys) {
    const std::lock_guard lock{mutex_};
    if (auto paid = pay_within(store::Database::kBusyMs); !paid) {
        return paid;
    }
    Transaction transaction{database_->get()};
    if (auto begun = transaction.begun(); !begun) {
        return begun;
    }
    Statement parts{
        database_->get(),
        "UPDATE part SET sealed = x'' WHERE sealed <> x'' AND job IN (SELECT id FROM job WHERE created < ?)"};
    Statement requests{
        database_->get(),
        std::string{"UPDATE job SET sealed = x'' WHERE sealed <> x'' AND created < ? AND "}.append(kNotOpen)};
    Statement whole{database_->get(), std::string{"DELETE FROM job WHERE created < ? AND "}.append(kNotOpen)};
    for (auto [statement, before] : {std::pair{&parts, answers}, {&requests, answers}, {&whole, keys}}) {
        if (auto done = statement->bind(before).run(); !done) {
            return done;
        }
    }
    return transaction.commit();
}

Status Jobs::erase(const std::string& id, const std::string& case_number, const std::optional<std::int64_t>& before) {
    const Meant meant{id, case_number, before};
    if (meant.empty()) {
        return {};
    }
    {
        const std::lock_guard lock{mutex_};
        if (auto paid = pay_within(store::Database::kBusyMs); !paid) {
            return paid;
        }
        Transaction transaction{database_->get()};
        if (auto begun = transaction.begun(); !begun) {
            return begun;
        }
        database_->is_unsettled = true;
        const std::string which = meant.condition("id");
        Statement parts{
            database_->get(),
            "UPDATE part SET sealed = x'' WHERE sealed <> x'' AND job IN (SELECT id FROM job WHERE " + which + ')'};
        Statement requests{database_->get(), "UPDATE job SET sealed = x'' WHERE sealed <> x'' AND " + which + " AND " +
                                                 std::string{kNotOpen}};
        for (Statement* statement : {&parts, &requests}) {
            meant.bind(*statement);
            if (auto done = statement->run(); !done) {
                return done;
            }
        }
        if (auto done = transaction.commit(); !done) {
            return done;
        }
    }
    return settle();
}

Result<bool> Jobs::holds(const std::string& id, const std::string& case_number,
                         const std::optional<std::int64_t>& before) {
    const Meant meant{id, case_number, before};
    if (meant.empty()) {
        return false;
    }
    const std::lock_guard lock{mutex_};
    (void)pay_within(0);
    const std::string is_kept =
        " AND (EXISTS (SELECT 1 FROM part WHERE part.job = job.id AND sealed <> x'') OR "
        "(sealed <> x'' AND ";
    Statement select{
        database_->get(),
        std::string{"SELECT 1 FROM job WHERE "}.append(meant.condition("id")).append(is_kept).append(kNotOpen) +
            ")) LIMIT 1"};
    meant.bind(select);
    const bool is_there = select.next();
    auto good = select.status();
    return good ? Result<bool>{is_there} : fail(std::move(good.error()));
}

Status Jobs::settle() {
    {
        const std::lock_guard lock{mutex_};
        if (!database_->is_unsettled) {
            return {};
        }
    }
    return database_->file.settle_between([this] { return std::unique_lock{mutex_}; },
                                          [this](bool is_done) { database_->is_unsettled = !is_done; });
}

}  // namespace datong::store
