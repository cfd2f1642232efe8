#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/accounts/problem.h"

namespace datong::accounts {

/// What an account may do. The first three restrain each other (三员分立): each of them stands alone in an account.
/// Source: GB/T 22239-2019, 8.1.5.1 (system), 8.1.5.2 (audit) and 8.1.5.3 (security).
enum class Role {
    system,      ///< 系统管理员: configuration, reload, sources, backup
    security,    ///< 安全管理员: accounts, roles, approvals of access
    audit,       ///< 安全审计员: reads the evidence, keeps and erases what its retention says
    department,  ///< 部门: what its own organisation, in its own territory, has to decide
    consumer,    ///< 调用方: applies for its own organisation
};

[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::string_view title_zh_of(Role role);
[[nodiscard]] std::optional<Role> role_by_name(std::string_view name);
/// "system", or "department,consumer".
[[nodiscard]] std::string to_text(const std::vector<Role>& roles);
/// @return roles_unknown, or roles_conflict where they must not meet in one account; an account without any is none.
[[nodiscard]] Outcome<std::vector<Role>> read_roles(const std::vector<std::string>& names);

/// Who acts, as the admin API has made sure of. A plain value.
struct Actor {
    std::string account;  ///< login name; "local": whoever may use this machine, where accounts are off
    std::vector<Role> roles;
    std::string organisation{};  ///< id of a department or consumer of the configuration; empty: the gateway's
    std::vector<std::string> territory{};  ///< divisions (GB/T 2260), by prefix
    bool is_local{};                       ///< nobody signed in, and nobody has to: every role is granted
    bool has_to_change_password{};         ///< may do nothing else before

    [[nodiscard]] bool has(Role role) const;
    /// One of them; an empty list asks for none.
    [[nodiscard]] bool has_any(const std::vector<Role>& wanted) const;
};

/// Who acts on a gateway whose accounts are off.
[[nodiscard]] Actor local_actor();

/// Whether an actor may decide about something of an organisation in a division: those who administer the gateway for
/// every organisation, the others for their own in their territory.
/// @param division  empty: it lies nowhere in particular.
/// @return other_organisation or outside_territory.
[[nodiscard]] Outcome<void> check_reach(const Actor& actor, std::string_view organisation, std::string_view division);

}  // namespace datong::accounts
