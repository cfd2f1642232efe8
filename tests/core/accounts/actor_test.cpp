#include "core/accounts/actor.h"
#include "tests/support/catch.h"

using namespace datong::accounts;

TEST_CASE("roles that restrain each other do not meet in one account", "[accounts][security]") {
    struct Row {
        const char* why;
        std::vector<std::string> names;
        std::string_view code;  ///< empty: good
    };
    const auto row = GENERATE(values<Row>({
        {"one alone", {"security"}, ""},
        {"the same twice is one", {"audit", "audit"}, ""},
        {"who applies for the same organisation that decides", {"department", "consumer"}, ""},
        {"two that restrain each other", {"system", "audit"}, "roles_conflict"},
        {"security and audit", {"security", "audit"}, "roles_conflict"},
        {"system and security", {"security", "system"}, "roles_conflict"},
        {"an administrator who decides for a department", {"department", "security"}, "roles_conflict"},
        {"a role that is none", {"root"}, "roles_unknown"},
        {"no role", {}, "roles_unknown"},
    }));
    CAPTURE(row.why);
    const auto roles = read_roles(row.names);
    CHECK((roles ? std::string_view{} : roles.error().code) == row.code);
}

TEST_CASE("every role has its name, and is found by it", "[accounts]") {
    for (const Role role : {Role::system, Role::security, Role::audit, Role::department, Role::consumer}) {
        CHECK(role_by_name(name_of(role)) == role);
        CHECK_FALSE(title_zh_of(role).empty());
    }
    CHECK_FALSE(role_by_name("System"));
    CHECK(to_text({Role::department, Role::consumer}) == "department,consumer");
}

TEST_CASE("an organisation's people reach their own, in their territory", "[accounts][security]") {
    const Actor district{.account = "li", .roles = {Role::department}, .organisation = "land", .territory = {"999901"}};
    CHECK(check_reach(district, "land", "999901001"));
    CHECK(check_reach(district, "land", ""));
    CHECK(check_reach(district, "land", "999902").error().code == "outside_territory");
    CHECK(check_reach(district, "tax", "999901").error().code == "other_organisation");
    CHECK(check_reach({.account = "wang", .roles = {Role::security}}, "tax", "999902"));
    CHECK(check_reach(local_actor(), "tax", "999902"));
}

TEST_CASE("the local actor has every role, another only its own", "[accounts][security]") {
    CHECK(local_actor().has_any({Role::system}));
    const Actor auditor{.account = "zhao", .roles = {Role::audit}};
    CHECK(auditor.has_any({}));
    CHECK(auditor.has_any({Role::system, Role::audit}));
    CHECK_FALSE(auditor.has_any({Role::system, Role::security}));
}
