#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"

namespace datong::store {

/// Applications for access and all that became of them (申请档案), in one SQLite file (WAL, synchronous FULL): what a
/// call returns good for is durable. Calls block on the disk: never on a loop. Any thread.
class Applications {
public:
    struct Kept {
        std::string id;
        std::string sealed;  ///< octets, of whoever keeps them here
    };

    /// Makes folder and file where they are missing, readable by this user only.
    /// @return Fault::unavailable when it can't be used, or was written by a later version.
    [[nodiscard]] static Result<std::unique_ptr<Applications>> open(const std::string& file);

    /// A number that was never given before, within a year: 1, 2, 3 ...
    [[nodiscard]] Result<std::int64_t> next_number(int year);
    /// Keeps an application, in the place of what was there under its id.
    [[nodiscard]] Status keep(const Kept& application);
    [[nodiscard]] Result<std::optional<Kept>> find(const std::string& id);
    /// All of them, in the order of their ids.
    [[nodiscard]] Result<std::vector<Kept>> all();
    /// The next number of the roll of grants; grows with every call.
    [[nodiscard]] Result<std::int64_t> next_roll();
    /// The last number that next_roll() gave; 0: none yet.
    [[nodiscard]] Result<std::int64_t> last_roll();

private:
    explicit Applications(Database database) : database_{std::move(database)} {}
    [[nodiscard]] Result<std::int64_t> raise(const std::string& counter);
    [[nodiscard]] Result<std::int64_t> value_of(const std::string& counter);

    std::mutex mutex_;
    Database database_;
};

}  // namespace datong::store
