#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/ledger/entry.h"
#include "core/seals/record_reader.h"
#include "core/store/database.h"

namespace datong::ledger {

/// Uses for these purposes from this moment on are not told yet.
struct NotYet {
    std::vector<std::string> purposes;
    std::string since;  ///< RFC 3339 at +08:00
};

/// Which exchanges are wanted; what is empty does not narrow it.
struct Wanted {
    std::string case_number;
    std::string matter;
    std::string material;
    std::string consumer;
    std::string service;  ///< with or without version
    std::string outcome;
    std::string from;                    ///< RFC 3339, or the beginning of one at +08:00 ("2026-11"): not before
    std::string until;                   ///< likewise: before
    std::vector<std::string> persons{};  ///< every name that one person has; empty: whoever it is about
    bool is_ended{};                     ///< only those that are over
    std::vector<NotYet> withheld{};      ///< all but these
    std::string after{};                 ///< where the page before ended
    std::int64_t most{50};               ///< entries of a page
};

/// In the order of their records.
struct Page {
    std::vector<Entry> entries;
    std::string next;  ///< `after` of the next page; empty: this is the last
};

/// The exchanges of a log in SQLite: derived, and made anew from the log at any time. Calls block on the disk: never on
/// a loop. Any thread.
class Index {
public:
    /// @return Fault::unavailable when the file can't be used.
    [[nodiscard]] static Result<std::unique_ptr<Index>> open(const std::string& file);
    /// Takes what stands under that name away, for a new one to be made; a damaged one stays beside it as `.damaged`.
    /// Nobody has it open.
    [[nodiscard]] static Status put_aside(const std::string& file);
    /// The file of a folder of evidence.
    [[nodiscard]] static std::string file_of(const std::string& evidence_folder);

    /// Takes up what the log holds behind the last record that is in it.
    /// @param evidence_folder  the same one at every call.
    /// @param until  number of the last record to be taken, which must be durable; nullopt: all there are.
    /// @param stop  asked for, it ends after some thousand records more; the rest is taken the next time.
    /// @return how many records were taken.
    [[nodiscard]] Result<std::int64_t> feed(const std::string& evidence_folder,
                                            const std::optional<std::uint64_t>& until = {},
                                            const std::stop_token& stop = {});
    /// Empties it and takes up the whole log.
    [[nodiscard]] Result<std::int64_t> rebuild(const std::string& evidence_folder);
    /// Begins anew with an empty file; the damaged one is put aside.
    [[nodiscard]] Status remake();
    /// Whether anybody met damage in it, whom remake() has not helped yet.
    [[nodiscard]] bool is_damaged() const { return is_damaged_; }
    /// Number of the last record that is in it.
    [[nodiscard]] Result<std::int64_t> last();

    [[nodiscard]] Result<Page> list(const Wanted& wanted);
    [[nodiscard]] Result<std::optional<Entry>> find(const std::string& exchange);

private:
    Index(std::string file, store::Database database) : file_{std::move(file)}, database_{std::move(database)} {}
    [[nodiscard]] Result<std::int64_t> feed_some(const std::string& evidence_folder, std::uint64_t until);
    [[nodiscard]] Result<std::int64_t> last_here() const;
    [[nodiscard]] seals::RecordReader reader_at(const std::string& evidence_folder, std::uint64_t number) const;
    [[nodiscard]] Status complete(std::vector<Entry>& entries) const;
    [[nodiscard]] tl::unexpected<Error> unread(Error why);

    const std::string file_;
    std::mutex mutex_;
    std::atomic<bool> is_damaged_{false};
    store::Database database_;
    std::optional<seals::RecordReader> reader_;  ///< where the last transaction ended, so that no segment is read twice
};

}  // namespace datong::ledger
