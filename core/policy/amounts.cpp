#include "core/policy/amounts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/policy/persons.h"

namespace datong::policy {
namespace {

using record::Record;
using Steps = std::span<const std::string_view>;

/// Adds up the items of every list by its place.
/// @param place  of what is looked at; as it was when this returns.
void count_rows(const Record& at, std::string& place, std::map<std::string, std::uint64_t>& rows) {
    if (at.is_scalar()) {
        return;
    }
    const std::size_t here = place.size();
    for (const record::Member& member : at.members()) {
        count_rows(member.value, place.append("/").append(member.name.view()), rows);
        place.resize(here);
    }
    if (!at.items().empty()) {
        rows[place] += at.items().size();
    }
    for (const Record& item : at.items()) {
        count_rows(item, place.append("/*"), rows);
        place.resize(here);
    }
}

bool says_anything(const Record& at) {
    if (at.is_scalar()) {
        return !at.is_null();
    }
    return std::any_of(at.members().begin(), at.members().end(),
                       [](const record::Member& member) { return says_anything(member.value); }) ||
           std::any_of(at.items().begin(), at.items().end(), says_anything);
}

struct Persons {
    std::set<std::string> ids{};
    std::uint64_t nameless{};

    void add(const Record* id) {
        const std::string normal = id != nullptr && id->is_scalar() ? normal_id(id->scalar()) : std::string{};
        if (normal.empty()) {
            ++nameless;
        } else {
            ids.insert(normal);
        }
    }
};

const Record* item_of(const Record* list, std::size_t index) {
    return list != nullptr && index < list->items().size() ? &list->items()[index] : nullptr;
}

void gather(const Record& whole, const Record* shown, Steps steps, Persons& found) {
    if (shown == nullptr || steps.empty()) {
        return;
    }
    const std::string_view step = steps.front();
    const Steps rest = steps.subspan(1);
    if (step == "*") {
        for (std::size_t i = 0; i < whole.items().size(); ++i) {
            const Record* item = item_of(shown, i);
            if (!rest.empty()) {
                gather(whole.items()[i], item, rest, found);
            } else if (item != nullptr && says_anything(*item)) {
                found.add(&whole.items()[i]);
            }
        }
    } else if (!rest.empty()) {
        if (const Record* next = whole.find(step); next != nullptr) {
            gather(*next, shown->find(step), rest, found);
        }
    } else if (whole.is_object() && says_anything(*shown)) {
        found.add(whole.find(step));
    }
}

}  // namespace

Amounts amounts_of(const Record& whole, const Record& shown, std::span<const std::string> persons) {
    std::map<std::string, std::uint64_t> rows;
    std::string begun;
    count_rows(shown, begun, rows);
    Amounts amounts;
    for (const auto& [place, items] : rows) {
        amounts.rows = std::max(amounts.rows, items);
    }
    Persons found;
    for (const std::string& pointer : persons) {
        const auto steps = split(pointer, '/');
        gather(whole, &shown, Steps{steps}.subspan(1), found);
    }
    amounts.persons = found.ids.size() + found.nameless;
    return amounts;
}

}  // namespace datong::policy
