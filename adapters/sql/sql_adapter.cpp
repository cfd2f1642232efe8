#include "adapters/sql/sql_adapter.h"

#include <map>
#include <utility>

#include "adapters/sql/pool.h"
#include "core/adapter/settings.h"
#include "core/async/wait.h"
#include "core/base/text.h"

namespace datong::adapters::sql {
namespace {

using adapter::Ask;
using adapter::Errand;
using adapter::Reply;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;
using record::Record;

using Operations = std::map<std::string, std::vector<Look>, std::less<>>;

/// A field as it is bound: text in the database's charset, nothing for null or what is missing.
Result<Value> value_of(const Record* field, const std::string& name, const Opening& opening) {
    if (field == nullptr || field->is_null()) {
        return Value{};
    }
    if (!field->is_scalar()) {
        return fail(Fault::request_invalid, "parameter " + name + " is no single value");
    }
    std::string value{field->scalar()};
    if (field->is_text() && opening.charset != charset::Charset::utf_8) {
        auto encoded = charset::encode(value, opening.charset);
        if (!encoded) {
            return fail(Fault::request_invalid, "parameter " + name + " has a character that the database can't hold");
        }
        value = std::move(*encoded);
    }
    if (value.find('\0') != std::string::npos) {
        return fail(Fault::request_invalid, "parameter " + name + " has a zero octet");
    }
    return Value{.octets = std::move(value), .is_number = field->is_number()};
}

Result<std::vector<Values>> values_for(const std::vector<Look>& looks, const Record& fields, const Opening& opening) {
    std::vector<Values> all;
    for (const Look& look : looks) {
        Values values;
        for (const std::string& name : look.statement.names) {
            auto value = value_of(fields.find(name), name, opening);
            if (!value) {
                return fail(std::move(value.error()));
            }
            values.push_back(std::move(*value));
        }
        all.push_back(std::move(values));
    }
    return all;
}

class SqlAdapter final : public adapter::Adapter {
public:
    SqlAdapter(const Opening& opening, std::size_t connections, Operations operations,
               std::shared_ptr<async::Pool> pool)
        : opening_{opening},
          operations_{std::move(operations)},
          pool_{std::make_shared<Pool>(opening, connections)},
          threads_{std::move(pool)} {}

    boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto operation = operations_.find(what.operation);
        if (operation == operations_.end()) {
            co_return fail(Fault::internal, "sql has no operation " + what.operation);
        }
        auto values = values_for(operation->second, what.fields, opening_);
        if (!values) {
            co_return fail(std::move(values.error()));
        }
        auto rows = co_await run(operation->second, std::move(*values), std::move(errand));
        if (!rows) {
            co_return fail(std::move(rows.error()));
        }
        Reply reply;
        reply.rows = std::move(*rows);
        co_return reply;
    }

    boost::asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        std::vector<Look> looks{{.set = "probe", .statement = {.text = "SELECT 1", .names = {}}, .max_rows = 1}};
        std::vector<Values> nothing(1);
        auto rows = co_await run(std::move(looks), std::move(nothing), std::move(errand));
        if (!rows) {
            co_return fail(std::move(rows.error()));
        }
        co_return adapter::Contact::authenticated;
    }

private:
    /// The work owns all that it needs, for it may go on after this call was given up.
    boost::asio::awaitable<Result<Record>> run(std::vector<Look> looks, std::vector<Values> values, Errand errand) {
        const Deadline deadline = errand.deadline;
        std::function<Result<Record>()> work = [pool = pool_, looks = std::move(looks), values = std::move(values),
                                                deadline, place = std::move(errand.place)] {
            return pool->run(looks, values, deadline);
        };
        co_return co_await async::on_pool<Record>(*threads_, std::move(work), deadline);
    }

