#include "core/ledger/index.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <stop_token>
#include <string>

#include <sqlite3.h>

#include "core/ledger/feeder.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::ledger;
using evidence::sample::Bench;
using evidence::sample::Keys;

namespace {

/// What this process has read from files so far, in octets (proc(5): /proc/pid/io, rchar).
std::uint64_t octets_read() {
    std::ifstream file{"/proc/self/io"};
    std::string name;
    std::uint64_t octets{};
    REQUIRE(file >> name >> octets);
    REQUIRE(name == "rchar:");
    return octets;
}

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_text(const std::string& path, const std::string& octets) {
    std::ofstream{path, std::ios::binary} << octets;
}

/// Number of the page at which a table begins.
std::size_t root_of(const std::string& file, const std::string& table) {
    sqlite3* database{};
    sqlite3_stmt* select{};
    REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
    const std::string sql = "SELECT rootpage FROM sqlite_master WHERE name = '" + table + "'";
    REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &select, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(select) == SQLITE_ROW);
    const int root = sqlite3_column_int(select, 0);
    sqlite3_finalize(select);
    sqlite3_close(database);
    return static_cast<std::size_t>(root);
}

void append_exchange(Bench& bench, const Keys& keys, const std::string& exchange) {
    const auto intent = evidence::sample::intent_of(exchange, evidence::sample::kBody, keys);
    const auto outcome = evidence::sample::outcome_of(intent, "{}", keys);
    REQUIRE(bench.append(evidence::to_record(intent)) > 0);
    REQUIRE(bench.append(evidence::to_record(outcome)) > 0);
}

std::int64_t feed(Index& index, const Bench& bench) {
    const auto fed = index.feed(bench.folder.path());
    REQUIRE(fed);
    return *fed;
}

}  // namespace

TEST_CASE("the index goes on where it ended and reads no record twice", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    for (int i = 0; i < 100; ++i) {
        append_exchange(bench, keys, "e" + std::to_string(i));
    }
    const auto index = Index::open(Index::file_of(bench.folder.path()));
    REQUIRE(index);
    CHECK(feed(**index, bench) == 200);
    const std::uint64_t before = octets_read();
    for (int i = 0; i < 20; ++i) {
        append_exchange(bench, keys, "later" + std::to_string(i));
        CHECK(feed(**index, bench) == 2);
    }
    // the log so far, read anew at every step, would be 20 times its size and more
    CHECK(octets_read() - before < 5 * std::filesystem::file_size(bench.folder.file(1)));
    const auto found = (*index)->find("later19");
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->last == 240);
    CHECK((*found)->outcome == "found");
}

TEST_CASE("the index ends between two transactions when it is asked to", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    append_exchange(bench, keys, "e1");
    const auto index = Index::open(Index::file_of(bench.folder.path()));
    REQUIRE(index);
    std::stop_source stop;
    stop.request_stop();
    const auto none = (*index)->feed(bench.folder.path(), {}, stop.get_token());
    REQUIRE(none);
    CHECK(*none == 0);
    CHECK(feed(**index, bench) == 2);
}

TEST_CASE("a damaged index is put aside and made anew of the log", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    append_exchange(bench, keys, "e1");
    const std::string file = Index::file_of(bench.folder.path());
    std::filesystem::create_directories(std::filesystem::path{file}.parent_path());
    const std::string damage(20'000, 'x');
    write_text(file, damage);
    const auto unread = Index::open(file);
    REQUIRE_FALSE(unread);
    CHECK(store::is_damage(unread.error()));
    CHECK_FALSE(store::is_damage(Error{Fault::unavailable, "store: database or disk is full"}));
    REQUIRE(Index::put_aside(file));
    CHECK(read_file(file + ".damaged") == damage);
    const auto index = Index::open(file);
    REQUIRE(index);
    CHECK(feed(**index, bench) == 2);
    REQUIRE((*index)->remake());
    CHECK((*index)->last().value() == 0);
    CHECK(feed(**index, bench) == 2);
    CHECK((*index)->find("e1").value().has_value());
    CHECK_FALSE(Index::put_aside(file + "/below"));
}

TEST_CASE("the feeder makes a damaged index anew while it runs", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    for (int i = 0; i < 200; ++i) {
        append_exchange(bench, keys, "e" + std::to_string(i));
    }
    const std::string file = Index::file_of(bench.folder.path());
    {
        const auto first = Index::open(file);
        REQUIRE(first);
        REQUIRE(feed(**first, bench) == 400);
    }
    constexpr std::size_t kPage = 4'096;
    std::string octets = read_file(file);
    REQUIRE(octets.size() > 4 * kPage);
    octets.replace(kPage, octets.size() - kPage, octets.size() - kPage, 'x');
    write_text(file, octets);
    append_exchange(bench, keys, "later");
    auto opened = Index::open(file);
    REQUIRE(opened);  // what is damaged shows when it is used
    const std::shared_ptr<Index> index = std::move(*opened);
    const auto sink = telemetry::Sink::make({.file = "-"});
    std::promise<void> done;
    std::atomic<bool> is_told{false};
    const Feeder feeder{index,
                        bench.folder.path(),
                        {.durable = [] { return std::uint64_t{402}; },
                         .caught_up =
                             [&] {
                                 if (!is_told.exchange(true)) {
                                     done.set_value();
                                 }
                             }},
                        **sink};
    REQUIRE(done.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
    CHECK(index->find("e7").value().has_value());
    CHECK(index->find("later").value().has_value());
    CHECK(std::filesystem::exists(file + ".damaged"));
}

TEST_CASE("an index that is damaged where only look-ups read is made anew while the gateway runs", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    append_exchange(bench, keys, "e1");
    const std::string file = Index::file_of(bench.folder.path());
    std::size_t page = 0;
    {
        const auto first = Index::open(file);
        REQUIRE(first);
        REQUIRE(feed(**first, bench) == 2);
        page = root_of(file, "material");
    }
    constexpr std::size_t kPage = 4'096;
    std::string octets = read_file(file);
    REQUIRE(octets.size() >= page * kPage);
    octets.replace((page - 1) * kPage, kPage, kPage, 'x');
    write_text(file, octets);

    auto opened = Index::open(file);
    REQUIRE(opened);
    const std::shared_ptr<Index> index = std::move(*opened);
    CHECK(feed(*index, bench) == 0);  // has no reason to look there
    CHECK_FALSE(index->is_damaged());
    const bool lists = GENERATE(true, false);
    const auto error = lists ? index->list({}).error() : index->find("e1").error();
    CHECK(store::is_damage(error));
    CHECK_THAT(error.detail(), ContainsSubstring("datong evidence reindex"));
    CHECK(index->is_damaged());

    // what can't be put aside yet is tried again
    std::filesystem::create_directories(file + ".damaged/below");
    CHECK_FALSE(index->remake());
    CHECK_FALSE(index->find("e1"));
    CHECK(index->is_damaged());
    std::filesystem::remove_all(file + ".damaged");

    const auto sink = telemetry::Sink::make({.file = "-"});
    std::promise<void> done;
    std::atomic<bool> is_told{false};
    const Feeder feeder{index,
                        bench.folder.path(),
                        {.durable = [] { return std::uint64_t{2}; },
                         .caught_up =
                             [&] {
                                 if (!is_told.exchange(true)) {
                                     done.set_value();
                                 }
                             }},
                        **sink};
    REQUIRE(done.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
    CHECK(index->find("e1").value().has_value());
    CHECK(std::filesystem::exists(file + ".damaged"));
    CHECK_FALSE(index->is_damaged());
}
