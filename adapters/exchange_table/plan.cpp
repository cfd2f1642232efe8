#include "adapters/exchange_table/plan.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "core/charset/charset.h"

namespace datong::adapters::exchange_table {
namespace {

using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;

constexpr std::size_t kMostChars = 64;  // of MariaDB; others have less and say so themselves
constexpr std::size_t kMostParts = 3;   // database, schema, table

struct Word {
    const char* name;
    Does does;
};
constexpr std::array kWords{Word{"ask", Does::ask},
                            Word{"put", Does::put},
                            Word{"replace", Does::replace},
                            Word{"look", Does::look},
                            Word{"claim", Does::claim},
                            Word{"settle", Does::settle},
                            Word{"set_aside", Does::set_aside}};

/// Letters, digits, '_', '$', '#' and what is not ASCII; quoted anyway, but a name of other characters is a mistake.
bool is_name(const std::string& text) {
    const bool has_only = std::ranges::all_of(text, [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '$' || c == '#';
    });
    return has_only && !text.empty() && is_utf8(text) && count_chars(text) <= kMostChars &&
           !(text.front() >= '0' && text.front() <= '9');
}

class Reader {
public:
    Reader(const Settings& settings, charset::Charset charset, Mistakes& mistakes)
        : settings_{settings}, charset_{charset}, mistakes_{mistakes} {}

    Name table(std::string_view setting) { return name_of(settings_.text(setting), setting, kMostParts); }
    Name column(std::string_view setting) { return name_of(settings_.text(setting), setting, 1); }

    std::vector<std::pair<std::string, Name>> columns(std::string_view setting) {
        std::vector<std::pair<std::string, Name>> made;
        for (const auto& [field, column] : settings_.map(setting)) {
            made.emplace_back(field, name_of(column.reveal(), setting, 1));
        }
        return made;
    }
    std::vector<std::pair<Name, database::Value>> constants(std::string_view setting) {
        std::vector<std::pair<Name, database::Value>> made;
        for (const auto& [column, value] : settings_.map(setting)) {
            made.emplace_back(name_of(column, setting, 1), value_of(value.reveal(), setting));
        }
        return made;
    }
    database::Value value(std::string_view setting) { return value_of(settings_.text(setting), setting); }

    Flag flag(std::string_view setting) {
        return {.column = column(setting),
                .waiting = value("waiting"),
                .claimed = value("claimed"),
                .done = value("done"),
                .failed = value("failed")};
    }

    void needs(bool there, std::string_view setting, const std::string& why_zh, const std::string& why_en) {
        if (!there) {
            mistakes_.push_back(adapter::mistake_at(settings_.where(setting), std::string{setting} + " " + why_zh,
                                                    std::string{setting} + " " + why_en));
        }
    }

private:
    Name name_of(const std::string& text, std::string_view setting, std::size_t parts) {
        Name name;
        for (const std::string_view part : text.empty() ? std::vector<std::string_view>{} : split(text, '.')) {
            const std::string plain{part};
            const auto encoded = charset::encode(plain, charset_);
            // a second octet that looks like a quote could end the name in the middle
            const bool is_safe = encoded && encoded->find_first_of("\"`\\[]'") == std::string::npos;
            needs(is_name(plain) && is_safe, setting, "不是合法的表名或列名", "is no name of a table or column");
            name.push_back(encoded.value_or(plain));
        }
        needs(name.size() <= parts, setting, "层级过多", "has too many parts");
        return name;
    }

    database::Value value_of(const std::string& text, std::string_view setting) {
        auto encoded = charset::encode(text, charset_);
        needs(encoded && encoded->find('\0') == std::string::npos, setting, "有 charset 没有的字符",
              "has a character that charset lacks");
        return {.octets = encoded.value_or(text)};
    }

