#include "core/database/connection.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace datong::database {

using record::Record;

Result<Record> Connection::run(const std::vector<Look>& looks, const std::vector<Values>& values, Deadline deadline) {
    const bool in_transaction = looks.size() > 1;
    if (auto begun = in_transaction ? begin(deadline) : Status{}; !begun) {
        return fail(std::move(begun.error()));
    }
    Record sets = Record::object();
    for (std::size_t i = 0; i < looks.size(); ++i) {
        auto rows = execute(looks[i], values[i], deadline);
        if (!rows) {
            if (in_transaction) {
                rollback();
            }
            return fail(std::move(rows.error()));
        }
        sets.put(looks[i].set, std::move(*rows));
    }
    if (auto ended = in_transaction ? commit(deadline) : Status{}; !ended) {
        rollback();  // else the next statement of this connection could stand in a transaction that nobody ends
        return fail(std::move(ended.error()));
    }
    return sets;
}

Record affected_rows(std::string count) {
    Record row = Record::object();
    row.put("affected", Record::bytes(std::move(count)));
    Record rows = Record::list();
    rows.add(std::move(row));
    return rows;
}

std::size_t count_affected(const Record& rows) {
    const Record* count = rows.items().empty() ? nullptr : rows.items().front().find("affected");
    return count == nullptr ? 0 : static_cast<std::size_t>(to_whole_number(count->scalar()).value_or(0));
}

std::string column_name(std::string_view name, std::size_t position, charset::Charset charset) {
    auto decoded = charset::decode(name, charset);
    if (decoded) {
        return std::move(*decoded);
    }
    return is_utf8(name) ? std::string{name} : "column " + std::to_string(position + 1);
}

std::string first_line(const char* message) {
    constexpr std::size_t kMost = 200;
    const std::string_view whole = message == nullptr ? "" : message;
    std::string_view line = whole.substr(0, whole.find_first_of("\r\n"));
    if (!is_utf8(line)) {
        return "a message that is not UTF-8";
    }
    if (line.size() > kMost) {
        std::size_t end = kMost;
        while ((static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) {
            --end;  // in the middle of a character
        }
        line = line.substr(0, end);
    }
    std::u32string shown = to_code_points(line);
    const auto is_control = [](char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); };
    std::ranges::replace_if(shown, is_control, U'?');
    return to_utf8(shown);
}

std::chrono::milliseconds statement_limit(Deadline deadline) {
    using std::chrono::milliseconds;
    constexpr milliseconds kStep{250};
    constexpr milliseconds kLeast{20};  // 0 would be no limit
    const auto rest = std::chrono::duration_cast<milliseconds>(deadline - Deadline::clock::now()) - kLeast;
    return std::max(kLeast, rest < 2 * kStep ? rest : rest / kStep * kStep);
}

std::string between(std::string_view quote, std::string_view name) {
    std::string made{quote};
    for (const char c : name) {
        made += quote == std::string_view{&c, 1} ? std::string(2, c) : std::string{c};
    }
    return made.append(quote);
}

Status Gathering::add(Record::Object row) {
    for (const record::Member& member : row) {
        bytes_ += std::min(member.value.scalar().size(), max_bytes_ + 1);
    }
    if (bytes_ > max_bytes_) {
        return fail(too_many_bytes());
    }
    if (rows_.size() == look_.max_rows) {
        return fail(
            Error{Fault::department_invalid, look_.set + " has more than " + std::to_string(look_.max_rows) + " rows"}
                .over_limit());
    }
    rows_.push_back(Record::object(std::move(row)));
    return {};
}

Error Gathering::too_many_bytes() const {
    return Error{Fault::department_invalid, look_.set + " has more than " + std::to_string(max_bytes_) + " bytes"}
        .over_limit();
}

}  // namespace datong::database
