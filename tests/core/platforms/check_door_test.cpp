#include "core/platforms/check_door.h"

#include "core/async/run.h"
#include "core/codec/form.h"
#include "core/sharing/result.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

using namespace datong;

namespace {

constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds{1'795'989'150}};
const std::string kExchange = "01a200c9-f381-7000-8000-000000000000";
const std::string kCode = "7K4M-9QWX-2BTD";

/// The page of a gateway that made one result.
struct Scene {
    Scene() {
        auto made = std::make_shared<catalogue::Snapshot>();
        made->gateway.subject_key = Secret{"a key of the test's own, 32 octets"};
        made->gateway.sharing = catalogue::Sharing{.valid = std::chrono::hours{24}, .code = std::chrono::hours{24}};
        const std::string mac = sharing::code_mac(*made, kExchange, sharing::normal_code(kCode));
        current.put(std::move(made));
        results = std::move(*store::Results::open(folder / "results.db"));
        REQUIRE(
            results
                ->keep({{.exchange = kExchange, .code_mac = mac, .shown = "{}", .until = to_unix_seconds(kNow) + 60}})
                .has_value());
        book = std::make_unique<sharing::Book>(results, pools.make({.threads = 1, .waiting = 64}), clock, *sink);
        door = std::make_unique<platforms::CheckDoor>(current, *book, clock, *sink);
    }

    [[nodiscard]] int check_from(const std::string& address, const std::string& code) const {
        codec::HttpMessage http;
        http.method = "POST";
        http.target = "/check";
        http.add("Host", "gw.shili.example");
        http.add("Content-Type", "application/x-www-form-urlencoded");
        http.body = codec::write_form(std::vector<codec::FormField>{{"exchange", kExchange}, {"code", code}});
        policy::Peer peer;
        peer.address = address;
        return async::run_alone(door->handle(std::move(http), std::move(peer), Deadline::clock::now()),
                                codec::HttpMessage{})
            .status;
    }

    support::ScratchFolder folder;
    support::FakeClock clock{kNow};
    std::unique_ptr<telemetry::Sink> sink = std::move(*telemetry::Sink::make({.file = "-"}));
    async::Pools pools;
    catalogue::Current current;
    std::shared_ptr<store::Results> results;
    std::unique_ptr<sharing::Book> book;
    std::unique_ptr<platforms::CheckDoor> door;
};

}  // namespace

TEST_CASE("whoever knows an exchange's number and asks for it too often keeps nobody elsewhere from its result",
          "[platforms][security]") {
    const Scene scene;
    const std::string wrong = "7K4M-9QWX-2BTC";
    for (std::size_t i = 0; i < platforms::CheckLimit::kMostOfExchange; ++i) {
        REQUIRE(scene.check_from("192.0.2.1", wrong) == 404);
    }
    CHECK(scene.check_from("192.0.2.1", kCode) == 429);
    CHECK(scene.check_from("192.0.2.2", kCode) == 200);
}
