#include "core/catalogue/language.h"

#include <optional>

namespace datong::catalogue {
namespace {

/// One place of a text and what stands before it.
struct Place {
    std::string_view before;
    std::string_view name;
};

/// Takes the text up to and with its next place away; nullopt, and nothing taken, when none is left.
std::optional<Place> take_place(std::string_view& text) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) {
        return std::nullopt;
    }
    const Place place{.before = text.substr(0, open), .name = text.substr(open + 1, close - open - 1)};
    text.remove_prefix(close + 1);
    return place;
}

}  // namespace

const std::string& Title::in(std::string_view language) const {
    const auto found = others.find(language);
    return found != others.end() ? found->second : text;
}

std::string fill(std::string_view text, const std::map<std::string, std::string, std::less<>>& values) {
    std::string out;
    while (const auto place = take_place(text)) {
        out += place->before;
        const auto value = values.find(place->name);
        if (value != values.end()) {
            out += value->second;
        } else {
            out.append("{").append(place->name).append("}");
        }
    }
    return out.append(text);
}

std::vector<std::string> places_of(std::string_view text) {
    std::vector<std::string> places;
    while (const auto place = take_place(text)) {
        places.emplace_back(place->name);
    }
    return places;
}

}  // namespace datong::catalogue
