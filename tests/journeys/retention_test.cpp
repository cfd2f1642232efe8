#include <filesystem>
#include <memory>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/keeping/archive.h"
#include "core/keeping/files.h"
#include "core/signing/jws.h"
#include "core/vault/shelf.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/support/catch.h"
#include "tests/support/end_segment.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

namespace fs = std::filesystem;

constexpr const char* kBasis = "示数〔2026〕12号";

std::string rules(const std::string& archive) {
    return std::string{"  bodies: kept\n  retention: {bodies_days: 30, basis: "} + kBasis +
           ", segments_days: 60, archive: " + archive + ", every_s: 1}\n";
}

/// Starts again after so many days in which it ran: over a leap of the clock it would wait.
void restart_in(GatewayUnderTest& gateway, std::chrono::days days) {
    gateway.stop();
    const auto later = std::chrono::system_clock::now() + days;
    write_text(gateway.folder() + "/state/datong.db.clock", std::to_string(to_unix_seconds(later)));
    gateway.restart(std::make_unique<support::FakeClock>(later));
}

/// What the gateway stated of itself in the chain, by kind.
std::vector<Record> statements_of(const GatewayUnderTest& gateway, const std::string& kind) {
    std::vector<Record> all;
    for (const Record& entry : records_of(gateway, kind)) {
        const auto jws = signing::read_jws(entry.text_of("statement"));
        REQUIRE(jws);
        all.push_back(codec::read_json(jws->payload).value());
    }
    return all;
}

std::int64_t bodies_left(const GatewayUnderTest& gateway) {
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(gateway.folder() + "/evidence"));
    REQUIRE(shelf);
    return (*shelf)->count({.before = std::int64_t{1} << 40}).value_or(-1);
}

Record readiness_of(const GatewayUnderTest& gateway) {
    return json_of(gateway.admin("GET", "/readyz"));
}

}  // namespace

TEST_CASE(
    "a node erases bodies and archives segments by itself when they are old enough, once; that is in the chain, "
    "and every proof stands",
    "[journey][keeping][security]") {
    const support::ScratchFolder place;
    GatewayUnderTest gateway{with_evidence(rules(place / "archive"))};
    make_calls(gateway);
    CHECK(statements_of(gateway, "erasure").empty());
    CHECK(bodies_left(gateway) == 4);

    gateway.stop();
    restart_in(gateway, std::chrono::days{31});
    REQUIRE(wait_until([&] { return bodies_left(gateway) == 0; }));
    CHECK_FALSE(fs::exists(place / "archive"));
    gateway.stop();
    const auto erased = statements_of(gateway, "erasure");
    REQUIRE(erased.size() == 1);
    CHECK(erased.front().text_of("basis") == kBasis);
    CHECK(erased.front().text_of("exchanges") == "4");
    CHECK(erased.front().text_of("before").ends_with("T00:00:00.000+08:00"));

    REQUIRE(support::end_segment(gateway.folder() + "/evidence"));
    restart_in(gateway, std::chrono::days{100});
    REQUIRE(wait_until([&] { return !fs::exists(gateway.folder() + "/evidence/000000000001.dlog"); }));
    CHECK(readiness_of(gateway).find("overdue_retention") == nullptr);
    std::string metrics;
    REQUIRE(wait_until([&] {
        metrics = gateway.admin("GET", "/metrics").body;
        return metrics.find("datong_retention_done_total{what=\"segments\"} 2") != std::string::npos;
    }));
    CHECK_THAT(metrics, ContainsSubstring("datong_retention_healthy{what=\"segments\"} 1"));
    gateway.stop();
    const auto archived = statements_of(gateway, "archival");
    REQUIRE(archived.size() == 1);
    const auto chain = codec::read_json(read_file(place / "archive/chain.json"));
    REQUIRE(chain);
    REQUIRE(chain->find("segments")->items().size() == 2);  // the first was closed by its age, the second here
    const Record& line = chain->find("segments")->items().back();
    CHECK(archived.front().text_of("head") == line.text_of("head"));
    CHECK(archived.front().text_of("to") == line.text_of("to"));

    // nothing is done twice, and all of it is proven: over the archive too
    restart_in(gateway, std::chrono::days{100});
    gateway.stop();
    CHECK(statements_of(gateway, "erasure").size() == 1);
    CHECK(statements_of(gateway, "archival").size() == 1);
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.text_en);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 4);
}

