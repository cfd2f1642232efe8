#pragma once

#include <mutex>
#include <set>
#include <string>

#include "adapters/file/letter.h"
#include "core/adapter/adapter.h"
#include "core/adapter/pattern.h"
#include "core/charset/charset.h"

namespace datong::adapters::file {

/// How one operation's files are named and its reply is taken.
struct Operation {
    adapter::Pattern request;
    adapter::Pattern reply;
    adapter::Pattern holds;  ///< empty: the name tells
    bool by_value{};
    charset::Charset holds_charset{};
    std::string content_type;
    bool is_zip{};
    std::string entry;  ///< pattern of the file in the archive, encoded
};

/// Fills the patterns. A field can't leave its place: no separator, control or shell character, nothing that hides
/// a file.
/// @return Fault::request_invalid, naming the field only.
[[nodiscard]] Result<Letter> letter_for(const Operation& operation, const adapter::Ask& what,
                                        const adapter::Errand& errand, charset::Charset names);

/// The pattern that a request's names fit, with '*' in every place.
[[nodiscard]] std::string own_pattern(const adapter::Pattern& request, charset::Charset names);

/// Keys of the letters that calls wait for: two calls of one key would read each other's reply. May be used from
/// many threads.
class Awaited {
public:
    [[nodiscard]] bool add(const std::string& key);
    void remove(const std::string& key);

private:
    std::mutex mutex_;
    std::set<std::string> keys_;
};

}  // namespace datong::adapters::file
