#include "core/files/kept.h"

#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using files::Kept;

namespace {

constexpr std::size_t kMost = 100;

files::Given given(std::shared_ptr<const std::string> octets, std::size_t number = 0,
                   files::Delivery how = files::Delivery::address) {
    return {.path = "/f",
            .file = {.octets = std::move(octets), .media_type = "application/pdf", .sha256 = {}},
            .how = how,
            .number = number,
            .grant = "g"};
}

std::shared_ptr<const std::string> held(const Kept& kept, const std::string& consumer, const std::string& octets) {
    return kept.hold(consumer, octets.size(), kMost).value().take(octets);
}

}  // namespace

TEST_CASE("a file is found by its own consumer until its time is over", "[files][security]") {
    support::FakeClock clock{std::chrono::sys_days{std::chrono::November / 30 / 2026}};
    Kept kept{clock};
    kept.give("e1", "one-window", {given(held(kept, "one-window", "abc"), 0), given(held(kept, "one-window", "de"), 1)},
              std::chrono::seconds{60});
    CHECK(*kept.find("e1", 0, "one-window")->file.octets == "abc");
    CHECK(*kept.find("e1", 1, "one-window")->file.octets == "de");
    CHECK_FALSE(kept.find("e1", 2, "one-window"));
    CHECK_FALSE(kept.find("e2", 0, "one-window"));
    CHECK_FALSE(kept.find("e1", 0, "portal"));
    CHECK_FALSE(kept.find("e1", 0, ""));
    clock.advance(std::chrono::seconds{59});
    CHECK(kept.find("e1", 0, "one-window"));
    clock.advance(std::chrono::seconds{1});
    CHECK_FALSE(kept.find("e1", 0, "one-window"));
    CHECK(kept.size() == 2);
    kept.purge();
    CHECK(kept.size() == 0);
    CHECK(kept.octets() == 0);
}

TEST_CASE("what was not given by address can't be fetched", "[files][security]") {
    support::FakeClock clock{std::chrono::sys_days{std::chrono::November / 30 / 2026}};
    Kept kept{clock};
    kept.give("e1", "c", {given(held(kept, "c", "abc"), 0, files::Delivery::inlined)}, std::chrono::seconds{60});
    CHECK_FALSE(kept.find("e1", 0, "c"));
    CHECK(kept.octets() == 0);
}

TEST_CASE("all files together and those of one consumer have a bound; room comes back with the last reference",
          "[files]") {
    support::FakeClock clock{std::chrono::sys_days{std::chrono::November / 30 / 2026}};
    Kept kept{clock};
    {
        auto first = kept.hold("a", 40, kMost);
        REQUIRE(first);
        CHECK_FALSE(kept.hold("a", 20, kMost).has_value());  // over its half
        CHECK(kept.hold("b", 60, kMost).has_value());        // given back at once
        const auto octets = std::move(*first).take("0123456789");
        CHECK(kept.octets() == 10);  // as much as it needs
        auto second = kept.hold("b", 90, kMost);
        REQUIRE(second);
        CHECK_FALSE(kept.hold("c", 1, kMost).has_value());
    }
    CHECK(kept.octets() == 0);
}

TEST_CASE("a file that is being sent outlives its time", "[files]") {
    support::FakeClock clock{std::chrono::sys_days{std::chrono::November / 30 / 2026}};
    Kept kept{clock};
    kept.give("e1", "c", {given(held(kept, "c", "abc"))}, std::chrono::seconds{60});
    const auto sending = kept.find("e1", 0, "c");
    clock.advance(std::chrono::minutes{2});
    kept.purge();
    CHECK(*sending->file.octets == "abc");
    CHECK(kept.octets() == 3);
}

TEST_CASE("files outlive the memory that gave them room", "[files]") {
    support::FakeClock clock{std::chrono::sys_days{std::chrono::November / 30 / 2026}};
    std::shared_ptr<const std::string> octets;
    {
        const Kept kept{clock};
        octets = held(kept, "c", "abc");
    }
    CHECK(*octets == "abc");
}
