#include "core/supervision/cases.h"

#include <algorithm>
#include <optional>

#include "core/record/date.h"

namespace datong::supervision {
namespace {

using items::Broken;
using items::Row;

std::string text_of(const Row& row, std::string_view column) {
    const auto found = row.columns.find(column);
    return found == row.columns.end() ? std::string{} : found->second;
}

/// "2026-11-30", "2026-11-30 09:12:00" and "20261130" alike; empty: no date.
std::string day_of(const std::string& written) {
    constexpr std::size_t kIso = 10;
    constexpr std::size_t kBare = 8;
    std::string text = written.substr(0, kIso);
    const bool is_bare = written.size() >= kBare && std::all_of(written.begin(), written.begin() + kBare,
                                                                [](char c) { return c >= '0' && c <= '9'; });
    if (is_bare) {
        text = written.substr(0, 4) + '-' + written.substr(4, 2) + '-' + written.substr(6, 2);
    }
    std::replace(text.begin(), text.end(), '/', '-');
    return record::parse_iso_date(text) ? text : std::string{};
}

std::optional<Mode> mode_of(const std::string& written) {
    if (written.empty() || written == "1") {
        return Mode::paper;
    }
    if (written == "2" || written == "3" || written == "4") {
        return static_cast<Mode>(written.front() - '1');
    }
    return std::nullopt;
}

}  // namespace

Cases read_cases(const std::vector<Row>& rows, std::vector<Broken>& broken) {
    Cases cases;
    for (const Row& row : rows) {
        Case one{.number = text_of(row, "project_no"),
                 .item = text_of(row, "task_code"),
                 .department = text_of(row, "org_name"),
                 .window = text_of(row, "window_no"),
                 .day = day_of(text_of(row, "accept_date"))};
        one.department = one.department.empty() ? text_of(row, "org_code") : one.department;
        if (one.number.empty()) {
            broken.push_back({row.where, "project_no 为空", "project_no is empty"});
        } else if (one.day.empty()) {
            broken.push_back({row.where, "accept_date 应为日期", "accept_date must be a date"});
        } else if (std::string number = one.number; !cases.emplace(std::move(number), std::move(one)).second) {
            broken.push_back({row.where, "project_no 重复", "project_no stands twice"});
        }
    }
    return cases;
}

std::vector<Taken> read_taken(const std::vector<Row>& rows, const Cases& cases, std::vector<Broken>& broken) {
    std::vector<Taken> all;
    for (const Row& row : rows) {
        const auto mode = mode_of(text_of(row, "submit_mode"));
        Taken one{.case_number = text_of(row, "project_no"),
                  .name = text_of(row, "clmc"),
                  .mode = mode.value_or(Mode::paper),
                  .day = day_of(text_of(row, "taken_date"))};
        const auto of = cases.find(one.case_number);
        if (one.name.empty()) {
            broken.push_back({row.where, "clmc 为空", "clmc is empty"});
        } else if (!mode) {
            broken.push_back({row.where, "submit_mode 应为 1、2、3 或 4", "submit_mode must be 1, 2, 3 or 4"});
        } else if (of == cases.end()) {
            broken.push_back({row.where, "办件表中没有这个 project_no", "no case has this project_no"});
        } else {
            one.day = one.day.empty() ? of->second.day : one.day;
            all.push_back(std::move(one));
        }
    }
    return all;
}

}  // namespace datong::supervision
