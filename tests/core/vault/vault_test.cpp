#include "core/vault/vault.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/crypto/cipher.h"
#include "core/crypto/x509.h"
#include "core/store/statement.h"
#include "tests/support/anywhere.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using vault::Bodies;
using vault::Policy;
using vault::Shelf;
namespace asio = boost::asio;

namespace {

constexpr const char* kSecret = "张三 999901199001010017";

Bodies bodies(const std::string& exchange, const std::string& case_number, std::int64_t at,
              Policy policy = Policy::kept) {
    return {.exchange = exchange,
            .at = at,
            .case_number = case_number,
            .bodies = {{.name = "request", .policy = policy, .octets = std::string{"request "} + kSecret},
                       {.name = "answer", .policy = policy, .octets = std::string{"answer "} + kSecret}}};
}

std::unique_ptr<Shelf> shelf_in(const support::ScratchFolder& folder) {
    auto shelf = Shelf::open(Shelf::file_of(folder.path()));
    REQUIRE(shelf);
    return std::move(*shelf);
}

std::size_t held(Shelf& shelf, const std::string& exchange) {
    const auto found = shelf.find(exchange);
    REQUIRE(found);
    return found->size();
}

struct Auditor {
    crypto::SigningKey key;
    std::string pem;
};

Auditor auditor(crypto::Algorithm algorithm) {
    auto key = crypto::SigningKey::generate(algorithm, 2048);
    REQUIRE(key);
    auto pem =
        crypto::make_self_signed(*key, {.use = crypto::KeyUse::encrypt, .common_name = "auditor", .organization = {}},
                                 {.not_before = std::chrono::system_clock::now(), .days = 30});
    REQUIRE(pem);
    return {std::move(*key), std::move(*pem)};
}

asio::awaitable<void> keep(const vault::Vault* vault, Bodies what, std::string pem, std::vector<Status>* into) {
    into->push_back(co_await vault->keep(std::move(what), std::move(pem)));
}

}  // namespace

TEST_CASE("erased bodies stand nowhere in the folder any more, and the others still do", "[vault][security]") {
    const support::ScratchFolder folder;
    const auto shelf = shelf_in(folder);
    const std::vector<Bodies> many{bodies("e1", "c1", 100), bodies("e2", "c1", 200), bodies("e3", "c2", 300),
                                   bodies("e4", "", 400)};
    REQUIRE(shelf->put(many));
    REQUIRE(stands_anywhere(folder, kSecret));

    CHECK(shelf->count({}) == 0);
    CHECK(shelf->erase({}));
    CHECK(held(*shelf, "e1") == 2);

    CHECK(shelf->count({.exchange = {}, .case_number = "c1"}) == 2);
    CHECK(shelf->erase({.exchange = {}, .case_number = "c1"}));
    CHECK(held(*shelf, "e1") == 0);
    CHECK(held(*shelf, "e2") == 0);
    CHECK(held(*shelf, "e3") == 2);

    CHECK(shelf->erase({.exchange = {}, .case_number = {}, .before = 400}));
    CHECK(held(*shelf, "e3") == 0);
    CHECK(held(*shelf, "e4") == 2);

    CHECK(shelf->erase({.exchange = "e4", .case_number = {}}));
    CHECK_FALSE(stands_anywhere(folder, kSecret));
    CHECK_FALSE(stands_anywhere(folder, "request "));
}

TEST_CASE("whatever is erased is found by an index", "[vault][security]") {
    const support::ScratchFolder folder;
    const auto shelf = shelf_in(folder);
    const auto [index, what] = GENERATE(table<std::string, vault::Selection>({
        {"PRIMARY KEY", {.exchange = "e1", .case_number = {}}},
        {"body_case", {.exchange = {}, .case_number = "c1"}},
        {"body_at", {.exchange = {}, .case_number = {}, .before = 7}},
        {"body_case", {.exchange = "e1", .case_number = "c1", .before = 7}},
    }));
    auto other = store::Database::open(Shelf::file_of(folder.path()), {.version = 2, .tables = ""});
    REQUIRE(other);
    for (const std::string select : {"SELECT exchange, name", "SELECT count(DISTINCT exchange)"}) {
        store::Statement explain{other->get(),
                                 "EXPLAIN QUERY PLAN " + select + " FROM body WHERE " + condition_of(what)};
        std::string plan;
        while (explain.next()) {
            plan += explain.text(3) + '\n';
        }
        CAPTURE(plan);
        CHECK_THAT(plan,
                   ContainsSubstring("SEARCH body USING") && ContainsSubstring(index) && !ContainsSubstring("SCAN"));
    }
}

TEST_CASE("what comes later to a call that was erased meanwhile is kept nowhere", "[vault][security]") {
    const support::ScratchFolder folder;
    const auto shelf = shelf_in(folder);
    const std::uint64_t taken = shelf->body_erasures();
    const auto what = GENERATE(values<vault::Selection>({{.exchange = "call", .case_number = {}},
                                                         {.exchange = {}, .case_number = "c1"},
                                                         {.exchange = {}, .case_number = {}, .before = 2}}));
    REQUIRE(shelf->erase({.exchange = "other", .case_number = {}}));
    REQUIRE(shelf->erase(what));
    const auto later = [&](const std::string& exchange, const std::string& call, const std::string& case_number,
                           std::int64_t at, std::uint64_t erasures) {
        Bodies made = bodies(exchange, case_number, 9);
        made.later = vault::Later{.exchange = call, .at = at, .erasures = erasures};
        return made;
    };
    const std::vector<Bodies> many{later("q1", "call", "c1", 1, taken),     // its question was under way
                                   later("q2", "another", "c2", 3, taken),  // not meant
                                   later("q3", "call", "c1", 1, shelf->body_erasures()), bodies("a", "c1", 1)};
    REQUIRE(shelf->put(many));
    CHECK(held(*shelf, "q1") == 0);
    for (const char* kept : {"q2", "q3", "a"}) {
        CHECK(held(*shelf, kept) == 2);
    }
}

