#include "core/keeping/archive.h"

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "core/keeping/backup.h"
#include "core/keeping/retention.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using evidence::sample::Bench;
using evidence::sample::Keys;
namespace fs = std::filesystem;

namespace {

constexpr const char* kFarOff = "2100-01-01T00:00:00.000+08:00";

/// A closed log of some segments.
void fill(Bench& bench, int segments) {
    bench.settings.segment_bytes = 1;
    REQUIRE(bench.open());
    for (int i = 1; i <= segments; ++i) {
        REQUIRE(bench.append(evidence::sample::note(i)) > 0);
    }
    bench.log.reset();
}

/// A note of the moment that the clock tells.
void append_now(Bench& bench, int number) {
    auto entry = evidence::sample::note(number);
    entry.put("at", record::Record::text(to_rfc3339(bench.clock.now())));
    REQUIRE(bench.append(entry) > 0);
}

/// As a share whose server forgot it: what asks whether something is there gets an error (ELOOP).
void make_stale(const std::string& path) {
    fs::remove_all(path);
    fs::create_symlink(path, path);
}

Result<keeping::BackedUp> back_up(const Bench& bench, const Keys& keys, const std::string& store,
                                  const std::string& to) {
    return keeping::create_backup({.evidence_folder = bench.folder.path(),
                                   .store_file = store,
                                   .at = "2026-11-30T08:00:00.000+08:00",
                                   .keyid = "gateway-2026"},
                                  keys.gateway, to);
}

}  // namespace

TEST_CASE("an archive that can't even be looked at is refused, and nothing ends by it", "[keeping]") {
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, 3);
    const std::string archive = state / "archive";
    REQUIRE(keeping::archive_before(bench.folder.path(), kFarOff, archive));
    const auto refused = [&](const std::string& to) {
        const auto found = keeping::find_archivable(bench.folder.path(), kFarOff, to);
        const auto moved = keeping::archive_before(bench.folder.path(), kFarOff, to);
        REQUIRE_FALSE(moved);
        CHECK(moved.error().fault() == Fault::evidence_unavailable);
        REQUIRE_FALSE(found);
        return found.error().detail();
    };

    SECTION("the folder") {
        make_stale(archive);
        CHECK_THAT(refused(archive), ContainsSubstring("is it mounted?"));
    }
    SECTION("its chain file") {
        make_stale(archive + "/chain.json");
        CHECK_THAT(refused(archive), ContainsSubstring("is it mounted?"));
    }
    SECTION("what names the archives") {
        make_stale(bench.folder.path() + "/archives");
        CHECK_THAT(refused(archive), ContainsSubstring("/archives"));
    }
    SECTION("a folder that was never one") {
        make_stale(state / "other");
        CHECK_THAT(refused(state / "other"), ContainsSubstring("can't write"));
    }
}

TEST_CASE("the folder of evidence is no archive of its own, by whatever name", "[keeping]") {
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, 3);
    const std::string folder = bench.folder.path();
    const auto before = bench.folder.segments();
    std::string to;
    SECTION("its own") {
        to = folder;
    }
    SECTION("with a slash behind it") {
        to = folder + "/";
    }
    SECTION("with two, and a dot") {
        to = folder + "//./";
    }
    SECTION("a link to it") {
        to = state / "archive";
        fs::create_directory_symlink(folder, to);
    }
    SECTION("a link to it, with a slash behind it") {
        to = state / "archive/";
        fs::create_directory_symlink(folder, state / "archive");
    }
    const auto found = keeping::find_archivable(folder, kFarOff, to);
    REQUIRE_FALSE(found);
    CHECK(found.error().fault() == Fault::bad_request);
    const auto moved = keeping::archive_before(folder, kFarOff, to);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().fault() == Fault::bad_request);
    CHECK(bench.folder.segments() == before);
    CHECK_FALSE(fs::exists(folder + "/archives"));
    CHECK_FALSE(fs::exists(folder + "/chain.json"));
}

TEST_CASE("a segment that is in the archive as the same file is not removed", "[keeping]") {
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, 3);
    const auto old = keeping::find_archivable(bench.folder.path(), kFarOff, state / "archive");
    REQUIRE(old);
    REQUIRE(old->segments.size() == 2);
    const std::string here = bench.folder.path() + '/' + old->segments.front();
    fs::create_directories(state / "archive");
    fs::create_symlink(here, (state / "archive/") + old->segments.front());
    const auto moved = keeping::archive_before(bench.folder.path(), kFarOff, state / "archive");
    REQUIRE_FALSE(moved);
    CHECK(moved.error().fault() == Fault::evidence_unavailable);
    CHECK(fs::exists(here));
}

TEST_CASE("an archive with a slash behind its name is the one without", "[keeping]") {
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, 3);
    const std::string archive = state / "archive";
    REQUIRE(keeping::archive_before(bench.folder.path(), kFarOff, archive + "/"));
    CHECK(evidence::sample::read_file(bench.folder.path() + "/archives") == archive + "\n");
    evidence::sample::write_file(bench.folder.path() + "/archives", archive + "/\n");  // as versions before wrote it
    REQUIRE(keeping::archive_before(bench.folder.path(), kFarOff, archive));
    fs::remove_all(archive);
    const auto away = keeping::find_archivable(bench.folder.path(), kFarOff, archive);
    REQUIRE_FALSE(away);
    CHECK_THAT(away.error().detail(), ContainsSubstring("is it mounted?"));
}

