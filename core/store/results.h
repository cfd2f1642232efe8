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

/// One sharing result (共享查验结果) that may be checked once.
struct SharingResult {
    std::string exchange;
    std::string code_mac;  ///< keyed digest of its code, 32 octets: the code itself is not kept
    std::string shown;     ///< JSON of what a check tells; no personal data
    std::int64_t until{};  ///< unix seconds: the code's last
};

/// Sharing results and which codes were used, in one SQLite file (WAL, synchronous NORMAL: what a crash of the machine
/// loses can't be checked, and nothing false is told). Calls block on the disk: never on a loop. Any thread.
class Results {
public:
    /// @return Fault::unavailable when it can't be used, or was written by a later version.
    [[nodiscard]] static Result<std::unique_ptr<Results>> open(const std::string& file);

    /// All of them or none.
    [[nodiscard]] Status keep(const std::vector<SharingResult>& results);

    struct Taken {
        std::string shown;
        std::int64_t used{};  ///< unix seconds of the time before; 0: this is the first
        bool over{};          ///< the code's time was over
    };
    /// Uses a code up: of two at the same time one is the first. nullopt: no result has this exchange and code.
    [[nodiscard]] Result<std::optional<Taken>> take(const std::string& exchange, const std::string& code_mac,
                                                    std::int64_t now);
    /// Erases results whose codes ended before that; unix seconds.
    [[nodiscard]] Status forget(std::int64_t before);

private:
    explicit Results(Database database) : database_{std::move(database)} {}

    std::mutex mutex_;
    Database database_;
};

}  // namespace datong::store
