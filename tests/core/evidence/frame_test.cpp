#include "core/evidence/frame.h"

#include "core/evidence/signature_base.h"
#include "tests/support/catch.h"

using namespace datong::evidence;

TEST_CASE("a segment header is read back, and not after any of its octets changed", "[evidence]") {
    const std::string bytes = write_segment_header({.first = 258,
                                                    .previous = std::string(32, 'h'),
                                                    .begun_ms = 1'772'323'200'123,
                                                    .hash = ChainHash::sm3,
                                                    .is_closed_before = true});
    REQUIRE(bytes.size() == kSegmentHeaderSize);
    const auto header = read_segment_header(bytes);
    REQUIRE(header);
    CHECK(header->first == 258);
    CHECK(header->previous == std::string(32, 'h'));
    CHECK(header->begun_ms == 1'772'323'200'123);
    CHECK(header->hash == ChainHash::sm3);
    CHECK(header->is_closed_before);
    CHECK_FALSE(header->is_old);
    CHECK(header->size() == bytes.size());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        CAPTURE(at);
        std::string altered = bytes;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        CHECK_FALSE(read_segment_header(altered));
        CHECK_FALSE(read_segment_header(bytes.substr(0, at)));
    }
}

TEST_CASE("a segment header of an earlier version is read", "[evidence]") {
    // made by the version before: number 258, 32 times 'h', CRC-32 by Python's zlib
    const std::string old = std::string{"DATONG-EVIDENCE 1\n"} + std::string("\x02\x01\0\0\0\0\0\0", 8) +
                            std::string(32, 'h') + "\x4c\x29\x94\x5e";
    REQUIRE(old.size() == kOldSegmentHeaderSize);
    const auto header = read_segment_header(old + "whatever follows");
    REQUIRE(header);
    CHECK(header->first == 258);
    CHECK(header->is_old);
    CHECK(header->hash == ChainHash::sha256);
    CHECK_FALSE(header->is_closed_before);
    CHECK(header->size() == kOldSegmentHeaderSize);
}

TEST_CASE("a segment trailer is read back, and not after any of its octets changed", "[evidence]") {
    const std::string bytes = write_segment_trailer({.records = 7, .last = std::string(32, 'z'), .closed_ms = 99});
    REQUIRE(bytes.size() == kSegmentTrailerSize);
    CHECK(is_trailer(bytes));
    CHECK_FALSE(is_plausible(read_frame_head(bytes)));  // who knows no trailers stops there
    const auto trailer = read_segment_trailer(bytes);
    REQUIRE(trailer);
    CHECK(trailer->records == 7);
    CHECK(trailer->last == std::string(32, 'z'));
    CHECK(trailer->closed_ms == 99);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        CAPTURE(at);
        std::string altered = bytes;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        CHECK_FALSE(read_segment_trailer(altered));
        CHECK_FALSE(read_segment_trailer(bytes.substr(0, at)));
    }
}

TEST_CASE("a frame is little-endian length, CRC-32 and payload", "[evidence]") {
    std::string bytes;
    append_frame(bytes, "123456789");
    // CRC-32/ISO-HDLC of "123456789" is CBF43926 (ITU-T V.42's check value)
    CHECK(bytes == std::string("\x09\0\0\0\x26\x39\xF4\xCB", 8) + "123456789");
    const FrameHead head = read_frame_head(bytes);
    CHECK(fits(head, "123456789"));
    CHECK_FALSE(fits(head, "123456788"));
    CHECK_FALSE(fits(head, "12345678"));
}

TEST_CASE("zeros are no frame", "[evidence]") {
    CHECK_FALSE(is_plausible(read_frame_head(std::string(kFrameHeadSize, '\0'))));
    CHECK_FALSE(is_plausible(read_frame_head("\xff\xff\xff\xff....")));
}

TEST_CASE("a payload begins with its number and the hash before it", "[evidence]") {
    const Link link{.number = 12, .previous = std::string(32, '\x0a')};
    const std::string payload = make_payload(link, 10, R"({"kind":"intent"})");
    std::string hash;
    for (int i = 0; i < 32; ++i) {
        hash += "0a";
    }
    CHECK(payload == R"({"n":12,"prev":")" + hash + R"(","kind":"intent","durable":10})");
    CHECK(has_number(payload, 12));
    CHECK_FALSE(has_number(payload, 1));
    CHECK_FALSE(has_number(payload, 121));
    CHECK(has_link(payload, link));
    CHECK_FALSE(has_link(payload, {.number = 12, .previous = std::string(32, '\x0b')}));
    CHECK(durable_of(payload) == 10U);
    CHECK_FALSE(durable_of("{}"));
    CHECK(make_payload(link, 10, "{}") == R"({"n":12,"prev":")" + hash + R"(","durable":10})");
}

TEST_CASE("segments are named by their first record", "[evidence]") {
    CHECK(segment_name(1) == "000000000001.dlog");
    CHECK(segment_name(1234567890123) == "1234567890123.dlog");
    CHECK(segment_number("000000000001.dlog") == 1U);
    CHECK(segment_number("1234567890123.dlog") == 1234567890123U);
    CHECK_FALSE(segment_number("1.dlog"));
    CHECK_FALSE(segment_number("00000000000x.dlog"));
    CHECK_FALSE(segment_number("000000000001.dlog.gz"));
}

TEST_CASE("a signature base is read by whole identifiers", "[evidence]") {
    const std::string base =
        "\"@status\": 200\n\"content-digest\": sha-512=:AA==:, sha-256=:AP8=:\n"
        "\"content-digest\";req: sha-256=:AA==:";
    CHECK(line_of(base, "\"@status\"") == "200");
    CHECK(line_of(base, "\"content-digest\";req") == "sha-256=:AA==:");
    CHECK_FALSE(line_of(base, "\"content-type\""));
    CHECK(sha256_of_content_digest(*line_of(base, "\"content-digest\"")) == "00ff");
    CHECK_FALSE(sha256_of_content_digest("sha-256=:AA==:, sha-256=:AP8=:"));
    CHECK_FALSE(sha256_of_content_digest("sha-256=:AP8=:;a=\", sha-256=:AAAA:\""));
    CHECK_FALSE(sha256_of_content_digest("sha-256=:AP8=:;a"));
    CHECK_FALSE(sha256_of_content_digest("sha-256=(:AP8=:)"));
    CHECK_FALSE(sha256_of_content_digest("sha-256"));
    CHECK_FALSE(sha256_of_content_digest("sha-512=:AA==:"));
    CHECK_FALSE(sha256_of_content_digest("sha-256=:A:"));
}