    Opening opening_;
    Operations operations_;
    std::shared_ptr<Pool> pool_;
    std::shared_ptr<async::Pool> threads_;
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

void read_look(const Settings& settings, const std::string& set, Dialect dialect, std::vector<Look>& looks,
               Mistakes& mistakes) {
    auto statement = take_parameters(settings.text("sql"), dialect);
    if (!statement) {
        const std::string& why = statement.error().detail();
        mistakes.push_back(adapter::mistake_at(settings.where("sql"), "sql 有误：" + why, "sql: " + why));
        return;
    }
    looks.push_back({.set = set,
                     .statement = std::move(*statement),
                     .max_rows = static_cast<std::size_t>(settings.whole("max_rows"))});
}

std::vector<Look> read_operation(const Settings& operation, Dialect dialect, Mistakes& mistakes) {
    std::vector<Look> looks;
    if (operation.has("sql") == operation.has("sets")) {
        mistakes.push_back(adapter::mistake_at(operation.where("sql"), "sql 与 sets 须且只能写一个",
                                               "write either sql or sets", "sql: SELECT ..."));
        return looks;
    }
    if (operation.has("sql")) {
        read_look(operation, "rows", dialect, looks, mistakes);
    }
    for (const auto& [set, settings] : operation.entries("sets")) {
        read_look(settings, set, dialect, looks, mistakes);
    }
    return looks;
}

Opening read_opening(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    Opening opening{.dialect = settings.text("driver") == "sqlite" ? Dialect::sqlite : Dialect::postgresql,
                    .connection = settings.secret("connection"),
                    .read_only = settings.flag("read_only"),
                    .max_answer = static_cast<std::size_t>(settings.whole("max_answer"))};
    if (const auto charset = charset::by_name(settings.text("charset")); charset) {
        opening.charset = *charset;
    } else {
        mistakes.push_back(adapter::mistake_at(settings.where("charset"), "charset 无此字符集", "no such charset",
                                               "utf-8, gb18030, gbk, big5"));
    }
    if (opening.dialect == Dialect::sqlite) {
        opening.connection = Secret{adapter::resolve(tools, opening.connection.reveal())};
    } else if (!is_postgresql_connection(opening.connection.reveal())) {
        mistakes.push_back(adapter::mistake_at(settings.where("connection"), "connection 应为 libpq 连接串",
                                               "connection must be libpq's key=value pairs or a postgresql:// URI",
                                               "host=... port=... dbname=... user=... sslmode=verify-full"));
    }
    return opening;
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    if (!has_errors(own)) {
        Opening opening = read_opening(settings, tools, own);
        Operations operations;
        for (const auto& [name, operation] : settings.entries("operations")) {
            operations[name] = read_operation(operation, opening.dialect, own);
        }
        if (!has_errors(own)) {
            made = std::make_unique<SqlAdapter>(opening, static_cast<std::size_t>(settings.whole("connections")),
                                                std::move(operations), tools.blocking);
        }
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

std::vector<Setting> source_settings() {
    return {{.name = "driver",
             .required = true,
             .help_en = "the database: sqlite or postgresql",
             .help_zh = "数据库类型",
             .choices = {"sqlite", "postgresql"}},
            {.name = "connection",
             .required = true,
             .secret = true,
             .help_en = "sqlite: a file; postgresql: libpq's connection string",
             .help_zh = "sqlite：文件；postgresql：libpq 连接串"},
            {.name = "charset",
             .otherwise = "utf-8",
             .help_en = "of bound values and column names; cells stay bytes, which the mapping decodes",
             .help_zh = "绑定值和列名的字符集；单元格保持原字节，由映射解码"},
            {.name = "read_only",
             .kind = SettingKind::flag,
             .otherwise = "true",
             .help_en = "the database itself refuses to write",
             .help_zh = "由数据库强制只读"},
            {.name = "connections",
             .kind = SettingKind::whole,
             .otherwise = "4",
             .help_en = "most connections at once",
             .help_zh = "最多同时连接数",
             .least = 1,
             .most = 64},
            {.name = "max_answer",
             .kind = SettingKind::whole,
             .otherwise = "33554432",
             .help_en = "most bytes of a statement's cells",
             .help_zh = "一条语句结果的最大字节数",
             .least = 1024,
             .most = 1 << 30}};
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
            .settings = source_settings(),
            .operation_settings = std::move(operation),
            .make = make};
}

}  // namespace datong::adapters::sql
