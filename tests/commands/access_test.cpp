#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "core/accounts/totp.h"
#include "core/base/clock.h"
#include "core/record/date.h"
#include "tests/commands/asking.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

namespace fs = std::filesystem;

/// Behind a mark, up to the next blank or the end of what an address says there.
std::string word_behind(const std::string& text, const std::string& mark) {
    const auto at = text.find(mark);
    if (at == std::string::npos) {
        throw std::runtime_error{"not said: " + mark};
    }
    const auto from = at + mark.size();
    return text.substr(from, text.find_first_of(" \n&", from) - from);
}

std::string day_in(int days) {
    return record::to_text(record::to_civil(std::chrono::system_clock::now() + std::chrono::days{days}).date);
}

std::string application() {
    return R"(datong: application/v1
organisation: portal
reason: 企业开办时核对登记信息
consumer: portal
services: [business-licence]
fields: [/name, /status]
purposes: [no-resubmission]
legal_basis: {title: 企业信息公示暂行条例, number: 国务院令第654号, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
territory: ["9999"]
contacts: [数据科 0000-0000]
valid_from: )" +
           day_in(-1) + "\nvalid_to: " + day_in(30) + '\n';
}

/// A gateway whose administrators have accounts, and `datong` as each of them types it: on a machine of their own, as
/// far as sessions go.
class Office {
public:
    Office() {
        installation.replace("config/gateway.yaml", "admin: {address", "admin: {accounts: required, address");
        (void)write("application.yaml", application());
    }

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
    /// A file of this user alone, as secrets need to be.
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        const std::string file = installation.path(name);
        std::ofstream{file, std::ios::binary} << text;
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        return file;
    }
    [[nodiscard]] std::string home(const std::string& who) const {
        const std::string folder = installation.path("home-" + who);
        fs::create_directories(folder);
        return folder;
    }

    std::unique_ptr<Serving> serving_;
};

}  // namespace

TEST_CASE("access from the application to the call and its end, as people type it", "[commands][access][accounts]") {
    Office office;
    const std::string file = office.installation.path("application.yaml");
    const std::string id = "a-" + day_in(0).substr(0, 4) + "-0001";
    const Ran first = office.as("wang", {"account", "init", "wang"});
    Office::succeed(first);
    office.start();
    office.settle("wang", first.out);
    office.add("portal-zhao", "consumer", "portal");
    office.add("market-li", "department", "market");
    CHECK_THAT(office.as("market-li", {"whoami"}).out, ContainsSubstring("market-li  department"));
    CHECK_THAT(office.call().err + office.call().out, ContainsSubstring("not_permitted"));

    Office::refused(office.as("nobody", {"access", "request", file, "--reason", "企业开办"}), "not_signed_in");
    Office::refused(office.as("wang", {"access", "request", file, "--reason", "企业开办"}), "role_missing");
    const Ran requested = office.as("portal-zhao", {"access", "request", file, "--reason", "企业开办"});
    Office::succeed(requested);
    CHECK_THAT(requested.out, ContainsSubstring(id) && ContainsSubstring("待批 waits for"));
    Office::refused(
        office.as("portal-zhao", {"access", "approve", id, "--of", std::string(64, '0'), "--reason", "自批"}),
        "role_missing");

    const Ran shown = office.as("market-li", {"access", "show", id});
    Office::succeed(shown);
    const std::string read = word_behind(shown.out, "sha256 ");
    Office::refused(
        office.as("market-li", {"access", "approve", id, "--of", std::string(64, '0'), "--reason", "用途与依据相符"}),
        "changed_meanwhile");
    for (const char* act : {"approve", "promote", "refuse"}) {
        const Ran unread = office.as("market-li", {"access", act, id, "--reason", "用途与依据相符"});
        CHECK(unread.code == 2);
        CHECK_THAT(unread.err, ContainsSubstring("--of") && ContainsSubstring("datong access show " + id));
    }
    Office::succeed(office.as("market-li", {"access", "approve", id, "--of", read, "--reason", "用途与依据相符"}));
    Office::refused(office.as("market-li", {"access", "approve", id, "--of", read, "--reason", "再批"}),
                    "approved_twice");
    CHECK(office.call().code == 1);  // one of two
    Office::succeed(office.as("wang", {"access", "approve", id, "--of", read, "--reason", "合规"}));

    const Ran permitted = office.call();
    Office::succeed(permitted);
    CHECK_THAT(permitted.out, ContainsSubstring("2 fields"));  // those that were applied for
    CHECK_THAT(office.as("market-li", {"access", "list"}).out, ContainsSubstring(id) && ContainsSubstring("approved"));

    Office::succeed(office.as("market-li", {"access", "revoke", id, "--reason", "依据已废止"}));
    const Ran after = office.call();
    CHECK(after.code == 1);
    CHECK_THAT(after.err + after.out, ContainsSubstring("not_permitted"));
    Office::succeed(office.as("market-li", {"logout"}));
    Office::refused(office.as("market-li", {"access", "reopen", id, "--reason", "x"}), "not_signed_in");

    CHECK(office.end() == 0);
    std::vector<std::string> done;
    for (const evidence::Administration& act : acts_of(office.installation)) {
        if (act.target == id && act.outcome == "done") {
            done.push_back(act.actor + ' ' + act.act + ' ' + act.reason);
        }
    }
    CHECK(done == std::vector<std::string>{"portal-zhao access.submit 企业开办",
                                           "market-li access.approve 用途与依据相符", "wang access.approve 合规",
                                           "market-li access.revoke 依据已废止"});
}
