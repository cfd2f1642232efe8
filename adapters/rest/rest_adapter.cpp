#include "adapters/rest/rest_adapter.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "adapters/rest/condition.h"
#include "adapters/rest/request.h"
#include "core/adapter/http_source.h"
#include "core/adapter/settings.h"
#include "core/outbound/sign_settings.h"
#include "core/outbound/signed_source.h"

namespace datong::adapters::rest {
namespace {

using adapter::Ask;
using adapter::Errand;
using adapter::Reply;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;
using outbound::SignedSource;

using Operations = std::map<std::string, Operation, std::less<>>;

class RestAdapter final : public adapter::Adapter {
public:
    RestAdapter(std::unique_ptr<SignedSource> source, Operations operations)
        : source_{std::move(source)}, operations_{std::move(operations)} {}

    boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        if (!what.file.empty()) {
            co_return co_await source_->fetch_file(std::move(what.file), what.most, errand.deadline);
        }
        const auto operation = operations_.find(what.operation);
        if (operation == operations_.end()) {
            co_return fail(Fault::internal, "rest has no operation " + what.operation);
        }
        auto request = request_for(operation->second, what, errand);
        if (!request) {
            co_return fail(std::move(request.error()));
        }
        co_return co_await source_->send(std::move(*request), operation->second.service, std::move(errand));
    }

    boost::asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        co_return co_await source_->probe(errand.deadline);
    }

    bool fetches_files() const override { return source_->fetches_files(); }

    std::vector<adapter::Warning> warnings() const override { return source_->warnings(); }

private:
    std::unique_ptr<SignedSource> source_;
    Operations operations_;
};

adapter::Pattern read_pattern(const std::string& text, const Position& where, const std::string& name,
                              Mistakes& mistakes) {
    auto pattern = adapter::Pattern::parse(text);
    if (!pattern) {
        mistakes.push_back(adapter::mistake_at(where, name + " 的占位符有误", name + ": " + pattern.error().detail()));
        return {};
    }
    return std::move(*pattern);
}

void check_path(const Settings& settings, Mistakes& mistakes) {
    const std::string& path = settings.text("path");
    if (!path.starts_with('/') || !adapter::is_path(path)) {
        mistakes.push_back(adapter::mistake_at(settings.where("path"), "path 应以 / 开头，不含 ? # 和空白",
                                               "path must begin with '/' and hold no '?', '#', blank or dot segment",
                                               "/v1/owners/{ID}"));
    }
}

/// Any method of HTTP but those that make a tunnel or an echo.
void check_method(const Settings& settings, Mistakes& mistakes) {
    const std::string& method = settings.text("method");
    const bool is_upper = std::ranges::none_of(method, [](char c) { return c >= 'a' && c <= 'z'; });
    if (!adapter::is_token(method) || !is_upper || method == "CONNECT" || method == "TRACE") {
        mistakes.push_back(adapter::mistake_at(settings.where("method"), "method 不是可用的 HTTP 方法",
                                               "method must be a method of HTTP in capitals, not CONNECT or TRACE",
                                               "POST"));
    }
}

BodyFormat format_by_name(const std::string& name) {
    if (name == "json") {
        return BodyFormat::json;
    }
    if (name == "xml") {
        return BodyFormat::xml;
    }
    return name == "multipart" ? BodyFormat::multipart : BodyFormat::form;
}

std::vector<std::pair<std::string, adapter::Pattern>> read_conditions(const Settings& settings, Mistakes& mistakes) {
    std::vector<std::pair<std::string, adapter::Pattern>> conditions;
    for (const auto& [name, text] : settings.map("conditions")) {
        if (!is_condition(text.reveal())) {
            mistakes.push_back(adapter::mistake_at(
                settings.where("conditions"), "conditions." + name + " 中每个 {字段} 须单独置于单引号内",
                "conditions." + name + ": every {FIELD} stands in single quotes, alone", "GMSFHM='{ZJHM}'"));
        }
        conditions.emplace_back(
            name, read_pattern(text.reveal(), settings.where("conditions"), "conditions." + name, mistakes));
    }
    return conditions;
}

