#include "core/app/source_tools.h"

#include <memory>

#include <CLI/CLI.hpp>

namespace datong::app {
namespace {

constexpr const char* kName = "部门/数据源 DEPARTMENT/SOURCE";
constexpr const char* kConfigHelp = "gateway.yaml";

void add_check(CLI::App& source, int& code) {
    CLI::App* check = source.add_subcommand("check", "试连 Reachable, let in, a sample answered? 1 when not");
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

void add_lists(CLI::App& source, int& code) {
    CLI::App* list = source.add_subcommand("list", "列表 Every source of the running gateway, and how it is");
    const auto listing = std::make_shared<SourceOptions>();
    CLI::App* status = source.add_subcommand("status", "状态 How one source is");
    const auto one = std::make_shared<SourceOptions>();
    CLI::App* drift = source.add_subcommand("drift", "漂移 What changed in departments' replies; 1 when something did");
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

void add_orders(CLI::App& source, int& code) {
    for (const bool pause : {true, false}) {
        CLI::App* order = source.add_subcommand(pause ? "pause" : "resume",
                                                pause ? "暂停 Ask this source no more, signed by its department"
                                                      : "恢复 Ask this source again, signed by its department");
        const auto options = std::make_shared<OrderOptions>();
        options->pause = pause;
        order->add_option("NAME", options->name, kName)->required();
        order->add_option("--key", options->key, "部门私钥 PEM file of the department's own private key")->required();
        order->add_option("--config,-c", options->config, "gateway.yaml, for the admin address")->capture_default_str();
        if (pause) {
            CLI::Option* until =
                order->add_option("--until", options->until, "至 until, such as 2026-12-01T08:00:00+08:00");
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

}  // namespace

void add_source_tools(CLI::App& app, int& code) {
    CLI::App* source = app.add_subcommand("source", "数据源 Sources");
    source->require_subcommand(1);
    add_check(*source, code);
    add_lists(*source, code);
    add_orders(*source, code);
}

}  // namespace datong::app
