#include <memory>

#include "core/app/admin_client.h"
#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

using Options = std::shared_ptr<AccountOptions>;

/// A command about accounts with what all of them have.
Options add_command(Command* command, int& code, int (*run)(const AccountOptions&)) {
    auto options = std::make_shared<AccountOptions>();
    command->add_option("--config,-c", options->config, "gateway.yaml")->capture_default_str();
    command->callback([options, run, &code] { code = run(*options); });
    return options;
}

void add_name(Command* command, const Options& options) {
    command->add_option("NAME", options->name, "账号 login name")->required();
}

void add_reason(Command* command, const Options& options) {
    command->add_option("--reason", options->reason, "理由 why: it stands in the evidence, so name no person")
        ->required();
}

void add_person(Command* command, const Options& options) {
    command->add_option("--display", options->display, "姓名 the person's name");
    command->add_option("--organisation", options->organisation, "单位 id of the department or consumer");
    command
        ->add_option("--territory", options->territory,
                     "区划 divisions by prefix (GB/T 2260), with commas: 999901,999902")
        ->delimiter(',');
    command->add_option("--x509", options->x509,
                        "客户端证书 PEM file: signs in by this certificate, without a password");
}

void add_roles(Command* command, const Options& options, bool required) {
    command
        ->add_option("--roles", options->roles,
                     "角色 system 系统管理员 | security 安全管理员 | audit 安全审计员 (each alone), department 部门, "
                     "consumer 调用方; with commas")
        ->delimiter(',')
        ->required(required);
}

void add_json(Command* command, const Options& options) {
    command->add_flag("--json", options->json, "JSON");
}

void add_first(Command& account, int& code) {
    Command* init = account.add_subcommand(
        "init",
        "第一个账号 The first account, a security administrator: on the gateway's machine, while there is none");
    const Options options = add_command(init, code, account_init);
    add_name(init, options);
    init->add_option("--display", options->display, "姓名 the person's name");
    init->footer(
        "在网关所在机器上执行一次, 须能读取数据目录; 打印初始口令和动态口令密钥, 只显示这一次。\n"
        "Once, by whoever may read the gateway's data; prints the first password and second factor, this once only.\n"
        "随后 next: datong login NAME, datong account password, datong account add ...");
}

void add_recovery(Command& account, int& code) {
    Command* recover = account.add_subcommand(
        "recover", "恢复 Both factors of the last security administrator anew: on the gateway's machine, stopped");
    const Options options = add_command(recover, code, account_recover);
    add_name(recover, options);
    add_reason(recover, options);
    recover->add_flag("--others-lost", options->others_lost,
                      "其他安全管理员也无法登录 the other security administrators have lost theirs, too");
    recover->footer(
        "最后一名安全管理员丢失口令或动态口令时使用: 须停止网关, 由配置文件的属主在本机执行; 先记入存证链, "
        "新的口令和动态口令只显示这一次。\n"
        "When the last security administrator has lost password or second factor: with the gateway stopped, by the "
        "owner "
        "of gateway.yaml. It stands in the evidence before it holds; the new factors are printed this once.");
}

void add_keeping(Command& account, int& code) {
    Command* add =
        account.add_subcommand("add", "新增 A new account; prints its first password and second factor once");
    const Options adding = add_command(add, code, account_add);
    add_name(add, adding);
    add_roles(add, adding, true);
    add_person(add, adding);
    add_reason(add, adding);
    add_json(add, adding);
    add->footer(
        "例 examples:\n"
        "  datong account add li --display 李四 --roles system --reason '示数〔2026〕12号'\n"
        "  datong account add zhou --roles department --organisation land --territory 999901 --reason "
        "'示数〔2026〕12号'\n"
        "三员互斥: system、security、audit 不能同属一人。Nobody holds two of system, security and audit.");

    Command* roles = account.add_subcommand("roles", "变更 Change somebody's roles, organisation, territory or name");
    const Options changing = add_command(roles, code, account_change);
    add_name(roles, changing);
    add_roles(roles, changing, false);
    add_person(roles, changing);
    add_reason(roles, changing);
    roles->footer("其会话随即结束 Their sessions end. 不能变更自己 Nobody changes their own.");

    for (const bool disables : {true, false}) {
        Command* command = account.add_subcommand(
            disables ? "disable" : "enable",
            disables ? "停用 Nobody signs in by it; its sessions end at once" : "启用 Take a disabled account back");
        const Options options = add_command(command, code, disables ? account_disable : account_enable);
        add_name(command, options);
        add_reason(command, options);
    }
    Command* unlock = account.add_subcommand("unlock", "解锁 Let somebody sign in again after too many failures");
    const Options unlocking = add_command(unlock, code, account_unlock);
    add_name(unlock, unlocking);
    add_reason(unlock, unlocking);
}

