#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/guarded.h"

namespace datong::vault {

// Persons stand in the evidence under a key of their case and day, which is random, kept beside the chain and sealed by
// the gateway's subject key. Once it is erased nobody can tell any more who a record is about, with whatever other key.

/// Hex HMAC-SHA-256 of a person under a key of a case and day: what stands in the record.
/// @param person  hex HMAC of the person under the gateway's subject key, which is what earlier versions recorded.
[[nodiscard]] std::string name_under(const Secret& key, std::string_view person);
/// Hex; under it the keys of a person's records are found. Only who has the subject key can make it of a person.
[[nodiscard]] std::string locator_of(std::string_view person);

/// A key and who is named under it, as they stand on the shelf.
struct SubjectKey {
    std::string id;           ///< 32 hex digits
    std::string case_number;  ///< empty: of calls that name none
    std::int64_t until{};     ///< unix seconds: the end of its day at +08:00
    std::string sealed;       ///< octets, by the gateway's subject key, bound to id, case and day
    std::vector<std::string> locators{};
    std::uint64_t erasures{};  ///< of keys, that the shelf had made when it was taken
    bool is_erased{};          ///< said by the shelf: it was meant by one since, and is not written
};

/// A fresh key, sealed. @param key  32 octets.
[[nodiscard]] SubjectKey seal_subject_key(const std::string& case_number, std::int64_t until, const Secret& key,
                                          const Secret& gateway);
/// @return empty where it is another gateway's, or was altered.
[[nodiscard]] Secret open_subject_key(const SubjectKey& row, const Secret& gateway);

/// What persons are called in one record.
struct Named {
    std::vector<std::string> names;     ///< hex, in the order of the persons
    std::vector<SubjectKey> unwritten;  ///< what must be durable before anybody is asked about them; empty: all is
};

/// The keys of today's cases, in memory. A case whose key is not there gets another one: a case may have several a day,
/// and nothing is read for it. May be used from many threads.
class Subjects {
public:
    /// @param persons  as name_under() takes them. @param gateway  the gateway's subject key.
    [[nodiscard]] Named name(const std::string& case_number, std::chrono::system_clock::time_point at,
                             std::span<const std::string> persons, const Secret& gateway);
    void note_durable(const std::vector<SubjectKey>& written);
    /// Uses no key again that it knows now: some may have been erased.
    void forget();

private:
    struct Held {
        SubjectKey row;  ///< without locators
        Secret key;
        bool is_durable{};
        std::map<std::string, bool> located{};  ///< by locator, whether it is durable
    };
    using Place = std::pair<std::int64_t, std::string>;  ///< end of the day, case

    [[nodiscard]] Held& held_for(const std::string& case_number, std::int64_t until, const Secret& gateway);

    static constexpr std::size_t kMost = 100'000;  ///< keys, and persons under one
    std::mutex mutex_;
    std::map<Place, Held> held_;
};

}  // namespace datong::vault
