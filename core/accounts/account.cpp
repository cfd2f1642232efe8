#include "core/accounts/account.h"

#include <algorithm>
#include <array>

#include "core/base/clock.h"
#include "core/base/text.h"

namespace datong::accounts {
namespace {

using record::Record;

constexpr std::size_t kMostName = 32;
constexpr std::size_t kMostText = 128;

/// Who acts without an account has these names in the evidence: nobody else may.
bool is_reserved(std::string_view name) {
    constexpr std::array<std::string_view, 3> kReserved{"local", "clock", "signal"};
    return std::ranges::find(kReserved, name) != kReserved.end();
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kMostName && name.front() >= 'a' && name.front() <= 'z' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

bool is_plain(std::string_view text) {
    return text.size() <= kMostText && is_utf8(text) &&
           std::ranges::none_of(text, [](char c) { return c >= 0 && c < ' '; });
}

Record list_of(const std::vector<std::string>& texts) {
    Record list = Record::list();
    for (const std::string& text : texts) {
        list.add(Record::text(text));
    }
    return list;
}

std::string moment_of(std::int64_t unix_seconds) {
    return to_rfc3339(std::chrono::system_clock::time_point{std::chrono::seconds{unix_seconds}});
}

}  // namespace

Actor Account::actor() const {
    return {.account = name,
            .roles = roles,
            .organisation = organisation,
            .territory = territory,
            .is_local = false,
            .has_to_change_password = has_to_change_password};
}

bool is_division(std::string_view text) {
    constexpr std::array<std::size_t, 5> kSizes{2, 4, 6, 9, 12};
    return std::ranges::find(kSizes, text.size()) != kSizes.end() &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

Outcome<void> check_account(const Account& account) {
    if (!is_name(account.name) || is_reserved(account.name)) {
        return refuse(Refused::account_unfit,
                      "a name begins with a letter and has small letters, digits, '.', '_' and '-', at most 32; not "
                      "local, clock or signal");
    }
    if (!is_plain(account.display.reveal()) || !is_plain(account.organisation)) {
        return refuse(Refused::account_unfit, "display and organisation are at most 128 octets of UTF-8");
    }
    if (!std::ranges::all_of(account.territory, is_division)) {
        return refuse(Refused::account_unfit, "territory: divisions of 2, 4, 6, 9 or 12 digits (GB/T 2260)");
    }
    const bool is_bound = std::ranges::any_of(
        account.roles, [](Role role) { return role == Role::department || role == Role::consumer; });
    if (is_bound && (account.organisation.empty() || account.territory.empty())) {
        return refuse(Refused::account_unfit, "department and consumer roles need an organisation and a territory");
    }
    if (!is_bound && !account.organisation.empty()) {
        return refuse(Refused::account_unfit, "who administers the gateway belongs to no department or consumer");
    }
    return {};
}

Record to_record(const Account& account, std::int64_t locked) {
    Record made = Record::object();
    made.put("account", Record::text(account.name));
    if (!account.display.empty()) {
        made.put("display", Record::text(account.display.reveal()));
    }
    if (!account.organisation.empty()) {
        made.put("organisation", Record::text(account.organisation));
    }
    Record roles = Record::list();
    for (const Role role : account.roles) {
        roles.add(Record::text(std::string{name_of(role)}));
    }
    made.put("roles", std::move(roles));
    made.put("territory", list_of(account.territory));
    made.put("state", Record::text(account.disabled ? "disabled" : locked != 0 ? "locked" : "active"));
    made.put("signs_in_by", Record::text(account.x509.empty() ? "password" : "certificate"));
    if (account.has_to_change_password) {
        made.put("has_to_change_password", Record::boolean(true));
    }
    if (locked != 0) {
        made.put("locked_until", Record::text(moment_of(locked)));
    }
    made.put("created", Record::text(moment_of(account.created)));
    made.put("changed", Record::text(moment_of(account.changed)));
    return made;
}

}  // namespace datong::accounts