void add_lists(Command& account, int& code) {
    Command* list = account.add_subcommand("list", "列表 Every account: roles, state");
    add_json(list, add_command(list, code, account_list));
    Command* show = account.add_subcommand("show", "查看 One account");
    const Options showing = add_command(show, code, account_show);
    add_name(show, showing);
    add_json(show, showing);
}

void add_secrets(Command& account, int& code) {
    Command* password = account.add_subcommand(
        "password", "口令 Change your own password; of NAME, by a security administrator, a first one again");
    const Options changing = add_command(password, code, account_password);
    password->add_option("NAME", changing->name, "别人的账号 somebody else's login name");
    password->add_option("--password-file", changing->password_file, "原口令 file with the password before");
    password->add_option("--new-password-file", changing->new_password_file, "新口令 file with the new password");
    password->add_option("--reason", changing->reason, "理由 why, for somebody else's");
    password->footer("口令至少 12 个字符, 从终端读取而不回显 At least 12 characters, read from the terminal unseen.");

    Command* totp = account.add_subcommand(
        "totp",
        "动态口令 A new second factor for yourself; of NAME, by a security administrator, for somebody who lost it");
    const Options renewing = add_command(totp, code, account_totp);
    totp->add_option("NAME", renewing->name, "别人的账号 somebody else's login name");
    totp->add_option("--password-file", renewing->password_file, "口令 file with your password");
    totp->add_option("--reason", renewing->reason, "理由 why, for somebody else's");
    totp->footer(
        "打印的 otpauth:// 地址只显示一次, 用手机动态口令应用扫码或录入 Shown once; scan it as a QR code, or type its "
        "secret in.");
}

void add_session(Command& app, int& code) {
    Command* login = app.add_subcommand("login", "登录 Sign in to the running gateway: password and second factor");
    const Options options = add_command(login, code, account_login);
    add_name(login, options);
    login->add_option("--password-file", options->password_file, "口令文件 file with the password (mode 600)");
    login->add_option("--code", options->code, "动态口令 six digits of the authenticator app");
    Option* x509 = login->add_option("--x509", options->x509, "客户端证书 PEM file: sign in by it instead");
    login->add_option("--x509-key", options->x509_key, "其私钥 PEM file of its key")->needs(x509);
    login->footer(
        "口令和动态口令从终端读取, 口令不回显; 会话存于仅本人可读的文件, 闲置 15 分钟或满 8 小时结束。\n"
        "Asks for both; the session is kept in a file of yours alone and ends after 15 minutes unused, or 8 hours.\n"
        "在另一台机器上 on another machine: DATONG_ADMIN_URL=https://HOST:PORT DATONG_ADMIN_CA=ca.pem datong login "
        "NAME");
    add_command(app.add_subcommand("logout", "退出 End the session"), code, account_logout);
    Command* whoami = app.add_subcommand("whoami", "我是谁 Who is signed in here, with which roles");
    add_json(whoami, add_command(whoami, code, account_whoami));
}

}  // namespace

void add_account_tools(Command& app, int& code) {
    Command* account = app.add_subcommand("account", "账号 People who administer: accounts, roles (docs/accounts.md)");
    account->require_subcommand(1);
    add_first(*account, code);
    add_recovery(*account, code);
    add_keeping(*account, code);
    add_lists(*account, code);
    add_secrets(*account, code);
    add_session(app, code);
}

}  // namespace datong::app
