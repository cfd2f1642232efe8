#include "core/adapter/pattern.h"

#include <utility>

namespace datong::adapter {

Result<Pattern> Pattern::parse(std::string_view text) {
    Pattern made;
    while (!text.empty()) {
        const std::size_t brace = text.find_first_of("{}");
        made.constants_.back() += text.substr(0, brace);
        if (brace == std::string_view::npos) {
            break;
        }
        const std::size_t end = text.find_first_of("{}", brace + 1);
        if (text[brace] == '}' || end == std::string_view::npos || text[end] == '{' || end == brace + 1) {
            return fail(Fault::bad_request, "write a place for a field as {NAME}");
        }
        made.names_.emplace_back(text.substr(brace + 1, end - brace - 1));
        made.constants_.emplace_back();
        text.remove_prefix(end + 1);
    }
    return made;
}

Result<std::string> Pattern::fill(const Fill& value_of) const {
    std::string made = constants_.front();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        auto value = value_of(names_[i]);
        if (!value) {
            return fail(std::move(value.error()));
        }
        made += *value;
        made += constants_[i + 1];
    }
    return made;
}

}  // namespace datong::adapter
