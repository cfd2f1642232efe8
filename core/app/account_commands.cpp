#include <iostream>

#include "core/accounts/actor.h"
#include "core/accounts/desk.h"
#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/catalogue/administration.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

using record::Record;

std::string path_of(const std::string& name, const std::string& below = {}) {
    return "/v1/accounts/" + codec::percent_encode(name) + below;
}

Record list_of(const std::vector<std::string>& texts) {
    Record list = Record::list();
    for (const std::string& text : texts) {
        list.add(Record::text(text));
    }
    return list;
}

std::string joined(const Record* list) {
    std::string text;
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        text.append(text.empty() ? "" : ",").append(one.scalar());
    }
    return text.empty() ? "-" : text;
}

/// "system 系统管理员", "department 部门,consumer 调用方".
std::string titled(const Record* roles) {
    std::string text;
    for (const Record& one : roles != nullptr ? roles->items() : Record::List{}) {
        const auto role = accounts::role_by_name(one.scalar());
        text.append(text.empty() ? "" : ",").append(one.scalar());
        text.append(role ? " " : "").append(role ? accounts::title_zh_of(*role) : "");
    }
    return text.empty() ? "-" : text;
}

/// The answer's body; says the problem and leaves its exit code instead.
std::optional<Record> body_of(const AdminAnswer& answer, int& code) {
    code = answer.code;
    if (!answer.http) {
        return std::nullopt;
    }
    auto body = codec::read_json(answer.http->body);
    if (answer.http->status / 100 != 2 || !body) {
        code = say_problem(*answer.http);
        return std::nullopt;
    }
    return std::move(*body);
}

void show_account(const Record& account) {
    std::cout << account.text_of("account") << "  " << titled(account.find("roles")) << "  " << account.text_of("state")
              << "  ";
    const std::string organisation = account.text_of("organisation");
    std::cout << (organisation.empty() ? "-" : organisation) << "  " << joined(account.find("territory")) << "  "
              << account.text_of("signs_in_by") << "  " << account.text_of("display") << '\n';
}

constexpr const char* kHead =
    "账号 account  角色 roles  状态 state  单位 organisation  区划 territory  登录方式 by  姓名 display\n";

/// What is shown this once: for whoever the account is for.
void show_secrets(const Record& enrolled) {
    if (const std::string password = enrolled.text_of("password"); !password.empty()) {
        std::cout << "初始口令 first password: " << password << "  (首次登录须修改 to be changed at the first login)\n";
    }
    if (const std::string totp = enrolled.text_of("totp"); !totp.empty()) {
        std::cout << "动态口令 second factor: " << totp
                  << "\n  以上只显示这一次, 请当面交给本人 shown this once; hand it to the person themselves\n";
    }
}

/// Members of an account that the command line says.
bool put_person(Record& body, const AccountOptions& options) {
    if (!options.roles.empty()) {
        body.put("roles", list_of(options.roles));
    }
    if (!options.territory.empty()) {
        body.put("territory", list_of(options.territory));
    }
    if (!options.organisation.empty()) {
        body.put("organisation", Record::text(options.organisation));
    }
    if (!options.display.empty()) {
        body.put("display", Record::text(options.display));
    }
    if (!options.x509.empty()) {
        const auto pem = read_text(options.x509);
        if (!pem) {
            std::cerr << "无法读取证书文件 can't read the certificate in " << options.x509 << '\n';
            return false;
        }
        body.put("x509", Record::text(*pem));
    }
    return true;
}

int patch(const AccountOptions& options, const Record& body) {
    int code = kGood;
    const auto changed = body_of(ask_admin(options.config, {.target = path_of(options.name),
                                                            .method = "PATCH",
                                                            .body = codec::write_json(body),
                                                            .reason = options.reason}),
                                 code);
    if (changed) {
        std::cout << kHead;
        show_account(*changed);
    }
    return code;
}

int set_disabled(const AccountOptions& options, bool disabled) {
    Record body = Record::object();
    body.put("disabled", Record::boolean(disabled));
    return patch(options, body);
}

