#include "adapters/sql/sql_adapter.h"

#include <map>
#include <utility>

#include "core/adapter/settings.h"
#include "core/database/binding.h"
#include "core/database/source.h"

namespace datong::adapters::sql {
namespace {

using adapter::Ask;
using adapter::Errand;
using adapter::Reply;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;
using database::Look;
using database::Values;
using record::Record;

using Operations = std::map<std::string, std::vector<Look>, std::less<>>;

Result<std::vector<Values>> values_for(const std::vector<Look>& looks, const Record& fields, charset::Charset charset) {
    std::vector<Values> all;
    for (const Look& look : looks) {
        auto values = database::bind_all(look.statement, fields, charset);
        if (!values) {
            return fail(std::move(values.error()));
        }
        all.push_back(std::move(*values));
    }
    return all;
}

class SqlAdapter final : public adapter::Adapter {
public:
    SqlAdapter(const database::Opening& opening, std::size_t connections, Operations operations,
               std::shared_ptr<async::Pool> threads)
        : source_{opening, connections, std::move(threads)}, operations_{std::move(operations)} {}

    boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto operation = operations_.find(what.operation);
        if (operation == operations_.end()) {
            co_return fail(Fault::internal, "sql has no operation " + what.operation);
        }
        auto values = values_for(operation->second, what.fields, source_.opening().charset);
        if (!values) {
            co_return fail(std::move(values.error()));
        }
        database::Work work = [looks = operation->second, values = std::move(*values)](database::Connection& connection,
                                                                                       Deadline deadline) {
            return connection.run(looks, values, deadline);
        };
        const bool repeats = !source_.opening().write;  // who writes can't know whether it was done
        auto rows = co_await source_.use(std::move(work), std::move(errand), repeats);
        if (!rows) {
            co_return fail(std::move(rows.error()));
        }
        Reply reply;
        reply.rows = std::move(*rows);
        co_return reply;
    }

    boost::asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        database::Work work = [](database::Connection& connection, Deadline deadline) {
            const Look look{.set = "probe", .statement = {.text = "SELECT 1", .names = {}}, .max_rows = 1};
            return connection.execute(look, {}, deadline);
        };
        co_return co_await source_.probe(std::move(work), std::move(errand));
    }

    std::vector<adapter::Warning> warnings() const override { return database::protection_warnings(source_.opening()); }

private:
    database::Source source_;
    Operations operations_;
};

std::vector<Setting> look_settings() {
    return {{.name = "sql",
             .help_en = "one statement; :NAME is bound from the request mapping's field of that name",
             .help_zh = "一条 SQL；:NAME 绑定请求映射的同名字段"},
            {.name = "max_rows",
             .kind = SettingKind::whole,
             .otherwise = "1000",
             .help_en = "more rows than these are no answer",
             .help_zh = "行数超过此值则视为无效答复",
             .least = 1,
             .most = 100'000}};
}

void read_look(const Settings& settings, const std::string& set, const database::Opening& opening,
               std::vector<Look>& looks, Mistakes& mistakes) {
    auto statement = database::take_parameters(settings.text("sql"), opening.dialect).and_then([&](auto taken) {
        return database::in_charset(std::move(taken), opening.charset);
    });
    if (!statement) {
        const std::string& why = statement.error().detail();
        mistakes.push_back(adapter::mistake_at(settings.where("sql"), "sql 有误：" + why, "sql: " + why));
        return;
    }
    looks.push_back({.set = set,
                     .statement = std::move(*statement),
                     .max_rows = static_cast<std::size_t>(settings.whole("max_rows"))});
}

std::vector<Look> read_operation(const Settings& operation, const database::Opening& opening, Mistakes& mistakes) {
    std::vector<Look> looks;
    if (operation.has("sql") == operation.has("sets")) {
        mistakes.push_back(adapter::mistake_at(operation.where("sql"), "sql 与 sets 须且只能写一个",
                                               "write either sql or sets", "sql: SELECT ..."));
        return looks;
    }
    if (operation.has("sql")) {
        read_look(operation, "rows", opening, looks, mistakes);
    }
    for (const auto& [set, settings] : operation.entries("sets")) {
        read_look(settings, set, opening, looks, mistakes);
    }
    return looks;
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    const auto opening = has_errors(own) ? std::nullopt : database::read_opening(settings, tools, own);
    if (opening) {
        Operations operations;
        for (const auto& [name, operation] : settings.entries("operations")) {
            operations[name] = read_operation(operation, *opening, own);
        }
        if (!has_errors(own)) {
            made = std::make_unique<SqlAdapter>(*opening, static_cast<std::size_t>(settings.whole("connections")),
                                                std::move(operations), tools.blocking);
        }
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

}  // namespace

adapter::Kind kind() {
    std::vector<Setting> operation = look_settings();
    std::vector<Setting> set = look_settings();
    set.front().required = true;
    operation.push_back({.name = "sets",
                         .kind = SettingKind::map,
                         .help_en = "several statements, read in one transaction, by the set's name",
                         .help_zh = "多条语句，同一事务内读取，按结果集名称",
                         .entry = std::move(set)});
    return {.name = "sql",
            .version = "1.0.0",
            .status = "stable",
            .settings = database::source_settings(),
            .operation_settings = std::move(operation),
            .make = make};
}

}  // namespace datong::adapters::sql
