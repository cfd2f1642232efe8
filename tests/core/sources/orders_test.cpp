#include "core/sources/orders.h"

#include "core/telemetry/sink.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace std::chrono_literals;
using sources::Order;
using sources::Orders;

namespace {

crypto::SigningKey new_key() {
    return crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
}

constexpr const char* kSource = "land/land-registry";

/// A gateway with one source, and its orders on a disk of their own.
struct Fixture {
    support::ScratchFolder folder;
    support::FakeClock clock{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h};
    std::unique_ptr<telemetry::Sink> sink = telemetry::Sink::make({.file = "-"}).value();
    catalogue::SourceStates states;
    crypto::SigningKey key = new_key();
    catalogue::Snapshot snapshot;
    std::string file = folder / "state/orders.json";
    Orders orders{file, clock, states};
    std::vector<std::string> recorded;

    Fixture() {
        snapshot.gateway.name = "shili";
        auto land = std::make_unique<catalogue::Department>();
        land->id = "land";
        land->key = {.id = "land-2026", .key = key};
        snapshot.departments["land"] = std::move(land);
        const adapter::Tools tools{.blocking = nullptr, .clock = clock, .sink = *sink, .folder = {}};
        snapshot.sources[kSource] =
            std::make_shared<adapter::Guard>(kSource, nullptr, adapter::Limits{}, states.of(kSource), tools);
    }

    [[nodiscard]] Order order(Order::What what = Order::What::pause) const {
        return {.what = what, .gateway = "shili", .source = kSource, .at = clock.now(), .until = std::nullopt};
    }
    [[nodiscard]] std::string sign(const Order& order) const {
        return sources::sign_order(order, "land-2026", key).value();
    }
    Result<Order> take(const std::string& jws) {
        return orders.take(jws, snapshot, [this](const Order&, std::string_view compact) -> Status {
            recorded.emplace_back(compact);
            return {};
        });
    }
    [[nodiscard]] bool is_closed() const { return snapshot.sources.at(kSource)->closed().has_value(); }
};

}  // namespace

TEST_CASE("a department pauses and resumes its own source, and each order is recorded", "[sources]") {
    Fixture fixture;
    const std::string pause = fixture.sign(fixture.order());
    REQUIRE(fixture.take(pause));
    CHECK(fixture.is_closed());
    fixture.clock.advance(1ms);
    REQUIRE(fixture.take(fixture.sign(fixture.order(Order::What::resume))));
    CHECK_FALSE(fixture.is_closed());
    REQUIRE(fixture.recorded.size() == 2);
    CHECK(fixture.recorded.front() == pause);
    CHECK(fixture.orders.last(kSource)->what == Order::What::resume);
}

TEST_CASE("a pause with an end ends by itself", "[sources]") {
    Fixture fixture;
    Order order = fixture.order();
    order.until = order.at + 2h;
    REQUIRE(fixture.take(fixture.sign(order)));
    CHECK(fixture.is_closed());
    fixture.clock.advance(2h);
    CHECK_FALSE(fixture.is_closed());
}

TEST_CASE("an order that is not the department's, not for here or not of now changes nothing", "[sources][security]") {
    Fixture fixture;
    Order order = fixture.order();
    std::string jws;
    Fault fault{};
    SECTION("another's key") {
        jws = sources::sign_order(order, "land-2026", new_key()).value();
        fault = Fault::signature_invalid;
    }
    SECTION("the right key under another's name") {
        jws = sources::sign_order(order, "gateway-2026", fixture.key).value();
        fault = Fault::signature_invalid;
    }
    SECTION("a payload of later time under an older signature") {
        const std::string good = fixture.sign(order);
        order.at += 1min;
        const std::string other = fixture.sign(order);
        jws = other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'));
        fault = Fault::signature_invalid;
    }
    SECTION("another gateway") {
        order.gateway = "province";
        jws = fixture.sign(order);
        fault = Fault::bad_request;
    }
    SECTION("too old") {
        order.at -= 5min + 1ms;
        jws = fixture.sign(order);
        fault = Fault::signature_stale;
    }
    SECTION("ahead of the clock") {
        order.at += 5min + 1ms;
        jws = fixture.sign(order);
        fault = Fault::signature_stale;
    }
    SECTION("a source that there is not") {
        order.source = "tax/tax-front";
        jws = fixture.sign(order);
        fault = Fault::no_such_resource;
    }
    SECTION("no JWS") {
        jws = "pause";
        fault = Fault::bad_request;
    }
    const auto taken = fixture.take(jws);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().fault() == fault);
    CHECK_FALSE(fixture.is_closed());
    CHECK(fixture.recorded.empty());
}

