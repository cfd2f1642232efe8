#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include "core/codec/json.h"
#include "core/seals/check.h"
#include "tests/commands/asking.h"
#include "tests/commands/office.h"
#include "tests/journeys/authority.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// Whether one has to be root to be somebody else; else a file of root's is somebody else's.
std::string somebody_elses(const Installation& installation) {
    if (::geteuid() != 0) {
        return "/etc/passwd";
    }
    REQUIRE(::chown(installation.config().c_str(), 65'534, 65'534) == 0);
    return installation.config();
}

/// A program at a terminal of its own, which is open here, too.
class AtTerminal {
public:
    explicit AtTerminal(std::vector<std::string> words) {
        REQUIRE(::openpty(&outside_, &inside_, nullptr, nullptr, nullptr) == 0);
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::close(outside_);
            ::login_tty(inside_);
            ::execv(arguments.front(), arguments.data());
            ::_exit(127);
        }
    }
    AtTerminal(const AtTerminal&) = delete;
    AtTerminal& operator=(const AtTerminal&) = delete;
    ~AtTerminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            (void)::waitpid(pid_, nullptr, 0);
        }
        ::close(outside_);
        ::close(inside_);
    }
    [[nodiscard]] bool echoes() const {
        struct termios now{};
        return ::tcgetattr(inside_, &now) == 0 && (now.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
    }
    void type(const std::string& text) const {
        REQUIRE(::write(outside_, text.data(), text.size()) == std::ssize(text));
    }
    /// @return  the signal that ended it; 0: none did, or it still runs.
    [[nodiscard]] int ended_by() {
        int status = 0;
        if (!wait_until([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
            return 0;
        }
        pid_ = -1;
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }

private:
    int outside_ = -1;
    int inside_ = -1;
    pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("Ctrl-C at the password leaves a terminal that shows what is typed", "[commands][accounts]") {
    AtTerminal terminal{{DATONG_PROGRAM, "login", "wang", "--config", "nosuch.yaml"}};
    REQUIRE(wait_until([&] { return !terminal.echoes(); }));
    terminal.type("half a pass\x03");
    CHECK(terminal.ended_by() == SIGINT);
    CHECK(terminal.echoes());
}

TEST_CASE("the last security administrator who lost both factors is recovered on the stopped machine",
          "[commands][accounts][security]") {
    Office office;
    const Ran first = office.as("wang", {"account", "init", "wang"});
    Office::succeed(first);
    office.start();
    office.settle("wang", first.out);
    const Ran added = office.as("wang", {"account", "add", "li", "--roles", "system", "--reason", "工单 1"});
    Office::succeed(added);

    const std::vector<std::string> recover{"account", "recover", "wang", "--reason", "手机遗失, 工单 7"};
    const Ran running = office.as("wang", recover);
    CHECK(running.code == 1);
    CHECK_THAT(running.err, ContainsSubstring("stop it first"));
    REQUIRE(office.end() == 0);

    CHECK(office.as("wang", {"account", "recover", "wang"}).code == 2);
    CHECK(office.as("wang", {"account", "recover", "wang", "--reason", "13800138000"}).code == 2);
    Office::refused(office.as("wang", {"account", "recover", "li", "--reason", "x"}), "account_unfit");
    const Ran recovered = office.as("wang", recover);
    Office::succeed(recovered);

    office.start();
    const Secret totp{accounts::from_base32(word_behind(recovered.out, "secret=")).value()};
    const std::string code =
        accounts::code_of(totp, accounts::step_of(to_unix_seconds(std::chrono::system_clock::now())));
    Office::refused(
        office.as("wang", {"login", "wang", "--password-file", office.installation.path("wang.own"), "--code", code}),
        "sign_in_refused");
    office.settle("wang", recovered.out);
    CHECK_THAT(office.as("wang", {"whoami"}).out, ContainsSubstring("wang  security"));
    REQUIRE(office.end() == 0);

    const auto acts = acts_of(office.installation);
    std::vector<std::string> of_recovery;
    for (const evidence::Administration& act : acts) {
        if (act.act == "account.recover") {
            of_recovery.push_back(act.actor + ' ' + act.target + ' ' + act.outcome + ' ' + act.reason);
            CHECK(act.detail.starts_with("uid " + std::to_string(::getuid())));
            CHECK(act.from.empty());
        }
    }
    CHECK(of_recovery == std::vector<std::string>{"local li account_unfit x", "local wang done 手机遗失, 工单 7"});
    const auto keys = codec::read_json(office.installation.read("keys/trust.jwks"));
    REQUIRE(keys);
    const auto verdict = seals::verify_folder(office.installation.path("evidence"), *keys);
    REQUIRE(verdict);
    CHECK(verdict->evidence.valid);
    for (const std::string& secret :
         {word_behind(recovered.out, "secret="), word_behind(recovered.out, "password: ")}) {
        CHECK(office.installation.read("gateway.log").find(secret) == std::string::npos);
        CHECK(office.installation.read("evidence/000000000001.dlog").find(secret) == std::string::npos);
    }
}

TEST_CASE("a person signs in by a client certificate, as they type it", "[commands][accounts][security]") {
    Office office;
    const journeys::Authority authority{office.installation.path("keys/ca")};
    authority.issue("qian");
    office.installation.replace(
        "config/gateway.yaml", "admin: {accounts: required,",
        "admin: {tls: {chain: \"${DATONG_KEYS}/tls.chain.pem\", key: \"${DATONG_KEYS}/tls.key.pem\", "
        "client_ca: \"${DATONG_KEYS}/ca/ca.pem\", client: optional}, accounts: required,");
    const Ran first = office.as("wang", {"account", "init", "wang"});
    Office::succeed(first);
    office.start();
    office.settle("wang", first.out);
    const auto file = [&authority](const std::string& name, const char* what) {
        return authority.path("client-" + name + what);
    };
    Office::succeed(office.as("wang", {"account", "add", "qian", "--roles", "system", "--reason", "工单 3", "--x509",
                                       file("qian", ".chain.pem")}));
    const auto login = [&](const std::string& who, const std::string& certificate) {
        return office.as(who, {"login", "qian", "--x509", file(certificate, ".chain.pem"), "--x509-key",
                               file(certificate, ".key.pem")});
    };
    Office::refused(login("sun", "portal"), "sign_in_refused");
    Office::succeed(login("qian", "qian"));
    CHECK_THAT(office.as("qian", {"whoami"}).out,
               ContainsSubstring("qian  system") && ContainsSubstring("certificate"));
    Office::refused(office.as("qian", {"account", "list"}), "role_missing");
    Office::succeed(office.as("qian", {"logout"}));
    CHECK(office.as("qian", {"whoami"}).code == 1);
    CHECK(office.end() == 0);
}

TEST_CASE("what people who administer did is listed from the evidence, a page at a time",
          "[commands][accounts][proof]") {
    Office office;
    const Ran first = office.as("wang", {"account", "init", "wang"});
    Office::succeed(first);
    office.start();
    office.settle("wang", first.out);
    for (const char* name : {"li", "zhao", "sun"}) {
        Office::succeed(
            office.as("wang", {"account", "add", name, "--roles", "system", "--reason", "示数〔2026〕12号"}));
    }
    Office::refused(office.as("wang", {"account", "add", "li", "--roles", "system", "--reason", "又一次"}),
                    "account_exists");
    const auto list = [&office](std::vector<std::string> words) {
        words.insert(words.begin(), {"evidence", "list", "--kind", "administration"});
        Ran ran = office.as("wang", std::move(words));
        CAPTURE(ran.out, ran.err);
        REQUIRE(ran.code == 0);
        return ran.out;
    };
    const auto acts_in = [](const std::string& json) {
        std::vector<std::string> all;
        const auto read = codec::read_json(json);
        REQUIRE(read);
        for (const record::Record& one : read->find("acts")->items()) {
            all.push_back(one.text_of("actor") + ' ' + one.text_of("act") + ' ' + one.text_of("target") + ' ' +
                          one.text_of("outcome") + ' ' + one.text_of("reason"));
        }
        return all;
    };
    const std::string all = list({"--json"});  // while the gateway runs
    CHECK(acts_in(all).front() == "local account.init wang done ");
    const std::vector<std::string> adds{
        "wang account.add li done 示数〔2026〕12号", "wang account.add zhao done 示数〔2026〕12号",
        "wang account.add sun done 示数〔2026〕12号", "wang account.add li account_exists 又一次"};
    CHECK(acts_in(list({"--act", "account.add", "--json"})) == adds);
    CHECK(acts_in(list({"--actor", "wang", "--act", "account.add", "--target", "li", "--json"})) ==
          std::vector<std::string>{adds[0], adds[3]});
    CHECK(acts_in(list({"--outcome", "account_exists", "--json"})) == std::vector<std::string>{adds[3]});
    CHECK(acts_in(list({"--act", "account", "--json"})).size() == 6);  // init, one's own password, and these
    CHECK(acts_in(list({"--act", "acc", "--json"})).empty());
    CHECK(acts_in(list({"--until", "2020", "--json"})).empty());
    CHECK(acts_in(list({"--from", "2020", "--json"})) == acts_in(all));
    const std::string added =
        codec::read_json(list({"--act", "account.add", "--json"}))->find("acts")->items().at(1).text_of("at");
    CHECK(acts_in(list({"--act", "account.add", "--from", at_offset(added, 0), "--json"})) ==
          std::vector<std::string>{adds[1], adds[2], adds[3]});
    CHECK(acts_in(list({"--act", "account.add", "--until", at_offset(added, 14), "--json"})) ==
          std::vector<std::string>{adds[0]});

    // page by page it is the same, and the last page says no next one
    std::vector<std::string> paged;
    std::string after;
    int pages = 0;
    do {
        std::vector<std::string> words{"--act", "account.add", "--most", "2", "--json"};
        if (!after.empty()) {
            words.insert(words.end(), {"--after", after});
        }
        const std::string page = list(words);
        const auto acts = acts_in(page);
        paged.insert(paged.end(), acts.begin(), acts.end());
        after = codec::read_json(page)->text_of("next");
        ++pages;
    } while (!after.empty() && pages < 9);
    CHECK(pages == 2);
    CHECK(paged == adds);

    CHECK_THAT(list({"--act", "account.add"}),
               ContainsSubstring("wang  account.add  zhao  done  示数〔2026〕12号  roles: - -> system"));
    CHECK_THAT(list({"--actor", "nobody"}), ContainsSubstring("no act fits"));
    CHECK(office.as("wang", {"evidence", "list", "--kind", "administration", "--case", "c-1"}).code == 2);
    CHECK(office.as("wang", {"evidence", "list", "--actor", "wang"}).code == 2);
    CHECK(office.as("wang", {"evidence", "list", "--kind", "administration", "--after", "x"}).code == 1);
    CHECK(office.end() == 0);
    CHECK(list({"--act", "account.add", "--json"}) == list({"--act", "account.add", "--json", "--from", "2020"}));
    for (const std::string& secret : {word_behind(first.out, "secret="), word_behind(first.out, "password: ")}) {
        CHECK(list({"--json"}).find(secret) == std::string::npos);
    }
}

TEST_CASE("nobody recovers an account by another's configuration", "[commands][accounts][security]") {
    Office office;
    Office::succeed(office.as("wang", {"account", "init", "wang"}));
    const std::string config = somebody_elses(office.installation);
    const Ran ran = commands::datong({"account", "recover", "wang", "--reason", "x", "--config", config},
                                     office.installation.environment);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring("only the owner"));
    const Ran none =
        commands::datong({"account", "recover", "wang", "--reason", "x", "--config", config + ".none"}, {});
    CHECK(none.code == 78);
    CHECK_THAT(none.err, ContainsSubstring("no such file") && ContainsSubstring(".none"));
    CHECK(ran.out.empty());
}
