#include "core/keeping/backup.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include "core/keeping/archive.h"
#include "core/store/jobs.h"
#include "core/vault/shelf.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using evidence::sample::Bench;
using evidence::sample::Keys;

namespace {

/// A closed log of many segments, and what stands beside it.
void fill(Bench& bench, const support::ScratchFolder& state, int segments) {
    bench.settings.segment_bytes = 1;
    REQUIRE(bench.open());
    for (int i = 1; i <= segments; ++i) {
        REQUIRE(bench.append(evidence::sample::note(i)) > 0);
    }
    bench.log.reset();
    REQUIRE(store::Jobs::open(state / "datong.db"));
    REQUIRE(vault::Shelf::open(vault::Shelf::file_of(bench.folder.path())));
}

}  // namespace

TEST_CASE("a backup that is made while segments are archived has all of them, closed ones with their end",
          "[keeping]") {
    constexpr int kSegments = 40;
    const Keys keys;
    for (int round = 0; round < 8; ++round) {
        CAPTURE(round);
        Bench bench;
        const support::ScratchFolder state;
        fill(bench, state, kSegments);
        std::atomic<bool> is_archived{false};
        Status archived;
        Result<keeping::BackedUp> made = fail(Fault::internal, "");
        {
            const std::jthread archiver{[&] {
                const auto moved =
                    keeping::archive_before(bench.folder.path(), "2100-01-01T00:00:00.000+08:00", state / "archive");
                archived = moved ? Status{} : fail(moved.error());
                is_archived = true;
            }};
            // begins while the first ones move
            while (!is_archived && !std::filesystem::exists(state / "archive/chain.json")) {
                std::this_thread::yield();
            }
            made = keeping::create_backup({.evidence_folder = bench.folder.path(),
                                           .store_file = state / "datong.db",
                                           .at = "2026-11-30T08:00:00.000+08:00",
                                           .keyid = "gateway-2026"},
                                          keys.gateway, state / "backup");
        }
        REQUIRE(archived);
        if (!made) {
            FAIL(made.error().detail());
        }
        CHECK(made->records == kSegments);
        const auto restored = keeping::restore_backup(state / "backup", keys.jwks(), state / "restored");
        if (!restored) {
            FAIL(restored.error().detail());
        }
        const auto verdict = evidence::verify_folder(state / "restored/evidence", keys.jwks());
        REQUIRE(verdict);
        CHECK(verdict->valid);
        CHECK(verdict->records == kSegments);
    }
}

TEST_CASE("a log of which a segment is missing gets no backup", "[keeping]") {
    const Keys keys;
    Bench bench;
    const support::ScratchFolder state;
    fill(bench, state, 4);
    REQUIRE(keeping::archive_before(bench.folder.path(), "2100-01-01T00:00:00.000+08:00", state / "archive"));
    const auto back_up = [&](const std::string& to) {
        return keeping::create_backup({.evidence_folder = bench.folder.path(),
                                       .store_file = state / "datong.db",
                                       .at = "2026-11-30T08:00:00.000+08:00",
                                       .keyid = "gateway-2026"},
                                      keys.gateway, state / to);
    };
    const auto whole = back_up("whole");
    REQUIRE(whole);
    CHECK(whole->records == 4);
    std::string missing;
    SECTION("all of the archive") {
        std::filesystem::rename(state / "archive", state / "elsewhere");
        missing = "records 1 to 3 are missing: is the archive mounted?";
    }
    SECTION("the first") {
        std::filesystem::remove((state / "archive/") + evidence::segment_name(1));
        missing = "records 1 to 1 are missing";
    }
    SECTION("one in the middle") {
        std::filesystem::remove((state / "archive/") + evidence::segment_name(2));
        missing = "records 2 to 2 are missing";
    }
    SECTION("the end of one in the middle") {
        const std::string cut = (state / "archive/") + evidence::segment_name(2);
        std::filesystem::resize_file(cut, evidence::kSegmentHeaderSize);
        missing = "records 2 to 2 are missing";
    }
    SECTION("one that is another's in its place") {
        Bench other;
        other.settings.segment_bytes = 1;
        REQUIRE(other.open());
        for (int i = 11; i <= 14; ++i) {
            REQUIRE(other.append(evidence::sample::note(i)) > 0);
        }
        other.log.reset();
        std::filesystem::copy_file(other.folder.file(2), (state / "archive/") + evidence::segment_name(2),
                                   std::filesystem::copy_options::overwrite_existing);
        missing = "does not follow the record before 2";
    }
    const auto made = back_up("holed");
    REQUIRE_FALSE(made);
    CHECK(made.error().fault() == Fault::evidence_unavailable);
    CHECK_THAT(made.error().detail(), ContainsSubstring(missing));
    CHECK_FALSE(std::filesystem::exists(state / "holed/backup.jws"));
}
