#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/catalogue/snapshot.h"
#include "core/store/results.h"
#include "core/telemetry/sink.h"

namespace datong::sharing {

/// The book of sharing results: written when an answer leaves, looked into when somebody checks one. Any thread.
class Book {
public:
    /// @param pool     for the disk; one thread will do.
    /// @param longest  that anybody waits for the disk.
    Book(std::shared_ptr<store::Results> results, std::shared_ptr<async::Pool> pool, const Clock& clock,
         telemetry::Sink& sink, std::chrono::milliseconds longest = std::chrono::seconds{3})
        : results_{std::move(results)}, pool_{std::move(pool)}, clock_{clock}, sink_{sink}, longest_{longest} {}

    /// What can't be kept can't be checked, and counts in datong_sharing_lost_total: the answer leaves all the same.
    [[nodiscard]] boost::asio::awaitable<void> keep(std::vector<store::SharingResult> results) const;

    enum class Finding { good, used, over, unknown };
    struct Checked {
        Finding finding{Finding::unknown};
        std::string shown;                           ///< JSON; empty unless the code was good
        std::chrono::system_clock::time_point used;  ///< when, of one that was used before
    };
    /// Uses the code up. @param code  as somebody wrote it. @return Fault::unavailable when the book can't be read;
    /// what nobody waits for any more uses nothing up.
    [[nodiscard]] boost::asio::awaitable<Result<Checked>> check(std::shared_ptr<const catalogue::Snapshot> snapshot,
                                                                std::string exchange, std::string code) const;
    /// Erases results whose codes ended 30 days ago, on the pool's thread. What fails is tried again the next time.
    void forget() const;

private:
    std::shared_ptr<store::Results> results_;
    std::shared_ptr<async::Pool> pool_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    std::chrono::milliseconds longest_;
};

}  // namespace datong::sharing
