#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::seals {

/// Which exchanges have their intent and not yet an outcome or a closing, of records seen one after the other. Parses
/// nothing. Used by one thread.
class OpenExchanges {
public:
    void see(std::uint64_t number, std::string_view payload);
    /// Number of the oldest intent among them; 0: none is open.
    [[nodiscard]] std::uint64_t oldest() const;
    /// Payloads of the intents, by exchange; ids begin with their time.
    [[nodiscard]] std::vector<std::string> payloads() const;

private:
    struct Intent {
        std::uint64_t number{};
        std::string payload;
    };
    std::map<std::string, Intent, std::less<>> open_;
};

/// An intent without outcome or closing.
struct Orphan {
    std::string exchange;
    std::string at;
    std::string consumer;
    std::string service;
    std::string case_number;
    std::string request_digest;
};

/// What a crash left open, however long ago: every seal says where the oldest intent stood that was open then, so that
/// the records from there on tell all. Without a seal the whole folder is read.
/// @return Fault::evidence_unavailable when the folder can't be read.
[[nodiscard]] Result<std::vector<Orphan>> find_orphans(const std::string& folder);

}  // namespace datong::seals
