#include "core/sharing/book.h"

#include "core/async/wait.h"
#include "core/sharing/result.h"

namespace datong::sharing {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLongest{3};
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
    const auto kept = co_await async::on_pool<void>(*pool_, std::move(work), Deadline::clock::now() + kLongest);
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
    std::function<Result<Taken>()> work = [to = results_, exchange, mac = code_mac(*snapshot, exchange, normal),
                                           now]() -> Result<Taken> {
        const auto kept = std::chrono::duration_cast<std::chrono::seconds>(kKept).count();
        if (auto forgot = to->forget(now - kept); !forgot) {
            return fail(std::move(forgot.error()));
        }
        return to->take(exchange, mac, now);
    };
    auto taken = co_await async::on_pool<Taken>(*pool_, std::move(work), Deadline::clock::now() + kLongest);
    if (!taken) {
        co_return fail(Fault::unavailable, "the book of sharing results can't be read");
    }
    co_return judged(*taken);
}

}  // namespace datong::sharing
