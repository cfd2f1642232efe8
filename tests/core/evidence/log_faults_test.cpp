#include "core/evidence/log.h"

#include <chrono>
#include <functional>
#include <thread>

#include "core/evidence/frame.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::note;

namespace {

record::Record no_keys() {
    return record::Record::object({{"keys", record::Record::list()}});
}

/// What of the folder verifies: the number of records, or 0 when it is not valid.
std::uint64_t good_records(const Bench& bench) {
    const auto verdict = verify_folder(bench.folder.path(), no_keys());
    REQUIRE(verdict);
    CAPTURE(verdict->reason, verdict->number);
    CHECK(verdict->valid);
    return verdict->valid ? verdict->records : 0;
}

bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!condition() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    return condition();
}

}  // namespace

TEST_CASE("a failed write fails its callers, and the log goes on by itself", "[evidence]") {
    const int leaves = GENERATE(0, 1, 7, 8, 9, 40, 100);
    CAPTURE(leaves);
    Bench bench;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.faults->leaves = leaves;
    bench.faults->fail_append = bench.faults->appends + 1;
    const auto failed = bench.log->append_now(codec::write_json(note(2)));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().fault() == Fault::evidence_unavailable);
    CHECK(bench.append(note(3)) == 2);
    CHECK(bench.log->healthy());
    bench.log.reset();
    CHECK(bench.folder.segments().size() == 1);
    CHECK(good_records(bench) == 2);
}

TEST_CASE("a failed fdatasync fails its callers and leaves the file for a new segment", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.faults->fail_durable = bench.faults->durables + 1;
    CHECK(bench.append(note(2)) == 0);
    CHECK(bench.append(note(3)) == 2);
    bench.log.reset();
    CHECK(bench.folder.segments() == std::vector<std::string>{"000000000001.dlog", "000000000002.dlog"});
    CHECK(good_records(bench) == 2);
}

TEST_CASE("a failed fdatasync of a segment's first records writes that segment anew", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    const int opened = bench.faults->opened;
    bench.faults->fail_durable = bench.faults->durables + 1;
    CHECK(bench.append(note(1)) == 0);
    CHECK(bench.append(note(2)) == 1);
    CHECK(bench.faults->opened == opened + 1);
    bench.log.reset();
    CHECK(bench.folder.segments() == std::vector<std::string>{"000000000001.dlog"});
    CHECK(good_records(bench) == 1);
}

TEST_CASE("while the file can't be cut back nothing is written behind what failed", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.faults->leaves = 30;
    bench.faults->can_cut = false;
    bench.faults->fail_append = bench.faults->appends + 1;
    CHECK(bench.append(note(2)) == 0);
    CHECK(bench.append(note(3)) == 0);
    CHECK_FALSE(bench.log->healthy());
    bench.faults->can_cut = true;
    CHECK(bench.append(note(4)) == 2);
    CHECK(bench.log->healthy());
    bench.log.reset();
    CHECK(good_records(bench) == 2);
}

TEST_CASE("a log that was unhealthy becomes healthy when space returns, without a call", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    bench.faults->disk_full = true;
    bench.faults->leaves = 5;
    CHECK(bench.append(note(1)) == 0);
    CHECK_FALSE(bench.log->healthy());
    bench.faults->disk_full = false;
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!bench.log->healthy() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    CHECK(bench.log->healthy());
    CHECK(bench.append(note(2)) == 1);
    bench.log.reset();
    CHECK(good_records(bench) == 1);
}

TEST_CASE("what is owed is written as soon as the disk takes it, without a call", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.faults->disk_full = true;
    CHECK(bench.append(note(2)) == 0);
    bench.log->owe(codec::write_json(note(3)));
    const int tried = bench.faults->appends;
    CHECK(eventually([&] { return bench.faults->appends > tried + 1; }));  // probed, and still full
    bench.faults->disk_full = false;
    CHECK(
        eventually([&] { return bench.sink->metrics().find("datong_evidence_records_total 2") != std::string::npos; }));
    bench.log.reset();
    CHECK(good_records(bench) == 2);
    CHECK(sample::payloads(bench.folder.path() + "/000000000001.dlog").back().find(R"("note":3)") != std::string::npos);
}

TEST_CASE("what is owed is written at the end at the latest", "[evidence]") {
    Bench bench;
    REQUIRE(bench.open());
    bench.log->owe(codec::write_json(note(1)));
    bench.log.reset();
    CHECK(good_records(bench) == 1);
}

TEST_CASE("a disk that hangs without a failure makes the log unhealthy until it answers again", "[evidence]") {
    Bench bench;
    bench.settings.stuck_after = std::chrono::milliseconds{20};
    REQUIRE(bench.open());
    CHECK(bench.log->healthy());
    const int begun = bench.faults->durables;
    bench.faults->close_gate();
    bench.log->note_stranger(codec::write_json(note(1)), "not_signed");
    CHECK(eventually([&] { return bench.faults->durables > begun && !bench.log->healthy(); }));
    CHECK_THAT(bench.sink->metrics(), ContainsSubstring("datong_evidence_healthy 0"));
    bench.faults->open_gate();
    CHECK(eventually([&] { return bench.log->healthy(); }));
    CHECK(bench.append(note(2)) == 2);
    CHECK_THAT(bench.sink->metrics(), ContainsSubstring("datong_evidence_healthy 1"));
    bench.log.reset();
    CHECK(good_records(bench) == 2);
}

TEST_CASE("a full disk when a segment is due is got over", "[evidence]") {
    Bench bench;
    bench.settings.segment_bytes = 1;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.faults->leaves = GENERATE(0, 20, 62);
    bench.faults->disk_full = true;
    CHECK(bench.append(note(2)) == 0);
    SECTION("by the running log") {
        bench.faults->disk_full = false;
        CHECK(bench.append(note(3)) == 2);
    }
    SECTION("by the next one, which finds the unfinished segment") {
        bench.log.reset();
        bench.faults->disk_full = false;
        REQUIRE(bench.open());
        CHECK(bench.append(note(3)) == 2);
    }
    bench.log.reset();
    CHECK(good_records(bench) == 2);
}

TEST_CASE("a log opens with a failing disk only when it can be written", "[evidence]") {
    Bench bench;
    bench.faults->disk_full = true;
    const auto opened = bench.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault() == Fault::evidence_unavailable);
    bench.faults->disk_full = false;
    REQUIRE(bench.open());
    CHECK(bench.append(note(1)) == 1);
}
