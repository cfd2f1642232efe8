#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/record/record.h"

namespace datong::platforms {

/// What a caller may ask for by a handle, because an answer told it so: whose it is, and what will be asked.
struct Held {
    std::string consumer;
    std::string service;
    record::Record native;  ///< {context, query, about?}: personal
};

/// The memory behind 用证码, identifiers that were told, and addresses of files. In memory only and bounded: at most
/// kMost of one consumer, the oldest goes first; after a restart its caller asks anew. May be used from many threads.
class HeldCalls {
public:
    static constexpr std::size_t kMost = 10'000;

    explicit HeldCalls(const Clock& clock) : clock_{clock} {}

    /// @return a handle that nobody can guess: 43 characters of base64url.
    [[nodiscard]] std::string keep(Held held, std::chrono::seconds life);
    /// Under a name of the consumer's own, in place of what it had there.
    void keep_as(const std::string& name, Held held, std::chrono::seconds life);
    /// @return nullopt for what was never kept, or too long ago.
    [[nodiscard]] std::optional<Held> find(std::string_view handle) const;
    /// The same, and the handle is good no more.
    [[nodiscard]] std::optional<Held> take(const std::string& handle);
    [[nodiscard]] std::optional<Held> find(const std::string& consumer, const std::string& name) const;

private:
    struct Entry {
        Held held;
        std::chrono::system_clock::time_point ends;
    };
    void put(std::string key, Held held, std::chrono::seconds life);

    const Clock& clock_;
    mutable std::mutex mutex_;                                           ///< of what follows
    std::map<std::string, Entry, std::less<>> entries_;                  ///< by handle, or consumer and name
    std::map<std::string, std::deque<std::string>, std::less<>> order_;  ///< keys by consumer, oldest first
};

}  // namespace datong::platforms
