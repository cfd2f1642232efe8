#include "core/app/map_tools.h"

#include <memory>

#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

void add_path(Command& map, int& code) {
    Command* path = map.add_subcommand("path", "查路径 Print the nodes that a path meets in a JSON or XML sample");
    const auto options = std::make_shared<PathOptions>();
    path->add_option("PATH", options->path, "RFC 9535 路径 query, or relative as in mappings")->required();
    path->add_option("FILE", options->sample, "样例 sample; without it standard input");
    path->add_option("--take", options->take, "先走到这里 begin here; text that is XML or JSON itself is read")
        ->allow_extra_args(false);
    path->footer(
        "例 example:\n"
        "  datong map path '$.data.persons[?@.role == \"1\"].name' reply.json\n"
        "  $['data']['persons'][0]['name']\t\"示例甲\"\n"
        "  datong map path --take Body.getBdcInfoResponse.return 'DATA.BDCQ.QLRS.QLR[*].QLRMC' reply.xml\n"
        "XML 的路径从文档元素之内开始 In XML paths begin inside the document element.");
    path->callback([options, &code] { code = map_path(*options); });
}

void add_tables(Command& map, int& code) {
    Command* out = map.add_subcommand("export", "导出表格 Print a mapping's rows as a table for Excel or WPS");
    const auto exporting = std::make_shared<ExportOptions>();
    out->add_option("FILE", exporting->file, "mapping .yaml")->required();
    out->add_flag("--csv", "UTF-8 CSV 带 BOM with byte order mark (the only form)")->required();
    out->add_option("--out,-o", exporting->out, "写到文件 write here instead of standard output");
    out->footer(
        "例 example:\n"
        "  datong map export --csv mappings/land/realestate-certificate.yaml -o rows.csv\n"
        "以 = + - @ 开头的单元格前有一个撇号 A cell that begins with = + - @ has an apostrophe in front.");
    out->callback([exporting, &code] { code = map_export(*exporting); });

    Command* in = map.add_subcommand("import", "导入表格 Put an edited table back into its mapping");
    const auto importing = std::make_shared<ImportOptions>();
    in->add_option("--csv", importing->csv, "表格 table that map export made")->required();
    in->add_option("INTO", importing->into, "mapping .yaml")->required();
    in->add_option("--mappings", importing->mappings, "映射根目录 root folder (default: nearest one named mappings)");
    in->add_flag("--test-division", importing->test_division, "接受 9999xx accept the reserved test division");
    in->footer(
        "例 example:\n"
        "  datong map import --csv rows.csv mappings/land/realestate-certificate.yaml\n"
        "注释和表格里没有的内容原样保留 Comments and what the table does not show stay as they are.");
    in->callback([importing, &code] { code = map_import(*importing); });
}

void add_diff(Command& map, int& code) {
    Command* diff = map.add_subcommand("diff", "比较版本 What changed between two versions, and which outputs differ");
    const auto options = std::make_shared<DiffOptions>();
    diff->add_option("A", options->before, "旧版本 the older mapping .yaml")->required();
    diff->add_option("B", options->after, "新版本 the newer mapping .yaml")->required();
    diff->add_option("--samples", options->samples, "样例目录 folder of replies to run through both")
        ->check(existing_directory());
    diff->add_option("--context", options->context, "上下文 JSON file that from_ctx reads");
    diff->add_option("--at", options->at, "时刻 the moment, such as 2026-03-01T09:00:00+08:00");
    diff->add_option("--mappings", options->mappings, "映射根目录 root folder (default: nearest one named mappings)");
    diff->add_flag("--test-division", options->test_division, "接受 9999xx accept the reserved test division");
    diff->footer(
        "例 example:\n"
        "  git show HEAD~1:mappings/land/realestate-certificate.yaml > old.yaml\n"
        "  datong map diff old.yaml mappings/land/realestate-certificate.yaml --samples replies\n"
        "退出码 exit code: 0 相同 same, 1 不同 different. 值按密级遮掩 Values are masked by class.");
    diff->callback([options, &code] { code = map_diff(*options); });
}

void add_lineage(Command& map, int& code) {
    Command* lineage = map.add_subcommand("lineage", "血缘 Where every target field is from (一数一源)");
    const auto options = std::make_shared<LineageOptions>();
    lineage->add_option("PATH", options->paths, "文件或目录 files or folders")->required();
    lineage->add_flag("--csv", options->csv, "表格 as CSV for Excel or WPS");
    lineage->add_option("--config", options->configuration,
                        "配置目录 folder of gateway.yaml: its grants name the legal basis (依据)");
    lineage->add_option("--mappings", options->mappings,
                        "映射根目录 root folder (default: nearest one named mappings)");
    lineage->add_flag("--test-division", options->test_division, "接受 9999xx accept the reserved test division");
    lineage->footer("例 example:\n  datong map lineage --csv --config config mappings > lineage.csv");
    lineage->callback([options, &code] { code = map_lineage(*options); });
}

void add_schema(Command& map, int& code) {
    Command* schema = map.add_subcommand("schema", "来源模式 Source schemas");
    schema->require_subcommand(1);
    Command* infer = schema->add_subcommand("infer", "推断 Draft a source schema from samples (XML, JSON, CSV)");
    const auto options = std::make_shared<DraftOptions>();
    infer->add_option("SAMPLE", options->samples, "样例 replies of one kind; the more, the better")->required();
    infer->add_option("--take", options->take, "路径 path down to the record; may come several times")
        ->allow_extra_args(false);
    infer->add_option("--id", options->id, "编号 id of the schema")->capture_default_str();
    infer->add_option("--out,-o", options->out, "写到文件 write here instead of standard output");
    infer->footer(
        "例 example:\n"
        "  datong map schema infer --take data --id card.query reply-1.json reply-2.json -o card.source.yaml\n"
        "类别是猜的, 请核对 Classes are guesses: check them.");
    infer->callback([options, &code] { code = map_schema_infer(*options); });
}

void add_shadow(Command& map, int& code) {
    Command* shadow = map.add_subcommand("shadow", "影子运行 A candidate version beside the one in force");
    shadow->require_subcommand(1);
    Command* report = shadow->add_subcommand("report", "报告 What differed, and whether it may be put in force");
    const auto options = std::make_shared<ShadowOptions>();
    report->add_option("FILE", options->files, "计数 counts of one candidate, as the gateway keeps them")->required();
    report->add_option("--records", options->records, "至少比较 records that must be compared")->capture_default_str();
    report->add_option("--explained", options->explained, "有意的不同 target path that may differ; several times")
        ->allow_extra_args(false);
    report->footer(
        "例 example:\n"
        "  datong map shadow report shadow-1.json shadow-2.json --explained /house/priceFen\n"
        "退出码 exit code: 0 可以启用 may be put in force, 1 还不行 not yet. 只有计数, 没有数据 Counts only, no data.");
    report->callback([options, &code] { code = map_shadow_report(*options); });
}

}  // namespace

void add_map_tools(Command& map, int& code) {
    add_path(map, code);
    add_tables(map, code);
    add_diff(map, code);
    add_lineage(map, code);
    add_schema(map, code);
    add_shadow(map, code);
}

}  // namespace datong::app
