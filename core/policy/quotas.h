#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/result.h"
#include "core/policy/grants.h"

namespace datong::policy {

/// Whose persons are counted together.
enum class Circle { consumer, grant, account };
[[nodiscard]] std::string_view name_of(Circle circle);

/// What a call tries and whom it asks about: counted as one, before anybody is asked.
struct Tally {
    struct Guesses {
        std::string about;  ///< about whom, by service or by all: "SERVICE\nSUBJECT", "\nSUBJECT"
        std::uint64_t count{};
        std::uint64_t most{};  ///< an hour
    };
    struct Subject {
        Circle circle{};
        std::string of;  ///< the grant's id, or the account as nobody can read it; of the consumer empty
        std::string id;  ///< an HMAC
        std::uint64_t most{};
    };
    std::string consumer;
    std::vector<Guesses> guesses{};
    std::vector<Subject> subjects{};
};

/// A circle has asked about four fifths of those whom it may ask about within the hour.
struct Near {
    Circle circle{};
    std::string of;
    std::uint64_t asked{};
    std::uint64_t most{};
};

struct Tallied {
    std::uint64_t subjects{};  ///< whom nobody had asked about within the hour, by consumer or grant
    std::vector<Near> near{};
};

/// How often departments had no such record for a consumer within the hour.
struct Missed {
    std::uint64_t answered{};
    std::uint64_t missing{};
};

/// Counts per grant, in fixed windows of the clock, what services were asked; and per consumer, in hours of the clock,
/// guesses, persons and misses. Counts begin anew with the program, not with a configuration. May be used from many
/// threads.
class Quotas {
public:
    /// Takes one unit: a service is asked once.
    /// @return Fault::quota_exceeded when the window's are used up; a grant without quota passes.
    [[nodiscard]] Status take(const Grant& grant, std::chrono::system_clock::time_point now);
    /// What take() would say; takes nothing.
    [[nodiscard]] Status look(const Grant& grant, std::chrono::system_clock::time_point now);
    /// Counts all of it, or nothing. Who was asked about before within the hour costs nothing more.
    /// @return Fault::guesses_exceeded or subjects_exceeded when the hour's are used up; also when a consumer tries or
    ///         asks about more than is remembered, for that must have an end.
    [[nodiscard]] Result<Tallied> tally(const Tally& what, std::chrono::system_clock::time_point now);
    /// Notes what came of a consumer's questions: whoever tries out numbers is mostly told that there is no such
    /// record.
    /// @param percent  the share of misses that is too many, among kFewAnswers at least.
    /// @return when that is reached, once an hour.
    [[nodiscard]] std::optional<Missed> note_answers(const std::string& consumer, const Missed& came,
                                                     std::uint64_t percent, std::chrono::system_clock::time_point now);
    static constexpr std::size_t kMostAbout = 400'000;  ///< remembered of one consumer's guesses: persons, by service
    static constexpr std::size_t kMostSubjects = 400'000;  ///< and of its persons, by circle
    static constexpr std::uint64_t kFewAnswers = 100;

private:
    struct Window {
        std::int64_t number{};
        std::uint64_t used{};
    };
    /// Of one consumer.
    struct Hour {
        std::unordered_map<std::string, std::uint64_t> guesses;
        std::map<std::string, std::unordered_set<std::string>, std::less<>> subjects;  ///< by circle
        std::size_t remembered{};                                                      ///< subjects, over all circles
        Missed missed{};
        bool is_told{};  ///< that too many were missing
    };
    using Hours = std::map<std::string, Hour, std::less<>>;

    [[nodiscard]] Status count(const Grant& grant, std::chrono::system_clock::time_point now, std::uint64_t units);
    /// @return what was counted in an hour that is over: large, so it is let go of after the lock.
    [[nodiscard]] Hours begin_hour(std::chrono::system_clock::time_point now);
    [[nodiscard]] static Status check(const Hour& theirs, const Tally& what);

    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;
    std::int64_t hour_{};
    Hours hours_;  ///< of that hour, by consumer
};

}  // namespace datong::policy