TEST_CASE("an order that was taken, or an older one, is a replay", "[sources][security]") {
    Fixture fixture;
    const std::string pause = fixture.sign(fixture.order());
    REQUIRE(fixture.take(pause));
    fixture.clock.advance(1s);
    REQUIRE(fixture.take(fixture.sign(fixture.order(Order::What::resume))));
    CHECK(fixture.take(pause).error().fault() == Fault::replayed);
    CHECK_FALSE(fixture.is_closed());
    Orders after{fixture.file, fixture.clock, fixture.states};
    REQUIRE(after.recall(fixture.snapshot));
    const auto note = [](const Order&, std::string_view) { return Status{}; };
    CHECK(after.take(pause, fixture.snapshot, note).error().fault() == Fault::replayed);
}

TEST_CASE("a pause holds over a restart", "[sources]") {
    Fixture fixture;
    REQUIRE(fixture.take(fixture.sign(fixture.order())));
    catalogue::SourceStates fresh;
    Orders after{fixture.file, fixture.clock, fresh};
    REQUIRE(after.recall(fixture.snapshot));
    CHECK(fresh.of(kSource)->closed({}, fixture.clock.now()).has_value());
    CHECK(after.last(kSource)->what == Order::What::pause);
}

TEST_CASE("what can't be recorded or kept is not done", "[sources]") {
    Fixture fixture;
    const std::string pause = fixture.sign(fixture.order());
    SECTION("no evidence") {
        const auto note = [](const Order&, std::string_view) {
            return Status{fail(Fault::evidence_unavailable, "no space")};
        };
        CHECK(fixture.orders.take(pause, fixture.snapshot, note).error().fault() == Fault::evidence_unavailable);
    }
    SECTION("no state") {
        fixture.folder.write("state", "a file where the folder should be");
        CHECK(fixture.take(pause).error().fault() == Fault::evidence_unavailable);
    }
    CHECK_FALSE(fixture.is_closed());
    CHECK_FALSE(fixture.orders.last(kSource).has_value());
}

TEST_CASE("a damaged state stops the start: a paused department must not be asked by mistake", "[sources][security]") {
    const std::string text = GENERATE(as<std::string>{}, "{", R"({"orders": ["x.y.z"]})", "");
    Fixture fixture;
    std::filesystem::create_directories(fixture.folder / "state");
    fixture.folder.write("state/orders.json", text);
    CHECK(fixture.orders.recall(fixture.snapshot).error().fault() == Fault::internal);
}

TEST_CASE("an order that is kept is in force only as its department signed it", "[sources][security]") {
    Fixture fixture;
    Order order = fixture.order();
    std::string kept = fixture.sign(order);
    const auto recall = [&](const std::string& jws) {
        std::filesystem::create_directories(fixture.folder / "state");
        fixture.folder.write("state/orders.json", R"({"datong":"source-orders/v1","orders":[")" + jws + R"("]})");
        catalogue::SourceStates fresh;
        Orders after{fixture.file, fixture.clock, fresh};
        auto done = after.recall(fixture.snapshot);
        CHECK(done.has_value() == fresh.of(kSource)->closed({}, fixture.clock.now()).has_value());
        return done;
    };
    CHECK(recall(kept));
    SECTION("another payload under its signature") {
        order.at += 1min;
        const std::string other = fixture.sign(order);
        CHECK(recall(other.substr(0, other.rfind('.')) + kept.substr(kept.rfind('.'))).error().fault() ==
              Fault::internal);
    }
    SECTION("another's key") {
        CHECK_FALSE(recall(sources::sign_order(order, "land-2026", new_key()).value()));
    }
    SECTION("a key that nobody knows") {
        const auto done = recall(sources::sign_order(order, "nobody", fixture.key).value());
        REQUIRE_FALSE(done);
        CHECK_THAT(done.error().detail(), ContainsSubstring("orders.json") && ContainsSubstring(kSource) &&
                                              ContainsSubstring("department land (nobody)"));
    }
    SECTION("for another gateway") {
        order.gateway = "province";
        const auto done = recall(fixture.sign(order));
        REQUIRE_FALSE(done);
        CHECK_THAT(done.error().detail(),
                   ContainsSubstring("is for the gateway province, and the name in gateway.yaml is "));
    }
    SECTION("a key that the department had then") {
        fixture.snapshot.retired_keys.push_back(
            {.id = "land-2025", .owner = "department:land", .key = fixture.key.verifying_key()});
        CHECK(recall(sources::sign_order(order, "land-2025", fixture.key).value()));
        fixture.snapshot.retired_keys.front().owner = "department:tax";
        CHECK_FALSE(recall(sources::sign_order(order, "land-2025", fixture.key).value()));
    }
}

