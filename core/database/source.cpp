#include "core/database/source.h"

#include <array>
#include <functional>
#include <utility>

#include "core/async/wait.h"

namespace datong::database {
namespace {

using adapter::Setting;
using adapter::SettingKind;
using record::Record;

struct Driver {
    const char* name;
    Dialect dialect;
};
constexpr std::array kDrivers{Driver{"sqlite", Dialect::sqlite}, Driver{"postgresql", Dialect::postgresql},
                              Driver{"mariadb", Dialect::mariadb}, Driver{"odbc", Dialect::odbc}};

Dialect dialect_of(const std::string& name) {
    for (const Driver& driver : kDrivers) {
        if (name == driver.name) {
            return driver.dialect;
        }
    }
    return Dialect::odbc;
}

constexpr std::chrono::milliseconds kLook{20};
using Timer = std::shared_ptr<boost::asio::steady_timer>;

void keep_looking(const Timer& timer, const std::shared_ptr<async::Interrupt>& interrupt) {
    timer->expires_after(kLook);
    timer->async_wait([timer, interrupt](const boost::system::error_code& ec) {
        if (!ec && interrupt->look()) {
            keep_looking(timer, interrupt);
        }
    });
}

/// While it lives, what the connection of a call takes is looked at from outside: MariaDB's library reads all that it
/// wants before it gives anything back, and can't be asked in between.
class Watch {
public:
    Watch(const boost::asio::any_io_executor& loop, Dialect dialect, const std::shared_ptr<async::Interrupt>& interrupt)
        : timer_{std::make_shared<boost::asio::steady_timer>(loop)} {
        if (dialect == Dialect::mariadb) {
            keep_looking(timer_, interrupt);
        }
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { timer_->cancel(); }  // a look that is on its way finds the interrupt fired, and is the last

private:
    Timer timer_;
};

std::vector<std::string> driver_names() {
    std::vector<std::string> names;
    for (const Driver& driver : kDrivers) {
        names.emplace_back(driver.name);
    }
    return names;
}

Status check_connection(const Opening& opening) {
    const std::string& connection = opening.connection.reveal();
    switch (opening.dialect) {
        case Dialect::sqlite:
            return {};
        case Dialect::postgresql:
            return check_postgresql_connection(connection);
        case Dialect::mariadb:
            return check_mariadb_connection(connection, opening.charset);
        case Dialect::odbc:
            break;
    }
    return check_odbc_connection(connection);
}

}  // namespace

std::vector<Setting> source_settings() {
    return {{.name = "driver",
             .required = true,
             .help_en = "what speaks to the database; docs/databases.md says which database takes which",
             .help_zh = "数据库驱动；各数据库用哪一种见 docs/databases.md",
             .choices = driver_names()},
            {.name = "connection",
             .required = true,
             .secret = true,
             .help_en = "sqlite: a file; postgresql: libpq's connection string; mariadb: host=... user=... dbname=...; "
                        "odbc: DSN=... or DRIVER=...",
             .help_zh = "sqlite：文件；postgresql：libpq 连接串；mariadb：host=... user=... dbname=...；"
                        "odbc：DSN=... 或 DRIVER=..."},
            {.name = "charset",
             .otherwise = "utf-8",
             .help_en = "of statements, bound values and column names; cells stay bytes, which the mapping decodes",
             .help_zh = "语句、绑定值和列名的字符集；单元格保持原字节，由映射解码"},
            {.name = "write",
             .kind = SettingKind::flag,
             .otherwise = "false",
             .help_en = "may write; else the database itself is told to refuse it",
             .help_zh = "允许写入；否则由数据库强制只读"},
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

std::optional<Opening> read_opening(const adapter::Settings& settings, const adapter::Tools& tools,
                                    Mistakes& mistakes) {
    Opening opening{.dialect = dialect_of(settings.text("driver")),
                    .connection = settings.secret("connection"),
                    .write = settings.flag("write"),
                    .max_answer = static_cast<std::size_t>(settings.whole("max_answer"))};
    const auto charset = charset::by_name(settings.text("charset"));
    if (!charset) {
        mistakes.push_back(adapter::mistake_at(settings.where("charset"), "charset 无此字符集", "no such charset",
                                               "utf-8, gb18030, gbk, big5"));
        return std::nullopt;
    }
    opening.charset = *charset;
    if (opening.dialect == Dialect::sqlite) {
        opening.connection = Secret{adapter::resolve(tools, opening.connection.reveal())};
    }
    if (const auto checked = check_connection(opening); !checked) {
        mistakes.push_back(adapter::mistake_at(settings.where("connection"), "connection 连接串有误",
                                               checked.error().detail(), "docs/databases.md"));
        return std::nullopt;
    }
    return opening;
}

Result<Statement> in_charset(Statement statement, charset::Charset charset) {
    if (charset == charset::Charset::utf_8) {
        return statement;
    }
    auto encoded = charset::encode(statement.text, charset);
    if (!encoded) {
        return fail(Fault::bad_request, "the SQL has a character that charset lacks");
    }
    statement.text = std::move(*encoded);
    return statement;
}

boost::asio::awaitable<Result<Record>> Source::use(Work work, adapter::Errand errand, bool repeats) {
    const Deadline deadline = errand.deadline;
    const auto interrupt = std::make_shared<async::Interrupt>();
    std::function<Result<Record>()> job = [pool = pool_, work = std::move(work), deadline, repeats, interrupt,
                                           place = std::move(errand.place)] {
        return pool->use(work, deadline, repeats, *interrupt);
    };
    const Watch watch{co_await boost::asio::this_coro::executor, opening_.dialect, interrupt};
    const async::GivingUp giving_up{interrupt};
    co_return co_await async::on_pool<Record>(*threads_, std::move(job), deadline);
}

boost::asio::awaitable<Result<adapter::Contact>> Source::probe(Work work, adapter::Errand errand) {
    const Deadline deadline = errand.deadline;
    const auto interrupt = std::make_shared<async::Interrupt>();
    std::function<Result<Record>()> job = [pool = pool_, work = std::move(work), deadline, interrupt,
                                           place = std::move(errand.place)] {
        return pool->try_fresh(work, deadline, *interrupt);
    };
    const Watch watch{co_await boost::asio::this_coro::executor, opening_.dialect, interrupt};
    const async::GivingUp giving_up{interrupt};
    auto rows = co_await async::on_pool<Record>(*threads_, std::move(job), deadline);
    if (!rows) {
        co_return fail(std::move(rows.error()));
    }
    co_return adapter::Contact::authenticated;
}

}  // namespace datong::database
