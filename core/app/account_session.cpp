#include <array>
#include <csignal>
#include <iostream>

#include <termios.h>
#include <unistd.h>

#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/codec/json.h"
#include "core/keyring/secret_file.h"

namespace datong::app {
namespace {

using record::Record;

constexpr std::array<int, 4> kEndings{SIGINT, SIGTERM, SIGQUIT, SIGHUP};

/// As the terminal was, for a signal's handler: it reaches nothing else.
struct termios terminal_before;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// Ctrl-C at the password ends the program where no destructor runs: its terminal shows again what is typed.
extern "C" void end_seen(int number) {
    (void)::tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    (void)::raise(number);  // the handler is gone (SA_RESETHAND): it ends by the signal when this returns
}

/// Shows nothing of what is typed while it lives, and at a signal's end either; where standard input is no terminal it
/// changes nothing. For the main thread, one at a time.
class Unseen {
public:
    Unseen() : is_terminal_{::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &terminal_before) == 0} {
        if (!is_terminal_) {
            return;
        }
        struct sigaction ends{};
        ends.sa_handler = end_seen;
        ends.sa_flags = static_cast<int>(SA_RESETHAND);
        for (std::size_t i = 0; i < kEndings.size(); ++i) {
            (void)::sigaction(kEndings[i], &ends, &handlers_[i]);
        }
        struct termios quiet = terminal_before;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    ~Unseen() {
        if (!is_terminal_) {
            return;
        }
        (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
        for (std::size_t i = 0; i < kEndings.size(); ++i) {
            (void)::sigaction(kEndings[i], &handlers_[i], nullptr);
        }
        std::cerr << '\n';
    }

private:
    std::array<struct sigaction, kEndings.size()> handlers_{};
    bool is_terminal_;
};

/// One line, asked for on standard error.
std::string ask_line(const std::string& prompt) {
    std::cerr << prompt << ": " << std::flush;
    std::string line;
    std::getline(std::cin, line);
    return line;
}

Secret ask_unseen(const std::string& prompt) {
    const Unseen unseen;
    return Secret{ask_line(prompt)};
}

/// Of a file, or asked for; nullopt when the file does not keep it well.
std::optional<Secret> secret_of(const std::string& file, const std::string& prompt) {
    if (file.empty()) {
        return ask_unseen(prompt);
    }
    auto secret = keyring::read_secret_line(file);
    if (!secret) {
        std::cerr << secret.error().text_zh << ' ' << secret.error().text_en << '\n';
        if (!secret.error().hint.empty()) {
            std::cerr << "  " << secret.error().hint << '\n';
        }
        return std::nullopt;
    }
    return std::move(*secret);
}

/// The new password, twice where it is typed.
std::optional<Secret> new_password_of(const std::string& file) {
    auto first = secret_of(file, "新口令 new password");
    if (!first || !file.empty()) {
        return first;
    }
    if (ask_unseen("再输入一次 once more").reveal() != first->reveal()) {
        std::cerr << "两次输入不一致 the two differ\n";
        return std::nullopt;
    }
    return first;
}

int keep(const Record& body, const AccountOptions& options, const std::string& url) {
    const Session session{.url = url,
                          .account = body.text_of("account"),
                          .until = body.text_of("until"),
                          .token = Secret{body.text_of("token")},
                          .x509 = options.x509,
                          .x509_key = options.x509_key};
    if (auto kept = keep_session(session); !kept) {
        std::cerr << "无法保存会话 can't keep the session: " << kept.error().detail() << '\n';
        return kWanting;
    }
    std::cout << "已登录 signed in: " << session.account << ", 至 until " << session.until << '\n';
    const Record* changes = body.find("has_to_change_password");
    if (changes != nullptr && changes->truth()) {
        std::cout << "请先修改初始口令 change your first password now: datong account password\n";
    }
    return kGood;
}

/// Whose session this machine has at that gateway; says it where there is none.
std::optional<Session> session_here(const AccountOptions& options) {
    const std::string url = admin_url(options.config);
    auto session = kept_session(url);
    if (!session) {
        std::cerr << "尚未登录 not signed in at " << (url.empty() ? options.config : url) << ": datong login NAME\n";
    }
    return session;
}

}  // namespace

int account_login(const AccountOptions& options) {
    Record body = Record::object();
    body.put("account", Record::text(options.name));
    if (options.x509.empty()) {
        const auto password = secret_of(options.password_file, "口令 password");
        if (!password) {
            return kUsage;
        }
        body.put("password", Record::text(password->reveal()));
        body.put("code", Record::text(options.code.empty() ? ask_line("动态口令 six digits") : options.code));
    }
    const AdminAnswer answer = ask_admin(
        options.config,
        {.target = "/v1/session", .body = codec::write_json(body), .x509 = options.x509, .x509_key = options.x509_key});
    if (!answer.http) {
        return answer.code;
    }
    if (answer.http->status == 404) {
        std::cerr << "本网关未启用账号, 无须登录 accounts are off at this gateway: no need to sign in\n";
        return kWanting;
    }
    const auto opened = codec::read_json(answer.http->body);
    return answer.http->status == 201 && opened ? keep(*opened, options, answer.url) : say_problem(*answer.http);
}

int account_logout(const AccountOptions& options) {
    const auto session = session_here(options);
    if (!session) {
        return kWanting;
    }
    const AdminAnswer answer = ask_admin(options.config, {.target = "/v1/session", .method = "DELETE"});
    drop_session(session->url);
    if (!answer.http) {
        return answer.code;
    }
    if (answer.http->status != 200) {
        return say_problem(*answer.http);
    }
    std::cout << "已退出 signed out: " << session->account << '\n';
    return kGood;
}

int account_whoami(const AccountOptions& options) {
    const auto session = session_here(options);
    if (!session) {
        return kWanting;
    }
    AccountOptions shown = options;
    shown.name = session->account;
    return account_show(shown);
}

int account_password(const AccountOptions& options) {
    if (!options.name.empty()) {
        return account_renew(options, "password");
    }
    const auto session = session_here(options);
    const auto before = session ? secret_of(options.password_file, "原口令 password before") : std::nullopt;
    const auto after = before ? new_password_of(options.new_password_file) : std::nullopt;
    if (!after) {
        return session ? kUsage : kWanting;
    }
    Record body = Record::object();
    body.put("before", Record::text(before->reveal()));
    body.put("after", Record::text(after->reveal()));
    const AdminAnswer answer =
        ask_admin(options.config, {.target = "/v1/accounts/" + codec::percent_encode(session->account) + "/password",
                                   .body = codec::write_json(body)});
    if (!answer.http) {
        return answer.code;
    }
    if (answer.http->status != 200) {
        return say_problem(*answer.http);
    }
    drop_session(session->url);
    std::cout << "口令已修改, 请重新登录 password changed; sign in again: datong login " << session->account << '\n';
    return kGood;
}

int account_totp(const AccountOptions& options) {
    if (!options.name.empty()) {
        return account_renew(options, "totp");
    }
    const auto session = session_here(options);
    const auto password = session ? secret_of(options.password_file, "口令 password") : std::nullopt;
    if (!password) {
        return session ? kUsage : kWanting;
    }
    Record body = Record::object();
    body.put("password", Record::text(password->reveal()));
    const AdminAnswer answer =
        ask_admin(options.config, {.target = "/v1/accounts/" + codec::percent_encode(session->account) + "/totp",
                                   .body = codec::write_json(body)});
    if (!answer.http) {
        return answer.code;
    }
    const auto enrolled = codec::read_json(answer.http->body);
    if (answer.http->status != 200 || !enrolled) {
        return say_problem(*answer.http);
    }
    drop_session(session->url);
    std::cout << "动态口令 second factor: " << enrolled->text_of("totp")
              << "\n  只显示这一次; 请重新登录 shown this once; sign in again: datong login " << session->account
              << '\n';
    return kGood;
}

}  // namespace datong::app
