#include "core/app/source_tools.h"

#include <memory>

#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

constexpr const char* kName = "部门/数据源 DEPARTMENT/SOURCE";
constexpr const char* kConfigHelp = "gateway.yaml";

void add_check(Command& source, int& code) {
    Command* check = source.add_subcommand("check", "试连 Reachable, let in, a sample answered? 1 when not");
    const auto options = std::make_shared<CheckOptions>();
    check->add_option("NAME", options->name, kName)->required();
    check->add_option("--sample", options->sample, R"(样例 JSON {"service"?, "context", "query", "about"?})");
    check->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    check->footer(
        "例 example:\n"
        "  datong source check land/land-registry --sample sample.json\n"
        "样例用部门给的测试人员 A sample names a test person of the department's; values are never shown.");
    check->callback([options, &code] { code = source_check(*options); });
}

void add_lists(Command& source, int& code) {
    Command* list = source.add_subcommand("list", "列表 Every source of the running gateway, and how it is");
    const auto listing = std::make_shared<SourceOptions>();
    Command* status = source.add_subcommand("status", "状态 How one source is");
    const auto one = std::make_shared<SourceOptions>();
    Command* drift = source.add_subcommand("drift", "漂移 What changed in departments' replies; 1 when something did");
    const auto drifting = std::make_shared<SourceOptions>();
    status->add_option("NAME", one->name, kName)->required();
    drift->add_option("NAME", drifting->name, kName);
    for (const auto& [command, options] :
         {std::pair{list, listing}, std::pair{status, one}, std::pair{drift, drifting}}) {
        command->add_option("--config,-c", options->config, "gateway.yaml, for the admin address")
            ->capture_default_str();
        command->add_flag("--json", options->json, "JSON");
    }
    drift->footer(
        "与来源模式 (source/v1) 比: 新字段、新代码; 与以往答复比: 消失的字段、类型、空值率。不保存个人数据。\n"
        "New fields and codes against the source schema; gone fields, types and empty rates against the replies so "
        "far.\n"
        "No personal value is kept.");
    list->callback([listing, &code] { code = source_list(*listing); });
    status->callback([one, &code] { code = source_list(*one); });
    drift->callback([drifting, &code] { code = source_drift(*drifting); });
}

void add_orders(Command& source, int& code) {
    for (const bool pause : {true, false}) {
        Command* order = source.add_subcommand(pause ? "pause" : "resume",
                                               pause ? "暂停 Ask this source no more, signed by its department"
                                                     : "恢复 Ask this source again, signed by its department");
        const auto options = std::make_shared<OrderOptions>();
        options->pause = pause;
        order->add_option("NAME", options->name, kName)->required();
        order->add_option("--key", options->key, "部门私钥 PEM file of the department's own private key")->required();
        order->add_option("--config,-c", options->config, "gateway.yaml, for the admin address")->capture_default_str();
        if (pause) {
            Option* until = order->add_option("--until", options->until, "至 until, such as 2026-12-01T08:00:00+08:00");
            order->add_option("--for", options->lasts, "时长 for so long: 90m, 2h, 1d")->excludes(until);
        }
        order->footer(
            "例 example:\n"
            "  datong source pause land/land-registry --key land.key.pem --for 2h\n"
            "指令由部门签名, 存入证据, 重启后仍有效 Signed by the department, kept in the evidence and over a "
            "restart.");
        order->callback([options, &code] { code = source_order(*options); });
    }
}

void add_accept(Command& source, int& code) {
    Command* accept =
        source.add_subcommand("accept", "联调验收 Run the agreed cases, write the signed joint-test record");
    const auto options = std::make_shared<AcceptOptions>();
    accept->add_option("NAME", options->name, kName)->required();
    accept->add_option("--cases", options->cases, "用例目录 folder of cases (*.json)")
        ->required()
        ->check(existing_directory());
    accept->add_option("--by", options->by, "测试人 who runs it")->required();
    accept->add_option("--key", options->key,
                       "部门私钥 the department's private key, for its own signature beside ours");
    accept->add_option("--out,-o", options->out, "写到目录 folder for the record")->capture_default_str();
    accept->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    accept->footer(
        "用例 a case: {\"name\", \"service\", \"context\", \"query\", \"expect\": {\"outcome\": \"found\", "
        "\"content\": {...}}}\n"
        "例 example:\n"
        "  datong source accept land/land-registry --cases cases --by 张工 --out records\n"
        "写出 .json, .gateway.jws 和可打印的 .html; 用 datong verify 文件.jws --keys trust.jwks 验证。\n"
        "Writes .json, .gateway.jws and a page to print; datong verify FILE.jws --keys trust.jwks proves it.");
    accept->callback([options, &code] { code = source_accept(*options); });
}

}  // namespace

void add_init_tools(Command& app, int& code) {
    Command* init = app.add_subcommand("init", "新建 Skeletons");
    init->require_subcommand(1);
    Command* department = init->add_subcommand(
        "department", "新部门 A working skeleton: source, service, mappings, tables, tests, sandbox grant");
    const auto options = std::make_shared<InitOptions>();
    department->add_option("NAME", options->name, "部门编号 id: [a-z][a-z0-9-]*")->required();
    department
        ->add_option("--adapter", options->adapter, "适配器 rest | soap | sql | exchange_table | file | frame | queue")
        ->required();
    Option* sample = department->add_option("--sample", options->sample, "样例答复 a reply as the department sends it");
    department->add_option("--items", options->items, "数据项对照表 table of items, .xlsx or .csv (UTF-8)");
    department->add_option("--take", options->take, "路径 path down to the record; may come several times")
        ->allow_extra_args(false)
        ->needs(sample);
    department->add_option("--title", options->title, "部门名称 the department's name");
    department->add_option("--operation", options->operation, "操作 what the department calls it")
        ->capture_default_str();
    department->add_option("--service", options->service, "服务编号 id of the service (default: NAME-record)");
    department->add_option("--person-id", options->person_id, "证件号码字段 the field with the person's id number");
    department->add_option("--person-name", options->person_name, "姓名字段 and their name");
    department->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    department->footer(
        "例 example:\n"
        "  datong init department cdpf --adapter rest --sample reply.json --title 示例市残疾人联合会\n"
        "  datong init department cdpf --adapter sql --items 数据项.xlsx\n"
        "从不覆盖已有文件; 样例只能用 9999xx 的假人。 Never writes over a file; samples hold people of 9999xx only.");
    department->callback([options, &code] { code = init_department(*options); });
}

void add_source_tools(Command& app, int& code) {
    Command* source = app.add_subcommand("source", "数据源 Sources");
    source->require_subcommand(1);
    add_check(*source, code);
    add_lists(*source, code);
    add_orders(*source, code);
    add_accept(*source, code);
}

}  // namespace datong::app
