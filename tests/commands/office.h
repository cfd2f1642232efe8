#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/accounts/totp.h"
#include "core/base/clock.h"
#include "tests/commands/asking.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

namespace datong::commands {

namespace fs = std::filesystem;

/// Behind a mark, up to the next blank or the end of what an address says there.
inline std::string word_behind(const std::string& text, const std::string& mark) {
    const auto at = text.find(mark);
    if (at == std::string::npos) {
        throw std::runtime_error{"not said: " + mark};
    }
    const auto from = at + mark.size();
    return text.substr(from, text.find_first_of(" \n&", from) - from);
}

/// A gateway whose administrators have accounts, and `datong` as each of them types it: on a machine of their own, as
/// far as sessions go.
class Office {
public:
    Office() { installation.replace("config/gateway.yaml", "admin: {address", "admin: {accounts: required, address"); }

    [[nodiscard]] Ran as(const std::string& who, std::vector<std::string> words) const {
        auto set = installation.environment;
        set["XDG_RUNTIME_DIR"] = home(who);
        words.insert(words.end(), {"--config", installation.config()});
        return commands::datong(std::move(words), set);
    }
    void start() {
        serving_ = std::make_unique<Serving>(installation);
        installation.environment["DATONG_ADMIN_PORT"] = serving_->admin_port();
    }
    [[nodiscard]] int end() { return serving_->end(); }
    /// The first login, with the change of the first password that it opens. A code is taken once: the second is the
    /// next one's, which may be shown a step early.
    /// @param told  what `account init` or `account add` printed.
    void settle(const std::string& who, const std::string& told) const {
        const Secret totp{accounts::from_base32(word_behind(told, "secret=")).value()};
        const auto step = accounts::step_of(to_unix_seconds(std::chrono::system_clock::now()));
        const std::string first = write(who + ".first", word_behind(told, "first password: "));
        const std::string own = write(who + ".own", "three cats in a box of tea");
        succeed(as(who, {"login", who, "--password-file", first, "--code", accounts::code_of(totp, step)}));
        succeed(as(who, {"account", "password", "--password-file", first, "--new-password-file", own}));
        succeed(as(who, {"login", who, "--password-file", own, "--code", accounts::code_of(totp, step + 1)}));
    }
    void add(const std::string& who, const std::string& role, const std::string& organisation) const {
        const Ran made = as("wang", {"account", "add", who, "--roles", role, "--organisation", organisation,
                                     "--territory", "9999", "--reason", "示数〔2026〕12号"});
        succeed(made);
        settle(who, made.out);
    }
    /// portal's call for a purpose that no grant written by hand has.
    [[nodiscard]] Ran call() const {
        const auto questions = departments::questions_found();
        const auto question = std::ranges::find(questions, "business-licence", &departments::Question::service);
        const std::string body = write("body.json", ask_body(*question));
        return commands::run({DATONG_CALL, "--url", serving_->url(), "--ca", installation.path("keys/ca.pem"),
                              "--trust", installation.path("keys/trust.jwks"), "--key",
                              installation.path("keys/portal.key.pem"), "--keyid", "portal-2026", "service",
                              "business-licence", "--body", body});
    }
    /// A file of this user alone, as secrets need to be.
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        const std::string file = installation.path(name);
        std::ofstream{file, std::ios::binary} << text;
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        return file;
    }
    static void succeed(const Ran& ran) {
        CAPTURE(ran.out, ran.err);
        REQUIRE(ran.code == 0);
    }
    /// A command that is refused says this code.
    static void refused(const Ran& ran, const std::string& code) {
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 1);
        CHECK(ran.err.starts_with(code + ':'));
    }
    Installation installation;

private:
    [[nodiscard]] std::string home(const std::string& who) const {
        const std::string folder = installation.path("home-" + who);
        fs::create_directories(folder);
        return folder;
    }

    std::unique_ptr<Serving> serving_;
};

}  // namespace datong::commands
