#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"
#include "core/vault/body.h"

namespace datong::vault {

/// What is meant as an SQL condition over table body that an index answers. Its values: those that are set, in the
/// order exchange, case, moment.
[[nodiscard]] std::string condition_of(const Selection& what);

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
    /// Deletes and overwrites them batch by batch, and lets others write between; when it returns good they stand
    /// nowhere in the folder. After a failure some may be gone: do it again.
    [[nodiscard]] Status erase(const Selection& what);
    /// Whether the disk takes a write.
    [[nodiscard]] Status probe();

private:
    Shelf(std::string file, store::Database database) : file_{std::move(file)}, database_{std::move(database)} {}
    [[nodiscard]] Result<bool> erase_some(const Selection& what);
    [[nodiscard]] std::unique_lock<std::mutex> hold();

    std::string file_;
    std::mutex turn_;
    std::mutex mutex_;
    store::Database database_;
};

}  // namespace datong::vault
