#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"
#include "core/vault/body.h"

namespace datong::vault {

/// Where bodies stand: one SQLite file whose deleted rows are overwritten. Calls block on the disk: never on a loop.
/// Any thread.
class Shelf {
public:
    /// @return Fault::evidence_unavailable when it can't be used.
    [[nodiscard]] static Result<std::unique_ptr<Shelf>> open(const std::string& file);
    /// The file of a folder of evidence.
    [[nodiscard]] static std::string file_of(const std::string& evidence_folder);

    /// All of them in one transaction: durable when it returns good, else none of them. What stands there already under
    /// the same exchange and name is left as it is.
    [[nodiscard]] Status put(std::span<const Bodies> many);
    /// In the order of their names; empty when there are none, or no more.
    [[nodiscard]] Result<std::vector<Body>> find(const std::string& exchange);
    /// How many exchanges have bodies that are meant.
    [[nodiscard]] Result<std::int64_t> count(const Selection& what);
    /// Deletes and overwrites them; when it returns good they stand nowhere in the folder.
    [[nodiscard]] Status erase(const Selection& what);
    /// Whether the disk takes a write.
    [[nodiscard]] Status probe();

private:
    explicit Shelf(store::Database database) : database_{std::move(database)} {}

    std::mutex mutex_;
    store::Database database_;
};

}  // namespace datong::vault
