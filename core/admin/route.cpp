#include "core/admin/route.h"

#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::admin {

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    const auto wanted = split(pattern, '/');
    const auto there = split(path, '/');
    std::vector<std::string> names;
    if (wanted.size() != there.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] != "*") {
            if (wanted[i] != there[i]) {
                return std::nullopt;
            }
            continue;
        }
        auto name = codec::percent_decode(there[i]);
        if (!name || name->empty()) {
            return std::nullopt;
        }
        names.push_back(std::move(*name));
    }
    return names;
}

accounts::Outcome<record::Record> object_in(const codec::HttpMessage& http) {
    auto body = codec::read_json(http.body);
    if (!body) {
        return tl::unexpected{accounts::problem_of(body.error())};
    }
    if (!body->is_object()) {
        return tl::unexpected{accounts::problem_of(Error{Fault::bad_request, "the body must be an object"})};
    }
    return std::move(*body);
}

}  // namespace datong::admin
