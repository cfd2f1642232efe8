#include "core/app/source_tools.h"

#include <memory>

#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

std::string check_id(const std::string& text) {
    const bool good = !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
                      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    return good ? "" : "小写字母开头, 只含小写字母、数字和 - small letters, digits and '-', a letter first";
}

void add_options(Command& command, ImportDescriptionOptions& options) {
    Option* file = command.add_option("FILE", options.file, "描述文件 the description");
    Option* url = command.add_option("--url", options.url, "或从地址读取 or read it from here")->excludes(file);
    command.add_option("--ca", options.ca, "https 信任的根证书 PEM file: what https trusts")->needs(url);
    command.add_option("--operation", options.operation, "只要一个操作 this operation only (default: all)");
    command.add_option("--department", options.department, "部门 id of the department")->required()->check(check_id);
    command.add_option("--source", options.source, "数据源 id of the source")->required()->check(check_id);
    command.add_option("--out,-o", options.out, "写到目录 folder for the draft; nothing in it is written over")
        ->capture_default_str();
}

using Run = int (*)(const ImportDescriptionOptions&);

Command* add_one(Command& parent, const char* name, const char* help, Run run, int& code) {
    Command* command = parent.add_subcommand(name, help);
    const auto options = std::make_shared<ImportDescriptionOptions>();
    add_options(*command, *options);
    if (run == &import_wsdl) {
        command->add_option("--service", options->service, "WSDL 中的 service (default: the only one)");
        command->add_option("--port", options->port, "端口 port (default: the first one over SOAP)");
    }
    command->callback([options, run, &code] {
        if (options->file.empty() == options->url.empty()) {
            refuse_without("FILE or --url");
        }
        code = run(*options);
    });
    return command;
}

}  // namespace

void add_import_tools(Command& app, int& code) {
    Command* import_command = app.add_subcommand("import", "起草 Draft a source, services, mappings and schemas");
    import_command->require_subcommand(1);
    add_one(*import_command, "wsdl", "由 WSDL 1.1 起草 from a WSDL 1.1 and its schemas", &import_wsdl, code)
        ->footer(
            "例 example:\n"
            "  datong import wsdl BdcService.wsdl --department land --source bdc\n"
            "只起草, 不覆盖 Drafts only, and never writes over a file. docs/import.md");
    add_one(*import_command, "openapi", "由 OpenAPI 3 或 Swagger 2.0 起草 from OpenAPI 3 or Swagger 2.0, JSON or YAML",
            &import_openapi, code)
        ->footer(
            "例 example:\n"
            "  datong import openapi market.yaml --department market --source registry\n"
            "只起草, 不覆盖 Drafts only, and never writes over a file. docs/import.md");
}

}  // namespace datong::app
