#include "tests/commands/asking.h"

#include <fstream>

#include "core/codec/json.h"
#include "core/record/date.h"

namespace datong::commands {

std::string ask_body(const departments::Question& question) {
    using record::Record;
    const auto text = [](const std::string& value) { return Record::text(value); };
    Record subject = Record::object();
    subject.put("name", text(question.about.name));
    subject.put("id_type", text(question.about.id_type));
    subject.put("id_no", text(question.about.id_no));
    Record who = Record::object();
    who.put("account", text("window-07"));
    who.put("division", text("999901"));
    Record context = Record::object();
    context.put("purpose", text("no-resubmission"));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record query = Record::object();
    for (const auto& [name, value] : question.query) {
        query.put(name, text(value));
    }
    Record body = Record::object();
    body.put("context", std::move(context));
    body.put("query", std::move(query));
    return codec::write_json(body);
}

void grant_without_case(const Installation& installation) {
    std::ofstream{installation.path("config/grants/without-case.yaml"), std::ios::binary} << R"(datong: grant/v1
id: without-case
consumer: one-window
services: [realestate-certificate, tax-clearance, fund-deposit-certificate, business-licence]
fields: ["*"]
see_sensitive: 联调核对全部字段
purposes: [no-resubmission]
legal_basis: 政务数据共享条例（国务院令第809号）
territory: ["9999"]
case_required: false
valid_from: 2026-01-01
valid_to: 2027-12-31
)";
}

Ran ask(const Installation& installation, const Serving& serving, const departments::Question& question) {
    std::ofstream{installation.path("ask.json"), std::ios::binary} << ask_body(question);
    return serving.call_with({"service", question.service, "--body", installation.path("ask.json")});
}

std::string at_offset(const std::string& at, int hours) {
    const auto here = record::parse_rfc3339(at).value();
    const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    const std::int64_t hour = record::days_since_epoch(here.date) * 24 + here.hour - 8 + hours;
    return record::to_text(record::add_days({.year = 1970, .month = 1, .day = 1}, hour / 24)) + 'T' + two(hour % 24) +
           at.substr(13, 10) + '+' + two(hours) + ":00";
}

}  // namespace datong::commands
