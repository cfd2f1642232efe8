#include <iostream>

#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/map_tools.h"
#include "core/app/signature_tools.h"
#include "core/app/source_tools.h"
#include "core/command_line/command_line.h"

namespace {

using namespace datong;
using namespace datong::app;

constexpr const char* kVersion = "datong " DATONG_VERSION;

/// Options of every command; the command that was chosen leaves its exit code in `code`.
struct Chosen {
    ServeOptions serve;
    DemoOptions demo;
    MapOptions map;
    std::vector<std::string> map_paths;
    std::string config = "config/gateway.yaml";
    VerifyOptions verify;
    std::string head;
    std::uint64_t records{};
    bool as_json{};
    bool as_markdown{};
    int code = kGood;
};

void add_running(Command& app, Chosen& chosen) {
    Command* serve = app.add_subcommand(
        "serve", "运行网关 Run the gateway (SIGHUP reloads, SIGTERM drains, a second one ends at once)");
    serve->add_option("--config,-c", chosen.serve.config, "gateway.yaml")->capture_default_str();
    serve->add_option("--log", chosen.serve.log_file, "日志文件 log file (default: standard error)");
    serve->add_option("--port-file", chosen.serve.port_file, "写出实际端口 write the ports in use here, as JSON");
    serve->callback([&chosen] { chosen.code = datong::app::serve(chosen.serve); });

    Command* demo =
        app.add_subcommand("demo", "演示 Keys, a city of departments, gateway, calls and proof on this machine");
    demo->add_flag("--once", chosen.demo.once, "调用后退出 leave after the calls; status 0 only if all were good");
    demo->add_option("--folder", chosen.demo.folder,
                     "运行目录 where keys, log and evidence go (kept afterwards); it holds no earlier run");
    demo->add_option("--config,-c", chosen.demo.config, "gateway.yaml")->capture_default_str();
    demo->add_option("--broker", chosen.demo.broker,
                     "消息服务器 amqp://user:password@host:port/vhost: the departments behind a bus come too")
        ->envname("DATONG_BROKER");
    demo->callback([&chosen] { chosen.code = datong::app::demo(chosen.demo); });

    Command* check = app.add_subcommand("check", "检查配置 Check the whole configuration; 78 when something is wrong");
    check->add_option("--config,-c", chosen.config, "gateway.yaml")->capture_default_str();
    check->callback([&chosen] { chosen.code = datong::app::check(chosen.config); });

    add_init_tools(app, chosen.code);
    add_source_tools(app, chosen.code);
    add_access_tools(app, chosen.code);
    add_consent_tools(app, chosen.code);
    add_items_tools(app, chosen.code);
    add_matter_tools(app, chosen.code);

    Command* orphans =
        app.add_subcommand("orphans", "悬案 List submissions whose effect is not known; 1 when there are some");
    orphans->add_option("--config,-c", chosen.config, "gateway.yaml")->capture_default_str();
    orphans->callback([&chosen] { chosen.code = datong::app::orphans(chosen.config); });

    Command* reload = app.add_subcommand("reload", "重载配置 Let the running gateway take the new configuration");
    reload->add_option("--config,-c", chosen.config, "gateway.yaml, for the admin address")->capture_default_str();
    reload->callback([&chosen] { chosen.code = datong::app::reload(chosen.config); });
}

void add_map_options(Command& command, Chosen& chosen) {
    command.add_option("--mappings", chosen.map.mappings,
                       "映射根目录 root folder (default: nearest one named mappings)");
    command.add_flag("--test-division", chosen.map.test_division, "接受 9999xx accept the reserved test division");
}

void add_map(Command& app, Chosen& chosen) {
    Command* map = app.add_subcommand("map", "字段映射 Field mappings (docs/mapping.md)");
    map->require_subcommand(1);

    Command* run = map->add_subcommand("run", "试跑 Run a mapping on a sample and print the unified record");
    run->add_option("FILE", chosen.map.file, "mapping .yaml")->required();
    run->add_option("SAMPLE", chosen.map.sample, "样例文件 a reply as the department sends it; - for input")
        ->required();
    run->add_flag("--trace", chosen.map.trace, "逐步显示 show every field after every step (masked)");
    run->add_option("--context", chosen.map.context, "上下文 JSON file that from_ctx reads");
    run->add_option("--at", chosen.map.at, "时刻 the moment, such as 2026-03-01T09:00:00+08:00");
    add_map_options(*run, chosen);
    run->callback([&chosen] { chosen.code = map_run(chosen.map); });

    Command* check = map->add_subcommand("check", "检查 Check one mapping: file, line, column, fix");
    check->add_option("FILE", chosen.map.file, "mapping .yaml")->required();
    add_map_options(*check, chosen);
    check->callback([&chosen] { chosen.code = map_check(chosen.map); });

    Command* test =
        map->add_subcommand("test", "测试 Run the tests beside mappings; 1 when one fails or there is none");
    test->add_option("PATH", chosen.map_paths, "文件或目录 files or folders")->required();
    test->add_flag("--coverage", chosen.map.coverage, "覆盖 say which rows, cases, codes and rules no test meets");
    test->add_option("--min", chosen.map.least_coverage, "覆盖下限 percent that each mapping must reach, else 1")
        ->check(within(0, 100));
    test->add_option("--junit", chosen.map.junit, "写出 JUnit report for the build server");
    test->footer("例 example:\n  datong map test mappings --test-division --coverage --min 90 --junit report.xml");
    add_map_options(*test, chosen);
    test->callback([&chosen] { chosen.code = map_test(chosen.map_paths, chosen.map); });

    Command* functions = map->add_subcommand("functions", "步骤 List the built-in steps of mappings");
    Option* json = functions->add_flag("--json", chosen.as_json, "JSON");
    functions->add_flag("--markdown", chosen.as_markdown, "写出 as docs/mapping-steps.md")->excludes(json);
    functions->callback([&chosen] {
        using Form = ReferenceForm;
        chosen.code = map_functions(chosen.as_json ? Form::json : chosen.as_markdown ? Form::markdown : Form::list);
    });
    add_map_tools(*map, chosen.code);
}

void add_proof(Command& app, Chosen& chosen) {
    Command* verify = app.add_subcommand("verify", "验证存证 Prove a folder of evidence: chain and every signature");
    verify
        ->add_option(
            "DIR", chosen.verify.folder,
            "存证目录、交换的容器或验收单 folder of .dlog files, container .asice, or a joint-test record .jws")
        ->required()
        ->check(datong::app::why_not_there);
    verify->add_option("--keys", chosen.verify.keys, "公钥 JWKS file of the keys that you trust")->required();
    const auto is_hash = [](const std::string& text) {
        const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
        return good ? std::string{} : std::string{"64 hexadecimal digits, as verify prints them"};
    };
    Option* head =
        verify
            ->add_option("--head", chosen.head, "先前的链头 head that an earlier verification printed, with --records")
            ->check(is_hash);
    Option* records =
        verify->add_option("--records", chosen.records, "先前的条数 and its number of records")->check(positive());
    head->needs(records);
    records->needs(head);
    verify->add_option(
        "--tsa", chosen.verify.authorities,
        "时间戳锚证书 PEM file of an authority that is trusted to have time-stamped seals; may be repeated");
    verify->add_option("--anchor", chosen.verify.anchor,
                       "已公布的封签 a seal that the gateway published: it must still be there");
    verify->add_flag("--without-seals", chosen.verify.without_seals,
                     "早于封签功能的存证 the log is of a version before seals: take it without them");
    verify->footer(
        "尚未封签的尾部若被删、或整链重建，链本身看不出来：请另存每次打印的 head。\n"
        "A chain can't show by itself that a tail without a seal was taken away, or that all of it was made anew: "
        "keep\n"
        "each head that is printed elsewhere and give it the next time.");
    verify->callback([&chosen] {
        if (!chosen.head.empty()) {
            chosen.verify.known = {.records = chosen.records, .hash = chosen.head};
        }
        chosen.code = datong::app::verify(chosen.verify);
    });

    Command* keys = app.add_subcommand("keys", "公钥 Print the public keys that verify needs (JWKS with owners)");
    keys->add_option("--config,-c", chosen.config, "gateway.yaml")->capture_default_str();
    keys->callback([&chosen] { chosen.code = datong::app::keys(chosen.config); });

    Command* version = app.add_subcommand("version", "版本 Print the version");
    version->callback([] { std::cout << kVersion << '\n'; });
}

/// What was printed may be somebody's file, and the disk full: half of it is not good.
int code_of_output(int code) {
    std::cout.flush();
    if (std::cout) {
        return code;
    }
    std::cerr << "标准输出写不进去 standard output can't be written: what stands there is not whole\n";
    return code == kGood ? kWanting : code;
}

}  // namespace

int main(int argc, char** argv) {
    Command app{
        "datong 打通: 政务数据交换网关 government data-exchange gateway\n"
        "退出码 exit codes: 0 good, 1 found wanting, 2 usage, 3 cut short, 78 bad configuration"};
    app.set_version_flag("--version", kVersion);
    app.require_subcommand(1);
    Chosen chosen;
    add_running(app, chosen);
    add_map(app, chosen);
    add_import_tools(app, chosen.code);
    add_proof(app, chosen);
    add_evidence_tools(app, chosen.code);
    add_account_tools(app, chosen.code);
    add_signature_tools(app, chosen.code);
    add_cert_tools(app, chosen.code);
    if (const auto over = app.parse(argc, argv)) {
        return code_of_output(*over);
    }
    return code_of_output(chosen.code);
}
