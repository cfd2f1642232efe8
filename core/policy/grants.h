#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/record/date.h"

namespace datong::policy {

struct Quota {
    std::uint64_t calls{};
    std::int64_t seconds{};  ///< window: 60, 3600 or 86400
};

/// The most that may be had at once, and within an hour of the clock (最小必要). nullopt: nothing is said of it here.
struct Most {
    std::optional<std::uint64_t> rows{};                        ///< of one answer, that stand at one place of it
    std::optional<std::uint64_t> persons{};                     ///< of one answer, different ones, the asked one too
    std::optional<std::uint64_t> subjects_per_hour{};           ///< different persons asked about
    std::optional<std::uint64_t> operator_subjects_per_hour{};  ///< the same, by one account of the consumer's
    std::optional<std::uint64_t> guesses_per_hour{};            ///< predicates about one person, over all services
    bool operator==(const Most&) const = default;
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
    bool consent_required{};             ///< of the person, in every call under it
    std::vector<std::string> subsets{};  ///< named subsets of its services, in place of fields and verify
    /// What its subsets show, by service; of a grant by subsets only, as the services say when it is loaded.
    std::map<std::string, std::vector<std::string>, std::less<>> of_subsets{};
    std::string see_sensitive{};  ///< why it shows fields of a sensitive service; empty: it must not
    Most most{};

    [[nodiscard]] bool is_for(std::string_view service) const;
    /// What may be seen of a service.
    [[nodiscard]] const std::vector<std::string>& fields_of(std::string_view service) const;
    [[nodiscard]] bool has_subset(std::string_view name) const;
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
    bool verify{};              ///< by predicates, and nothing is to be seen
    std::string_view subset{};  ///< of the service, by its name; empty: what the grant lets be had
    /// The fields that the subset shows, or asks by predicates: a grant that does not name it must cover them all.
    std::span<const std::string> needed{};
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

}  // namespace datong::policy
