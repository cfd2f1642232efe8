#include "core/seals/record_reader.h"

#include <filesystem>

#include "core/evidence/frame.h"
#include "core/evidence/segment.h"
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

/// As an archive does it: the first segments of the folder stand in another one that the folder names.
void move_segments(const evidence::sample::Folder& from, const evidence::sample::Folder& to, std::size_t count) {
    const auto segments = evidence::list_segments(from.path());
    REQUIRE(segments);
    REQUIRE(segments->size() > count);
    evidence::sample::write_file(from.path() + "/archives", to.path() + '\n');
    for (std::size_t i = 0; i < count; ++i) {
        const std::filesystem::path path{(*segments)[i].path};
        std::filesystem::rename(path, to.path() / path.filename());
    }
}

void check_rest(RecordReader& reader, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number <= to; ++number) {
        CAPTURE(number);
        const auto payload = reader.next();
        REQUIRE(payload);
        REQUIRE(*payload);
        CHECK((*payload)->substr(0, place_of(number).size()) == place_of(number));
    }
    const auto none = reader.next();
    REQUIRE(none);
    CHECK_FALSE(*none);
}

/// Twenty records over four segments or more.
void fill(Bench& bench) {
    bench.settings.segment_bytes = 600;
    REQUIRE(bench.open());
    for (int i = 1; i <= 20; ++i) {
        REQUIRE(bench.append(note(i)) > 0);
    }
    REQUIRE(bench.folder.segments().size() > 3);
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

TEST_CASE("records are read on over archived segments, and by who began before they were moved", "[seals][keeping]") {
    Bench bench;
    fill(bench);
    const evidence::sample::Folder archive;
    RecordReader begun{bench.folder.path(), 1};
    REQUIRE(*begun.next());
    const RecordReader held = begun.fork();
    move_segments(bench.folder, archive, 2);
    for (std::uint64_t from = 1; from <= 20; ++from) {
        RecordReader reader{bench.folder.path(), from};
        check_rest(reader, from, 20);
    }
    check_rest(begun, 2, 20);
    RecordReader forked = held.fork();
    check_rest(forked, 2, 20);
}

TEST_CASE("a segment that is missing in the middle is no end", "[seals][keeping][security]") {
    Bench bench;
    fill(bench);
    const auto segments = evidence::list_segments(bench.folder.path());
    REQUIRE(segments);
    std::filesystem::remove((*segments)[1].path);
    RecordReader reader{bench.folder.path(), 1};
    for (std::uint64_t number = 1; number < (*segments)[1].first; ++number) {
        REQUIRE(*reader.next());
    }
    CHECK_FALSE(reader.next());
    CHECK_FALSE(RecordReader(bench.folder.path(), (*segments)[1].first).next());
    std::filesystem::remove((*segments)[0].path);
    CHECK_FALSE(RecordReader(bench.folder.path(), 1).next());
}

TEST_CASE("half a frame at the very end is one that is being written, elsewhere it is damage", "[seals][security]") {
    Bench bench;
    fill(bench);
    bench.log.reset();
    const auto segments = evidence::list_segments(bench.folder.path());
    REQUIRE(segments);
    std::string frame;
    evidence::append_frame(frame, R"({"n":21,"prev":")");
    const std::size_t size = GENERATE(std::size_t{3}, std::size_t{12});
    const std::string whole = evidence::sample::read_file(segments->back().path);
    evidence::sample::write_file(segments->back().path, whole + frame.substr(0, size));
    RecordReader reader{bench.folder.path(), 1};
    check_rest(reader, 1, 20);
    CHECK_FALSE(reader.next_durable());
    const std::string& first = segments->front().path;
    evidence::sample::write_file(first, evidence::sample::read_file(first) + frame.substr(0, size));
    RecordReader other{bench.folder.path(), 1};
    Result<std::optional<std::string_view>> last = other.next();
    while (last && *last) {
        last = other.next();
    }
    CHECK_FALSE(last);
}