TEST_CASE("what closes nothing is no reason not to start, whoever's it was", "[sources]") {
    Fixture fixture;
    Order order = fixture.order(GENERATE(Order::What::pause, Order::What::resume));
    std::string keyid = "land-2026";
    SECTION("by a key that nobody knows any more") {
        keyid = "land-2025";
    }
    SECTION("for the name that the gateway had") {
        order.gateway = "shili-1";
    }
    if (order.what == Order::What::pause) {
        order.until = order.at + 1h;
    }
    std::filesystem::create_directories(fixture.folder / "state");
    const std::string compact = sources::sign_order(order, keyid, fixture.key).value();
    fixture.folder.write("state/orders.json", R"({"datong":"source-orders/v1","orders":[")" + compact + R"("]})");
    fixture.clock.advance(1h);
    REQUIRE(fixture.orders.recall(fixture.snapshot));
    CHECK(fixture.orders.last(kSource)->at == order.at);
    CHECK_FALSE(fixture.is_closed());
    CHECK(fixture.orders.would_hold(fixture.snapshot));
}

TEST_CASE("an order that nobody signed, of a time to come, refuses none of the department's own",
          "[sources][security]") {
    Fixture fixture;
    Order order = fixture.order(Order::What::resume);
    order.at += 24h;
    std::filesystem::create_directories(fixture.folder / "state");
    const std::string compact = sources::sign_order(order, "land-2026", new_key()).value();
    fixture.folder.write("state/orders.json", R"({"datong":"source-orders/v1","orders":[")" + compact + R"("]})");
    catalogue::Snapshot before;  // the source comes by a reload
    before.gateway.name = "shili";
    REQUIRE(fixture.orders.recall(GENERATE(true, false) ? before : fixture.snapshot));
    fixture.orders.hold(fixture.snapshot);
    CHECK(fixture.take(fixture.sign(fixture.order())));
    CHECK(fixture.is_closed());
}

TEST_CASE("an order about a source that is not configured waits for it, and is judged when it comes",
          "[sources][security]") {
    Fixture fixture;
    const bool is_theirs = GENERATE(true, false);
    CAPTURE(is_theirs);
    std::filesystem::create_directories(fixture.folder / "state");
    const std::string compact =
        sources::sign_order(fixture.order(), "land-2026", is_theirs ? fixture.key : new_key()).value();
    fixture.folder.write("state/orders.json", R"({"datong":"source-orders/v1","orders":[")" + compact + R"("]})");
    catalogue::Snapshot before;
    before.gateway.name = "shili";
    REQUIRE(fixture.orders.recall(before));
    CHECK_FALSE(fixture.is_closed());
    CHECK(fixture.orders.would_hold(fixture.snapshot).has_value() == is_theirs);
    fixture.orders.hold(fixture.snapshot);
    CHECK(fixture.is_closed() == is_theirs);
}

TEST_CASE("a configuration under which a pause would lose its force is known before it is taken",
          "[sources][security]") {
    Fixture fixture;
    REQUIRE(fixture.take(fixture.sign(fixture.order())));
    CHECK(fixture.orders.would_hold(fixture.snapshot));
    catalogue::Snapshot next;
    next.gateway.name = "shili";
    next.sources = fixture.snapshot.sources;
    auto land = std::make_unique<catalogue::Department>();
    land->id = "land";
    land->key = {.id = "land-2027", .key = new_key()};
    next.departments["land"] = std::move(land);
    const auto held = fixture.orders.would_hold(next);
    REQUIRE_FALSE(held);
    CHECK_THAT(held.error().detail(), ContainsSubstring(kSource) && ContainsSubstring("(land-2026)"));
    next.retired_keys.push_back({.id = "land-2026", .owner = "department:land", .key = fixture.key.verifying_key()});
    CHECK(fixture.orders.would_hold(next));
    fixture.snapshot.gateway.name = "shili-2";
    CHECK_FALSE(fixture.orders.would_hold(fixture.snapshot));
    CHECK(fixture.is_closed());
}

TEST_CASE("one pause that does not hold opens no other source", "[sources][security]") {
    Fixture fixture;
    const adapter::Tools tools{.blocking = nullptr, .clock = fixture.clock, .sink = *fixture.sink, .folder = {}};
    fixture.snapshot.sources["land/archive"] = std::make_shared<adapter::Guard>(
        "land/archive", nullptr, adapter::Limits{}, fixture.states.of("land/archive"), tools);
    Order other = fixture.order();
    other.source = "land/archive";
    std::filesystem::create_directories(fixture.folder / "state");
    fixture.folder.write("state/orders.json", R"({"datong":"source-orders/v1","orders":[")" +
                                                  sources::sign_order(other, "land-2026", new_key()).value() +
                                                  R"(",")" + fixture.sign(fixture.order()) + R"("]})");
    CHECK_FALSE(fixture.orders.recall(fixture.snapshot));
    CHECK(fixture.is_closed());
    CHECK_FALSE(fixture.snapshot.sources.at("land/archive")->closed().has_value());
}
