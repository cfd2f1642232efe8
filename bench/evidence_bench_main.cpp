// Durable evidence records: how many a second and how long a caller waits, beside SQLite, PostgreSQL and bare fdatasync
// of the same octets in the same run; what sealing, new segments, archiving and making the index anew cost those who
// wait; how fast what is unsealed is caught up.
#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/base/background.h"
#include "core/base/clock.h"
#include "core/command_line/command_line.h"
#include "core/evidence/log.h"
#include "core/evidence/segment.h"
#include "core/keeping/archive.h"
#include "core/ledger/index.h"
#include "core/seals/sealer.h"
#include "core/telemetry/sink.h"
#include "tests/support/postgres_server.h"

namespace {

namespace fs = std::filesystem;
using namespace datong;
namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kOctets = 3'000;

std::string entry() {
    return R"({"kind":"note","text":")" + std::string(kOctets - 160, 'x') + "\"}";
}

void must(bool good, const char* what) {
    if (!good) {
        std::cerr << what << " failed\n";
        std::terminate();
    }
}

/// What a number of callers found.
struct Found {
    double a_second{};
    std::vector<double> waits;  ///< microseconds, sorted
    [[nodiscard]] double wait(double part) const {
        return waits.empty() ? 0 : waits[static_cast<std::size_t>(part * static_cast<double>(waits.size() - 1))];
    }
};

/// One call after the other, as a connection of the gateway makes them.
asio::awaitable<void> caller(evidence::Log* log, Steady::time_point until, std::vector<double>* waits,
                             std::function<std::string()> make) {
    while (Steady::now() < until) {
        std::string text = make();
        const auto from = Steady::now();
        const auto kept = co_await log->append(std::move(text));
        must(kept.has_value(), "append");
        waits->push_back(std::chrono::duration<double, std::micro>(Steady::now() - from).count());
    }
}

/// Callers on one loop that each wait for their record before the next one.
Found drive(evidence::Log& log, std::size_t callers, std::chrono::milliseconds length,
            const std::function<std::string()>& make = entry) {
    Found found;
    const auto begun = Steady::now();
    asio::io_context loop{1};
    for (std::size_t i = 0; i < callers; ++i) {
        asio::co_spawn(loop, caller(&log, begun + length, &found.waits, make),
                       [](const std::exception_ptr& thrown) { must(!thrown, "a caller"); });
    }
    loop.run();
    found.a_second =
        static_cast<double>(found.waits.size()) / std::chrono::duration<double>(Steady::now() - begun).count();
    std::sort(found.waits.begin(), found.waits.end());
    return found;
}

/// One writer that makes batches durable. @param batch  writes that many records and makes them durable.
double rate(std::size_t size, std::chrono::milliseconds length, const std::function<void()>& batch) {
    const auto begun = Steady::now();
    std::size_t records = 0;
    for (; Steady::now() - begun < length; records += size) {
        batch();
    }
    return static_cast<double>(records) / std::chrono::duration<double>(Steady::now() - begun).count();
}

double bare(const std::string& folder, std::size_t size, std::chrono::milliseconds length) {
    const std::string file = folder + "/bare";
    const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    const std::string block(size * kOctets, 'x');
    const double result = rate(size, length, [&] {
        if (::write(out, block.data(), block.size()) < 0 || ::fdatasync(out) != 0) {
            std::terminate();
        }
    });
    ::close(out);
    fs::remove(file);
    return result;
}

