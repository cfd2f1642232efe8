#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/file/mail.h"

namespace datong::adapters::file {

/// Texts of many calls, to be found in a file in one go: by the calls' ids in them, so that a large file costs what its
/// octets cost and not as many times as there are calls. Doesn't change; may be used from many threads.
class Texts {
public:
    struct One {
        std::string text;
        std::string id;  ///< within the text
        bool is_waited_for{};
    };
    explicit Texts(std::vector<One> all);
    /// Those that stand in it.
    [[nodiscard]] std::vector<const One*> found_in(std::string_view octets) const;

private:
    static constexpr std::size_t kHints = 65'536;
    struct Piece {
        std::size_t text{};    ///< which
        std::size_t offset{};  ///< of the piece in it
    };
    struct Group {
        std::vector<bool> hints{};  ///< false: no piece has such a digest
        std::unordered_multimap<std::uint64_t, Piece> pieces{};
    };
    [[nodiscard]] static std::size_t hint(std::uint64_t digest);

    std::vector<One> all_;
    std::map<std::size_t, Group> groups_;  ///< by the pieces' size
};

/// Finds out whose a reply is by what it holds, where its name does not tell. Each file is read once, for all
/// calls that wait. May be used from many threads; one of them looks at a time, the others take what it found.
class Sorter {
public:
    explicit Sorter(const Rules& rules) : rules_{rules} {}

    void expect(const Letter& letter);
    /// The reply if it has come. What belongs to an abandoned call, or to two calls, is put aside on the way; what
    /// belongs to nobody known, or can't be read or moved, stays where it is.
    [[nodiscard]] Result<std::optional<std::string>> take(Place& place, const Letter& letter, Deadline deadline);
    void forget(const Letter& letter);
    /// Its reply may still come.
    void abandon(const Letter& letter);
    /// Puts aside what has come for abandoned calls, and tries one of those again that could not be moved.
    /// @param share  no file is begun behind it: the rest is left to the next look.
    /// @return the first failure.
    [[nodiscard]] Status sweep(Place& place, Deadline share, Deadline deadline);

private:
    struct Waiting {
        std::string id;
        std::optional<Result<std::string>> found{};
    };

    /// @param aside  the first failure of one file; the folder's is returned.
    /// @param share  as of sweep.
    [[nodiscard]] Status look_through(Place& place, const std::vector<std::string>& patterns, Status& aside,
                                      Deadline share, Deadline deadline);
    void free_a_stuck_one();
    [[nodiscard]] Status sort(Place& place, const Entry& entry, Deadline deadline);
    [[nodiscard]] std::vector<Entry> candidates(std::vector<Entry> entries, const std::vector<std::string>& patterns);
    [[nodiscard]] Status deliver(Place& place, const std::string& name, std::string octets, Deadline deadline);
    [[nodiscard]] bool begin_looking(std::vector<std::string>& patterns);
    void end_looking();
    [[nodiscard]] std::shared_ptr<const Texts> texts();

    const Rules& rules_;
    std::mutex mutex_;
    bool looking_{};
    std::map<std::string, Waiting> waiting_;  ///< by what the reply holds
    std::deque<Letter> abandoned_;
    std::shared_ptr<const Texts> texts_;  ///< of both; none: something changed since
    // of the one thread that looks
    std::map<std::string, Sighting> seen_;  ///< by name
    std::map<std::string, Look> nobodys_;   ///< read, and nobody's as it looked then
    std::set<std::string> stuck_;           ///< could not be moved: the sweeps try one after the other again
    std::string last_freed_;                ///< of these
};

}  // namespace datong::adapters::file
