#include "core/path/group.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::path {

using record::Member;
using record::Record;

bool is_attribute_or_text(std::string_view name) {
    return name.starts_with('@') || name == "#text";
}

bool is_text_element(const Record& node) {
    return node.is_object() &&
           std::ranges::all_of(node.members(), [](const Member& one) { return is_attribute_or_text(one.name.view()); });
}

bool says_nothing(const Record& node, const Normalise& normalise) {
    if (!node.is_scalar()) {
        return node.is_list() && node.items().empty();
    }
    const auto text = normalise ? normalise(node.scalar()) : std::optional{node.scalar()};
    return node.is_null() || !text || text->empty() || *text == "[]" || *text == "{}" ||
           ascii_equal_ignoring_case(*text, "null");
}

bool is_words(const Record& node, const Normalise& normalise) {
    if (node.is_scalar()) {
        return !says_nothing(node, normalise);
    }
    const Record* text = node.find("#text");
    return text != nullptr && !says_nothing(*text, normalise) && is_text_element(node);
}

}  // namespace datong::path
