#include "core/seals/record_reader.h"

#include "core/evidence/frame.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::seals;
using evidence::sample::Bench;
using evidence::sample::note;

namespace {

std::string place_of(std::uint64_t number) {
    return "{\"n\":" + std::to_string(number) + ",";
}

}  // namespace

TEST_CASE("records are read from any number on, over segments, and as they come", "[seals]") {
    Bench bench;
    bench.settings.segment_bytes = 600;
    REQUIRE(bench.open());
    for (int i = 1; i <= 20; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    REQUIRE(bench.folder.segments().size() > 3);
    for (std::uint64_t from = 1; from <= 21; ++from) {
        RecordReader reader{bench.folder.path(), from};
        for (std::uint64_t number = from; number <= 20; ++number) {
            CAPTURE(from, number);
            const auto payload = reader.next();
            REQUIRE(payload);
            REQUIRE(*payload);
            CHECK((*payload)->substr(0, place_of(number).size()) == place_of(number));
            if (number % 3 == 0) {
                reader = reader.fork();
            }
        }
        const auto none = reader.next();
        REQUIRE(none);
        CHECK_FALSE(*none);
        CHECK_FALSE(reader.next_durable());
    }
    RecordReader waiting{bench.folder.path(), 25};
    CHECK_FALSE(*waiting.next());
    for (int i = 21; i <= 25; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    RecordReader later = waiting.fork();
    const auto payload = later.next();
    REQUIRE(payload);
    REQUIRE(*payload);
    CHECK((*payload)->substr(0, place_of(25).size()) == place_of(25));
}

TEST_CASE("a damaged record is no end", "[seals][security]") {
    Bench bench;
    REQUIRE(bench.open());
    for (int i = 1; i <= 3; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    bench.log.reset();
    std::string bytes = evidence::sample::read_file(bench.folder.file(1));
    bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 4);
    evidence::sample::write_file(bench.folder.file(1), bytes);
    RecordReader reader{bench.folder.path(), 1};
    CHECK(*reader.next());
    CHECK(*reader.next());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(read_record(bench.folder.path(), 3));
    CHECK(read_record(bench.folder.path(), 2));
}

TEST_CASE("a folder without segments has no records", "[seals]") {
    const evidence::sample::Folder folder;
    RecordReader reader{folder.path(), 1};
    const auto none = reader.next();
    REQUIRE(none);
    CHECK_FALSE(*none);
    CHECK_FALSE(RecordReader(folder.path() + "/none", 1).next());
}
