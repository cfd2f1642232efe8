#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/evidence/entry.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/fake_clock.h"

namespace datong::journeys {

/// Somebody who administers, with what they know and their session.
struct Person {
    std::string name;
    std::string password;
    Secret totp;  ///< octets
    std::string token{};
};

/// A gateway whose accounts are required, with a hand-moved clock until a restart, and the people who administer it.
class Office {
public:
    /// @param more  changes the copy of config/ further, before the gateway reads it.
    explicit Office(std::function<void(const std::string& config)> more = {});

    /// `datong account init`, and the new administrator's first steps.
    [[nodiscard]] Person first(const std::string& name);
    /// Adds an account; with its first password. @param body  of POST /v1/accounts.
    [[nodiscard]] Person enrol(const Person& security, const std::string& body);
    /// The same, who then signed in and changed the first password.
    [[nodiscard]] Person add(const Person& security, const std::string& name, const std::string& body);
    /// With a code that was not used yet: the clock goes on.
    [[nodiscard]] Person sign_in(Person person);
    /// What that person signs in with.
    [[nodiscard]] std::string session_body(const Person& person) const;
    /// @param client  files of a client certificate, as GatewayUnderTest::admin() takes them.
    [[nodiscard]] codec::HttpMessage ask(const Person& person, const std::string& method, const std::string& target,
                                         const std::string& body = {}, const std::string& reason = {},
                                         const std::string& client = {}) const;
    /// A department's order to pause its source.
    [[nodiscard]] std::string order(const std::string& department, const std::string& source) const;
    /// What the evidence holds of administrators, once the gateway has ended or while it runs.
    [[nodiscard]] std::vector<evidence::Administration> acts() const;
    /// Whether no password, second factor or token stands in the log, the evidence or the store.
    [[nodiscard]] bool holds_no_secret() const;

    support::FakeClock* clock;  ///< the gateway's, until a restart
    GatewayUnderTest gateway;

private:
    [[nodiscard]] Person change_password(const Person& person);
    [[nodiscard]] Person remember(Person person);
    std::vector<std::string> secrets_;
};

}  // namespace datong::journeys
