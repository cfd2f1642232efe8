#include <functional>
#include <thread>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/segment.h"
#include "core/evidence/tail.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::Keys;
using sample::note;

namespace {

bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!condition() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    return condition();
}

Verdict verdict_of(const Bench& bench, const Keys& keys) {
    auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    return std::move(*verdict);
}

/// What stands at a segment's end, read to it.
std::optional<SegmentTrailer> trailer_of(const std::string& file) {
    auto reader = SegmentReader::open(file);
    REQUIRE(reader);
    while (reader->next() == SegmentReader::Step::record) {
    }
    return reader->trailer();
}

SegmentHeader header_of(const std::string& file) {
    auto reader = SegmentReader::open(file);
    REQUIRE(reader);
    REQUIRE(reader->has_header());
    return reader->header();
}

/// Two segments of three records, the first closed; the log is closed, too.
void fill_two(Bench& bench) {
    bench.settings.segment_age = std::chrono::hours{1};
    REQUIRE(bench.open());
    for (int i = 1; i <= 3; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    bench.clock.advance(std::chrono::hours{2});
    for (int i = 4; i <= 6; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    bench.log.reset();
    REQUIRE(bench.folder.segments().size() == 2);
}

}  // namespace

TEST_CASE("a segment is closed by its age, and its trailer says what stands in it", "[evidence]") {
    Bench bench;
    const Keys keys;
    fill_two(bench);
    const auto trailer = trailer_of(bench.folder.file(1));
    REQUIRE(trailer);
    CHECK(trailer->records == 3);
    CHECK(trailer->last == crypto::sha256(sample::payloads(bench.folder.file(1)).back()));
    CHECK(trailer->closed_ms == header_of(bench.folder.file(4)).begun_ms);
    CHECK(header_of(bench.folder.file(4)).is_closed_before);
    CHECK_FALSE(trailer_of(bench.folder.file(4)));
    const Verdict verdict = verdict_of(bench, keys);
    CHECK(verdict.valid);
    CHECK(verdict.records == 6);
}

TEST_CASE("a segment that nobody writes to is closed by its age, too; one without a record stays", "[evidence]") {
    Bench bench;
    bench.settings.segment_age = std::chrono::hours{1};
    bench.settings.retry = std::chrono::milliseconds{5};
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.clock.advance(std::chrono::hours{2});
    REQUIRE(eventually([&] { return bench.folder.segments().size() == 2; }));
    const int opened = bench.faults->opened;
    const int durables = bench.faults->durables;
    bench.clock.advance(std::chrono::hours{2});
    REQUIRE(bench.append(note(2)) == 2);
    CHECK(bench.faults->opened == opened);
    CHECK(bench.faults->durables == durables + 1);
}

TEST_CASE("a trailer that is missing, torn or wrong is found where a segment follows", "[evidence][security]") {
    Bench bench;
    const Keys keys;
    fill_two(bench);
    std::string bytes = sample::read_file(bench.folder.file(1));
    const std::size_t end = bytes.size() - kSegmentTrailerSize;
    std::string reason = "segment_trailer";
    SECTION("missing") {
        bytes.resize(end);
    }
    SECTION("torn") {
        bytes.resize(bytes.size() - GENERATE(1U, 20U, 50U));
        reason = "torn";
    }
    SECTION("an octet altered") {
        bytes[end + GENERATE(5U, 9U, 20U, 50U)] ^= 1;
        reason = "crc";
    }
    SECTION("with something behind it") {
        bytes += GENERATE(std::string{"x"}, std::string(64, '\0'));
        reason = "crc";
    }
    SECTION("of other records, with a right checksum") {
        const bool is_count = GENERATE(true, false);
        const auto trailer = trailer_of(bench.folder.file(1));
        bytes.resize(end);
        bytes += write_segment_trailer({.records = is_count ? 2U : 3U,
                                        .last = is_count ? trailer->last : std::string(32, 'x'),
                                        .closed_ms = trailer->closed_ms});
    }
    sample::write_file(bench.folder.file(1), bytes);
    const Verdict verdict = verdict_of(bench, keys);
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.reason == reason);
    CHECK(verdict.number == 4);
}

