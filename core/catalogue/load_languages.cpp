#include <algorithm>

#include "core/catalogue/loading.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

std::string in_braces(const std::vector<std::string>& places) {
    std::string all;
    for (const std::string& place : places) {
        all += (all.empty() ? "{" : ", {") + place + "}";
    }
    return all;
}

/// A text whose places must be among those that are filled there: a misspelt one would stand in the citizen's paper.
std::string read_text(Loading& loading, SettingsReader& reader, const yaml::Node& node, std::string_view key,
                      const std::vector<std::string>& places) {
    std::string text = reader.text(key);
    for (const std::string& place : places_of(text)) {
        if (std::find(places.begin(), places.end(), place) == places.end()) {
            loading.mistake(*node.find(key), "C105", "文本中没有这一项可填: {" + place + "}",
                            "nothing fills this place: {" + place + "}", in_braces(places));
        }
    }
    return text;
}

void load_language(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    Language language{.id = reader.text("id")};
    const yaml::Node* told = reader.required_node("what_to_bring");
    reader.finish();
    if (told == nullptr) {
        return;
    }
    SettingsReader texts{*told, loading.mistakes};
    language.heading = read_text(loading, texts, *told, "heading", {"matter"});
    language.nothing = read_text(loading, texts, *told, "nothing", {});
    language.needed = read_text(loading, texts, *told, "needed", {"material", "why"});
    language.may_follow = read_text(loading, texts, *told, "may_follow", {"material", "why", "until"});
    language.awaited = read_text(loading, texts, *told, "awaited", {"material", "from"});
    language.not_needed = read_text(loading, texts, *told, "not_needed", {"material", "from"});
    language.question = read_text(loading, texts, *told, "question", {"question"});
    language.summary = read_text(loading, texts, *told, "summary", {"before", "now", "later"});
    language.date = read_text(loading, texts, *told, "date", {"year", "month", "day"});
    const yaml::Node* why = texts.required_node("why");
    texts.finish();
    if (why != nullptr) {
        SettingsReader whys{*why, loading.mistakes};
        for (const std::string_view reason : kWhys) {
            language.why[std::string{reason}] = read_text(loading, whys, *why, reason, {"department"});
        }
        whys.finish();
    }
    loading.snapshot.languages.push_back(std::move(language));
}

/// "2026-10-01", or "2026-10-01/2026-10-07" with both ends (ISO 8601-1, 5.5: an interval).
void read_days(Loading& loading, SettingsReader& reader, const yaml::Node& node, std::string_view key,
               std::set<record::Date>& into) {
    constexpr std::int64_t kMostDays = 366;
    for (const std::string& text : reader.texts(key)) {
        const auto slash = text.find('/');
        const auto first = record::parse_iso_date(std::string_view{text}.substr(0, slash));
        const auto last =
            slash == std::string::npos ? first : record::parse_iso_date(std::string_view{text}.substr(slash + 1));
        const std::int64_t days =
            first && last ? record::days_since_epoch(*last) - record::days_since_epoch(*first) : -1;
        if (days < 0 || days > kMostDays) {
            loading.mistake(*node.find(key), "C103", std::string{key} + " 应为日期或日期/日期: " + text,
                            std::string{key} + " holds dates or date/date: " + text, "2026-10-01/2026-10-07");
            continue;
        }
        for (std::int64_t day = 0; day <= days; ++day) {
            into.insert(record::add_days(*first, day));
        }
    }
}

}  // namespace

void load_languages(Loading& loading) {
    for (const std::string& name : loading.list(loading.root + "languages")) {
        if (const auto node = loading.document(loading.root + "languages/" + name, "language")) {
            load_language(loading, *node);
        }
    }
    // The first language of those who sit at the window stands first, whatever the files are called.
    auto& languages = loading.snapshot.languages;
    const auto first = std::find_if(languages.begin(), languages.end(),
                                    [](const Language& language) { return language.id == "zh-CN"; });
    if (first != languages.end()) {
        std::rotate(languages.begin(), first, first + 1);
    }
}

void load_calendar(Loading& loading, const yaml::Node& node) {
    const auto document = loading.document(loading.path_of(node.text), "calendar");
    if (!document) {
        return;
    }
    SettingsReader days{*document, loading.mistakes};
    (void)days.text("datong");
    (void)days.text("title", "");
    Calendar& calendar = loading.snapshot.calendar;
    calendar.until = record::parse_iso_date(days.text("until"));
    if (!calendar.until) {
        loading.mistake(*document, "C103", "until 应为日期", "until must be a date", "until: 2026-12-31");
    }
    read_days(loading, days, *document, "holidays", calendar.holidays);
    read_days(loading, days, *document, "workdays", calendar.workdays);
    days.finish();
}

Title read_title(Loading& loading, SettingsReader& reader, std::string otherwise) {
    Title title{.text = otherwise.empty() ? reader.text("title") : reader.text("title", std::move(otherwise))};
    if (const yaml::Node* others = reader.node("titles"); others != nullptr) {
        for (const auto& [language, text] : others->entries) {
            title.others[language.text] = text.text;
        }
        if (!others->is_map()) {
            loading.mistake(*others, "C103", "titles 应为 语言: 名称", "titles maps languages to titles",
                            "titles: {en: Tax clearance}");
        }
    }
    return title;
}

}  // namespace datong::catalogue
