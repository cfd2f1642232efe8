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
