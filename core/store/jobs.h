#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::store {

/// How far one target of a submission is.
enum class Stage {
    reserved,  ///< nothing was sent, for certain
    sent,      ///< it may have been sent: only the department knows
    pending,   ///< the department has it, or may have it, and has not said the last word
    settled,   ///< answered for good
};

/// One target of a submission: a department's service. A direct call of a service has one, with an empty name.
struct Part {
    std::string material;
    std::string service;
    Stage stage{Stage::reserved};
    std::string outcome{};  ///< "accepted", "refused", "unknown" ...; empty while nothing is known
    std::string sealed{};   ///< the recorded answer, encrypted by who keeps it here; empty: none, or erased
};

/// One submission (提交): what an idempotency key stands for.
struct Job {
    std::string id;           ///< the exchange that brought it
    std::string consumer;     ///< whose key
    std::string key;          ///< the consumer's idempotency key
    std::string fingerprint;  ///< keyed digest of what was asked for
    std::string target;       ///< "/v1/services/NAME"
    std::string case_number;
    std::string sealed;      ///< the request, encrypted
    std::int64_t created{};  ///< unix seconds
    std::vector<Part> parts{};
};

/// What an administrator has to look after: no personal data.
struct Unsettled {
    std::string id;
    std::string consumer;
    std::string key;
    std::string case_number;
    std::string material;
    std::string service;
    std::string outcome;  ///< "unknown" or "deferred"
    std::int64_t created{};
};

/// Submissions and their idempotency keys in one SQLite file (WAL, synchronous FULL): what a call returns good for is
/// durable, so that it holds through a crash. Calls block on the disk: never on a loop. Any thread.
class Jobs {
public:
    /// Makes folder and file where they are missing, readable by this user only.
    /// @return Fault::unavailable when it can't be used, or was written by a later version.
    [[nodiscard]] static Result<std::unique_ptr<Jobs>> open(const std::string& file);
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    /// Keeps a new submission, or gives the one that has the same consumer and key already: in one step, so that of
    /// two at the same time one is new.
    struct Reserved {
        Job job;
        bool is_new{};
    };
    [[nodiscard]] Result<Reserved> reserve(Job job);
    /// A consumer's submission with its parts; nullopt when there is none of that id, or it is another's.
    [[nodiscard]] Result<std::optional<Job>> find(const std::string& consumer, const std::string& id);
    /// From reserved to sent; false when somebody was there before. Who gets true may send, and nobody else ever.
    [[nodiscard]] Result<bool> claim(const std::string& id, const std::string& material);
    /// From sent back to reserved: nothing left us after all.
    [[nodiscard]] Status release(const std::string& id, const std::string& material);
    /// What is known now. A settled part stays as it is. What the disk does not take is owed: it is known here at once,
    /// and written before anything else as soon as the disk takes it.
    [[nodiscard]] Status note(const std::string& id, const Part& part);
    /// Writes what is owed. Waits for nobody who has the file.
    [[nodiscard]] Status pay();
    [[nodiscard]] bool owes() const { return owes_; }  ///< never blocks
    /// Forgets a submission of which nothing was sent: its key may be used again.
    [[nodiscard]] Status drop_if_untouched(const std::string& id);
    /// What was sent and has no last word, oldest first.
    [[nodiscard]] Result<std::vector<Unsettled>> unsettled(std::size_t most);
    /// Erases recorded requests and answers from before `answers`, and whole settled submissions from before `keys`;
    /// unix seconds.
    [[nodiscard]] Status forget(std::int64_t answers, std::int64_t keys);
    /// Erases recorded requests and answers of one submission, of one case and from before a moment (unix seconds), as
    /// AwaitedBook::erase does; outcomes and keys stay. The request of one that has no last word stays until it has:
    /// the department is asked by it.
    /// What is owed is written before, or nothing is erased: it would come back.
    [[nodiscard]] Status erase(const std::string& id, const std::string& case_number,
                               const std::optional<std::int64_t>& before);

    struct Database;

    /// Whether anything is there that erase() would take, in the same words.
    [[nodiscard]] Result<bool> holds(const std::string& id, const std::string& case_number,
                                     const std::optional<std::int64_t>& before);
    /// What an erasure could not cut off while somebody else read there.
    [[nodiscard]] Status settle();

private:
    explicit Jobs(std::unique_ptr<Database> database);
    [[nodiscard]] Status pay_within(int milliseconds);

    std::mutex mutex_;
    std::atomic<bool> owes_{};
    std::unique_ptr<Database> database_;
};

}  // namespace datong::store
