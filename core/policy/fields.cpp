#include "core/policy/fields.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"

namespace datong::policy {
namespace {

using record::Record;

constexpr std::string_view kAll = "*";

/// A field as its steps: "/holders/*/name" -> holders, *, name. None: everything.
using Steps = std::vector<std::string>;
using View = std::span<const std::string>;

/// A step as the record writes the name. Source: RFC 6901, 4.
std::string plain(std::string_view step) {
    std::string name;
    for (std::size_t i = 0; i < step.size(); ++i) {
        const bool is_escape = step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1');
        name += !is_escape ? step[i] : step[++i] == '0' ? '~' : '/';
    }
    return name;
}

std::string escaped(std::string_view name) {
    std::string step;
    for (const char c : name) {
        step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return step;
}

/// @return nullopt for what is neither "*" nor a pointer: it names nothing.
std::optional<Steps> steps_of(std::string_view field) {
    if (field == kAll) {
        return Steps{};
    }
    if (!field.starts_with('/')) {
        return std::nullopt;
    }
    Steps steps;
    for (const std::string_view step : split(field.substr(1), '/')) {
        steps.push_back(plain(step));
    }
    return steps;
}

std::vector<Steps> read(std::span<const std::string> fields) {
    std::vector<Steps> all;
    for (const std::string& field : fields) {
        if (auto steps = steps_of(field)) {
            all.push_back(std::move(*steps));
        }
    }
    return all;
}

/// The patterns that go on below `name`, without their first step; `whole` when one of them ends here.
std::vector<View> below(const std::vector<View>& patterns, std::string_view name, bool& whole) {
    std::vector<View> next;
    for (const View& steps : patterns) {
        if (steps.empty() || (steps.front() != name && steps.front() != kAll)) {
            continue;
        }
        whole = whole || steps.size() == 1;
        next.push_back(steps.subspan(1));
    }
    return next;
}

Record keep(const Record& content, const std::vector<View>& patterns) {
    Record kept;
    for (const record::Member& member : content.members()) {
        bool whole = false;
        const auto next = below(patterns, member.name, whole);
        Record value = whole ? member.value : keep(member.value, next);
        if (!value.is_null() || (whole && member.value.is_null())) {
            kept.put(member.name, std::move(value));
        }
    }
    for (const Record& item : content.items()) {
        bool whole = false;
        const auto next = below(patterns, kAll, whole);
        if (next.empty()) {
            return {};
        }
        Record value = whole ? item : keep(item, next);
        kept.add(value.is_null() && item.is_object() ? Record::object() : std::move(value));
    }
    return kept;
}

bool covers(View granted, View wanted) {
    return granted.size() <= wanted.size() && std::equal(granted.begin(), granted.end(), wanted.begin(),
                                                         [](const std::string& pattern, const std::string& is) {
                                                             return pattern == kAll || pattern == is;
                                                         });
}

/// What two patterns both name; nullopt: nothing.
std::optional<Steps> meet(const Steps& one, const Steps& other) {
    const Steps& longer = one.size() < other.size() ? other : one;
    const Steps& shorter = one.size() < other.size() ? one : other;
    Steps both = longer;
    for (std::size_t i = 0; i < shorter.size(); ++i) {
        if (longer[i] == kAll) {
            both[i] = shorter[i];
        } else if (shorter[i] != kAll && shorter[i] != longer[i]) {
            return std::nullopt;
        }
    }
    return both;
}

std::string written(const Steps& steps) {
    std::string field;
    for (const std::string& step : steps) {
        field.append("/").append(escaped(step));
    }
    return steps.empty() ? std::string{kAll} : field;
}

}  // namespace

Record minimise(const Record& content, std::span<const std::string> fields) {
    const std::vector<Steps> all = read(fields);
    if (std::any_of(all.begin(), all.end(), [](const Steps& steps) { return steps.empty(); })) {
        return content;
    }
    Record kept = keep(content, {all.begin(), all.end()});
    return kept.is_null() ? Record::object() : kept;
}

bool covers(std::span<const std::string> fields, std::string_view pointer) {
    const auto wanted = steps_of(pointer);
    const std::vector<Steps> all = read(fields);
    return wanted && std::any_of(all.begin(), all.end(), [&](const Steps& one) { return covers(View{one}, *wanted); });
}

std::vector<std::string> intersect(std::span<const std::string> one, std::span<const std::string> other) {
    std::vector<Steps> both;
    const std::vector<Steps> right = read(other);
    for (const Steps& left : read(one)) {
        for (const Steps& with : right) {
            auto met = meet(left, with);
            const auto covers_it = [&met](const Steps& known) { return covers(View{known}, *met); };
            if (!met || std::any_of(both.begin(), both.end(), covers_it)) {
                continue;
            }
            std::erase_if(both, [&met](const Steps& known) { return covers(View{*met}, known); });
            both.push_back(std::move(*met));
        }
    }
    std::vector<std::string> fields;
    std::transform(both.begin(), both.end(), std::back_inserter(fields), written);
    return fields;
}

}  // namespace datong::policy
