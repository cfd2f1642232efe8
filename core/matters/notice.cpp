#include "core/matters/notice.h"

#include <algorithm>

namespace datong::matters {
namespace {

using catalogue::Language;
using catalogue::Necessity;
using catalogue::Title;
using codec::JsonWriter;

/// Why a department's word does not do; empty when it does.
std::string_view why_of(const MaterialTold& told) {
    if (told.outcome == "failed") {
        const bool is_withheld = told.fault == Fault::not_permitted || told.fault == Fault::answer_over_cap;
        const bool lacks_consent = told.fault == Fault::consent_required || told.fault == Fault::consent_not_accepted;
        return is_withheld                        ? "not_permitted"
               : lacks_consent                    ? "no_consent"
               : told.fault == Fault::bad_request ? "incomplete_call"
                                                  : "unavailable";
    }
    return told.outcome == "not_found" || told.outcome == "mismatch" ? told.outcome : std::string_view{};
}

/// Puts what is lacking where its requirement's necessity wants it.
void put_lacking(Notice& notice, Item item, const record::Date& today, const catalogue::Calendar& calendar) {
    switch (item.requirement->necessity) {
        case Necessity::needed:
            notice.needed.push_back(item);
            break;
        case Necessity::may_follow:
            item.until = calendar.add_working_days(today, item.requirement->follow_days);
            notice.may_follow.push_back(item);
            break;
        case Necessity::not_needed:
            break;
    }
}

void ask(Notice& notice, const catalogue::Question* question) {
    if (std::find(notice.questions.begin(), notice.questions.end(), question) == notice.questions.end()) {
        notice.questions.push_back(question);
    }
}

std::string in_words(const record::Date& day, const Language& language) {
    return catalogue::fill(
        language.date,
        {{"year", std::to_string(day.year)}, {"month", std::to_string(day.month)}, {"day", std::to_string(day.day)}});
}

const Title& department_of(const Item& item) {
    static const Title none;
    return item.material != nullptr ? item.material->service->department->called : none;
}

std::string line_of(std::string_view text, const Item& item, const Language& language) {
    const std::string department = department_of(item).in(language.id);
    std::map<std::string, std::string, std::less<>> values{{"material", item.title().in(language.id)},
                                                           {"from", department}};
    if (const auto why = language.why.find(item.why); why != language.why.end()) {
        values["why"] = catalogue::fill(why->second, {{"department", department}});
    }
    values["until"] = in_words(item.until, language);
    return catalogue::fill(text, values);
}

void write_items(JsonWriter& json, std::string_view name, const std::vector<Item>& items) {
    json.name(name).open_list();
    for (const Item& item : items) {
        json.open_object().member("requirement", item.requirement->id);
        if (item.material != nullptr) {
            json.member("material", item.material->id).member("department", item.material->service->department->id);
        }
        json.member("title", item.title().text);
        if (!item.why.empty()) {
            json.member("why", item.why);
        }
        if (item.until.year != 0) {
            json.member("until", record::to_text(item.until));
        }
        json.close_object();
    }
    json.close_list();
}

void write_questions(JsonWriter& json, const std::vector<const catalogue::Question*>& questions) {
    json.name("questions").open_list();
    for (const catalogue::Question* question : questions) {
        json.open_object().member("fact", question->fact).member("title", question->title.text);
        json.name("choices").open_list();
        for (const auto& [value, title] : question->choices) {
            json.open_object().member("value", value).member("title", title.text).close_object();
        }
        json.close_list().close_object();
    }
    json.close_list();
}

}  // namespace

Notice notice_of(std::span<const RequirementTold> told, const record::Date& today,
                 const catalogue::Calendar& calendar) {
    Notice notice;
    for (const RequirementTold& one : told) {
        if (one.question != nullptr) {
            ask(notice, one.question);
        }
        if (one.outcome == "no_match") {
            put_lacking(notice, {.requirement = one.requirement, .why = "no_match"}, today, calendar);
        }
        for (const MaterialTold& material : one.materials) {
            const Item item{.requirement = one.requirement, .material = material.material, .why = why_of(material)};
            if (material.outcome == "pending") {
                notice.awaited.push_back(item);
            } else if (item.why.empty()) {
                notice.not_needed.push_back(item);
            } else {
                put_lacking(notice, item, today, calendar);
            }
        }
    }
    return notice;
}

std::string text_of(const Notice& notice, const catalogue::Matter& matter, const Language& language) {
    std::string text = catalogue::fill(language.heading, {{"matter", matter.title.in(language.id)}}) + '\n';
    const auto add = [&text](const std::string& line) { text += line + '\n'; };
    for (const catalogue::Question* question : notice.questions) {
        std::string words = question->title.in(language.id);
        add(catalogue::fill(language.question, {{"question", words}}));
    }
    for (const Item& item : notice.needed) {
        add(line_of(language.needed, item, language));
    }
    for (const Item& item : notice.may_follow) {
        add(line_of(language.may_follow, item, language));
    }
    for (const Item& item : notice.awaited) {
        add(line_of(language.awaited, item, language));
    }
    if (notice.questions.empty() && notice.needed.empty() && notice.may_follow.empty() && notice.awaited.empty()) {
        add(language.nothing);
    }
    for (const Item& item : notice.not_needed) {
        add(line_of(language.not_needed, item, language));
    }
    const std::size_t before =
        notice.needed.size() + notice.may_follow.size() + notice.awaited.size() + notice.not_needed.size();
    add(catalogue::fill(language.summary, {{"before", std::to_string(before)},
                                           {"now", std::to_string(notice.needed.size())},
                                           {"later", std::to_string(notice.may_follow.size())}}));
    return text;
}

void write_notice(JsonWriter& json, const Notice& notice, const catalogue::Matter& matter,
                  std::span<const Language> languages) {
    json.open_object();
    write_items(json, "needed", notice.needed);
    write_items(json, "may_follow", notice.may_follow);
    write_items(json, "awaited", notice.awaited);
    write_items(json, "not_needed", notice.not_needed);
    write_questions(json, notice.questions);
    json.name("text").open_list();
    for (const Language& language : languages) {
        json.open_object().member("language", language.id);
        json.member("text", text_of(notice, matter, language)).close_object();
    }
    json.close_list().close_object();
}

}  // namespace datong::matters
