#include "core/sharing/book.h"

#include "core/async/wait.h"
#include "core/sharing/result.h"

namespace datong::sharing {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::hours kKept{24 * 30};  ///< after a code's end: whoever comes late is told so

Book::Checked judged(const std::optional<store::Results::Taken>& taken) {
    if (!taken) {
        return {};
    }
    if (taken->used != 0) {
        return {.finding = Book::Finding::used,
                .shown = {},
                .used = std::chrono::system_clock::time_point{std::chrono::seconds{taken->used}}};
    }
    if (taken->over) {
        return {.finding = Book::Finding::over, .shown = {}, .used = {}};
    }
    return {.finding = Book::Finding::good, .shown = taken->shown, .used = {}};
}

}  // namespace

asio::awaitable<void> Book::keep(std::vector<store::SharingResult> results) const {
    if (results.empty()) {
        co_return;
    }
    const auto count = results.size();
    std::function<Status()> work = [to = results_, results = std::move(results)] { return to->keep(results); };
    const auto kept = co_await async::on_pool<void>(*pool_, std::move(work), Deadline::clock::now() + longest_);
    if (!kept) {
        sink_.count("datong_sharing_lost_total", {}, static_cast<double>(count));
    }
}

asio::awaitable<Result<Book::Checked>> Book::check(std::shared_ptr<const catalogue::Snapshot> snapshot,
                                                   std::string exchange, std::string code) const {
    const std::string normal = normal_code(code);
    if (normal.empty()) {
        co_return Checked{};
    }
    const std::int64_t now = to_unix_seconds(clock_.now());
    using Taken = std::optional<store::Results::Taken>;
    const Deadline deadline = Deadline::clock::now() + longest_;
    std::function<Result<Taken>()> work = [to = results_, exchange, mac = code_mac(*snapshot, exchange, normal), now,
                                           deadline]() -> Result<Taken> {
        if (Deadline::clock::now() >= deadline) {
            return fail(Fault::unavailable, "whoever asked has been told to come again");
        }
        return to->take(exchange, mac, now);
    };
    auto taken = co_await async::on_pool<Taken>(*pool_, std::move(work), deadline);
    if (!taken) {
        co_return fail(Fault::unavailable, "the book of sharing results can't be read");
    }
    co_return judged(*taken);
}

void Book::forget() const {
    const bool taken = pool_->post([to = results_, before = to_unix_seconds(clock_.now() - kKept)] {
        (void)to->forget(before);
        return async::Pool::Delivery{};
    });
    if (!taken) {
        sink_.count("datong_sharing_forget_put_off_total", {});
    }
}

}  // namespace datong::sharing