TEST_CASE("a record of a clock that was ahead, or a segment begun by it, keeps nothing from being archived",
          "[keeping]") {
    constexpr auto kAhead = std::chrono::hours{87'600};
    constexpr auto kDay = std::chrono::hours{24};
    Bench bench;
    const support::ScratchFolder state;
    bench.settings.segment_bytes = 1;
    REQUIRE(bench.open());
    const auto append = [&](int number) {
        append_now(bench, number);
        bench.clock.advance(kDay);
    };
    constexpr std::size_t kOld = 5;
    append(1);
    append(2);
    SECTION("a segment of ten years ahead") {
        bench.clock.advance(kAhead);
        append(3);
        bench.clock.advance(-kAhead);
        append(4);
        append(5);
    }
    SECTION("of ten years behind, which makes none older than it is") {
        bench.clock.advance(-kAhead);
        append(3);
        bench.clock.advance(kAhead);
        append(4);
        append(5);
    }
    SECTION("none") {
        append(3);
        append(4);
        append(5);
    }
    const std::string then = to_rfc3339(bench.clock.now());
    append(6);
    append(7);
    append(8);
    bench.log.reset();
    const auto found = keeping::find_archivable(bench.folder.path(), then, state / "archive");
    REQUIRE(found);
    CHECK(found->segments.size() == kOld);
    CHECK(found->to == kOld);
}

TEST_CASE("a segment that was begun by a clock behind makes none before it older", "[keeping]") {
    constexpr auto kDay = std::chrono::hours{24};
    constexpr auto kBehind = 400 * kDay;
    Bench bench;
    const support::ScratchFolder state;
    bench.settings.segment_bytes = 1;
    REQUIRE(bench.open());
    const auto append = [&](int number) {
        append_now(bench, number);
        bench.clock.advance(kDay);
    };
    append(1);
    bench.clock.advance(730 * kDay);
    append(2);
    append(3);
    bench.clock.advance(-kBehind);
    append(4);
    bench.clock.advance(kBehind);
    append(5);
    append(6);
    const std::string a_year_ago = to_rfc3339(bench.clock.now() - 365 * kDay);
    bench.log.reset();
    const auto found = keeping::find_archivable(bench.folder.path(), a_year_ago, state / "archive");
    REQUIRE(found);
    CHECK(found->segments.size() == 1);
    CHECK(found->to == 1);
}

TEST_CASE("a segment that was begun by a clock ahead is closed by age as another is", "[keeping]") {
    constexpr auto kDay = std::chrono::hours{24};
    Bench bench;
    const support::ScratchFolder state;
    bench.settings.segment_age = kDay;
    REQUIRE(bench.open());
    const auto append = [&](int number) { append_now(bench, number); };
    append(1);
    const auto ahead = kDay * GENERATE(30, 3'650);
    bench.clock.advance(ahead);
    append(2);
    bench.clock.advance(2 * kDay - ahead);
    append(3);
    bench.clock.advance(2 * kDay);
    append(4);
    bench.clock.advance(2 * kDay);
    append(5);
    bench.log.reset();
    CHECK(bench.folder.segments().size() == 5);
    const auto found = keeping::find_archivable(bench.folder.path(), to_rfc3339(bench.clock.now()), state / "archive");
    REQUIRE(found);
    CHECK(found->segments.size() == 4);
    CHECK(found->to == 4);
}

TEST_CASE("a segment's place in an archive that can't be looked at leaves the segment here", "[keeping]") {
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, 3);
    const std::string archive = state / "archive";
    const auto old = keeping::find_archivable(bench.folder.path(), kFarOff, archive);
    REQUIRE(old);
    REQUIRE_FALSE(old->segments.empty());
    fs::create_directories(archive);
    make_stale(archive + '/' + old->segments.front());
    const auto moved = keeping::archive_before(bench.folder.path(), kFarOff, archive);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().fault() == Fault::evidence_unavailable);
    CHECK(fs::exists(bench.folder.path() + '/' + old->segments.front()));
}

TEST_CASE("a backup and its return refuse a place that can't be looked at", "[keeping]") {
    const Keys keys;
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, 2);
    make_stale(state / "stale");

    const auto of_stale = back_up(bench, keys, state / "stale", state / "one");
    REQUIRE_FALSE(of_stale);
    CHECK(of_stale.error().fault() == Fault::evidence_unavailable);
    const auto into_stale = back_up(bench, keys, state / "datong.db", state / "stale");
    REQUIRE_FALSE(into_stale);
    CHECK(into_stale.error().fault() == Fault::bad_request);

    REQUIRE(back_up(bench, keys, state / "datong.db", state / "two"));
    const auto restored = keeping::restore_backup(state / "two", keys.jwks(), state / "stale");
    REQUIRE_FALSE(restored);
    CHECK(restored.error().fault() == Fault::bad_request);
}

TEST_CASE("a duty that throws has failed, and the other is done", "[keeping]") {
    const auto sink = telemetry::Sink::make({.file = "-"});
    REQUIRE(sink);
    const SystemClock clock;
    std::vector<keeping::Duty> duties;
    duties.push_back({.name = "segments", .after = std::chrono::days{1}, .act = [](const std::string&) {
                          throw std::runtime_error{"a share that went"};
                          return Result<std::int64_t>{0};
                      }});
    std::atomic<int> done{0};
    duties.push_back({.name = "bodies", .after = std::chrono::days{1}, .act = [&done](const std::string&) {
                          ++done;
                          return Result<std::int64_t>{1};
                      }});
    const keeping::Retention retention{std::move(duties), 1ms, clock, **sink};
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (done == 0 && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    CHECK(done == 1);
    CHECK(retention.failing() == std::vector<std::string>{"segments"});
}