    const Settings& settings_;
    charset::Charset charset_;
    Mistakes& mistakes_;
};

Does does_of(const std::string& word) {
    const auto* const found =
        std::ranges::find(kWords, word, [](const Word& one) { return std::string_view{one.name}; });
    return found == kWords.end() ? Does::look : found->does;
}

void check_columns(const Plan& plan, Reader& reader) {
    std::vector<Name> all{plan.key};
    for (const Name* name :
         {&plan.flag.column, &plan.reason, &plan.valid, &plan.valid_reason, &plan.claimed_at, &plan.attempts}) {
        all.push_back(*name);
    }
    for (const auto& [field, name] : plan.columns) {
        all.push_back(name);
    }
    for (const auto& [name, value] : plan.constants) {
        all.push_back(name);
    }
    std::erase(all, Name{});
    std::ranges::sort(all);
    reader.needs(std::ranges::adjacent_find(all) == all.end(), "columns", "中有列写了两次", "names a column twice");
}

void check(const Plan& plan, const database::Opening& opening, Reader& reader) {
    const Does does = plan.does;
    const bool writes_row = does == Does::ask || does == Does::put || does == Does::replace;
    const bool moves_flag = does == Does::claim || does == Does::settle || does == Does::set_aside;
    reader.needs(opening.write || does == Does::look, "does", "须在数据源写 write: true",
                 "needs write: true in the source's settings");
    reader.needs(!writes_row || !plan.columns.empty(), "columns", "不能为空", "must name what a row holds");
    reader.needs(!moves_flag || !plan.flag.column.empty(), "flag", "不能为空", "must name the column of the state");
    reader.needs(does != Does::ask || !plan.answer.table.empty(), "answer_table", "不能为空",
                 "must name where the answers come");
    reader.needs(does != Does::ask || plan.max_rows == 1 || !plan.answer.id.empty(), "answer_id",
                 "max_rows 多于 1 时须写明结果行按哪列排序",
                 "must say what the rows are sorted by where max_rows is over 1");
    reader.needs(!plan.answer.after_done || !plan.flag.column.empty(), "flag", "有 answer_after_done 时不能为空",
                 "must name the column of the state where there is answer_after_done");
    reader.needs(does != Does::replace || (!plan.valid.empty() && plan.id != plan.key), "id",
                 "replace 须写 valid 与不同于 key 的 id", "of replace: say valid, and an id that is not the key");
    reader.needs(plan.lease.count() == 0 || !plan.claimed_at.empty(), "claimed_at", "有 lease 时不能为空",
                 "must name a column where there is a lease");
    reader.needs(plan.poll_first <= plan.poll_most, "poll_first", "大于 poll_most", "is over poll_most");
    check_columns(plan, reader);
}

std::vector<std::string> words() {
    std::vector<std::string> made;
    for (const Word& word : kWords) {
        made.emplace_back(word.name);
    }
    return made;
}

Setting text(const char* name, const char* otherwise, const char* help_en, const char* help_zh) {
    return {.name = name, .otherwise = otherwise, .help_en = help_en, .help_zh = help_zh};
}

}  // namespace

Plan read_plan(const Settings& settings, const database::Opening& opening, Mistakes& mistakes) {
    Reader reader{settings, opening.charset, mistakes};
    Plan plan{.does = does_of(settings.text("does")),
              .table = reader.table("table"),
              .key = reader.column("key"),
              .id = reader.column(settings.text("id").empty() ? "key" : "id"),
              .columns = reader.columns("columns"),
              .constants = reader.constants("constants"),
              .flag = reader.flag("flag"),
              .reason = reader.column("reason"),
              .valid = reader.column("valid"),
              .is_valid = reader.value("is_valid"),
              .is_invalid = reader.value("is_invalid"),
              .valid_reason = reader.column("valid_reason"),
              .claimed_at = reader.column("claimed_at"),
              .attempts = reader.column("attempts"),
              .lease = settings.milliseconds("lease"),
              .max_attempts = static_cast<std::size_t>(settings.whole("max_attempts")),
              .max_rows = static_cast<std::size_t>(settings.whole("max_rows")),
              .poll_first = settings.milliseconds("poll_first"),
              .poll_most = settings.milliseconds("poll_most")};
    plan.answer = {.table = reader.table("answer_table"),
                   .key = reader.column(settings.text("answer_key").empty() ? "key" : "answer_key"),
                   .id = reader.column("answer_id"),
                   .id_as = settings.text("answer_id"),
                   .flag = reader.flag("answer_flag"),
                   .reason = reader.column("answer_reason"),
                   .count_as = settings.text("answer_count"),
                   .after_done = settings.flag("answer_after_done")};
    reader.column("answer_count");
    check(plan, opening, reader);
    return plan;
}

std::vector<Setting> operation_settings() {
    return {
        {.name = "does",
         .required = true,
         .help_en = "what is done with the table",
         .help_zh = "对该表做什么",
         .choices = words()},
        {.name = "table",
         .required = true,
         .help_en = "the table, perhaps schema.table",
         .help_zh = "表名，可带模式名"},
        {.name = "key",
         .required = true,
         .help_en = "the column that says what a row is about (dfsjzj); the field `key`",
         .help_zh = "业务主键列（如 dfsjzj），取自字段 key"},
        text("id", "", "the column that tells each row from all others (lsh); without it the key does",
             "行的唯一标识列（如 lsh），不写则用 key"),
        {.name = "columns",
         .kind = SettingKind::map,
         .help_en = "field: column, of what a new row holds and of what must be text in a claimed row",
         .help_zh = "字段: 列；写入的内容，或领取时须为文本的列"},
        {.name = "constants",
         .kind = SettingKind::map,
         .help_en = "column: value, of what every new row says besides",
         .help_zh = "列: 值；每个新行另写的固定值"},
        text("flag", "", "the column of a row's state (sync, sjsczt, is_sync)",
             "同步标识列（如 sync、sjsczt、is_sync）"),
        text("waiting", "0", "what it says of a row that nobody has taken", "未处理的取值"),
        text("claimed", "2", "what it says of a row that somebody works on", "已领取的取值"),
        text("done", "1", "what it says of a row that was taken", "已处理的取值"),
        text("failed", "9", "what it says of a row that was set aside", "失败的取值"),
        text("reason", "", "the column of why a row was set aside (sbyy)", "失败原因列（如 sbyy）"),
        text("valid", "", "the column of whether a row holds (sjyxbs)", "数据有效标识列（如 sjyxbs）"),
        text("is_valid", "1", "what it says of a row that holds", "有效的取值"),
        text("is_invalid", "0", "what it says of a row that does not", "无效的取值"),
        text("valid_reason", "", "the column of why a row does not hold (sjwxyy)", "无效原因列（如 sjwxyy）"),
        text("claimed_at", "", "the column of when a row was claimed", "领取时间列"),
        text("attempts", "", "the column of how often a row was claimed", "领取次数列"),
        {.name = "lease",
         .kind = SettingKind::milliseconds,
         .otherwise = "0",
         .help_en = "how long a claim holds; 0: for ever",
         .help_zh = "领取的有效时长；0 为不限",
         .least = 0,
         .most = 86'400'000},
        {.name = "max_attempts",
         .kind = SettingKind::whole,
         .otherwise = "3",
         .help_en = "claimed so often and never settled, a row is set aside",
         .help_zh = "领取达此次数仍未办结则置为失败",
         .least = 1,
         .most = 100},
        {.name = "max_rows",
         .kind = SettingKind::whole,
         .otherwise = "1",
         .help_en = "ask, look: more rows are no answer; claim: at most so many",
         .help_zh = "ask、look：超过则视为无效答复；claim：一次最多领取数",
         .least = 1,
         .most = 1'000},
        text("answer_table", "", "ask: the table of the answers", "ask：应答表"),
        text("answer_key", "", "ask: its column of the key; without it as in the table of requests",
             "ask：应答表的业务主键列，不写则同请求表"),
        text("answer_id", "", "ask: its column that tells its rows from each other and sorts them; for max_rows over 1",
             "ask：应答表区分并排列各行的列，max_rows 多于 1 时须写"),
        text("answer_flag", "", "ask: its column of the state", "ask：应答表的同步标识列"),
        text("answer_reason", "", "ask: its column of why a row was set aside", "ask：应答表的失败原因列"),
        text("answer_count", "", "ask: its column of how many rows the answer has; it is whole when so many are there",
             "ask：应答表中写明应答总行数的列，到齐才算完整"),
        {.name = "answer_after_done",
         .kind = SettingKind::flag,
         .otherwise = "false",
         .help_en = "ask: the answer is whole when the request row says that it is done",
         .help_zh = "ask：请求行置为已处理后应答才算完整"},
        {.name = "poll_first",
         .kind = SettingKind::milliseconds,
         .otherwise = "50",
         .help_en = "ask: the first pause between two looks; each next is half as long again",
         .help_zh = "ask：首次轮询间隔，其后每次增加一半",
         .least = 5,
         .most = 60'000},
        {.name = "poll_most",
         .kind = SettingKind::milliseconds,
         .otherwise = "2000",
         .help_en = "ask: the longest pause",
         .help_zh = "ask：最长轮询间隔",
         .least = 5,
         .most = 60'000},
    };
}

}  // namespace datong::adapters::exchange_table
