#include "core/async/loops.h"

#include <future>
#include <set>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/support/catch.h"

using datong::async::Loops;

namespace {

std::thread::id thread_of(boost::asio::io_context& loop) {
    std::promise<std::thread::id> seen;
    boost::asio::post(loop, [&seen] { seen.set_value(std::this_thread::get_id()); });
    return seen.get_future().get();
}

}  // namespace

TEST_CASE("every loop has a thread of its own", "[async]") {
    Loops loops{3};
    CHECK(loops.size() == 3);
    CHECK_FALSE(loops.running());
    loops.start();
    CHECK(loops.running());
    std::set<std::thread::id> threads;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        threads.insert(thread_of(loops.at(i)));
    }
    CHECK(threads.size() == 3);
    CHECK(thread_of(loops.at(1)) == thread_of(loops.at(1)));
}

TEST_CASE("no loops at all count as one", "[async]") {
    Loops loops{0};
    CHECK(loops.size() == 1);
    CHECK_THROWS_AS(loops.at(1), std::out_of_range);
}

TEST_CASE("stop lets the work that is there finish", "[async]") {
    Loops loops{1};
    int done = 0;
    for (int i = 0; i < 100; ++i) {
        boost::asio::post(loops.at(0), [&done] { ++done; });
    }
    loops.start();
    loops.stop();
    CHECK(done == 100);
    CHECK_FALSE(loops.running());
}

TEST_CASE("stop cuts off what waits for too long", "[async]") {
    Loops loops{1};
    boost::asio::steady_timer timer{loops.at(0), std::chrono::hours{1}};
    bool fired = false;
    timer.async_wait([&fired](boost::system::error_code) { fired = true; });
    loops.start();
    loops.stop(std::chrono::milliseconds{20});
    CHECK_FALSE(fired);
}