/// On this machine, with the gateway's own key for the record of it.
int make_first(const catalogue::Snapshot& snapshot, const AccountOptions& options) {
    const catalogue::Gateway& gateway = snapshot.gateway;
    const auto administration = catalogue::load_administration(options.config, catalogue::disk_files());
    if (!administration || !administration->has_accounts) {
        std::cerr << "本网关未启用账号 accounts are off here: set admin: {accounts: required} in " << options.config
                  << '\n';
        return kConfig;
    }
    const SystemClock clock;
    auto shelf = accounts::Shelf::open(accounts::Shelf::file_of(gateway.store_file));
    if (!shelf) {
        std::cerr << "无法打开账号库 can't open the accounts: " << shelf.error().detail() << '\n';
        return kWanting;
    }
    accounts::Desk desk{std::move(*shelf), gateway.subject_key, "datong " + gateway.name, clock,
                        administration->limits};
    const auto sign = [&](evidence::Administration told) -> Result<std::string> {
        const catalogue::NamedKey& key = gateway.key.at(clock.now());
        auto said = evidence::sign_administration(told, key.id, *key.key);
        return said ? Result<std::string>{evidence::to_json(told)} : fail(std::move(said.error()));
    };
    const auto made = desk.add_first({.name = options.name, .display = Personal{options.display}}, sign);
    if (!made) {
        std::cerr << made.error().code << ": " << made.error().title_zh << ' ' << made.error().title_en << "\n  "
                  << (made.error().code == "account_exists"
                          ? "已有账号, 请由安全管理员用 datong account add 新增 there are "
                            "accounts: a security administrator adds others"
                          : made.error().detail)
                  << '\n';
        return kWanting;
    }
    std::cout << "已建立安全管理员 security administrator made: " << made->account.name << '\n';
    Record shown = Record::object();
    shown.put("password", Record::text(made->password.reveal()));
    shown.put("totp", Record::text(made->totp_uri.reveal()));
    show_secrets(shown);
    std::cout << "随后 next: datong serve, datong login " << made->account.name << ", datong account password\n";
    return kGood;
}

}  // namespace

int account_init(const AccountOptions& options) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(
        options.config, [&](const catalogue::Snapshot& snapshot) { code = make_first(snapshot, options); });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

int account_add(const AccountOptions& options) {
    Record body = Record::object();
    body.put("account", Record::text(options.name));
    if (!put_person(body, options)) {
        return kUsage;
    }
    int code = kGood;
    const auto made =
        body_of(ask_admin(options.config,
                          {.target = "/v1/accounts", .body = codec::write_json(body), .reason = options.reason}),
                code);
    if (made && options.json) {
        std::cout << codec::write_json_for_people(*made) << '\n';
    } else if (made) {
        std::cout << kHead;
        show_account(*made);
        show_secrets(*made);
    }
    return code;
}

int account_change(const AccountOptions& options) {
    Record body = Record::object();
    if (!put_person(body, options)) {
        return kUsage;
    }
    if (body.members().empty()) {
        std::cerr << "须写明要变更的内容 say what changes: --roles, --organisation, --territory, --display or --x509\n";
        return kUsage;
    }
    return patch(options, body);
}

int account_disable(const AccountOptions& options) {
    return set_disabled(options, true);
}

int account_enable(const AccountOptions& options) {
    return set_disabled(options, false);
}

int account_unlock(const AccountOptions& options) {
    int code = kGood;
    const auto done = body_of(
        ask_admin(options.config, {.target = path_of(options.name, "/unlock"), .reason = options.reason}), code);
    if (done) {
        std::cout << options.name << ": 已解锁 unlocked\n";
    }
    return code;
}

int account_list(const AccountOptions& options) {
    int code = kGood;
    const Record all = read_admin(options.config, "/v1/accounts", code);
    const Record* accounts = all.find("accounts");
    if (accounts == nullptr) {
        return code;
    }
    if (options.json) {
        std::cout << codec::write_json_for_people(all) << '\n';
        return code;
    }
    std::cout << kHead;
    for (const Record& one : accounts->items()) {
        show_account(one);
    }
    return code;
}

int account_show(const AccountOptions& options) {
    int code = kGood;
    const Record account = read_admin(options.config, path_of(options.name), code);
    if (account.find("account") == nullptr) {
        return code;
    }
    if (options.json) {
        std::cout << codec::write_json_for_people(account) << '\n';
        return code;
    }
    std::cout << kHead;
    show_account(account);
    return code;
}

int account_renew(const AccountOptions& options, const std::string& what) {
    int code = kGood;
    const auto enrolled =
        body_of(ask_admin(options.config,
                          {.target = path_of(options.name, "/" + what), .body = "{}", .reason = options.reason}),
                code);
    if (enrolled) {
        show_secrets(*enrolled);
    }
    return code;
}

}  // namespace datong::app
