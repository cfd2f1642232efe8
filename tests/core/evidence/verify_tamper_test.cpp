#include <filesystem>

#include "core/evidence/frame.h"
#include "core/evidence/verify.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Bench;
using sample::Keys;

namespace {

/// Where each record begins in the first segment, and at last the file's end.
std::vector<std::size_t> begins_of(const Bench& bench) {
    std::vector<std::size_t> begins{kSegmentHeaderSize};
    for (const std::string& payload : sample::payloads(bench.folder.file(1))) {
        begins.push_back(begins.back() + kFrameHeadSize + payload.size());
    }
    return begins;
}

std::uint64_t record_at(const std::vector<std::size_t>& begins, std::size_t offset) {
    std::uint64_t number = 0;
    while (number < begins.size() && begins[number] <= offset) {
        ++number;
    }
    return std::max<std::uint64_t>(number, 1);  // the header is the first record's
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("an octet changed anywhere is found, and the record named", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto begins = begins_of(bench);
    const auto jwks = keys.jwks();
    const std::string whole = sample::read_file(bench.folder.file(1));
    REQUIRE(begins.size() == 7);
    // every octet of header and frame heads, every 13th of the payloads
    for (std::size_t at = 0; at < whole.size(); ++at) {
        const std::uint64_t number = record_at(begins, at);
        const bool in_payload = at >= begins[number - 1] + kFrameHeadSize;
        if (in_payload && at % 13 != 0) {
            continue;
        }
        CAPTURE(at, number);
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 0x10);
        sample::write_file(bench.folder.file(1), altered);
        const auto verdict = verify_folder(bench.folder.path(), jwks);
        REQUIRE(verdict);
        CHECK_FALSE(verdict->valid);
        CHECK(verdict->number == number);
        CHECK(verdict->file == "000000000001.dlog");
    }
}

TEST_CASE("a file cut at any record's middle is found torn", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto begins = begins_of(bench);
    const std::string whole = sample::read_file(bench.folder.file(1));
    for (std::size_t number = 1; number < begins.size(); ++number) {
        const std::size_t middle = (begins[number - 1] + begins[number]) / 2;
        sample::write_file(bench.folder.file(1), whole.substr(0, middle));
        const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
        REQUIRE(verdict);
        CHECK_FALSE(verdict->valid);
        CHECK(verdict->reason == "torn");
        CHECK(verdict->number == number);
    }
}

TEST_CASE("a forger who makes the checksums right is found by chain and signatures", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    auto payloads = sample::payloads(bench.folder.file(1));
    REQUIRE(payloads.size() == 6);
    std::string reason;
    std::uint64_t number = 0;
    SECTION("a record left out: what followed it has no intent") {
        payloads.erase(payloads.begin());
        reason = "outcome_without_intent";
        number = 1;
    }
    SECTION("two records exchanged") {
        std::swap(payloads[0], payloads[1]);
        reason = "outcome_without_intent";
        number = 1;
    }
    SECTION("another status, the whole chain made anew") {
        payloads[1] = replaced(payloads[1], "\"status\":200", "\"status\":404");
        reason = "answer_status";
        number = 2;
    }
    SECTION("another request, the whole chain made anew") {
        payloads[2] = replaced(payloads[2], "\"request_digest\":\"", "\"request_digest\":\"00");
        reason = "request_digest";
        number = 3;
    }
    SECTION("another answer from the same log") {
        const auto from = payloads[1].find("\"answer\":");
        const auto to = payloads[3].find("\"answer\":");
        payloads[3] = payloads[3].substr(0, to) + payloads[1].substr(from);
        reason = "answer_binding";
        number = 4;
    }
    sample::forge(bench.folder.file(1), payloads);
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CHECK_FALSE(verdict->valid);
    CHECK(verdict->reason == reason);
    CHECK(verdict->number == number);
}

TEST_CASE("a chain that does not fit is found where it breaks", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto payloads = sample::payloads(bench.folder.file(1));
    std::string bytes = sample::read_file(bench.folder.file(1)).substr(0, kSegmentHeaderSize);
    std::string reason;
    SECTION("a record altered in place") {
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            append_frame(bytes, i == 1 ? replaced(payloads[i], "08:00:01.000", "08:00:09.000") : payloads[i]);
        }
        reason = "hash_chain";
    }
    SECTION("a record left out in place") {
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            if (i != 2) {
                append_frame(bytes, payloads[i]);
            }
        }
        reason = "order";
    }
    SECTION("a record that is no JSON") {
        append_frame(bytes, payloads[0]);
        append_frame(bytes, payloads[1]);
        append_frame(bytes, R"({"n":3,"prev":)");
        reason = "unreadable";
    }
    sample::write_file(bench.folder.file(1), bytes);
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CHECK_FALSE(verdict->valid);
    CHECK(verdict->reason == reason);
    CHECK(verdict->number == 3);
}

