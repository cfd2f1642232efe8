#include "core/files/place.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::files {
namespace {

using record::Record;
using Steps = std::span<const std::string_view>;

std::vector<std::string_view> steps_of(std::string_view pointer) {
    return pointer.starts_with('/') ? split(pointer.substr(1), '/') : std::vector<std::string_view>{};
}

void walk(Record& at, Steps steps, const std::string& pointer, std::vector<Place>& found) {
    if (steps.empty()) {
        found.push_back({.pointer = pointer, .leaf = &at});
        return;
    }
    if (at.is_list() && steps.front() == "*") {
        std::size_t index = 0;
        for (Record& item : at.items_to_edit()) {
            walk(item, steps.subspan(1), pointer + '/' + std::to_string(index++), found);
        }
    } else if (Record* next = at.find(steps.front()); next != nullptr) {
        walk(*next, steps.subspan(1), pointer + '/' + std::string{steps.front()}, found);
    }
}

/// @return whether nothing is left of an object that had only this.
bool remove(Record& at, Steps steps) {
    if (at.is_list()) {
        const auto index = to_whole_number(steps.front());
        if (index && *index < at.items().size() && steps.size() > 1) {
            (void)remove(at.items_to_edit()[static_cast<std::size_t>(*index)], steps.subspan(1));
        }
        return false;
    }
    Record* next = at.find(steps.front());
    if (next == nullptr) {
        return false;
    }
    if (steps.size() == 1 || remove(*next, steps.subspan(1))) {
        std::erase_if(at.members_to_edit(),
                      [&](const record::Member& member) { return member.name.view() == steps.front(); });
    }
    return at.members().empty();
}

}  // namespace

std::vector<Place> find_places(Record& content, std::string_view pattern) {
    std::vector<Place> found;
    const auto steps = steps_of(pattern);
    walk(content, steps, {}, found);
    return found;
}

const Record* find_place(const Record& content, std::string_view pointer) {
    const Record* at = &content;
    for (const std::string_view step : steps_of(pointer)) {
        at = at != nullptr ? at->find(step) : nullptr;
    }
    return at;
}

Record without(Record content, std::span<const std::string> pointers) {
    for (const std::string& pointer : pointers) {
        if (const auto steps = steps_of(pointer); !steps.empty()) {
            (void)remove(content, steps);
        }
    }
    return content;
}

}  // namespace datong::files