Operation read_operation(const Settings& settings, charset::Charset charset, Mistakes& mistakes) {
    check_path(settings, mistakes);
    check_method(settings, mistakes);
    Operation operation{.method = settings.text("method"),
                        .path = read_pattern(settings.text("path"), settings.where("path"), "path", mistakes),
                        .query = settings.texts("query"),
                        .content_type = settings.text("content_type"),
                        .accept = settings.text("accept"),
                        .format = format_by_name(settings.text("fields")),
                        .root = settings.text("root"),
                        .root_uri = settings.text("root_uri"),
                        .conditions = read_conditions(settings, mistakes),
                        .service = settings.text("service"),
                        .charset = charset};
    for (const auto& [name, value] : settings.map("headers")) {
        if (!adapter::is_allowed_header(name, value.reveal())) {
            mistakes.push_back(adapter::mistake_at(settings.where("headers"), "headers 中的 " + name + " 不可用",
                                                   "headers: " + name + " can't be set here"));
        }
        operation.headers.emplace_back(
            name, read_pattern(value.reveal(), settings.where("headers"), "headers." + name, mistakes));
    }
    for (const std::string& value : {operation.content_type, operation.accept}) {
        if (!adapter::is_header_value(value)) {
            mistakes.push_back(adapter::mistake_at(settings.where("content_type"), "不能含控制字符",
                                                   "content_type and accept can't hold control characters"));
        }
    }
    return operation;
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    if (!has_errors(own)) {
        const auto charset = charset::by_name(settings.text("charset"));
        Operations operations;
        for (const auto& [name, operation] : settings.entries("operations")) {
            operations[name] = read_operation(operation, charset.value_or(charset::Charset::utf_8), own);
        }
        auto source = SignedSource::make(settings, tools, own);
        if (!has_errors(own)) {
            made = std::make_unique<RestAdapter>(std::move(source), std::move(operations));
        }
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

std::vector<Setting> operation_settings() {
    return {{.name = "method",
             .otherwise = "POST",
             .help_en = "of HTTP, any but CONNECT and TRACE",
             .help_zh = "HTTP 方法，CONNECT 与 TRACE 除外"},
            {.name = "path",
             .required = true,
             .help_en = "behind url, with {FIELD} and {exchange}",
             .help_zh = "接在 url 之后，可用 {字段} 与 {exchange}"},
            {.name = "query",
             .kind = SettingKind::list,
             .help_en = "fields that go into the query; of GET, HEAD and DELETE all do",
             .help_zh = "放入查询串的字段；GET、HEAD、DELETE 全部放入"},
            {.name = "headers",
             .kind = SettingKind::map,
             .help_en = "headers with {FIELD} and {exchange}",
             .help_zh = "请求头，可用 {字段} 与 {exchange}"},
            {.name = "content_type",
             .help_en = "of the body; default: what the mapping or the form is",
             .help_zh = "请求体类型；默认由映射或表单决定"},
            {.name = "accept", .help_en = "what answer is wanted", .help_zh = "希望的答复类型"},
            {.name = "fields",
             .otherwise = "form",
             .help_en = "what fields become where the mapping made no body; a name with dots nests in json and xml",
             .help_zh = "映射未生成请求体时字段的格式；json 与 xml 中带点的名称表示层级",
             .choices = {"form", "json", "xml", "multipart"}},
            {.name = "root",
             .otherwise = "request",
             .help_en = "the document element of fields: xml",
             .help_zh = "fields: xml 的根元素"},
            {.name = "root_uri", .help_en = "its namespace", .help_zh = "根元素的命名空间"},
            {.name = "conditions",
             .kind = SettingKind::map,
             .help_en = "SQL-like texts made of fields, each in single quotes: GMSFHM='{ZJHM}'",
             .help_zh = "由字段拼成的类 SQL 条件，字段各在单引号内：GMSFHM='{ZJHM}'"},
            outbound::service_setting()};
}

}  // namespace

adapter::Kind kind() {
    std::vector<Setting> settings = SignedSource::settings();
    settings.push_back({.name = "charset",
                        .otherwise = "utf-8",
                        .help_en = "of fields in path, query and form",
                        .help_zh = "路径、查询串和表单中字段的字符集",
                        .choices = {"utf-8", "gb18030", "gbk", "big5"}});
    return {.name = "rest",
            .version = "1.0.0",
            .status = "stable",
            .settings = std::move(settings),
            .operation_settings = operation_settings(),
            .make = make};
}

}  // namespace datong::adapters::rest
