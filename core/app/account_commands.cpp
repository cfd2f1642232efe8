#include <iostream>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

#include "core/accounts/actor.h"
#include "core/accounts/desk.h"
#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/catalogue/administration.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

using accounts::Enrolled;
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

int say(const accounts::Problem& why, const std::string& hint = {}) {
    std::cerr << why.code << ": " << why.title_zh << ' ' << why.title_en << '\n';
    const std::string more = hint.empty() ? why.detail : hint;
    std::cerr << (more.empty() ? "" : "  " + more + '\n');
    return kWanting;
}

void show_secrets(const Enrolled& enrolled) {
    Record shown = Record::object();
    shown.put("password", Record::text(enrolled.password.reveal()));
    shown.put("totp", Record::text(enrolled.totp_uri.reveal()));
    show_secrets(shown);
}

/// This machine's accounts, opened beside any gateway; nullptr, and why, where there are none.
std::unique_ptr<accounts::Desk> open_desk(const catalogue::Gateway& gateway, const std::string& config,
                                          const Clock& clock, int& code) {
    const auto administration = catalogue::load_administration(config, catalogue::disk_files());
    if (!administration || !administration->has_accounts) {
        std::cerr << "本网关未启用账号 accounts are off here: set admin: {accounts: required} in " << config << '\n';
        code = kConfig;
        return nullptr;
    }
    auto shelf = accounts::Shelf::open(accounts::Shelf::file_of(gateway.store_file));
    if (!shelf) {
        std::cerr << "无法打开账号库 can't open the accounts: " << shelf.error().detail() << '\n';
        code = kWanting;
        return nullptr;
    }
    return std::make_unique<accounts::Desk>(std::move(*shelf), gateway.subject_key, "datong " + gateway.name, clock,
                                            administration->limits);
}

/// The act as an entry of the evidence, with the gateway's own key.
Result<std::string> sign(evidence::Administration told, const catalogue::Gateway& gateway, const Clock& clock) {
    const catalogue::NamedKey& key = gateway.key.at(clock.now());
    auto said = evidence::sign_administration(told, key.id, *key.key);
    return said ? Result<std::string>{evidence::to_json(told)} : fail(std::move(said.error()));
}

int make_first(const catalogue::Gateway& gateway, const AccountOptions& options) {
    const SystemClock clock;
    int code = kGood;
    const auto desk = open_desk(gateway, options.config, clock, code);
    if (!desk) {
        return code;
    }
    const auto made =
        desk->add_first({.name = options.name, .display = Personal{options.display}},
                        [&](evidence::Administration told) { return sign(std::move(told), gateway, clock); });
    if (!made) {
        return say(made.error(), made.error().code == "account_exists"
                                     ? "已有账号, 请由安全管理员用 datong account add 新增 there are accounts: a "
                                       "security administrator adds others"
                                     : "");
    }
    std::cout << "已建立安全管理员 security administrator made: " << made->account.name << '\n';
    show_secrets(*made);
    std::cout << "随后 next: datong serve, datong login " << made->account.name << ", datong account password\n";
    return kGood;
}

/// Whether this user is who the configuration belongs to, and so is trusted with the gateway's keys anyway.
/// kGood, or what the command ends with: who may not recover an account, or named no file.
int check_owner(const std::string& config) {
    struct stat found{};
    if (::stat(config.c_str(), &found) != 0) {
        std::cerr << "读不到配置文件 no such file, or it can't be read: " << config << '\n';
        return kConfig;
    }
    if (found.st_uid != ::geteuid()) {
        std::cerr << "须由配置文件的属主执行 only the owner of this file may do this: " << config << '\n';
        return kWanting;
    }
    return kGood;
}

/// While no gateway runs: what is done stands in its chain before it is in force.
int recover_here(const catalogue::Gateway& gateway, const AccountOptions& options) {
    const SystemClock clock;
    int code = kGood;
    const auto desk = open_desk(gateway, options.config, clock, code);
    if (!desk) {
        return code;
    }
    auto sink = telemetry::Sink::make({.file = {}});
    auto log =
        sink ? evidence::Log::open(log_settings(gateway), evidence::system_files(), clock, **sink) : fail(sink.error());
    if (!log) {
        std::cerr << "无法写入存证链 can't write into the evidence: " << log.error().detail() << '\n';
        return kWanting;
    }
    const auto append = [&log](const std::string& entry) -> Status {
        const auto kept = (*log)->append_now(entry);
        return kept ? Status{} : fail(kept.error());
    };
    if (const auto settled = desk->settle_owed(append); !settled) {  // what was done beside a gateway came first
        std::cerr << "无法写入存证链 can't write into the evidence: " << settled.error().detail() << '\n';
        return kWanting;
    }
    const accounts::Act::Keep keep = [&](evidence::Administration told) -> Status {
        told.at = to_rfc3339(clock.now());
        const std::string by = "uid " + std::to_string(::getuid());
        told.detail = told.detail.empty() ? by : by + "; " + told.detail;
        const auto entry = sign(std::move(told), gateway, clock);
        return entry ? append(*entry) : fail(entry.error());
    };
    accounts::Act act{accounts::local_actor(), "account.recover", options.reason, keep};
    const auto recovered = desk->recover(options.name, options.others_lost, act);
    if (!recovered) {
        (void)act.keep(recovered.error().code);  // its own failure is what is said, and nothing was done
        return say(recovered.error(), recovered.error().code == "others_can_help"
                                          ? "datong account password NAME, datong account totp NAME; --others-lost: "
                                            "其他人也都无法登录 nor can they sign in any more"
                                          : "");
    }
    std::cout << "已恢复安全管理员 security administrator recovered: " << recovered->account.name << '\n';
    show_secrets(*recovered);
    std::cout << "随后 next: datong serve, datong login " << recovered->account.name
              << ", datong account password, datong account totp\n";
    return kGood;
}

/// Runs `use` with the configuration; prints what is wrong with it instead.
int with_gateway(const AccountOptions& options, int (*use)(const catalogue::Gateway&, const AccountOptions&)) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(
        options.config, [&](const catalogue::Snapshot& snapshot) { code = use(snapshot.gateway, options); });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace

int account_init(const AccountOptions& options) {
    return with_gateway(options, make_first);
}

int account_recover(const AccountOptions& options) {
    if (const int code = check_owner(options.config); code != kGood) {
        return code;
    }
    if (auto fit = options.reason.empty() ? accounts::refuse(accounts::Refused::reason_missing)
                                          : accounts::check_reason(options.reason);
        !fit) {
        (void)say(fit.error());
        return kUsage;
    }
    return with_gateway(options, [](const catalogue::Gateway& gateway, const AccountOptions& wanted) {
        if (evidence::FolderLock::is_taken(gateway.evidence_folder)) {
            std::cerr << "网关正在运行, 须先停止 the gateway runs: stop it first. 恢复账号只能在停机时于本机进行 an "
                         "account is "
                         "recovered on its machine only, while it stands still\n";
            return kWanting;
        }
        return recover_here(gateway, wanted);
    });
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