TEST_CASE("calls keep their bodies while very many are being erased", "[vault]") {
    const support::ScratchFolder folder;
    const auto shelf = shelf_in(folder);
    std::vector<Bodies> many;
    for (int i = 0; i < 8'000; ++i) {
        many.push_back(bodies("old" + std::to_string(i), "", 1));
    }
    REQUIRE(shelf->put(many));
    CHECK(shelf->count({.exchange = {}, .case_number = {}, .before = 2}) == 8'000);
    std::atomic<bool> erased{false};
    Status done;
    int kept = 0;
    {
        const std::jthread eraser{[&] {
            done = shelf->erase({.exchange = {}, .case_number = {}, .before = 2});
            erased = true;
        }};
        while (!erased) {
            const std::vector<Bodies> one{bodies("new" + std::to_string(kept), "", 3)};
            const bool is_kept = shelf->put(one).has_value();
            kept += is_kept && !erased ? 1 : 0;
        }
    }
    CHECK(done);
    CHECK(kept > 10);
    CHECK(shelf->count({.exchange = {}, .case_number = {}, .before = 2}) == 0);
    CHECK(held(*shelf, "new0") == 2);
}

TEST_CASE("a sealed body is opened by openssl with the auditor's key, and by nobody else", "[vault][security]") {
    const auto algorithm = GENERATE(crypto::Algorithm::ecdsa_p256_sha256, crypto::Algorithm::rsa_v1_5_sha256);
    const support::ScratchFolder folder;
    const Auditor one = auditor(algorithm);
    const Auditor other = auditor(algorithm);
    const auto shelf = shelf_in(folder);
    auto sealed = bodies("e1", "", 100, Policy::sealed);
    REQUIRE(vault::seal(sealed.bodies, one.pem));
    REQUIRE(shelf->put(std::vector{sealed}));
    CHECK_FALSE(stands_anywhere(folder, kSecret));
    CHECK_FALSE(stands_anywhere(folder, "answer "));

    const auto found = shelf->find("e1");
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK(found->front().policy == Policy::sealed);
    CHECK(crypto::cms_open(found->front().octets, one.key, one.pem) == std::string{"answer "} + kSecret);
    CHECK_FALSE(crypto::cms_open(found->front().octets, other.key, other.pem));

    folder.write("answer.cms", found->front().octets);
    folder.write("auditor.key.pem", one.key.to_pem()->reveal());
    folder.write("auditor.pem", one.pem);
    const std::string command = "openssl cms -decrypt -inform DER -binary -in " + (folder / "answer.cms") + " -inkey " +
                                (folder / "auditor.key.pem") + " -recip " + (folder / "auditor.pem") + " -out " +
                                (folder / "answer.txt");
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(folder.read("answer.txt") == std::string{"answer "} + kSecret);
}

TEST_CASE("what can't be sealed or written is not kept, and nobody is told that it was", "[vault][security]") {
    const support::ScratchFolder folder;
    auto sink = telemetry::Sink::make({.file = folder / "log"});
    REQUIRE(sink);
    std::shared_ptr<Shelf> shelf = shelf_in(folder);
    async::Pools pools;
    const vault::Vault vault{shelf, pools.make({.threads = 1, .waiting = 64}), **sink};
    asio::io_context loop{1};
    std::vector<Status> results;
    asio::co_spawn(loop, keep(&vault, bodies("e1", "", 1, Policy::sealed), "no certificate", &results), asio::detached);
    loop.run();
    REQUIRE(results.size() == 1);
    REQUIRE_FALSE(results.front());
    CHECK(results.front().error().fault() == Fault::evidence_unavailable);
    CHECK(held(*shelf, "e1") == 0);

    // another writer that never ends holds the file
    auto other = store::Database::open(Shelf::file_of(folder.path()), {.version = 2, .tables = ""});
    REQUIRE(other);
    REQUIRE(other->execute("BEGIN IMMEDIATE"));
    loop.restart();
    asio::co_spawn(loop, keep(&vault, bodies("e2", "", 1), {}, &results), asio::detached);
    loop.run();
    REQUIRE(results.size() == 2);
    CHECK_FALSE(results.back());
    CHECK_FALSE(vault.healthy());
    REQUIRE(other->execute("ROLLBACK"));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!vault.healthy() && std::chrono::steady_clock::now() < until) {
    }
    CHECK(vault.healthy());
    pools.stop(Deadline::clock::now() + std::chrono::seconds{10});
}

TEST_CASE("many calls at once are kept in few groups, each whole", "[vault]") {
    const support::ScratchFolder folder;
    auto sink = telemetry::Sink::make({.file = folder / "log"});
    REQUIRE(sink);
    std::shared_ptr<Shelf> shelf = shelf_in(folder);
    async::Pools pools;
    const vault::Vault vault{shelf, pools.make({.threads = 1, .waiting = 1'000}), **sink};
    asio::io_context loop{1};
    std::vector<Status> results;
    for (int i = 0; i < 200; ++i) {
        asio::co_spawn(loop, keep(&vault, bodies("e" + std::to_string(i), "", i), {}, &results), asio::detached);
    }
    loop.run();
    CHECK(results.size() == 200);
    for (int i = 0; i < 200; ++i) {
        CHECK(results[static_cast<std::size_t>(i)]);
        CHECK(held(*shelf, "e" + std::to_string(i)) == 2);
    }
    pools.stop(Deadline::clock::now() + std::chrono::seconds{10});
}
