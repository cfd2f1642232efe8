#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"
#include "core/vault/body.h"
#include "core/vault/subjects.h"

namespace datong::vault {

/// What is meant as an SQL condition over table body that an index answers. Its values: those that are set, in the
/// order exchange, case, moment.
[[nodiscard]] std::string condition_of(const Selection& what);
/// The same over table subject_key; its values: those that are set, in the order case, moment.
[[nodiscard]] std::string condition_of_keys(const Selection& what);

/// Where bodies and subject keys stand: one SQLite file whose deleted rows are overwritten. Calls block on the disk:
/// never on a loop. Any thread.
class Shelf {
public:
    /// @return Fault::evidence_unavailable when it can't be used.
    [[nodiscard]] static Result<std::unique_ptr<Shelf>> open(const std::string& file);
    /// The file of a folder of evidence.
    [[nodiscard]] static std::string file_of(const std::string& evidence_folder);

    /// All of them in one transaction: durable when it returns good, else none of them. What stands there already under
    /// the same exchange and name is left as it is, and what came later to a call that was erased meanwhile is left
    /// out. Keys that an erasure meant since they were taken stay erased: they are told by `is_erased`, and the others
    /// are written.
    [[nodiscard]] Status put(std::span<const Bodies> many, std::span<SubjectKey> keys = {});
    /// How many erasures of keys there were: asked before a key is taken from memory.
    [[nodiscard]] std::uint64_t erasures() const noexcept { return erasures_; }
    /// How many erasures of bodies there were: asked before it is looked what there is to ask again.
    [[nodiscard]] std::uint64_t body_erasures() const noexcept { return body_erasures_; }
    /// In the order of their names; empty when there are none, or no more.
    [[nodiscard]] Result<std::vector<Body>> find(const std::string& exchange);
    /// Every name that a person has in the evidence while its key is there, and the one of earlier versions.
    /// @param person  hex HMAC under the gateway's subject key. @param gateway  that key.
    [[nodiscard]] Result<std::vector<std::string>> names_of(const std::string& person, const Secret& gateway);
    /// How many keys are meant.
    [[nodiscard]] Result<std::int64_t> count_keys(const Selection& what);
    /// How many exchanges have bodies that are meant.
    [[nodiscard]] Result<std::int64_t> count(const Selection& what);
    /// Deletes and overwrites them batch by batch, and lets others write between; when it returns good they stand
    /// nowhere in the folder. After a failure some may be gone: do it again.
    [[nodiscard]] Status erase(const Selection& what);
    /// Has nothing of what was erased left in the folder: what erase() could not do while somebody else read there.
    /// Every put() tries it again, too. @return Fault::evidence_unavailable while somebody reads an older state.
    [[nodiscard]] Status settle();
    /// Whether something of what was erased may still stand in the folder.
    [[nodiscard]] bool is_unsettled() const noexcept { return is_unsettled_; }
    /// Called before and after each erasure of keys, on its thread, once with the shelf held: it may not use it.
    void tell_erased(std::function<void()> tell) { erased_ = std::move(tell); }
    /// Whether the disk takes a write.
    [[nodiscard]] Status probe();

private:
    Shelf(std::string file, store::Database database) : file_{std::move(file)}, database_{std::move(database)} {}
    [[nodiscard]] Result<bool> erase_some(const Selection& what, bool of_keys);
    [[nodiscard]] Status erase_all(const Selection& what, bool of_keys);
    [[nodiscard]] Result<bool> erase_keys(const Selection& what);
    [[nodiscard]] bool is_erased(const SubjectKey& key) const;
    [[nodiscard]] bool is_erased(const Bodies& of) const;
    void note_erased(const Selection& what);
    [[nodiscard]] std::unique_lock<std::mutex> hold();

    std::string file_;
    std::mutex turn_;
    std::mutex mutex_;
    store::Database database_;
    std::atomic<bool> is_unsettled_{};
    std::function<void()> erased_;
    std::atomic<std::uint64_t> erasures_{};
    std::deque<Selection> recent_;  ///< the last of them, the newest behind
    std::atomic<std::uint64_t> body_erasures_{};
    std::deque<Selection> recent_bodies_;  ///< likewise
};

}  // namespace datong::vault
