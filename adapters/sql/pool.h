#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/sql/drivers.h"

namespace datong::adapters::sql {

/// The connections of one source. May be used from many threads; blocks.
class Pool {
public:
    Pool(Opening opening, std::size_t most) : opening_{std::move(opening)}, most_{most} {}

    /// Runs every look on a connection of its own. Where a kept connection turns out broken and the
    /// source is only read, a fresh one is tried once: the department's restart is no fault of the call.
    [[nodiscard]] Result<record::Record> run(const std::vector<Look>& looks, const std::vector<Values>& values,
                                             Deadline deadline);

private:
    /// @return a kept connection; nullptr: the caller has the place for a fresh one.
    [[nodiscard]] Result<std::unique_ptr<Connection>> take(Deadline deadline);
    void give_back(std::unique_ptr<Connection> connection);
    [[nodiscard]] Result<record::Record> run_on(std::unique_ptr<Connection>& connection, const std::vector<Look>& looks,
                                                const std::vector<Values>& values, Deadline deadline);

    Opening opening_;
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable free_;
    std::size_t in_use_{};
    std::vector<std::unique_ptr<Connection>> kept_;
};

}  // namespace datong::adapters::sql
