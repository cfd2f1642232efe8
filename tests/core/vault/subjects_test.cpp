#include "core/vault/subjects.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/store/statement.h"
#include "core/vault/vault.h"
#include "tests/support/anywhere.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using vault::Kept;
using vault::Shelf;
using vault::SubjectKey;
namespace asio = boost::asio;

namespace {

const Secret kGateway{"a subject key of thirty-two octets"};
const std::string kPerson = to_hex(crypto::hmac_sha256(kGateway.reveal(), "999901199001010017"));
const std::string kOther = to_hex(crypto::hmac_sha256(kGateway.reveal(), "999901199001010025"));
/// 2026-03-01T08:00:00+08:00
const std::chrono::system_clock::time_point kMorning{std::chrono::seconds{1'772'323'200}};
constexpr std::int64_t kMidnight = 1'772'380'800;  ///< the end of that day

/// A vault over a folder of its own, and a loop to wait on.
struct Room {
    support::ScratchFolder folder;
    std::unique_ptr<telemetry::Sink> sink = std::move(*telemetry::Sink::make({.file = folder / "log"}));
    std::shared_ptr<Shelf> shelf = std::move(*Shelf::open(Shelf::file_of(folder.path())));
    async::Pools pools;
    std::shared_ptr<async::Pool> pool = pools.make({.threads = 1, .waiting = 64});
    vault::Vault vault{shelf, pool, *sink};

    ~Room() { pools.stop(Deadline::clock::now() + std::chrono::seconds{10}); }

    [[nodiscard]] Status wait_for(vault::Vault::Naming naming) {
        asio::io_context loop{1};
        std::optional<Status> done;
        asio::co_spawn(loop, wait(&vault, std::move(naming), &done), asio::detached);
        loop.run();
        return done.value();
    }
    /// The name of one person in one record, once its key is durable.
    [[nodiscard]] std::string name(const std::string& case_number, const std::string& person = kPerson,
                                   std::chrono::system_clock::time_point at = kMorning) {
        auto naming = vault.name(case_number, at, std::vector{person}, kGateway);
        const std::string name = naming.names.at(0);
        REQUIRE(wait_for(std::move(naming)));
        return name;
    }
    [[nodiscard]] std::vector<std::string> names(const std::string& person = kPerson) const {
        const auto found = shelf->names_of(person, kGateway);
        REQUIRE(found);
        return *found;
    }
    [[nodiscard]] bool finds(const std::string& name, const std::string& person = kPerson) const {
        const auto all = names(person);
        return std::find(all.begin(), all.end(), name) != all.end();
    }

private:
    static asio::awaitable<void> wait(const vault::Vault* vault, vault::Vault::Naming naming,
                                      std::optional<Status>* into) {
        *into = co_await vault->named(std::move(naming));
    }
};

}  // namespace

TEST_CASE("a person has another name in each case and on each day, and is found under all of them", "[vault]") {
    Room room;
    const std::string one = room.name("c1");
    CHECK(room.name("c1") == one);
    const std::string two = room.name("c2");
    const std::string day = room.name("c1", kPerson, kMorning + std::chrono::hours{24});
    const std::string none = room.name("");
    const std::string other = room.name("c1", kOther);
    const std::set<std::string> all{one, two, day, none, other, kPerson};
    CHECK(all.size() == 6);
    CHECK(room.names().size() == 5);  // and what versions before recorded
    for (const std::string& name : {one, two, day, none, kPerson}) {
        CHECK(room.finds(name));
        CHECK_FALSE(room.finds(name, kOther));
    }
    CHECK(room.finds(other, kOther));
}

TEST_CASE("nothing is written for a person whose case had a call today", "[vault]") {
    Room room;
    const auto first = room.vault.name("c1", kMorning, std::vector{kPerson}, kGateway);
    REQUIRE(first.kept);
    const auto beside = room.vault.name("c1", kMorning, std::vector{kPerson}, kGateway);
    CHECK(beside.kept);  // not durable yet, for all that it knows
    CHECK(beside.names == first.names);
    REQUIRE(room.wait_for(first));
    REQUIRE(room.wait_for(beside));
    const auto later = room.vault.name("c1", kMorning + std::chrono::hours{15}, std::vector{kPerson}, kGateway);
    CHECK_FALSE(later.kept);
    CHECK(later.names == first.names);
    const auto both = room.vault.name("c1", kMorning, std::vector{kPerson, kOther}, kGateway);
    CHECK(both.kept);  // another person under the same key
    CHECK(both.names.at(0) == first.names.at(0));
    CHECK_FALSE(room.vault.name("c1", kMorning, {}, kGateway).kept);
}

TEST_CASE("a key is durable when a person is named by it", "[vault]") {
    Room room;
    const std::string name = room.name("c1");
    const auto other = Shelf::open(Shelf::file_of(room.folder.path()));  // as the next start
    REQUIRE(other);
    const auto names = (*other)->names_of(kPerson, kGateway);
    REQUIRE(names);
    CHECK(std::find(names->begin(), names->end(), name) != names->end());
    // a gateway that starts again makes another key for the same case and day, and both find the person
    Room next;
    CHECK(next.name("c1") != name);
}

TEST_CASE("once a case is erased nobody finds its persons, whatever other key they have", "[vault][security]") {
    Room room;
    const std::string gone = room.name("c1");
    const std::string stays = room.name("c2");
    std::string sealed;
    {
        const auto other = store::Database::open(Shelf::file_of(room.folder.path()), {.version = 2, .tables = ""});
        store::Statement select{other->get(), "SELECT sealed FROM subject_key WHERE case_number = 'c1'"};
        REQUIRE(select.next());
        sealed = select.text(0);
    }
    REQUIRE(stands_anywhere(room.folder, sealed));
    CHECK(room.shelf->count_keys({.case_number = "c1"}) == 1);
    CHECK(room.shelf->erase({.case_number = "c1", .kept = Kept::bodies}));
    CHECK(room.finds(gone));
    REQUIRE(room.shelf->erase({.case_number = "c1"}));
    CHECK(room.shelf->count_keys({.case_number = "c1"}) == 0);
    CHECK_FALSE(stands_anywhere(room.folder, sealed));
    CHECK_FALSE(room.finds(gone));
    CHECK(room.finds(stays));
    {  // the places went with their key: one by itself would tie a person to its id
        const auto other = store::Database::open(Shelf::file_of(room.folder.path()), {.version = 2, .tables = ""});
        store::Statement select{other->get(), "SELECT count(*) FROM subject_place"};
        REQUIRE(select.next());
        CHECK(select.number(0) == 1);
    }
    const std::string again = room.name("c1");  // a call after it has another key
    CHECK(again != gone);
    CHECK(room.finds(again));
    CHECK_FALSE(room.finds(gone));
}

TEST_CASE("a key that waits to be written while its case is erased does not come back", "[vault][security]") {
    Room room;
    const std::string gone = room.name("c1");
    std::promise<void> gate;
    REQUIRE(room.pool->post([opened = gate.get_future().share()]() -> async::Pool::Delivery {
        opened.wait();
        return {};
    }));
    const auto waiting = room.vault.name("c1", kMorning, std::vector{kOther}, kGateway);  // under the same key
    const auto first = room.vault.name("c3", kMorning, std::vector{kPerson}, kGateway);
    const auto other = room.vault.name("c2", kMorning, std::vector{kPerson}, kGateway);
    REQUIRE(waiting.kept);
    REQUIRE(room.shelf->erase({.case_number = "c1"}));
    REQUIRE(room.shelf->erase({.case_number = "c3"}));
    gate.set_value();
    const Status done = room.wait_for(waiting);
    REQUIRE_FALSE(done);
    CHECK(done.error().fault() == Fault::evidence_unavailable);
    CHECK_FALSE(room.wait_for(first));
    CHECK(room.wait_for(other));  // of a case that nobody erased
    CHECK(room.shelf->count_keys({.case_number = "c1"}) == 0);
    CHECK(room.shelf->count_keys({.case_number = "c3"}) == 0);
    CHECK_FALSE(room.finds(gone));
    CHECK(room.finds(other.names.at(0)));
    CHECK(room.vault.healthy());
    CHECK(room.finds(room.name("c1", kOther), kOther));  // a call after it has another key
}

TEST_CASE("a key that is old enough to go does not hold up those of today", "[vault]") {
    Room room;
    SubjectKey old = vault::seal_subject_key("c1", kMidnight - 86'400, Secret{std::string(32, 'k')}, kGateway);
    SubjectKey today = vault::seal_subject_key("c1", kMidnight, Secret{std::string(32, 'k')}, kGateway);
    REQUIRE(room.shelf->erase({.before = kMidnight - 86'400, .kept = Kept::subjects}));
    std::vector<SubjectKey> keys{old, today};
    REQUIRE(room.shelf->put({}, keys));
    CHECK(keys[0].is_erased);
    CHECK_FALSE(keys[1].is_erased);
    CHECK(room.shelf->count_keys({.case_number = "c1"}) == 1);
    keys[0].erasures = room.shelf->erasures();  // taken after it
    REQUIRE(room.shelf->put({}, keys));
    CHECK_FALSE(keys[0].is_erased);
}

TEST_CASE("a key is from before a moment when all its day is, and is of no exchange alone", "[vault]") {
    Room room;
    const std::string name = room.name("c1");
    REQUIRE(room.shelf->erase({.before = kMidnight - 1}));
    CHECK(room.finds(name));
    REQUIRE(room.shelf->erase({.exchange = "e1", .before = kMidnight}));
    CHECK(room.finds(name));
    REQUIRE(room.shelf->erase({.before = kMidnight, .kept = Kept::subjects}));
    CHECK_FALSE(room.finds(name));
}

TEST_CASE("a key that was altered, moved or sealed by another gateway names nobody", "[vault][security]") {
    const SubjectKey row = vault::seal_subject_key("c1", kMidnight, Secret{std::string(32, 'k')}, kGateway);
    CHECK(vault::open_subject_key(row, kGateway).reveal() == std::string(32, 'k'));
    SubjectKey moved = row;
    moved.case_number = "c2";
    CHECK(vault::open_subject_key(moved, kGateway).empty());
    SubjectKey altered = row;
    altered.sealed[20] = static_cast<char>(altered.sealed[20] ^ 1);
    CHECK(vault::open_subject_key(altered, kGateway).empty());
    CHECK(vault::open_subject_key(row, Secret{"another subject key, thirty-two o"}).empty());
}

TEST_CASE("a key that can't be written is no name, and the next call tries again", "[vault][security]") {
    Room room;
    const auto other = store::Database::open(Shelf::file_of(room.folder.path()), {.version = 2, .tables = ""});
    REQUIRE(other);
    REQUIRE(other->execute("BEGIN IMMEDIATE"));
    const auto naming = room.vault.name("c1", kMorning, std::vector{kPerson}, kGateway);
    const Status done = room.wait_for(naming);
    REQUIRE_FALSE(done);
    CHECK(done.error().fault() == Fault::evidence_unavailable);
    REQUIRE(other->execute("ROLLBACK"));
    CHECK(room.name("c1") == naming.names.at(0));
    CHECK(room.finds(naming.names.at(0)));
}

TEST_CASE("whichever keys are erased are found by an index", "[vault][security]") {
    Room room;
    const auto [index, what] = GENERATE(table<std::string, vault::Selection>({
        {"subject_key_case", {.case_number = "c1"}},
        {"subject_key_until", {.before = 7}},
        {"subject_key_case", {.case_number = "c1", .before = 7}},
    }));
    const auto other = store::Database::open(Shelf::file_of(room.folder.path()), {.version = 2, .tables = ""});
    store::Statement explain{other->get(),
                             "EXPLAIN QUERY PLAN SELECT id FROM subject_key WHERE " + condition_of_keys(what)};
    std::string plan;
    while (explain.next()) {
        plan += explain.text(3) + '\n';
    }
    CAPTURE(plan);
    CHECK_THAT(plan, ContainsSubstring(index) && !ContainsSubstring("SCAN"));
}

TEST_CASE("what an erasure could not cut off while somebody read goes with the next write", "[vault][security]") {
    const std::string secret = "示例甲 999901199001010017";
    Room room;
    const auto put = [&](const std::string& exchange, const std::string& octets) {
        return room.shelf->put(std::vector<vault::Bodies>{
            {.exchange = exchange,
             .at = 1,
             .case_number = {},
             .bodies = {{.name = "answer", .policy = vault::Policy::kept, .octets = octets}}}});
    };
    REQUIRE(put("e1", secret));
    {
        const auto reader = store::Database::open(Shelf::file_of(room.folder.path()), {.version = 2, .tables = ""});
        REQUIRE(reader);
        REQUIRE(reader->execute("BEGIN; SELECT count(*) FROM body"));  // as a backup does
        CHECK_FALSE(room.shelf->erase({.exchange = "e1"}));
        CHECK(room.shelf->is_unsettled());
        CHECK(stands_anywhere(room.folder, secret));
        REQUIRE(put("e2", "another"));  // waits for nobody
        CHECK(room.shelf->is_unsettled());
        REQUIRE(reader->execute("COMMIT"));
    }
    SECTION("of bodies") {
        REQUIRE(put("e3", "another"));
    }
    SECTION("or by itself") {
        REQUIRE(room.shelf->settle());
    }
    CHECK_FALSE(room.shelf->is_unsettled());
    CHECK_FALSE(stands_anywhere(room.folder, secret));
}

TEST_CASE("the key of a day with very many persons goes in steps, and calls make theirs between them", "[vault]") {
    Room room;
    std::vector<SubjectKey> keys{vault::seal_subject_key("", kMidnight, Secret{std::string(32, 'k')}, kGateway)};
    for (int i = 0; i < 40'000; ++i) {
        keys[0].locators.push_back(to_hex(crypto::sha256(std::to_string(i))));
    }
    keys[0].locators.push_back(vault::locator_of(kPerson));
    REQUIRE(room.shelf->put({}, keys));
    REQUIRE(room.names().size() == 2);
    std::atomic<bool> erased{false};
    Status done;
    int made = 0;
    {
        const std::jthread eraser{[&] {
            done = room.shelf->erase({.before = kMidnight, .kept = Kept::subjects});
            erased = true;
        }};
        while (!erased) {
            std::vector<SubjectKey> one{
                vault::seal_subject_key("c", kMidnight + 86'400, Secret{std::string(32, 'k')}, kGateway)};
            const bool is_made = room.shelf->put({}, one).has_value();
            made += is_made && !erased ? 1 : 0;
        }
    }
    CHECK(done);
    CHECK(made > 20);
    CHECK(room.names().size() == 1);
    CHECK(room.shelf->count_keys({.before = kMidnight}) == 0);
    CHECK(room.shelf->count_keys({.case_number = "c"}).value_or(0) >= made);
}

TEST_CASE("a key is made while what was erased waits for somebody who reads there", "[vault]") {
    Room room;
    REQUIRE_FALSE(room.name("c1").empty());
    const auto reader = store::Database::open(Shelf::file_of(room.folder.path()), {.version = 2, .tables = ""});
    REQUIRE(reader);
    REQUIRE(reader->execute("BEGIN; SELECT count(*) FROM body"));  // as a backup does
    Status settled;
    std::atomic<bool> is_settled{false};
    {
        const std::jthread settler{[&] {
            settled = room.shelf->settle();
            is_settled = true;
        }};
        while (!room.shelf->is_unsettled() && !is_settled) {
            std::this_thread::yield();
        }
        CHECK_FALSE(room.name("c2").empty());
        CHECK_FALSE(is_settled);  // the key did not wait for it
        REQUIRE(reader->execute("COMMIT"));
    }
    CHECK(settled);
    CHECK_FALSE(room.shelf->is_unsettled());
}
