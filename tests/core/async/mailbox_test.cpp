#include "core/async/mailbox.h"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/support/catch.h"

using namespace datong;
namespace asio = boost::asio;

namespace {

struct Seen {
    std::atomic<int> opened{};
    std::atomic<int> ended{};
    std::atomic<int> elsewhere{};  ///< opened on a thread that is not the loop's
    std::thread::id loop;
};

class Note final : public async::Letter {
public:
    Note(Seen& seen, int last, asio::io_context& loop) : seen_{seen}, last_{last}, loop_{loop} {}
    ~Note() override { ++seen_.ended; }
    void open() override {
        seen_.elsewhere += std::this_thread::get_id() == seen_.loop ? 0 : 1;
        if (++seen_.opened == last_) {
            loop_.stop();
        }
    }

private:
    Seen& seen_;
    int last_;
    asio::io_context& loop_;
};

}  // namespace

TEST_CASE("letters from many threads are each opened once, on their own loop", "[async]") {
    constexpr int kThreads = 4;
    constexpr int kEach = 2000;
    asio::io_context loop{1};
    const auto busy = asio::make_work_guard(loop);
    Seen seen;
    seen.loop = std::this_thread::get_id();
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < kEach; ++n) {
                async::Mailbox::deliver(loop.get_executor(), std::make_shared<Note>(seen, kThreads * kEach, loop));
            }
        });
    }
    loop.run();
    CHECK(seen.opened == kThreads * kEach);
    CHECK(seen.ended == kThreads * kEach);
    CHECK(seen.elsewhere == 0);
}

TEST_CASE("a letter that its loop never opens ends with the loop", "[async]") {
    Seen seen;
    {
        asio::io_context loop{1};
        async::Mailbox::deliver(loop.get_executor(), std::make_shared<Note>(seen, 1, loop));
    }
    CHECK(seen.opened == 0);
    CHECK(seen.ended == 1);
}
