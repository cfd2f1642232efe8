#include "core/evidence/tail.h"

#include <set>

#include "core/crypto/digest.h"
#include "core/evidence/segment.h"
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

/// A log of `count` records, closed; gives where each record begins, and at last the file's end.
std::vector<std::size_t> fill(Bench& bench, int count) {
    REQUIRE(bench.open());
    for (int i = 1; i <= count; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    bench.log.reset();
    std::vector<std::size_t> begins{kSegmentHeaderSize};
    for (const std::string& payload : sample::payloads(bench.folder.file(1))) {
        begins.push_back(begins.back() + kFrameHeadSize + payload.size());
    }
    return begins;
}

void check_goes_on(Bench& bench, std::uint64_t next) {
    REQUIRE(bench.open());
    CHECK(bench.append(note(99)) == next);
    bench.log.reset();
    const auto verdict = verify_folder(bench.folder.path(), no_keys());
    REQUIRE(verdict);
    CHECK(verdict->valid);
    CHECK(verdict->records == next);
}

/// Three records written in one batch behind a first: what a crash may tear in any order.
std::string one_batch(const std::string& before) {
    std::string bytes = before;
    auto payload = make_payload({}, 0, R"({"kind":"note"})");
    append_frame(bytes, payload);
    for (std::uint64_t number = 2; number <= 4; ++number) {
        payload = make_payload({.number = number, .previous = crypto::sha256(payload)}, 1, R"({"kind":"note"})");
        append_frame(bytes, payload);
    }
    return bytes;
}

}  // namespace

TEST_CASE("a record torn at any octet is cut off, and the log goes on", "[evidence]") {
    Bench bench;
    const auto begins = fill(bench, 3);
    const std::string whole = sample::read_file(bench.folder.file(1));
    REQUIRE(whole.size() == begins[3]);
    std::size_t cases = 0;
    for (std::size_t size = begins[2]; size < begins[3]; ++size, ++cases) {
        CAPTURE(size);
        sample::write_file(bench.folder.file(1), whole.substr(0, size));
        const auto tail = find_tail(bench.folder.path());
        REQUIRE(tail);
        CHECK(tail->next.number == 3);
        CHECK(tail->size == begins[2]);
        CHECK(tail->torn == size - begins[2]);
        check_goes_on(bench, 3);
    }
    CHECK(cases == begins[3] - begins[2]);
}

TEST_CASE("a last record whose octets never reached the disk is cut off", "[evidence]") {
    Bench bench;
    const auto begins = fill(bench, 3);
    std::string bytes = sample::read_file(bench.folder.file(1));
    SECTION("zeros at its end") {
        bytes.replace(begins[2] + 20, bytes.size() - begins[2] - 20, 30, '\0');
    }
    SECTION("zeros from its begin") {
        bytes.replace(begins[2], std::string::npos, 5000, '\0');
    }
    SECTION("anything") {
        bytes.replace(begins[2], std::string::npos, 5000, '\xA5');
    }
    sample::write_file(bench.folder.file(1), bytes);
    check_goes_on(bench, 3);
}

TEST_CASE("a torn batch is cut off even when later pages of it reached the disk", "[evidence]") {
    Bench bench;
    fill(bench, 1);
    std::string bytes = one_batch(sample::read_file(bench.folder.file(1)).substr(0, kSegmentHeaderSize));
    sample::write_file(bench.folder.file(1), bytes);
    const auto payloads = sample::payloads(bench.folder.file(1));
    REQUIRE(payloads.size() == 4);
    const std::size_t second = kSegmentHeaderSize + kFrameHeadSize + payloads[0].size();
    bytes.replace(second + 10, 40, 40, '\0');
    sample::write_file(bench.folder.file(1), bytes);
    check_goes_on(bench, 2);
}

TEST_CASE("a damaged record that a later one calls durable stops the start", "[evidence][security]") {
    Bench bench;
    const auto begins = fill(bench, 3);
    const std::string whole = sample::read_file(bench.folder.file(1));
    for (std::size_t at = begins[0]; at < begins[2]; ++at) {
        CAPTURE(at);
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 0x40);
        sample::write_file(bench.folder.file(1), altered);
        const auto opened = bench.open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault() == Fault::evidence_unavailable);
        CHECK_THAT(opened.error().detail(), ContainsSubstring(at < begins[1] ? "record 1" : "record 2"));
        CHECK(sample::read_file(bench.folder.file(1)) == altered);
    }
}

TEST_CASE("a damaged header of a segment with records stops the start", "[evidence][security]") {
    Bench bench;
    fill(bench, 1);
    std::string bytes = sample::read_file(bench.folder.file(1));
    bytes[20] = static_cast<char>(bytes[20] ^ 1);
    sample::write_file(bench.folder.file(1), bytes);
    CHECK_FALSE(bench.open());
}

TEST_CASE("a first segment torn inside its header is begun anew", "[evidence]") {
    Bench bench;
    fill(bench, 1);
    const std::string whole = sample::read_file(bench.folder.file(1));
    for (std::size_t size = 0; size < kSegmentHeaderSize; ++size) {
        CAPTURE(size);
        sample::write_file(bench.folder.file(1), whole.substr(0, size));
        check_goes_on(bench, 1);
    }
}

TEST_CASE("a last segment whose forerunner is gone or does not end before it stops the start", "[evidence][security]") {
    Bench bench;
    fill(bench, 3);
    sample::write_file(bench.folder.file(5), "DATONG");
    const auto opened = bench.open();
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().detail(), ContainsSubstring("record 5"));
}

TEST_CASE("a segment under another's name stops the start", "[evidence][security]") {
    Bench bench;
    fill(bench, 2);
    sample::fs::rename(bench.folder.file(1), bench.folder.file(2));
    CHECK_FALSE(bench.open());
}

TEST_CASE("an altered record with a right checksum in the wrong place stops the start", "[evidence][security]") {
    Bench bench;
    fill(bench, 1);
    std::string bytes = sample::read_file(bench.folder.file(1));
    append_frame(bytes, make_payload({.number = 7}, 1, R"({"kind":"note"})"));
    sample::write_file(bench.folder.file(1), bytes);
    CHECK_FALSE(bench.open());
}
