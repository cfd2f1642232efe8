#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/accounts/desk.h"
#include "core/accounts/totp.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

namespace datong::accounts {

inline const Actor kWang{.account = "wang", .roles = {Role::security}};

inline const Actor kChen{.account = "chen", .roles = {Role::security}};  ///< who added nobody

/// Passwords that cost next to nothing.
inline Limits limits_of(int attempts_a_minute = 1'000) {
    return {.attempts_a_minute = attempts_a_minute, .cost = {.n = 16, .r = 8, .p = 1}};
}

/// A desk over a file of its own, with a hand-moved clock and what it recorded.
struct Fixture {
    support::ScratchFolder folder;
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::seconds{1'772'323'200}}};
    std::vector<evidence::Administration> told;
    bool evidence_works = true;
    Act::Keep keep = [this](evidence::Administration act) -> Status {
        if (!evidence_works) {
            return fail(Fault::evidence_unavailable, "full");
        }
        told.push_back(std::move(act));
        return {};
    };
    std::unique_ptr<Desk> desk;
    std::map<std::string, Secret> keys;       ///< second factors by account
    std::map<std::string, Secret> passwords;  ///< by account
    std::string address = "127.0.0.1";

    explicit Fixture(const Limits& limits = limits_of()) { open(limits); }
    void open(const Limits& limits = limits_of()) {
        desk.reset();
        desk = std::make_unique<Desk>(Shelf::open(folder / "datong.db.accounts").value(), Secret{std::string(32, 'k')},
                                      "shili", clock, limits);
    }
    /// As the admin door does: what was not kept before is kept with its outcome.
    template <class T>
    Outcome<T> settle(Act& act, Outcome<T> outcome) {
        const auto code = outcome                            ? "done"
                          : outcome.error().recorded.empty() ? outcome.error().code
                                                             : outcome.error().recorded;
        (void)act.keep(code);
        return outcome;
    }
    [[nodiscard]] Act act(const std::string& what, const Actor& actor = kWang) { return {actor, what, "test", keep}; }

    Outcome<Enrolled> add(Account account, const std::vector<std::string>& roles) {
        Act adding = act("account.add");
        auto enrolled = settle(adding, desk->add(std::move(account), roles, adding));
        if (enrolled) {
            remember(*enrolled);
        }
        return enrolled;
    }
    void remember(const Enrolled& enrolled) {
        const std::string uri = enrolled.totp_uri.reveal();
        if (const auto at = uri.find("secret="); at != std::string::npos) {
            keys[enrolled.account.name] = Secret{from_base32(uri.substr(at + 7, 32)).value()};
        }
        if (!enrolled.password.empty()) {
            passwords[enrolled.account.name] = enrolled.password;
        }
    }
    [[nodiscard]] std::string code(const std::string& name) {
        return code_of(keys[name], step_of(to_unix_seconds(clock.now())));
    }
    Outcome<Opened> sign_in(const Shown& shown) {
        Act opening{Actor{}, "session.open", "", keep};
        return settle(opening, desk->sign_in(shown, opening));
    }
    /// With the right password and a code that was not used yet.
    Outcome<Opened> sign_in(const std::string& name) {
        clock.advance(std::chrono::seconds{30});
        return sign_in({.account = name, .password = passwords[name], .code = code(name), .address = address});
    }
    Outcome<Opened> guess(const std::string& name) {
        return sign_in({.account = name, .password = Secret{"a wrong password"}, .code = "000000", .address = address});
    }
};

inline Account person(const std::string& name) {
    return {.name = name, .display = Personal{"王五"}};
}

std::string_view code_of_problem(const auto& outcome) {
    return outcome ? std::string_view{} : outcome.error().code;
}

}  // namespace datong::accounts
