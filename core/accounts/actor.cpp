#include "core/accounts/actor.h"

#include <algorithm>
#include <array>

#include "core/policy/grants.h"

namespace datong::accounts {
namespace {

struct Row {
    Role role;
    std::string_view name;
    std::string_view title_zh;
};

constexpr std::array kRows{
    Row{Role::system, "system", "系统管理员"}, Row{Role::security, "security", "安全管理员"},
    Row{Role::audit, "audit", "安全审计员"},   Row{Role::department, "department", "部门"},
    Row{Role::consumer, "consumer", "调用方"},
};

const Row& row_of(Role role) {
    return kRows.at(static_cast<std::size_t>(role));
}

bool administers(Role role) {
    return role == Role::system || role == Role::security || role == Role::audit;
}

}  // namespace

std::string_view name_of(Role role) {
    return row_of(role).name;
}

std::string_view title_zh_of(Role role) {
    return row_of(role).title_zh;
}

std::optional<Role> role_by_name(std::string_view name) {
    const auto found = std::ranges::find(kRows, name, &Row::name);
    return found == kRows.end() ? std::nullopt : std::optional{found->role};
}

std::string to_text(const std::vector<Role>& roles) {
    std::string text;
    for (const Role role : roles) {
        text.append(text.empty() ? "" : ",").append(name_of(role));
    }
    return text;
}

Outcome<std::vector<Role>> read_roles(const std::vector<std::string>& names) {
    std::vector<Role> roles;
    for (const std::string& name : names) {
        const auto role = role_by_name(name);
        if (!role) {
            return refuse(Refused::roles_unknown, "system, security, audit, department, consumer");
        }
        if (std::ranges::find(roles, *role) == roles.end()) {
            roles.push_back(*role);
        }
    }
    if (roles.empty()) {
        return refuse(Refused::roles_unknown, "an account needs a role");
    }
    if (roles.size() > 1 && std::ranges::any_of(roles, administers)) {
        return refuse(Refused::roles_conflict, "system, security and audit each stand alone in an account");
    }
    return roles;
}

bool Actor::has(Role role) const {
    return is_local || std::ranges::find(roles, role) != roles.end();
}

bool Actor::has_any(const std::vector<Role>& wanted) const {
    return wanted.empty() || std::ranges::any_of(wanted, [this](Role role) { return has(role); });
}

Actor local_actor() {
    return {.account = "local", .roles = {}, .is_local = true};
}

Outcome<void> check_reach(const Actor& actor, std::string_view organisation, std::string_view division) {
    if (actor.is_local || std::ranges::any_of(actor.roles, administers)) {
        return {};
    }
    if (actor.organisation != organisation) {
        return refuse(Refused::other_organisation);
    }
    if (!division.empty() && !policy::lies_in(division, actor.territory)) {
        return refuse(Refused::outside_territory);
    }
    return {};
}

}  // namespace datong::accounts
