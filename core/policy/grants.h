#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/record/date.h"
#include "core/record/record.h"

namespace datong::policy {

struct Quota {
    std::uint64_t calls{};
    std::int64_t seconds{};  ///< window: 60, 3600 or 86400
};

/// The approved application (申请) that a grant was made of.
struct Approval {
    std::string application;               ///< its id; empty: the grant was written by hand
    std::string stage;                     ///< "sandbox" or "production": as far as it was approved
    std::vector<std::string> approved_by;  ///< accounts
    std::string at;                        ///< of the last approval, RFC 3339
    /// Set when it is revoked: it holds from that moment on, whether or not a reload can follow. Any thread.
    std::shared_ptr<std::atomic<bool>> withdrawn = std::make_shared<std::atomic<bool>>(false);
};

/// Who may call what, with which fields, for which purposes and territory, on what legal basis (授权).
struct Grant {
    std::string id;
    std::string consumer;
    std::vector<std::string> services;
    std::vector<std::string> fields;    ///< what may be seen: "*", or JSON pointers with '*' for every item
    std::vector<std::string> verify{};  ///< what may be asked by predicates, likewise; none: no verify
    std::vector<std::string> purposes;
    std::string legal_basis;
    std::vector<std::string> territory;  ///< divisions, by prefix
    bool case_required{};
    std::optional<Quota> quota;
    record::Date valid_from;
    record::Date valid_to;  ///< inclusive
    Approval approval{};
    bool consent_required{};  ///< of the person, in every call under it

    [[nodiscard]] bool is_for(std::string_view service) const;
    [[nodiscard]] bool is_in_force(const record::Date& day) const {
        return valid_from <= day && day <= valid_to && !*approval.withdrawn;
    }
};

/// What is asked, as grants see it.
struct Asked {
    std::string_view consumer;
    std::string_view service;
    std::string_view purpose;
    std::string_view division;  ///< the operator's
    record::Date today;
    bool verify{};  ///< by predicates, and nothing is to be seen
};

/// Grants by who calls and what: a decision looks at those of one consumer and service only, however many there are.
/// Immutable; may be used from many threads.
class GrantIndex {
public:
    GrantIndex() = default;
    /// @param grants  in the order of the configuration; they outlive the index and stay where they are.
    explicit GrantIndex(std::span<const Grant> grants);

    /// The first grant that covers it all. Nothing is granted by default.
    /// @return Fault::not_permitted; the detail says for operators what was nearest to fit.
    [[nodiscard]] Result<const Grant*> permit(const Asked& asked) const;
    /// A consumer's grants, in the order of the configuration.
    [[nodiscard]] std::span<const Grant* const> of(std::string_view consumer) const;
    /// Those of them for a service.
    [[nodiscard]] std::span<const Grant* const> of(std::string_view consumer, std::string_view service) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    template <class T>
    using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
    struct OfConsumer {
        std::vector<const Grant*> all;
        ByName<std::vector<const Grant*>> by_service;
    };
    ByName<OfConsumer> consumers_;
};

/// Whether a division lies in a territory given as prefixes.
[[nodiscard]] bool lies_in(std::string_view division, std::span<const std::string> territory);

/// Only what the grant's fields name; lists keep their items, empty objects go.
[[nodiscard]] record::Record minimise(const record::Record& content, std::span<const std::string> fields);

}  // namespace datong::policy
