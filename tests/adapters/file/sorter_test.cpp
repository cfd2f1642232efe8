#include "adapters/file/sorter.h"

#include <random>

#include "tests/adapters/file/matching.h"

using namespace datong;
using namespace datong::drop;
using adapters::file::Letter;
using adapters::file::Rules;
using adapters::file::Sorter;
using adapters::file::Texts;

namespace {

using Words = std::vector<std::string>;

Words found(const std::vector<Texts::One>& all, const std::string& octets) {
    Words words;
    const Texts texts{all};
    for (const Texts::One* one : texts.found_in(octets)) {
        words.push_back(one->text);
    }
    return words;
}

Letter letter_of(int number) {
    const std::string id = "0198f000-0000-7000-8000-" + std::to_string(100'000'000'000 + number);
    return {.request = "REQ_" + id, .reply = "REP_*", .holds = "<id>" + id + "</id>", .id = id};
}

}  // namespace

TEST_CASE("texts are found by the ids in them, and only whole", "[adapters][file]") {
    const std::vector<Texts::One> all{{.text = "<id>17</id>", .id = "17"},
                                      {.text = "<id>18</id>", .id = "18", .is_waited_for = true},
                                      {.text = "<n>a</n><id>18</id>", .id = "18"},
                                      {.text = "123", .id = "123"},
                                      {.text = "no id"},
                                      {.text = "another", .id = "elsewhere"}};
    struct Row {
        const char* octets;
        Words found;
    };
    const auto row = GENERATE(values<Row>({{"", {}},
                                           {"1", {}},
                                           {"<id>17</id>", {"<id>17</id>"}},
                                           {"<id>17</id", {}},
                                           {"id>17</id>", {}},
                                           {"17</id><id>17", {}},
                                           {"17 17 <id>17</id> <id>17</id>", {"<id>17</id>"}},
                                           {"<n>a</n><id>18</id>", {"<id>18</id>", "<n>a</n><id>18</id>"}},
                                           {"<n>b</n><id>18</id><id>17</id>", {"<id>17</id>", "<id>18</id>"}},
                                           {"x123", {"123"}},
                                           {"no id another", {"no id", "another"}}}));
    CAPTURE(row.octets);
    CHECK(found(all, row.octets) == row.found);
}

TEST_CASE("texts are found where a plain search finds them", "[adapters][file]") {
    std::mt19937 random{20'261'130};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
    const auto word = [&](std::size_t size) {
        std::string made;
        while (made.size() < size) {
            made.push_back("ab\xFF"[random() % 3]);
        }
        return made;
    };
    int there = 0;
    for (int round = 0; round < 500; ++round) {
        std::vector<Texts::One> all;
        for (int i = 0; i < 6; ++i) {
            const std::string id = word(1 + random() % 4);
            all.push_back({.text = word(random() % 3) + id + word(random() % 3), .id = id});
        }
        const std::string octets = word(random() % 40);
        Words expected;
        for (const Texts::One& one : all) {
            if (octets.find(one.text) != std::string::npos) {
                expected.push_back(one.text);
            }
        }
        there += static_cast<int>(expected.size());
        REQUIRE(found(all, octets) == expected);
    }
    CHECK(there > 500);
}

TEST_CASE("a large file that is nobody's costs the same however many calls were given up", "[adapters][file]") {
    constexpr int kAbandoned = 4'000;
    const support::ScratchFolder scratch;
    Rules rules{.folders = {.out = scratch.make("out"),
                            .in = scratch.make("in"),
                            .done = scratch.make("done"),
                            .late = scratch.make("late")},
                .max_reply = 16U << 20U};
    Sorter sorter{rules};
    for (int number = 1; number <= kAbandoned; ++number) {
        sorter.abandon(letter_of(number));
    }
    const Letter mine = letter_of(0);
    sorter.expect(mine);
    scratch.write("in/REP_mine", mine.holds);
    fs::last_write_time(scratch / "in/REP_mine", fs::last_write_time(scratch / "in/REP_mine") - 1h);  // comes second
    std::string large;
    while (large.size() < (8U << 20U)) {
        large += "<id>1234</id>";
    }
    scratch.write("in/REP_large", large);
    const auto place = adapters::file::make_local_place();
    const auto began = std::chrono::steady_clock::now();
    const auto taken = sorter.take(*place, mine, began + 20s);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    REQUIRE(taken.has_value());
    REQUIRE(taken->has_value());
    CHECK(**taken == mine.holds);
    CHECK(scratch.has("in/REP_large"));
    // and late ones are still known
    scratch.write("in/REP_late", large + letter_of(kAbandoned).holds);
    CHECK(sorter.sweep(*place, began + 60s, began + 60s).has_value());
    CHECK_FALSE(scratch.has("in/REP_late"));
    CHECK(scratch.has("late/REP_late"));
}
