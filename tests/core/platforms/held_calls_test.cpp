#include "core/platforms/held_calls.h"

#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::platforms;

namespace {

constexpr std::chrono::seconds kLife{60};

Held of(const std::string& consumer, const std::string& service = "s") {
    return {.consumer = consumer, .service = service, .native = record::Record::object()};
}

}  // namespace

TEST_CASE("a handle is good for its time, and taken once", "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    const std::string handle = held.keep(of("province"), kLife);
    CHECK(handle.size() == 43);
    CHECK(handle != held.keep(of("province"), kLife));
    CHECK(held.find(handle)->consumer == "province");
    CHECK(held.take(handle).has_value());
    CHECK_FALSE(held.take(handle).has_value());
    const std::string later = held.keep(of("province"), kLife);
    clock.advance(kLife);
    CHECK_FALSE(held.find(later).has_value());
    CHECK_FALSE(held.take(later).has_value());
}

TEST_CASE("a name is a consumer's own", "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    held.keep_as("1.2.3", of("province", "one"), kLife);
    CHECK(held.find("province", "1.2.3")->service == "one");
    CHECK_FALSE(held.find("city", "1.2.3").has_value());
    held.keep_as("1.2.3", of("province", "two"), kLife);
    CHECK(held.find("province", "1.2.3")->service == "two");
}

TEST_CASE("a name is never found as a handle, nor a handle as a name", "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    held.keep_as("1.2.3", of("province"), kLife);
    for (const std::string guess : {"province\n1.2.3", "1.2.3", "\n1.2.3", "province1.2.3"}) {
        CAPTURE(guess);
        CHECK_FALSE(held.find(guess).has_value());
        CHECK_FALSE(held.use(guess, "province", "get").has_value());
        CHECK_FALSE(held.take(guess).has_value());
    }
    CHECK(held.find("province", "1.2.3").has_value());
    const std::string handle = held.keep(of("province"), kLife);
    CHECK_FALSE(held.find("province", handle).has_value());
    CHECK_FALSE(held.find("", handle).has_value());
}

TEST_CASE("a handle is used once for each purpose, by its own consumer", "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    const std::string handle = held.keep(of("province"), kLife);
    CHECK_FALSE(held.use(handle, "city", "get").has_value());
    CHECK(held.use(handle, "province", "get").has_value());
    CHECK_FALSE(held.use(handle, "province", "get").has_value());
    CHECK(held.use(handle, "province", "archive").has_value());
    CHECK_FALSE(held.use(handle, "province", "archive").has_value());
    const std::string later = held.keep(of("province"), kLife);
    clock.advance(kLife);
    CHECK_FALSE(held.use(later, "province", "get").has_value());
}

TEST_CASE("what is over is forgotten without another call, and a name that is told again is young",
          "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    held.keep_as("1.2.3", of("province"), kLife);
    (void)held.keep(of("city"), kLife * 2);
    clock.advance(kLife);
    CHECK(held.size() == 2);
    held.purge();
    CHECK(held.size() == 1);
    clock.advance(kLife);
    held.purge();
    CHECK(held.size() == 0);

    held.keep_as("1.2.3", of("province", "old"), kLife);
    const std::string first = held.keep(of("province"), kLife);
    held.keep_as("1.2.3", of("province", "new"), kLife);
    for (std::size_t i = 0; i + 1 < HeldCalls::kMost; ++i) {
        (void)held.keep(of("province"), kLife);
    }
    CHECK_FALSE(held.find(first).has_value());
    CHECK(held.find("province", "1.2.3")->service == "new");
    CHECK(held.size() == HeldCalls::kMost);
}

TEST_CASE("calls of one consumer take so much memory and no more", "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    constexpr std::size_t kBig = std::size_t{1} << 20;
    Held big = of("province");
    big.native.put("query", record::Record::text(std::string(kBig, 'x')));
    const std::string others = held.keep(of("city"), kLife);
    const std::string first = held.keep(big, kLife);
    for (std::size_t i = 0; i < HeldCalls::kMostOctets / kBig; ++i) {
        (void)held.keep(big, kLife);
    }
    CHECK_FALSE(held.find(first).has_value());
    CHECK(held.find(others).has_value());
    CHECK(held.size() <= HeldCalls::kMostOctets / kBig + 1);
}

TEST_CASE("one consumer fills its own memory only, and its oldest goes first", "[platforms][security]") {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    const std::string others = held.keep(of("city"), kLife);
    const std::string first = held.keep(of("province"), kLife);
    std::string last;
    for (std::size_t i = 0; i < HeldCalls::kMost; ++i) {
        last = held.keep(of("province"), kLife);
    }
    CHECK_FALSE(held.find(first).has_value());
    CHECK(held.find(last).has_value());
    CHECK(held.find(others).has_value());
}
