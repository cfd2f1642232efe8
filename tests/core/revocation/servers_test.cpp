#include "core/revocation/servers.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "core/async/run.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::revocation;

namespace {

/// Servers about which nobody outside says anything.
struct Scene {
    Scene() = default;
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    ~Scene() {
        is_silent = false;  // what still asks uses all of this
        pools.stop(Deadline::clock::now() + std::chrono::seconds{10});
    }

    Status judge(bool is_hard, const std::string& sha256 = "s",
                 std::chrono::milliseconds within = std::chrono::seconds{60}) {
        Rules rules{.is_hard = is_hard, .crls = {"list"}, .ocsp = {}, .anchors = {"a"}};
        return async::run_alone(
            servers.judge(std::move(rules), std::chrono::milliseconds{100}, sha256,
                          std::make_shared<const std::string>("no certificate"), Deadline::clock::now() + within),
            Status{fail(Fault::internal, "an exception")});
    }

    support::FakeClock clock{std::chrono::system_clock::now()};
    std::unique_ptr<telemetry::Sink> sink = std::move(*telemetry::Sink::make({.file = "-"}));
    std::atomic<int> reads{};
    std::atomic<bool> is_silent{};
    async::Pools pools;
    Servers servers{pools.make({.threads = 2, .waiting = 16}),
                    [this](std::chrono::milliseconds) {
                        return Outside{.read = [this](const std::string&) -> Result<std::string> {
                                           ++reads;
                                           while (is_silent) {
                                               std::this_thread::sleep_for(std::chrono::milliseconds{1});
                                           }
                                           return fail(Fault::unavailable, "not there");
                                       },
                                       .ask = [](const std::string&, const std::string&) -> Result<std::string> {
                                           return fail(Fault::unavailable, "silent");
                                       }};
                    },
                    clock, *sink};
};

}  // namespace

TEST_CASE("of a server of which nothing is known hard rules let nothing be sent, soft ones do", "[revocation]") {
    Scene scene;
    const Status hard = scene.judge(true);
    REQUIRE_FALSE(hard.has_value());
    CHECK(hard.error().fault() == Fault::department_down);
    CHECK(hard.error().is_unsent());
    CHECK(scene.judge(false).has_value());
}

TEST_CASE("a server that was met is not asked about again by its next call, but in the background", "[revocation]") {
    Scene scene;
    CHECK_FALSE(scene.judge(true).has_value());
    const int first = scene.reads;
    CHECK_FALSE(scene.judge(true).has_value());
    CHECK_FALSE(scene.judge(true, "another").has_value());
    CHECK(scene.reads == first);  // one watch for the same rules
    CHECK(scene.judge(false).has_value());
    CHECK(scene.reads > first);
}

TEST_CASE("a call waits for what is learnt of a server until its deadline and no longer", "[revocation]") {
    const bool is_hard = GENERATE(true, false);
    Scene scene;
    scene.is_silent = true;
    const auto begun = Deadline::clock::now();
    for (int i = 0; i < 3; ++i) {  // the others wait for the first's question, and hold no thread
        const Status late = scene.judge(is_hard, "s", std::chrono::milliseconds{200});
        REQUIRE_FALSE(late.has_value());
        CHECK(late.error().fault() == Fault::department_timeout);
        CHECK(late.error().is_unsent());
    }
    CHECK(Deadline::clock::now() - begun < std::chrono::seconds{5});
    CHECK(scene.reads == 1);
    scene.is_silent = false;
    const Status known = scene.judge(is_hard);  // learning went on
    CHECK(known.has_value() == !is_hard);
    CHECK(scene.reads == 1);
}