TEST_CASE("a crash while a segment is closed loses nothing, wherever it comes", "[evidence]") {
    Bench bench;
    const Keys keys;
    fill_two(bench);
    const std::string first = sample::read_file(bench.folder.file(1));
    const std::size_t end = first.size() - kSegmentTrailerSize;
    for (std::size_t left = end; left <= first.size(); ++left) {
        CAPTURE(left - end);
        sample::fs::remove(bench.folder.file(4));
        sample::write_file(bench.folder.file(1), first.substr(0, left));
        REQUIRE(bench.open());
        REQUIRE(bench.append(note(9)) == 4);
        bench.log.reset();
        CHECK(verdict_of(bench, keys).valid);
        CHECK(bench.folder.segments().size() == 2);  // the old one is old at the next start still
        CHECK(trailer_of(bench.folder.file(1)));
    }
    // and of the header behind it
    const std::string second = sample::read_file(bench.folder.file(4));
    for (std::size_t left = 0; left < kSegmentHeaderSize; ++left) {
        CAPTURE(left);
        sample::write_file(bench.folder.file(4), second.substr(0, left));
        REQUIRE(bench.open());
        REQUIRE(bench.append(note(9)) == 4);
        bench.log.reset();
        CHECK(header_of(bench.folder.file(4)).is_closed_before);
        CHECK(verdict_of(bench, keys).valid);
    }
}

TEST_CASE("a segment whose disk failed is left without a trailer, and the next one says so", "[evidence]") {
    Bench bench;
    const Keys keys;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(1)) == 1);
    bench.faults->fail_durable = bench.faults->durables + 1;
    CHECK(bench.append(note(2)) == 0);
    CHECK(bench.append(note(3)) == 2);
    bench.log.reset();
    CHECK_FALSE(trailer_of(bench.folder.file(1)));
    CHECK_FALSE(header_of(bench.folder.file(2)).is_closed_before);
    CHECK(verdict_of(bench, keys).valid);
}

TEST_CASE("the chain in SM3 verifies, and what is altered in it is found", "[evidence][security]") {
    Bench bench;
    const Keys keys;
    bench.settings.hash = ChainHash::sm3;
    sample::fill(bench, keys);
    const auto payloads = sample::payloads(bench.folder.file(1));
    CHECK(header_of(bench.folder.file(1)).hash == ChainHash::sm3);
    CHECK(payloads[1].find(to_hex(crypto::sm3(payloads[0]))) != std::string::npos);
    const Verdict verdict = verdict_of(bench, keys);
    CHECK(verdict.valid);
    CHECK(verdict.last_hash == to_hex(crypto::sm3(payloads.back())));
    std::string bytes = sample::read_file(bench.folder.file(1)).substr(0, kSegmentHeaderSize);
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        std::string payload = payloads[i];
        if (i == 1) {
            payload.replace(payload.find("08:00:01.000"), 12, "08:00:09.000");
        }
        append_frame(bytes, payload);
    }
    sample::write_file(bench.folder.file(1), bytes);
    CHECK(verdict_of(bench, keys).reason == "hash_chain");
}

TEST_CASE("another hash begins a new segment, and the mixed log verifies and goes on", "[evidence]") {
    Bench bench;
    const Keys keys;
    sample::fill(bench, keys);
    bench.settings.hash = ChainHash::sm3;
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(7)) == 7);
    REQUIRE(bench.append(note(8)) == 8);
    bench.log.reset();
    const auto first = sample::payloads(bench.folder.file(1));
    const auto second = sample::payloads(bench.folder.file(7));
    CHECK(second[0].find(to_hex(crypto::sha256(first.back()))) != std::string::npos);
    CHECK(second[1].find(to_hex(crypto::sm3(second[0]))) != std::string::npos);
    CHECK(trailer_of(bench.folder.file(1))->last == crypto::sha256(first.back()));
    bench.settings.hash = ChainHash::sha256;  // and back, where a segment without records was begun
    const auto empty = write_segment_header({.first = 9, .previous = crypto::sm3(second[1]), .hash = ChainHash::sm3});
    sample::write_file(bench.folder.file(9), empty);
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(9)) == 9);
    bench.log.reset();
    CHECK(header_of(bench.folder.file(9)).hash == ChainHash::sha256);
    const Verdict verdict = verdict_of(bench, keys);
    CHECK(verdict.valid);
    CHECK(verdict.records == 9);
}

TEST_CASE("a log of an earlier version is gone on with in a segment of this one", "[evidence]") {
    Bench bench;
    const Keys keys;
    sample::fill(bench, keys);
    // the same records as the version before wrote them: another head, no time of their own
    const std::string now = sample::read_file(bench.folder.file(1));
    const std::string old = sample::old_header(1, std::string(32, '\0')) + now.substr(kSegmentHeaderSize);
    sample::write_file(bench.folder.file(1), old);
    CHECK(header_of(bench.folder.file(1)).is_old);
    CHECK(verdict_of(bench, keys).valid);
    REQUIRE(bench.open());
    REQUIRE(bench.append(note(7)) == 7);
    bench.log.reset();
    CHECK(bench.folder.segments().size() == 2);
    CHECK(trailer_of(bench.folder.file(1))->records == 6);
    const Verdict verdict = verdict_of(bench, keys);
    CHECK(verdict.valid);
    CHECK(verdict.records == 7);
}