TEST_CASE("what a node can't archive is told by readiness and metrics, said once in the chain, and done when it can be",
          "[journey][keeping]") {
    const support::ScratchFolder place;
    write_text(place / "taken", "a file where the archive's folder should be");
    GatewayUnderTest gateway{with_evidence(rules(place / "taken/archive"))};
    make_calls(gateway);
    gateway.stop();
    REQUIRE(support::end_segment(gateway.folder() + "/evidence"));
    restart_in(gateway, std::chrono::days{61});
    REQUIRE(wait_until([&] { return readiness_of(gateway).find("overdue_retention") != nullptr; }));
    const Record readiness = readiness_of(gateway);
    CHECK(readiness.text_of("ready") == "true");  // the hall goes on
    REQUIRE(readiness.find("overdue_retention")->items().size() == 1);
    CHECK(readiness.find("overdue_retention")->items().front().scalar() == "segments");
    CHECK_THAT(gateway.admin("GET", "/metrics").body,
               ContainsSubstring("datong_retention_healthy{what=\"segments\"} 0"));
    CHECK_THAT(gateway.log(), ContainsSubstring("retention_failed"));

    fs::remove(place / "taken");
    REQUIRE(wait_until([&] { return readiness_of(gateway).find("overdue_retention") == nullptr; }));
    CHECK(fs::exists(place / "taken/archive/chain.json"));
    gateway.stop();
    CHECK(records_of(gateway, "archival").size() == 1);
    CHECK(gateway.verify().valid);
}

TEST_CASE("a segment that a crash left in both places is moved again, and the archive names it once", "[keeping]") {
    const support::ScratchFolder place;
    GatewayUnderTest gateway;
    gateway.stop();
    const std::string folder = gateway.folder() + "/evidence";
    REQUIRE(support::end_segment(folder));
    const std::string before = to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{1});
    const std::string archive = place / "archive";
    const std::string first = folder + "/000000000001.dlog";
    const std::string octets = read_file(first);
    REQUIRE(keeping::archive_before(folder, before, archive));
    const std::string chain = read_file(archive + "/chain.json");
    write_text(first, octets);
    const auto again = keeping::archive_before(folder, before, archive);
    REQUIRE(again);
    CHECK(again->segments.size() == 1);
    CHECK_FALSE(fs::exists(first));
    CHECK(read_file(archive + "/chain.json") == chain);
    CHECK(read_file(archive + "/000000000001.dlog") == octets);
}

TEST_CASE("an archive never takes another node's segment in the place of one that it holds", "[keeping][security]") {
    const support::ScratchFolder place;
    const std::string archive = place / "archive";
    const std::string before = to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{1});
    const auto stopped = [](GatewayUnderTest& gateway) {
        gateway.stop();
        REQUIRE(support::end_segment(gateway.folder() + "/evidence"));
        return gateway.folder() + "/evidence";
    };
    GatewayUnderTest one;
    REQUIRE(keeping::archive_before(stopped(one), before, archive));
    const std::string chain = read_file(archive + "/chain.json");
    const std::string segment = read_file(archive + "/000000000001.dlog");

    GatewayUnderTest other;
    const std::string folder = stopped(other);
    const std::string octets = read_file(folder + "/000000000001.dlog");
    SECTION("that stands there") {
    }
    SECTION("that its chain file names") {
        fs::remove(archive + "/000000000001.dlog");
    }
    const bool is_there = fs::exists(archive + "/000000000001.dlog");
    const auto refused = keeping::archive_before(folder, before, archive);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("another segment named 000000000001.dlog"));
    CHECK(read_file(folder + "/000000000001.dlog") == octets);
    CHECK(read_file(archive + "/chain.json") == chain);
    CHECK(fs::exists(archive + "/000000000001.dlog") == is_there);
    CHECK((!is_there || read_file(archive + "/000000000001.dlog") == segment));
    CHECK_FALSE(fs::exists(folder + "/archives"));
}

TEST_CASE("an archive that is not there any more is not made anew in its place", "[keeping]") {
    const support::ScratchFolder place;
    const std::string archive = place / "archive";
    const std::string before = to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{1});
    GatewayUnderTest gateway;
    const std::string folder = gateway.folder() + "/evidence";
    gateway.stop();
    REQUIRE(support::end_segment(folder));
    REQUIRE(keeping::archive_before(folder, before, archive));
    gateway.restart();
    gateway.stop();
    REQUIRE(support::end_segment(folder));
    fs::rename(archive, place / "away");
    const auto refused = keeping::archive_before(folder, before, archive);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail(), ContainsSubstring("is it mounted?"));
    CHECK_FALSE(keeping::find_archivable(folder, before, archive));
    CHECK_FALSE(fs::exists(archive));
    fs::rename(place / "away", archive);
    CHECK(keeping::archive_before(folder, before, archive)->segments.size() == 1);
}

TEST_CASE("two archive into one folder one after the other", "[keeping]") {
    const support::ScratchFolder place;
    const std::string archive = place.make("archive");
    GatewayUnderTest gateway;
    gateway.stop();
    const std::string folder = gateway.folder() + "/evidence";
    REQUIRE(support::end_segment(folder));
    const std::string before = to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{1});
    {
        const auto held = keeping::FileLock::take(archive + "/archive.lock");
        REQUIRE(held);
        const auto refused = keeping::archive_before(folder, before, archive);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().detail(), ContainsSubstring("another process archives there"));
        CHECK(fs::exists(folder + "/000000000001.dlog"));
    }
    CHECK(keeping::archive_before(folder, before, archive));
}
