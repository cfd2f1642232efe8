#include <memory>
#include <optional>
#include <string>

#include "core/app/commands.h"
#include "core/command_line/command_line.h"
#include "core/record/date.h"

namespace datong::app {
namespace {

constexpr const char* kConfigHelp = "gateway.yaml";

/// A script's variable that was never set must not widen what is meant.
std::string judge_condition(const std::string& text) {
    return text.empty() ? "空值 it is empty" : "";
}

/// When a year, a month, a day or a moment begins, as the evidence writes moments; nullopt for any other text.
std::optional<std::string> start_of(const std::string& text) {
    for (const char* rest : {"-01-01", "-01", ""}) {
        if (const auto day = record::parse_iso_date(text + rest)) {
            return record::to_text(record::DateTime{.date = *day});
        }
    }
    const auto moment = record::parse_rfc3339(text);
    return moment ? std::optional{record::to_text(*moment)} : std::nullopt;
}

/// An option whose text is compared with what the evidence says: another text would leave out what was asked for.
void add_start(Command& command, const std::string& name, std::string& target, const std::string& help) {
    command.add_option(name, target, help)->check([](const std::string& text) {
        return start_of(text) ? std::string{}
                              : std::string{
                                    "应为年、月、日或时刻 a year, a month, a day or a moment with its offset: "
                                    "2026, 2026-11, 2026-11-30, 2026-11-30T09:00:00+08:00"};
    });
}

/// Empty for RFC 3339.
std::string judge_moment(const std::string& text) {
    return record::parse_rfc3339(text)
               ? std::string{}
               : std::string{"应为带时差的时刻 a moment with its offset, such as 2026-12-01T00:00:00+08:00"};
}

/// Empty for the id of an exchange; a part of one names none.
std::string judge_exchange(const std::string& text) {
    bool good = text.size() == 36;
    for (std::size_t at = 0; good && at < text.size(); ++at) {
        const bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
        good =
            is_dash ? text[at] == '-' : std::string_view{"0123456789abcdef"}.find(text[at]) != std::string_view::npos;
    }
    return good ? std::string{}
                : std::string{"不是完整的交换编号 not the whole id of an exchange: datong evidence list shows them"};
}

void add_erase(Command& evidence, int& code) {
    Command* erase = evidence.add_subcommand(
        "erase",
        "清除报文和对象密钥 Erase bodies kept beside the chain, and the keys that persons are named by; every proof "
        "stands afterwards");
    const auto options = std::make_shared<EraseOptions>();
    erase
        ->add_option("--exchange", options->exchange,
                     "交换编号 the bodies of one exchange (a key is of a case and day: none goes)")
        ->check(judge_exchange);
    erase->add_option("--case", options->case_number, "办件号 those of one case")->check(judge_condition);
    Option* before =
        erase->add_option("--before", options->before, "早于 those from before this moment")->check(judge_moment);
    erase->add_option("--older-than", options->older_than_days, "天数 those older than so many days")
        ->excludes(before)
        ->check(within(1, 36'500));
    erase->add_option("--only", options->what, "bodies 仅报文, subjects 仅对象密钥 the bodies or the keys only")
        ->check(one_of({"bodies", "subjects"}));
    erase->add_option("--basis", options->basis, "依据文号 number of the order or rule; never a person's number")
        ->required();
    erase->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    erase->footer(
        "例 example:\n"
        "  datong evidence erase --case 999901-2026-000123 --basis 示数〔2026〕12号\n"
        "先记入存证链 (网关签名), 再覆写磁盘 Recorded in the chain, signed by the gateway, then overwritten on disk.");
    erase->callback([options, &code] { code = evidence_erase(*options); });
}

void add_list(Command& evidence, int& code) {
    Command* list = evidence.add_subcommand("list", "列表 Exchanges, by what they were about");
    const auto options = std::make_shared<EvidenceListOptions>();
    ledger::Wanted& wanted = options->wanted;
    list->add_option("--case", wanted.case_number, "办件号 case");
    list->add_option("--matter", wanted.matter, "事项 matter");
    list->add_option("--material", wanted.material, "材料 material, by its id in the matter");
    list->add_option("--consumer", wanted.consumer, "调用方 consumer");
    list->add_option("--service", wanted.service, "服务 service, with or without @VERSION");
    list->add_option("--kind", options->kind,
                     "种类 exchange 交换, administration 管理行为 acts of people who administer")
        ->capture_default_str()
        ->check(one_of({"exchange", "administration"}));
    list->add_option("--actor", options->actor, "账号 account, of administration");
    list->add_option("--act", options->act,
                     "行为 account.add, reload ..., or account for all of them; of administration");
    list->add_option("--target", options->target, "事由对象 what it was about; of administration");
    list->add_option("--outcome", wanted.outcome,
                     "结果 found, not_found ..., a fault's code; of administration done ...");
    add_start(*list, "--from", wanted.from,
              "自 from on: 2026, 2026-11, 2026-11-30 (at +08:00) or 2026-11-30T09:00:00+08:00");
    add_start(*list, "--until", wanted.until, "前 before, likewise");
    list->add_option("--subject", options->subject, R"(对象 JSON file {"id_no": "..."}, - for standard input)");
    list->add_option("--after", wanted.after, "上一页末 where the page before ended");
    list->add_option("--most", wanted.most, "条数 entries of a page")->capture_default_str()->check(within(1, 10'000));
    list->add_flag("--json", options->json, "JSON");
    list->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    list->footer(
        "例 example:\n"
        "  datong evidence list --case 999901-2026-000123\n"
        "  echo '{\"id_no\": \"...\"}' | datong evidence list --subject -\n"
        "  datong evidence list --kind administration --act account --from 2026-11\n"
        "对象号码只从文件或标准输入读取 A person's number is read from a file or standard input, never an argument.");
    list->callback([options, &code] {
        options->wanted.from = start_of(options->wanted.from).value_or("");
        options->wanted.until = start_of(options->wanted.until).value_or("");
        code = options->kind == "administration" ? evidence_acts(*options) : evidence_list(*options);
    });
}

void add_one(Command& evidence, int& code) {
    Command* show = evidence.add_subcommand("show", "查看 What is known of one exchange");
    const auto options = std::make_shared<EvidenceOptions>();
    show->add_option("EXCHANGE", options->exchange, "交换编号 id of the exchange")->required()->check(judge_exchange);
    show->add_flag("--json", options->json, "JSON");
    show->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    show->callback([options, &code] { code = evidence_show(*options); });

    Command* made = evidence.add_subcommand(
        "export", "导出 Its container (ASiC-E): provable by datong verify, or by openssl, xmlsec1 and sha256sum");
    made->footer(
        "配置中的吊销列表一并放入，http:// 地址的会去取 Revocation lists that the configuration names go in; those at "
        "an\n"
        "http:// address are fetched, within listen.revocation.timeout_ms each.");
    const auto wanted = std::make_shared<ContainerOptions>();
    made->add_option("EXCHANGE", wanted->exchanges, "交换编号 ids of exchanges")->required()->check(judge_exchange);
    made->add_option("--out,-o", wanted->out, "文件, 多个时为目录 file, of several a folder (default: EXCHANGE.asice)");
    made->add_option("--config,-c", wanted->config, kConfigHelp)->capture_default_str();
    made->callback([wanted, &code] { code = evidence_export(*wanted); });

    Command* reindex = evidence.add_subcommand("reindex", "重建索引 Make the index anew from the chain");
    const auto all = std::make_shared<EvidenceOptions>();
    reindex->add_option("--config,-c", all->config, kConfigHelp)->capture_default_str();
    reindex->callback([all, &code] { code = evidence_reindex(*all); });
}

void add_archive(Command& evidence, int& code) {
    Command* archive =
        evidence.add_subcommand("archive", "归档 Move old segments into another folder, with a chain file");
    const auto options = std::make_shared<ArchiveOptions>();
    archive->add_option("--to", options->to, "归档目录 folder, by its absolute path")->required();
    Option* before =
        archive->add_option("--before", options->before, "早于 records from before this moment")->check(judge_moment);
    archive->add_option("--older-than", options->older_than_days, "天数 older than so many days")
        ->excludes(before)
        ->check(within(1, 36'500));
    archive->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    archive->footer(
        "整段移动, 正在写入的段不动; 验证、索引与导出会继续读取归档。\n"
        "Whole segments move, never the one that is written to; verify, reindex and export read on in the archive.");
    archive->callback([options, &code] { code = evidence_archive(*options); });
}

void add_backup(Command& app, int& code) {
    Command* backup = app.add_subcommand("backup", "备份 Back a running node up, and restore it");
    backup->require_subcommand(1);
    const auto options = std::make_shared<BackupOptions>();
    Command* create = backup->add_subcommand("create", "备份 Evidence, bodies and submissions into an empty folder");
    create->add_option("DIR", options->folder, "空目录 empty folder")->required();
    create->add_option("--config,-c", options->config, kConfigHelp)->capture_default_str();
    create->footer("不含密钥与配置 It holds no keys and no configuration: keep those elsewhere.");
    create->callback([options, &code] { code = backup_create(*options); });
    Command* restore =
        backup->add_subcommand("restore", "恢复 Prove a backup complete and put it into an empty folder");
    restore->add_option("DIR", options->folder, "备份目录 folder of the backup")->required();
    restore->add_option("--to", options->to, "空目录 empty folder; gets evidence and state")->required();
    restore->add_option("--keys", options->keys, "公钥 JWKS file of the keys that you trust")->required();
    restore->callback([options, &code] { code = backup_restore(*options); });
}

void add_stats(Command& app, int& code) {
    Command* stats = app.add_subcommand("stats", "统计 Figures that the evidence proves");
    stats->require_subcommand(1);
    Command* saved =
        stats->add_subcommand("saved", "免提交 Materials that nobody had to hand in, counted from the log alone");
    const auto options = std::make_shared<SavedOptions>();
    saved->add_option("DIR", options->folder, "存证目录 folder of .dlog files")->required();
    saved->add_option("--by", options->by, "按 matter, department or month")
        ->capture_default_str()
        ->check(one_of({"matter", "department", "month"}));
    saved->add_flag("--exchanges", options->exchanges, "列出证明 name the exchanges that prove each number");
    saved->add_flag("--json", options->json, "JSON");
    saved->footer(
        "一个办件的一种材料只计一次: 由部门证照答复 found 或 match 为已免, 问过为应免。\n"
        "One material of one case counts once: due when it was asked for, saved when a department's certificate said "
        "found or match.");
    saved->callback([options, &code] { code = stats_saved(*options); });

    Command* supervision = stats->add_subcommand(
        "supervision",
        "监督 应调未调与重复提交 What was taken on paper though a department had it, or was never asked");
    const auto wanted = std::make_shared<SupervisionOptions>();
    supervision->add_option("DIR", wanted->folder, "存证目录 folder of .dlog files")->required();
    Option* cases = supervision->add_option(
        "--cases", wanted->cases, "办件表 up_pro_accept, .csv or .json (default: the source that gateway.yaml names)");
    Option* taken =
        supervision->add_option("--taken", wanted->taken, "收件表 materials taken: project_no, clmc, submit_mode");
    cases->needs(taken);
    taken->needs(cases);
    supervision->add_option("--table", wanted->links, "对照表 (default: items/material-links.csv beside gateway.yaml)");
    supervision->add_option("--by", wanted->by, "按 window, item, department or day")
        ->capture_default_str()
        ->check(one_of({"window", "item", "department", "day"}));
    supervision->add_flag("--list", wanted->list, "列出 name each case");
    supervision->add_flag("--json", wanted->json, "JSON");
    supervision->add_option("--config,-c", wanted->config, kConfigHelp)->capture_default_str();
    supervision->callback([wanted, &code] { code = stats_supervision(*wanted); });
}

}  // namespace

void add_evidence_tools(Command& app, int& code) {
    Command* evidence = app.add_subcommand("evidence", "存证 What the evidence holds (docs/proof.md)");
    evidence->require_subcommand(1);
    add_list(*evidence, code);
    add_one(*evidence, code);
    add_archive(*evidence, code);
    add_erase(*evidence, code);
    add_backup(app, code);
    add_stats(app, code);
}

}  // namespace datong::app