double sqlite(const std::string& folder, std::size_t size, std::chrono::milliseconds length) {
    sqlite3* db = nullptr;
    must(sqlite3_open((folder + "/rival.db").c_str(), &db) == SQLITE_OK, "SQLite");
    const auto run = [db](const char* sql) {
        must(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
    };
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE record (id INTEGER PRIMARY KEY, entry TEXT NOT NULL)");
    sqlite3_stmt* insert = nullptr;
    must(sqlite3_prepare_v2(db, "INSERT INTO record (entry) VALUES (?)", -1, &insert, nullptr) == SQLITE_OK, "prepare");
    const std::string text(kOctets, 'x');
    const double result = rate(size, length, [&] {
        run("BEGIN");
        for (std::size_t i = 0; i < size; ++i) {
            sqlite3_bind_text(insert, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
            must(sqlite3_step(insert) == SQLITE_DONE, "insert");
            sqlite3_reset(insert);
        }
        run("COMMIT");
    });
    sqlite3_finalize(insert);
    sqlite3_close(db);
    for (const char* name : {"/rival.db", "/rival.db-wal", "/rival.db-shm"}) {
        fs::remove(folder + name);
    }
    return result;
}

/// A batch is one transaction of statements that are sent without waiting for each.
double postgres(const support::PostgresServer& server, std::size_t size, std::chrono::milliseconds length) {
    const std::unique_ptr<PGconn, decltype([](PGconn* one) { PQfinish(one); })> connection{
        PQconnectdb((server.connection() + " options='-c client_min_messages=error'").c_str())};
    must(PQstatus(connection.get()) == CONNECTION_OK, "PostgreSQL");
    const auto clear = [](PGresult* result) { PQclear(result); };
    clear(
        PQexec(connection.get(), "CREATE TABLE IF NOT EXISTS record (id bigserial PRIMARY KEY, entry text NOT NULL)"));
    clear(PQprepare(connection.get(), "add", "INSERT INTO record (entry) VALUES ($1)", 1, nullptr));
    const std::string text(kOctets, 'x');
    const char* values[] = {text.c_str()};
    must(PQenterPipelineMode(connection.get()) == 1, "pipeline");
    return rate(size, length, [&] {
        for (std::size_t i = 0; i < size; ++i) {
            must(PQsendQueryPrepared(connection.get(), "add", 1, values, nullptr, nullptr, 0) == 1, "send");
        }
        must(PQpipelineSync(connection.get()) == 1, "sync");
        for (bool is_synced = false; !is_synced;) {
            PGresult* result = PQgetResult(connection.get());
            is_synced = result != nullptr && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
            clear(result);
        }
    });
}

struct Place {
    std::string folder;
    SystemClock clock{};
    std::unique_ptr<telemetry::Sink> sink = telemetry::Sink::make({.file = "-"}).value();

    [[nodiscard]] std::unique_ptr<evidence::Log> log(const std::string& name, std::uint64_t segment_bytes) {
        fs::remove_all(folder + name);
        auto opened = evidence::Log::open({.folder = folder + name, .segment_bytes = segment_bytes},
                                          evidence::system_files(), clock, *sink);
        must(opened.has_value(), "log");
        return std::move(*opened);
    }
    [[nodiscard]] std::unique_ptr<seals::Sealer> sealer(const std::string& name, evidence::Log& log,
                                                        const crypto::SigningKey& key, std::uint64_t records) {
        auto opened = seals::Sealer::open(
            {.folder = folder + name, .every = std::chrono::milliseconds{1'000}, .records = records}, log,
            [&key] { return seals::Signer{.keyid = "bench", .key = key}; }, clock, *sink);
        must(opened.has_value(), "sealer");
        return std::move(*opened);
    }
};

constexpr std::uint64_t kSegment = 256U << 20;

void compare(Place& place, std::chrono::milliseconds length) {
    std::unique_ptr<support::PostgresServer> server;
    try {
        server = std::make_unique<support::PostgresServer>(true);
    } catch (const std::exception& none) {
        std::cout << "PostgreSQL is not run: " << none.what() << '\n';
    }
    std::cout
        << "| callers | evidence records/s | a caller waits p50 / p99 | bare write and fdatasync, records/s | of it | "
           "SQLite WAL FULL | PostgreSQL |\n|---|---|---|---|---|---|---|\n";
    for (const std::size_t callers : {std::size_t{1}, std::size_t{16}, std::size_t{64}, std::size_t{256}}) {
        Found found;
        {
            const auto log = place.log("/log", kSegment);
            found = drive(*log, callers, length);
        }
        const double floor = bare(place.folder, callers, length);
        const double rival = sqlite(place.folder, callers, length);
        const double other = server ? postgres(*server, callers, length) : 0;
        std::printf("| %zu | %.0f | %.1f / %.1f ms | %.0f | %.2f | %.0f | %.0f |\n", callers, found.a_second,
                    found.wait(0.5) / 1000, found.wait(0.99) / 1000, floor, found.a_second / floor, rival, other);
        std::fflush(stdout);
    }
}

void beside(Place& place, const crypto::SigningKey& key, std::chrono::milliseconds length) {
    std::cout << "\n| 64 callers | records/s | p50 | p99 | p99.9 |\n|---|---|---|---|---|\n";
    struct Case {
        const char* words;
        std::uint64_t segment;
        bool is_sealed;
    };
    for (const Case& one : {Case{"neither", kSegment, false}, Case{"sealing every second", kSegment, true},
                            Case{"a new segment every 8 MiB", 8U << 20, false}, Case{"both", 8U << 20, true}}) {
        const auto log = place.log("/log", one.segment);
        const auto sealer = place.sealer("/log", *log, key, 10'000);
        if (one.is_sealed) {
            sealer->start();
        }
        const Found found = drive(*log, 64, length);
        std::printf("| %s | %.0f | %.1f ms | %.1f ms | %.1f ms |\n", one.words, found.a_second, found.wait(0.5) / 1000,
                    found.wait(0.99) / 1000, found.wait(0.999) / 1000);
        std::fflush(stdout);
    }
}

/// A record that the index takes up.
std::string intent(std::uint64_t number) {
    const std::string text = R"({"kind":"intent","exchange":"e)" + std::to_string(number) + R"(","at":")" +
                             to_rfc3339(std::chrono::system_clock::now()) +
                             R"(","consumer":"one-window","service":"s@1.0.0","case_number":"c","persons":["subject:)" +
                             std::to_string(number) + R"("],"text":")";
    return text + std::string(kOctets - std::min(kOctets, text.size()), 'x') + "\"}";
}

/// Does that over and over while callers wait for their records.
class Beside {
public:
    explicit Beside(std::function<std::uint64_t()> once)
        : thread_{[once = std::move(once), this](const std::stop_token& stop) {
              give_way_to_calls();  // as the threads of a gateway that do this
              while (!stop.stop_requested()) {
                  const std::uint64_t done = once();
                  done_ += done;
                  if (done == 0) {
                      std::this_thread::sleep_for(std::chrono::milliseconds{10});  // there was nothing to do
                  }
              }
          }} {}
    /// Ends it. @return what was done, which is something: else nothing was measured.
    [[nodiscard]] std::uint64_t finish() {
        thread_.request_stop();
        thread_.join();
        must(done_ > 0, "work beside the callers");
        return done_;
    }

private:
    std::atomic<std::uint64_t> done_{};
    std::jthread thread_;  // last: it uses the other
};

void say_beside(const char* words, const Found& found, const Found& alone, std::uint64_t done) {
    std::printf("| %s | %.0f | %.1f ms | %.1f ms | %.1f ms | %.1f | %llu |\n", words, found.a_second,
                found.wait(0.5) / 1000, found.wait(0.99) / 1000, found.wait(0.999) / 1000,
                found.wait(0.999) / alone.wait(0.999), static_cast<unsigned long long>(done));
    std::fflush(stdout);
}

/// How long 64 callers wait while segments are archived, and while the index is made anew, beside how long they wait
/// otherwise: before it and behind it, on the same log in the same run.
void keep_beside(Place& place, bool archives, std::chrono::milliseconds length) {
    constexpr std::uint64_t kSmall = 2U << 20;
    const auto log = place.log("/log", kSmall);
    const std::string folder = place.folder + "/log";
    const std::string archive = place.folder + "/archive";
    fs::remove_all(archive);
    std::atomic<std::uint64_t> number{};
    const auto make = [&number] { return intent(++number); };
    const Found alone = drive(*log, 64, length, make);
    say_beside(archives ? "before archiving" : "before reindexing", alone, alone, 0);
    while (evidence::list_segments(folder).value().size() < 4) {
        (void)drive(*log, 64, length, make);  // a slow disk: there must be something to move
    }
    {
        const auto index = ledger::Index::open(ledger::Index::file_of(folder));
        must(index.has_value(), "index");
        Beside work{[&]() -> std::uint64_t {
            if (!archives) {
                const auto taken = (*index)->rebuild(folder);
                must(taken.has_value(), "reindex");
                return static_cast<std::uint64_t>(*taken);
            }
            const auto moved = keeping::archive_before(folder, to_rfc3339(std::chrono::system_clock::now()), archive);
            must(moved.has_value(), "archive");
            return moved->segments.size();
        }};
        const Found during = drive(*log, 64, length, make);
        say_beside(archives ? "archiving (segments moved)" : "reindexing (records taken up)", during, alone,
                   work.finish());
    }
    say_beside(archives ? "behind archiving" : "behind reindexing", drive(*log, 64, length, make), alone, 0);
    fs::remove_all(archive);
}

void keep(Place& place, bool archives, std::chrono::milliseconds length) {
    std::cout << "\n| 64 callers | records/s | p50 | p99 | p99.9 | p99.9 of it before | done meanwhile |\n"
                 "|---|---|---|---|---|---|---|\n";
    keep_beside(place, archives, length);
}

void catch_up(Place& place, const crypto::SigningKey& key, std::chrono::milliseconds length) {
    const auto log = place.log("/log", kSegment);
    const Found found = drive(*log, 256, length);
    const auto begun = Steady::now();
    const auto sealer = place.sealer("/log", *log, key, 10'000);
    must(sealer->finish().has_value(), "seal");
    const double took = std::chrono::duration<double>(Steady::now() - begun).count();
    const double rate = static_cast<double>(found.waits.size()) / took;
    std::printf(
        "\n%zu unsealed records were sealed in %.2f s: %.0f records/s, %.0f times what 200 calls/s bring (400 "
        "records/s)\n",
        found.waits.size(), took, rate, rate / 400);
}

}  // namespace

int main(int argc, char** argv) {
    datong::Command app{"datong-evidence-bench: durable records beside SQLite, PostgreSQL and bare fdatasync"};
    std::string folder = "build/bench-evidence";
    int seconds = 5;
    int milliseconds = 0;
    std::string part = "all";
    app.add_option("--folder", folder, "on a real disk; emptied first")->capture_default_str();
    app.add_option("--seconds", seconds, "of each measurement")->capture_default_str();
    app.add_option("--milliseconds", milliseconds, "in its place, to see that it runs");
    app.add_option("--part", part, "compare, beside, archive, reindex, catch-up, all")->capture_default_str();
    if (const auto over = app.parse(argc, argv)) {
        return *over;
    }
    fs::remove_all(folder);
    fs::create_directories(folder);
    Place place{.folder = fs::absolute(folder).string()};
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    must(key.has_value(), "key");
    const std::chrono::milliseconds length =
        milliseconds > 0 ? std::chrono::milliseconds{milliseconds} : std::chrono::seconds{seconds};
    const auto is_wanted = [&part](const std::string& one) { return part == "all" || part == one; };
    if (is_wanted("compare")) {
        compare(place, length);
    }
    if (is_wanted("beside")) {
        beside(place, *key, length);
    }
    for (const std::string one : {"archive", "reindex"}) {
        if (is_wanted(one)) {
            keep(place, one == "archive", length);
        }
    }
    if (is_wanted("catch-up")) {
        catch_up(place, *key, length);
    }
    fs::remove_all(folder);
    return 0;
}
