#include <memory>
#include <string>
#include <utility>

#include "core/app/commands.h"
#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

constexpr const char* kFolder = "版本目录 folder of the editions (default: items beside the gateway's store)";

Command* add(Command& items, const std::string& name, const std::string& help,
             const std::shared_ptr<ItemsOptions>& options) {
    Command* command = items.add_subcommand(name, help);
    command->add_option("--folder", options->folder, kFolder);
    command->add_option("--config,-c", options->config, "gateway.yaml")->capture_default_str();
    return command;
}

void add_import(Command& items, int& code) {
    const auto options = std::make_shared<ItemsOptions>();
    Command* import =
        add(items, "import", "导入 Read the platform's item tables and keep them as a new edition", options);
    Option* tasks = import->add_option("--tasks", options->tasks, "事项表 up_task_general_basic, .csv or .json");
    Option* materials =
        import->add_option("--materials", options->materials, "材料表 up_task_general_material, .csv or .json");
    import
        ->add_option("--source", options->source,
                     "数据源 DEPARTMENT/SOURCE, asked for its operations `tasks` and `materials`")
        ->excludes(tasks)
        ->excludes(materials);
    import->footer(
        "例 example:\n"
        "  datong items import --tasks tasks.csv --materials materials.csv\n"
        "  datong items import --source items/item-library\n"
        "有误的行逐行说明, 其余照常导入 (状态 1); 内容未变则不产生新版本。\n"
        "Rows that are broken are named and the rest is imported (status 1); nothing new is kept where nothing "
        "changed.");
    import->callback([options, &code] { code = items_import(*options); });
}

}  // namespace

void add_matter_tools(Command& app, int& code) {
    Command* matter = app.add_subcommand("matter", "事项 Matters (docs/matters.md)");
    matter->require_subcommand(1);
    Command* coverage =
        matter->add_subcommand("coverage", "免提交率 How much of each matter the citizen need not bring");
    const auto options = std::make_shared<CoverageOptions>();
    coverage->add_option("MATTER", options->matter, "事项 id (default: all)");
    coverage->add_option("--consumer", options->consumer, "调用方 whose grants count")->required();
    coverage->add_flag("--live", options->live,
                       "按运行中的网关 leave out sources that take no calls in the running gateway");
    coverage->add_option("--evidence", options->evidence, "存证目录 say what became of each material there, too");
    coverage->add_option("--days", options->days, "近几天 days of the evidence that count")
        ->capture_default_str()
        ->check(within(1, 36'500));
    coverage->add_flag("--json", options->json, "输出 JSON one JSON object");
    coverage->add_option("--config,-c", options->config, "gateway.yaml")->capture_default_str();
    coverage->callback([options, &code] { code = matter_coverage(*options); });

    Command* followups = matter->add_subcommand("followups", "后续 What comes after the answers to matters");
    followups->require_subcommand(1);
    Command* list =
        followups->add_subcommand("list", "列出 Materials that are awaited, and those whose consumer is not told yet");
    const auto asked = std::make_shared<std::pair<std::string, bool>>("config/gateway.yaml", false);
    list->add_option("--config,-c", asked->first, "gateway.yaml")->capture_default_str();
    list->add_flag("--json", asked->second, "输出 JSON one JSON object");
    list->callback([asked, &code] { code = matter_followups(asked->first, asked->second); });
}

void add_items_tools(Command& app, int& code) {
    Command* items = app.add_subcommand("items", "事项库 The platform's item library (docs/items.md)");
    items->require_subcommand(1);
    add_import(*items, code);

    const auto list = std::make_shared<ItemsOptions>();
    add(*items, "list", "版本 List the editions that were imported", list)->callback([list, &code] {
        code = items_list(*list);
    });

    const auto show = std::make_shared<ItemsOptions>();
    Command* one = add(*items, "show", "事项 Show an item with its materials", show);
    one->add_option("CODE", show->code, "事项编码 task_code, or the beginning of one")->required();
    one->callback([show, &code] { code = items_show(*show); });

    const auto draft = std::make_shared<MatterDraftOptions>();
    Command* drafted = items->add_subcommand("draft", "起草 Print a matter drafted from an item, for config/matters");
    drafted->add_option("CODE", draft->code, "事项编码 task_code, or the beginning of one")->required();
    drafted->add_option("--id", draft->id, "事项 id of the matter (default: item- and the code's end)");
    drafted->add_option("--purpose", draft->purpose, "用途 purpose (default: the id)");
    drafted->add_option("--folder", draft->folder, kFolder);
    drafted->add_option("--table", draft->links, "对照表 (default: items/material-links.csv beside gateway.yaml)");
    drafted->add_option("--config,-c", draft->config, "gateway.yaml")->capture_default_str();
    drafted->callback([draft, &code] { code = items_draft(*draft); });

    const auto diff = std::make_shared<ItemsOptions>();
    Command* differ = add(*items, "diff", "比较 What changed between two editions; 1 when something did", diff);
    differ->add_option("BEFORE", diff->before, "旧版本 edition (default: the last but one)");
    differ->add_option("AFTER", diff->after, "新版本 edition (default: the last)");
    differ->callback([diff, &code] { code = items_diff(*diff); });

    const auto links = std::make_shared<ItemsOptions>();
    Command* linked = add(*items, "links", "免提交 Which materials a service can bring, and why not the others", links);
    linked->add_option("--table", links->links,
                       "对照表 clmc,dzzzdm,dzzzmc,service .csv (default: "
                       "items/material-links.csv beside gateway.yaml)");
    linked->add_flag("--json", links->json, "输出 JSON one JSON object");
    linked->callback([links, &code] { code = items_links(*links); });
}

}  // namespace datong::app
