#include "core/sharing/book.h"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/sharing/result.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using sharing::Book;

namespace {

constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds{1'795'989'150}};
const std::string kExchange = "01a200c9-f381-7000-8000-000000000000";
const std::string kCode = "7K4M-9QWX-2BTD";

/// A book with one result, whose pool has one thread.
struct Scene {
    explicit Scene(std::chrono::milliseconds longest) {
        auto snapshot_made = std::make_shared<catalogue::Snapshot>();
        snapshot_made->gateway.subject_key = Secret{"a key of the test's own, 32 octets"};
        snapshot = std::move(snapshot_made);
        results = std::move(*store::Results::open(folder / "results.db"));
        mac = sharing::code_mac(*snapshot, kExchange, sharing::normal_code(kCode));
        const std::int64_t until = to_unix_seconds(kNow) + 60;
        REQUIRE(results->keep({{.exchange = kExchange, .code_mac = mac, .shown = "{}", .until = until}}).has_value());
        book = std::make_unique<Book>(results, pool, clock, *sink, longest);
    }
    [[nodiscard]] Result<Book::Checked> check() {
        Result<Book::Checked> result = fail(Fault::internal, "an exception");
        boost::asio::co_spawn(loop, book->check(snapshot, kExchange, kCode),
                              [&result](const std::exception_ptr& thrown, Result<Book::Checked> got) {
                                  if (!thrown) {
                                      result = std::move(got);
                                  }
                              });
        loop.run();
        loop.restart();
        return result;
    }
    /// Waits until all that was posted before has been done.
    void finish_pool() const {
        std::promise<void> done;
        REQUIRE(pool->post([&done] {
            done.set_value();
            return async::Pool::Delivery{};
        }));
        done.get_future().wait();
    }

    boost::asio::io_context loop{1};  // outlives the pools: late work still speaks to it
    support::ScratchFolder folder;
    support::FakeClock clock{kNow};
    std::unique_ptr<telemetry::Sink> sink = std::move(*telemetry::Sink::make({.file = "-"}));
    async::Pools pools;
    std::shared_ptr<async::Pool> pool = pools.make({.threads = 1, .waiting = 16});
    std::shared_ptr<const catalogue::Snapshot> snapshot;
    std::shared_ptr<store::Results> results;
    std::string mac;
    std::unique_ptr<Book> book;
};

}  // namespace

TEST_CASE("a check that nobody waits for any more uses no code up", "[sharing][security]") {
    Scene scene{std::chrono::milliseconds{20}};
    std::promise<void> let_go;
    REQUIRE(scene.pool->post([gone = let_go.get_future().share()] {
        gone.wait();
        return async::Pool::Delivery{};
    }));
    const auto late = scene.check();
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().fault() == Fault::unavailable);
    let_go.set_value();
    scene.finish_pool();
    CHECK((*scene.results->take(kExchange, scene.mac, to_unix_seconds(kNow)))->used == 0);
}

TEST_CASE("a book forgets what is long over, and a check forgets nothing", "[sharing]") {
    Scene scene{std::chrono::seconds{20}};
    scene.book->forget();
    scene.finish_pool();
    scene.clock.advance(std::chrono::hours{24 * 31});
    const auto over = scene.check();
    REQUIRE(over.has_value());
    CHECK(over->finding == Book::Finding::over);
    scene.book->forget();
    scene.finish_pool();
    CHECK(scene.check()->finding == Book::Finding::unknown);
}
