#include "core/evidence/log.h"

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/evidence/frame.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::note;

namespace {

namespace asio = boost::asio;

/// Waits for a condition; a minute is far beyond what any of them takes.
template <class Condition>
bool becomes_true(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

struct Tally {
    std::atomic<int> begun{};
    std::atomic<int> durable{};
    std::atomic<int> failed{};
    std::atomic<int> on_another_thread{};
    std::mutex mutex;
    std::set<std::uint64_t> numbers;
};

asio::awaitable<void> append_one(Log& log, int number, Tally& tally) {
    const auto thread = std::this_thread::get_id();
    ++tally.begun;
    std::string entry = codec::write_json(note(number));
    const auto place = co_await log.append(std::move(entry));
    tally.on_another_thread += std::this_thread::get_id() == thread ? 0 : 1;
    if (!place) {
        ++tally.failed;
        co_return;
    }
    ++tally.durable;
    const std::lock_guard lock{tally.mutex};
    tally.numbers.insert(place->number);
}

/// Runs `count` appends on each of three loops; `meanwhile` is called when all have been begun.
template <class Meanwhile>
void append_from_three_loops(Log& log, int count, Tally& tally, Meanwhile meanwhile) {
    std::array<asio::io_context, 3> loops;
    std::vector<std::thread> threads;
    for (auto& loop : loops) {
        for (int i = 0; i < count; ++i) {
            asio::co_spawn(loop, append_one(log, i, tally), asio::detached);
        }
        threads.emplace_back([&loop] { loop.run(); });
    }
    meanwhile();
    for (auto& thread : threads) {
        thread.join();
    }
}

record::Record no_keys() {
    return record::Record::object({{"keys", record::Record::list()}});
}

}  // namespace

TEST_CASE("records are numbered, chained and found again", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    const auto first = bench.log->append_now(codec::write_json(note(1)));
    const auto second = bench.log->append_now(codec::write_json(note(2)));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->number == 1);
    CHECK(second->number == 2);
    CHECK(first->hash.size() == 32);
    CHECK(bench.log->healthy());
    bench.log.reset();
    const auto payloads = sample::payloads(bench.folder.file(1));
    REQUIRE(payloads.size() == 2);
    CHECK(has_link(payloads[0], {}));
    CHECK(has_link(payloads[1], {.number = 2, .previous = first->hash}));
    const auto verdict = verify_folder(bench.folder.path(), no_keys());
    REQUIRE(verdict);
    CHECK(verdict->valid);
    CHECK(verdict->records == 2);
}

TEST_CASE("a log goes on where it ended", "[evidence]") {
    Bench bench;
    for (std::uint64_t number = 1; number <= 3; ++number) {
        REQUIRE(bench.open());
        CHECK(bench.append(note(1)) == number);
        bench.log.reset();
    }
    CHECK(bench.folder.segments() == std::vector<std::string>{"000000000001.dlog"});
    CHECK(verify_folder(bench.folder.path(), no_keys())->records == 3);
}

TEST_CASE("a thousand appends from several loops share few fdatasyncs", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    bench.faults->close_gate();
    const int before = bench.faults->durables;
    Tally tally;
    append_from_three_loops(*bench.log, 333, tally, [&] {
        CHECK(becomes_true([&] { return tally.begun == 999; }));
        bench.faults->open_gate();
    });
    CHECK(tally.durable == 999);
    CHECK(tally.numbers.size() == 999);
    CHECK(*tally.numbers.rbegin() == 999);
    CHECK(tally.on_another_thread == 0);
    CHECK(bench.faults->durables - before <= 8);  // the first alone, then batches of 256
    bench.log.reset();
    const auto verdict = verify_folder(bench.folder.path(), no_keys());
    REQUIRE(verdict);
    CHECK(verdict->valid);
    CHECK(verdict->records == 999);
}

TEST_CASE("what is queued is written before the log closes", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    bench.faults->close_gate();
    for (int i = 0; i < 20; ++i) {
        bench.log->note_stranger(codec::write_json(note(i)), "not_signed");
    }
    bench.faults->open_gate();
    bench.log.reset();
    CHECK(verify_folder(bench.folder.path(), no_keys())->records == 20);
}

TEST_CASE("a full queue fails at once", "[evidence]") {
    Bench bench;
    bench.settings.max_queue = 5;
    REQUIRE(bench.open());
    const int written = bench.faults->appends;
    bench.faults->close_gate();
    bench.log->note_stranger(codec::write_json(note(0)), "not_signed");
    REQUIRE(becomes_true([&] { return bench.faults->appends > written; }));  // taken from the queue
    for (int i = 0; i < 5; ++i) {
        bench.log->note_stranger(codec::write_json(note(i)), "not_signed");
    }
    const auto refused = bench.log->append_now(codec::write_json(note(6)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault() == Fault::evidence_unavailable);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("queue is full"));
    bench.faults->open_gate();
    CHECK(becomes_true([&] { return bench.append(note(7)) > 0; }));
}

TEST_CASE("awaiting callers are told of a full queue too", "[evidence]") {
    Bench bench;
    bench.settings.max_queue = 0;
    REQUIRE(bench.open());
    Tally tally;
    append_from_three_loops(*bench.log, 2, tally, [] {});
    CHECK(tally.failed == 6);
    CHECK(tally.on_another_thread == 0);
}

TEST_CASE("a segment over its size is followed by the next, chained to it", "[evidence]") {
    Bench bench;
    bench.settings.segment_bytes = 400;
    REQUIRE(bench.open());
    for (int i = 0; i < 10; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(10)) == 11);
    bench.log.reset();
    CHECK(bench.folder.segments().size() >= 3);
    const auto verdict = verify_folder(bench.folder.path(), no_keys());
    REQUIRE(verdict);
    CHECK(verdict->valid);
    CHECK(verdict->records == 11);
}

TEST_CASE("a second log on the same folder is refused", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    SECTION("in this process") {
        const auto second = Log::open(bench.settings, system_files(), bench.clock, *bench.sink);
        REQUIRE_FALSE(second);
        CHECK(second.error().fault() == Fault::evidence_unavailable);
        CHECK_THAT(second.error().detail(), ContainsSubstring("another process"));
    }
    SECTION("in another process") {
        const pid_t child = ::fork();
        if (child == 0) {
            ::_exit(FolderLock::take(bench.settings.folder) ? 0 : 7);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 7);
    }
    bench.log.reset();
    CHECK(bench.open());
}

TEST_CASE("an entry that is no object, or too large, is refused alone", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    CHECK_FALSE(bench.log->append_now("\"x\""));
    record::Record large = note(1);
    large.put("much", record::Record::text(std::string(kMaxPayload, 'x')));
    CHECK_FALSE(bench.log->append_now(codec::write_json(large)));
    CHECK(bench.append(note(2)) == 1);
}

TEST_CASE("a folder that can't be used is said so", "[evidence]") {
    Bench bench;
    bench.settings.folder = "/proc/no-such-folder";
    const auto opened = bench.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault() == Fault::evidence_unavailable);
}

TEST_CASE("read_folder gives every record until it is told to stop", "[evidence]") {
    Bench bench;
    bench.settings.segment_bytes = 400;
    REQUIRE(bench.open());
    for (int i = 0; i < 6; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    std::vector<std::string> seen;
    REQUIRE(read_folder(bench.folder.path(), [&](const record::Record& entry) {  // while the log is open
        seen.push_back(entry.text_of("note"));
        return seen.size() < 5;
    }));
    CHECK(seen == std::vector<std::string>{"0", "1", "2", "3", "4"});
}