TEST_CASE("a segment taken away is found", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    bench.settings.segment_bytes = 1;  // one record each
    sample::fill(bench, keys);
    REQUIRE(bench.folder.segments().size() == 6);
    CHECK(verify_folder(bench.folder.path(), keys.jwks())->valid);
    const std::uint64_t gone = GENERATE(1U, 3U, 5U);
    sample::fs::remove(bench.folder.file(gone));
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(verdict);
    CHECK_FALSE(verdict->valid);
    CHECK(verdict->reason == "segment_missing");
    CHECK(verdict->number == gone);
}

TEST_CASE("who remembers where the log stood sees its tail taken away, or all of it made anew",
          "[evidence][security]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto before = verify_folder(bench.folder.path(), keys.jwks());
    REQUIRE(before);
    const KnownHead known{.records = before->records, .hash = before->last_hash};
    auto payloads = sample::payloads(bench.folder.file(1));
    std::string reason;
    std::uint64_t number = known.records;
    SECTION("nothing was done to it") {
    }
    SECTION("it went on") {
        REQUIRE(bench.open());
        REQUIRE(bench.append(sample::note(1)) == 7);
        bench.log.reset();
    }
    SECTION("the last record is gone") {
        payloads.pop_back();
        sample::forge(bench.folder.file(1), payloads);
        reason = "head_missing";
    }
    SECTION("the last record is gone and others came") {
        payloads.pop_back();
        sample::forge(bench.folder.file(1), payloads);
        REQUIRE(bench.open());
        REQUIRE(bench.append(sample::note(1)) == 6);
        REQUIRE(bench.append(sample::note(2)) == 7);
        bench.log.reset();
        reason = "head_differs";
    }
    SECTION("a whole exchange was left out") {
        payloads.erase(payloads.begin() + 2, payloads.begin() + 4);
        sample::forge(bench.folder.file(1), payloads);
        reason = "head_missing";
    }
    SECTION("two whole exchanges changed places") {
        std::swap(payloads[0], payloads[2]);
        std::swap(payloads[1], payloads[3]);
        sample::forge(bench.folder.file(1), payloads);
        reason = "head_differs";
    }
    CHECK(verify_folder(bench.folder.path(), keys.jwks())->valid);
    const auto verdict = verify_folder(bench.folder.path(), keys.jwks(), known);
    REQUIRE(verdict);
    CHECK(verdict->valid == reason.empty());
    CHECK(verdict->reason == reason);
    CHECK(verdict->number == (reason.empty() ? 0 : number));
}

TEST_CASE("reading stops with an error at a damaged record", "[evidence][security]") {
    const Keys keys;
    Bench bench;
    sample::fill(bench, keys);
    const auto begins = begins_of(bench);
    std::string bytes = sample::read_file(bench.folder.file(1));
    bytes[begins[2] + 30] = static_cast<char>(bytes[begins[2] + 30] ^ 1);
    sample::write_file(bench.folder.file(1), bytes);
    int seen = 0;
    const auto read = read_folder(bench.folder.path(), [&](const record::Record&) { return ++seen > 0; });
    REQUIRE_FALSE(read);
    CHECK(seen == 2);
    CHECK_THAT(read.error().detail(), ContainsSubstring("000000000001.dlog"));
}
