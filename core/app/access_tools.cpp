#include <memory>

#include "core/app/commands.h"
#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

using Options = std::shared_ptr<AccessOptions>;

Command* add(Command& access, const std::string& name, const std::string& help, const Options& options) {
    Command* command = access.add_subcommand(name, help);
    command->add_option("--config,-c", options->config, "gateway.yaml")->capture_default_str();
    return command;
}

void add_json(Command& command, const Options& options) {
    command.add_flag("--json", options->json, "输出 JSON one JSON text");
}

void add_reading(Command& access, int& code) {
    const auto list = std::make_shared<AccessOptions>();
    Command* lister = add(access, "list", "申请 List applications, and who still has to approve", list);
    lister->add_flag("--overdue", list->overdue,
                     "逾期 only what should have been decided by now; 1 when there is some");
    add_json(*lister, list);
    lister->callback([list, &code] { code = access_list(*list); });

    const auto show = std::make_shared<AccessOptions>();
    Command* shower = add(access, "show", "查看 Show an application and all that was done about it", show);
    shower->add_option("ID", show->id, "申请编号 such as a-2026-0001")->required();
    add_json(*shower, show);
    shower->callback([show, &code] { code = access_show(*show); });

    const auto matrix = std::make_shared<AccessOptions>();
    Command* all =
        add(access, "matrix", "授权矩阵 Consumers by services: fields, until when, by which approval", matrix);
    all->add_option("--consumer", matrix->consumer, "调用方 only hers");
    add_json(*all, matrix);
    all->callback([matrix, &code] { code = access_matrix(*matrix); });

    const auto who = std::make_shared<AccessOptions>();
    Command* asker = add(access, "who-can", "谁能看 Who may see a field, or ask about it; 1 when nobody may", who);
    asker->add_option("FIELD", who->field, "字段 /idNo, or realestate-certificate/holders/*/idNo")->required();
    asker->add_option("--consumer", who->consumer, "调用方 only hers");
    add_json(*asker, who);
    asker->footer(
        "例 example:\n  datong access who-can /idNo\n  datong access who-can 'realestate-certificate/holders/*/idNo'");
    asker->callback([who, &code] { code = access_who_can(*who); });
}

/// An act about one application.
void add_act(Command& access, int& code, const std::string& act, const std::string& help) {
    const auto options = std::make_shared<AccessOptions>();
    Command* command = add(access, act, help, options);
    command->add_option("ID", options->id, "申请编号 such as a-2026-0001")->required();
    if (act == "amend") {
        command->add_option("FILE", options->file, "申请 application .yaml")->required();
    }
    if (act == "approve" || act == "promote" || act == "refuse") {
        command
            ->add_option("--of", options->of,
                         "所读文本的摘要 (必填) required: the sha256 that `access show` said; about another text "
                         "nothing is decided")
            ->check([](const std::string& text) {
                const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
                return good ? std::string{}
                            : std::string{
                                  "应为 datong access show 打印的 64 位十六进制 64 hexadecimal digits, as "
                                  "`datong access show` prints them"};
            });
    }
    command->add_option("--reason", options->reason, "理由 why; it stands in the evidence")->required();
    add_json(*command, options);
    command->callback([options, act, &code] { code = access_act(*options, act); });
}

void add_acting(Command& access, int& code) {
    const auto request = std::make_shared<AccessOptions>();
    Command* requester = add(access, "request", "申请 Hand an application in", request);
    requester->add_option("FILE", request->file, "申请 application .yaml (docs/access.md)")->required();
    requester->add_option("--reason", request->reason, "理由 why; it stands in the evidence")->required();
    add_json(*requester, request);
    requester->callback([request, &code] { code = access_request(*request); });
    add_act(access, code, "amend", "补正 Hand it in again, changed");
    add_act(access, code, "approve", "批准 Approve, as the department whose data it is or as security");
    add_act(access, code, "promote", "转正 Approve for production what was approved for the sandbox");
    add_act(access, code, "request-changes", "退回补正 Send it back to be changed");
    add_act(access, code, "refuse", "不予批准 Refuse");
    add_act(access, code, "revoke", "撤销 Take back what was approved; it holds at once");
    add_act(access, code, "reopen", "重新受理 Decide anew what was refused, revoked or is over");
}

}  // namespace

void add_access_tools(Command& app, int& code) {
    Command* access =
        app.add_subcommand("access", "共享申请与授权 Access: applied for, approved, revoked (docs/access.md)");
    access->require_subcommand(1);
    add_reading(*access, code);
    add_acting(*access, code);
    access->footer(
        "先登录 sign in first: datong login ACCOUNT\n"
        "例 example:\n"
        "  datong access request application.yaml --reason 企业开办\n"
        "  datong access show a-2026-0001\n"
        "  datong access approve a-2026-0001 --of SHA256 --reason 用途与依据相符\n"
        "  datong access revoke a-2026-0001 --reason 依据已废止");
}

}  // namespace datong::app
