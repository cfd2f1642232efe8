#include "core/policy/persons.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.h"

namespace datong::policy {
namespace {

using record::Record;

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Source: GB 11643-1999, annex (ISO 7064 MOD 11-2)
char check_character(std::string_view first_17) {
    constexpr std::array<int, 17> kWeights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) {
        sum += (first_17[i] - '0') * kWeights[i];
    }
    return std::string_view{"10X98765432"}[static_cast<std::size_t>(sum % 11)];
}

bool is_blank(char32_t c) {
    return c == U' ' || c == U'\t' || c == U'\u00A0' || c == U'\u3000' || c == U'\uFEFF';
}

bool is_dot(char32_t c) {
    return c == U'\u00B7' || c == U'\u2022' || c == U'\u2027' || c == U'\u30FB' || c == U'\uFF65' || c == U'\uFF0E' ||
           c == U'.';
}

using Values = std::vector<std::string_view>;

/// Every scalar that a pointer with '*' meets, in order; an item without it, and a list without items, gives an empty
/// text, so that two pointers through the same lists stay in step and none is passed over.
void gather(const Record* at, std::span<const std::string_view> steps, Values& found) {
    if (at == nullptr || steps.empty()) {
        found.push_back(at != nullptr && at->is_scalar() ? at->scalar() : std::string_view{});
        return;
    }
    if (steps.front() != "*") {
        gather(at->find(steps.front()), steps.subspan(1), found);
        return;
    }
    if (at->items().empty()) {
        found.emplace_back();
    }
    for (const Record& item : at->items()) {
        gather(&item, steps.subspan(1), found);
    }
}

Values values_at(const Record& content, const std::string& pointer) {
    const auto steps = split(pointer, '/');
    Values found;
    gather(&content, std::span{steps}.subspan(1), found);
    return found;
}

}  // namespace

std::string normal_id(std::string_view id_no) {
    std::string id;
    for (const char32_t c : to_code_points(id_no)) {
        if (!is_blank(c)) {
            const char32_t half = c >= U'\uFF01' && c <= U'\uFF5E' ? c - 0xFEE0 : c;
            id += half < 0x80 ? std::string(1, static_cast<char>(half)) : to_utf8(std::u32string(1, half));
        }
    }
    std::transform(id.begin(), id.end(), id.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (id.size() == 15 && all_digits(id)) {
        id.insert(6, "19");
        id += check_character(id);
    }
    return id;
}

std::string normal_name(std::string_view name) {
    std::u32string out;
    for (char32_t c : to_code_points(name)) {
        if (is_blank(c)) {
            continue;
        }
        if (is_dot(c)) {
            c = U'\u00B7';
        } else if (c >= U'\uFF01' && c <= U'\uFF5E') {
            c -= 0xFEE0;
        }
        out += c >= U'a' && c <= U'z' ? c - U'a' + U'A' : c;
    }
    return to_utf8(out);
}

bool speaks_of(const Record& content, const PersonPointers& where, const Person& asked) {
    if (where.nobody) {
        return true;
    }
    const std::string id = normal_id(asked.id_no.reveal());
    const std::string name = normal_name(asked.name.reveal());
    const Values ids = values_at(content, where.id);
    const Values names = where.name.empty() ? Values{} : values_at(content, where.name);
    std::size_t theirs = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const bool same_name = where.name.empty() || (i < names.size() && normal_name(names[i]) == name);
        theirs += !id.empty() && normal_id(ids[i]) == id && same_name ? 1 : 0;
    }
    return theirs > 0 && (theirs == ids.size() || !where.each);
}

std::string subject_text(const Person& person) {
    return normal_id(person.id_no.reveal());
}

}  // namespace datong::policy
