#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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

/// The memory behind 用证码, identifiers that were told, and addresses of files. A handle is known by itself, a name to
/// its consumer only, and neither is ever found as the other. In memory only and bounded: at most kMost calls and
/// kMostOctets of one consumer, the oldest goes first; after a restart its caller asks anew. May be used from many
/// threads.
class HeldCalls {
public:
    static constexpr std::size_t kMost = 10'000;
    static constexpr std::size_t kMostOctets = std::size_t{16} << 20;  ///< of the calls as JSON

    explicit HeldCalls(const Clock& clock) : clock_{clock} {}

    /// @return a handle that nobody can guess: 43 characters of base64url.
    [[nodiscard]] std::string keep(Held held, std::chrono::seconds life);
    /// Under a name of the consumer's own, in place of what it had there.
    void keep_as(const std::string& name, Held held, std::chrono::seconds life);
    /// @return nullopt for what was never kept, or too long ago.
    [[nodiscard]] std::optional<Held> find(const std::string& handle) const;
    /// The same, and the handle is good no more.
    [[nodiscard]] std::optional<Held> take(const std::string& handle);
    /// The same, and the handle is good no more for this purpose: of two at once one has it.
    /// @return nullopt also for another consumer's handle, which stays as it is.
    [[nodiscard]] std::optional<Held> use(const std::string& handle, std::string_view consumer,
                                          const std::string& purpose);
    [[nodiscard]] std::optional<Held> find(const std::string& consumer, const std::string& name) const;

    /// Forgets what is over: personal data goes without waiting for the next call of its consumer.
    void purge();
    [[nodiscard]] std::size_t size() const;  ///< calls that are kept, those that are over among them

private:
    /// A handle has no consumer beside it. The kind stands first, whatever the texts hold.
    struct Key {
        enum class Kind : std::uint8_t { handle, name } kind{};
        std::string consumer;
        std::string text;
        auto operator<=>(const Key&) const = default;
    };
    struct Entry {
        Held held;
        std::chrono::system_clock::time_point ends;
        std::size_t octets{};
        std::uint64_t number{};        ///< its place in the order of its consumer's
        std::set<std::string> used{};  ///< purposes
    };
    using Entries = std::map<Key, Entry>;
    /// What one consumer has.
    struct Shelf {
        std::map<std::uint64_t, Key> order;  ///< oldest first
        std::size_t octets{};
    };
    static Key key_of(std::string handle) { return {Key::Kind::handle, {}, std::move(handle)}; }
    void put(Key key, Held held, std::chrono::seconds life);
    [[nodiscard]] std::optional<Held> find(const Key& key) const;
    [[nodiscard]] Entries::iterator alive(const Key& key);
    Entries::iterator erase(Entries::iterator entry);

    const Clock& clock_;
    mutable std::mutex mutex_;  ///< of what follows
    Entries entries_;
    std::map<std::string, Shelf, std::less<>> shelves_;  ///< by consumer
    std::uint64_t last_number_{};
};

}  // namespace datong::platforms
