#include "core/files/kept.h"

#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using files::Kept;
using std::chrono::seconds;

namespace {

constexpr std::size_t kBeside = Kept::kBeside;
constexpr std::size_t kMost = 100 * kBeside;

struct Fixture {
    support::FakeClock clock{std::chrono::sys_days{std::chrono::November / 30 / 2026}};
    Kept kept{clock};

    [[nodiscard]] std::shared_ptr<const std::string> held(const std::string& consumer,
                                                          const std::string& octets) const {
        const auto room = kept.hold(consumer, octets.size(), kMost);
        return room.value().take(octets);
    }
    [[nodiscard]] files::Given given(std::shared_ptr<const std::string> octets, std::size_t number = 0,
                                     files::Delivery how = files::Delivery::address) const {
        const std::size_t length = octets->size();
        return {.path = "/f",
                .file = {.octets = std::move(octets), .media_type = "application/pdf", .sha256 = {}},
                .how = how,
                .length = length,
                .number = number,
                .grant = "g",
                .until = clock.now() + seconds{60}};
    }
    /// Gives a file of so many kibibytes, all told. @return whether there was room.
    [[nodiscard]] bool gives(const std::string& exchange, const std::string& consumer, std::size_t kibibytes) {
        const std::size_t octets = kibibytes * 1024 - kBeside;
        const auto room = kept.hold(consumer, octets, kMost);
        if (room) {
            kept.give(exchange, consumer, {given(room->take(std::string(octets, 'x')))});
        }
        return room.has_value();
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a file is found by its own consumer until its time is over", "[files][security]") {
    kept.give("e1", "one-window", {given(held("one-window", "abc"), 0), given(held("one-window", "de"), 1)});
    CHECK(*kept.find("e1", 0, "one-window")->file.octets == "abc");
    CHECK(*kept.find("e1", 1, "one-window")->file.octets == "de");
    CHECK_FALSE(kept.find("e1", 2, "one-window"));
    CHECK_FALSE(kept.find("e2", 0, "one-window"));
    CHECK_FALSE(kept.find("e1", 0, "portal"));
    CHECK_FALSE(kept.find("e1", 0, ""));
    clock.advance(seconds{59});
    CHECK(kept.find("e1", 0, "one-window"));
    clock.advance(seconds{1});
    CHECK_FALSE(kept.find("e1", 0, "one-window"));
    CHECK(kept.size() == 2);
    kept.purge();
    CHECK(kept.size() == 0);
    CHECK(kept.octets() == 0);
}

TEST_CASE_METHOD(Fixture, "what was not given by address can't be fetched", "[files][security]") {
    kept.give("e1", "c", {given(held("c", "abc"), 0, files::Delivery::inlined)});
    CHECK_FALSE(kept.find("e1", 0, "c"));
    CHECK(kept.octets() == 0);
}

TEST_CASE_METHOD(Fixture, "each file ends at its own time", "[files][security]") {
    files::Given shorter = given(held("c", "de"), 1);
    shorter.until = clock.now() + seconds{10};
    kept.give("e1", "c", {given(held("c", "abc"), 0), std::move(shorter)});
    clock.advance(seconds{10});
    CHECK(kept.find("e1", 0, "c"));
    CHECK_FALSE(kept.find("e1", 1, "c"));
    kept.purge();
    CHECK(kept.size() == 1);
    CHECK(kept.octets() == 3 + kBeside);
}

TEST_CASE_METHOD(Fixture,
                 "all files together and those of one consumer have a bound; room comes back with the last reference",
                 "[files]") {
    {
        auto first = kept.hold("a", 39 * kBeside, kMost);
        REQUIRE(first);
        CHECK_FALSE(kept.hold("a", 19 * kBeside, kMost).has_value());  // over its half
        CHECK(kept.hold("b", 59 * kBeside, kMost).has_value());        // given back at once
        const auto octets = first->take("0123456789");
        first->shrink_to(octets->size());
        CHECK(kept.octets() == 10 + kBeside);  // as much as it needs
        first.reset();
        CHECK(kept.octets() == 10 + kBeside);
        auto second = kept.hold("b", 90 * kBeside, kMost);
        REQUIRE(second);
        CHECK_FALSE(kept.hold("c", 8 * kBeside, kMost).has_value());  // all of it is on its way
    }
    CHECK(kept.octets() == 0);
}

TEST_CASE_METHOD(Fixture, "room is held as long as an answer holds it, without the octets", "[files]") {
    std::shared_ptr<const void> answer;
    {
        const auto room = kept.hold("a", 100, kMost);
        (void)room->take(std::string(75, 'x'));
        room->shrink_to(100);
        answer = room->share();
    }
    CHECK(kept.octets() == 100 + kBeside);
    answer.reset();
    CHECK(kept.octets() == 0);
}

TEST_CASE_METHOD(Fixture, "a file that is being sent outlives its time", "[files]") {
    kept.give("e1", "c", {given(held("c", "abc"))});
    const auto sending = kept.find("e1", 0, "c");
    clock.advance(std::chrono::minutes{2});
    kept.purge();
    CHECK(*sending->file.octets == "abc");
    CHECK(kept.octets() == 3 + kBeside);
}

TEST_CASE("files outlive the memory that gave them room", "[files]") {
    std::shared_ptr<const std::string> octets;
    {
        const Fixture fixture;
        octets = fixture.held("c", "abc");
    }
    CHECK(*octets == "abc");
}

TEST_CASE_METHOD(Fixture, "two consumers can't fill the room for everybody", "[files][security]") {
    for (int i = 0; i < 5; ++i) {
        clock.advance(seconds{1});
        CHECK(gives("a" + std::to_string(i), "a", 10));
        CHECK(gives("b" + std::to_string(i), "b", 10));
    }
    CHECK_FALSE(gives("a5", "a", 10));  // its half
    CHECK_FALSE(gives("b5", "b", 10));
    CHECK(kept.octets() == kMost);

    // a third takes what whoever holds most has kept waiting longest, and no more than an equal share
    CHECK(gives("c0", "c", 10));
    CHECK_FALSE(kept.find("b0", 0, "b"));
    CHECK(kept.find("b1", 0, "b"));
    CHECK(gives("c1", "c", 10));
    CHECK_FALSE(kept.find("a0", 0, "a"));
    CHECK(gives("c2", "c", 10));
    CHECK_FALSE(gives("c3", "c", 10));  // 30 of it, and the others have 40 and 30 then
    CHECK(kept.octets() == kMost);
    // and those that lost some can't take it back from who has less
    CHECK_FALSE(gives("b6", "b", 10));
    // many small ones find room as well
    for (int i = 0; i < 10; ++i) {
        CHECK(gives("d" + std::to_string(i), "d" + std::to_string(i), 2));
    }
    CHECK(kept.octets() <= kMost);
}

TEST_CASE_METHOD(Fixture, "a file that somebody fetches is not taken from him", "[files][security]") {
    CHECK(gives("a0", "a", 30));
    CHECK(gives("a1", "a", 20));
    CHECK(gives("b0", "b", 40));
    const auto sending = kept.find("a0", 0, "a");
    CHECK(gives("c0", "c", 20));  // of a's two the second
    CHECK(kept.find("a0", 0, "a"));
    CHECK_FALSE(kept.find("a1", 0, "a"));
    CHECK(kept.octets() <= kMost);
}

TEST_CASE_METHOD(Fixture, "a file of no octets costs what is remembered of it", "[files][security]") {
    std::size_t count = 0;
    while (count < 1'000 && gives("e" + std::to_string(count), "c", 1)) {
        ++count;
    }
    CHECK(count == 50);
}
