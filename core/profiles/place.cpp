#include "core/profiles/place.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"

namespace datong::profiles {
namespace {

using record::Record;

tl::unexpected<Error> in_the_way(const std::string& name) {
    return fail(Fault::internal, "place: at " + name + " stands something that holds no names");
}

const Record* step(const Record& at, const std::string& name) {
    if (!at.is_list()) {
        return at.find(name);
    }
    const auto number = to_whole_number(name);
    return number && *number < at.items().size() ? &at.items()[static_cast<std::size_t>(*number)] : nullptr;
}

}  // namespace

Result<Place> Place::parse(std::string_view text) {
    Place place;
    for (const std::string_view name : split(text, '.')) {
        if (name.empty()) {
            return fail(Fault::bad_request, "place: a name is empty");
        }
        place.names_.emplace_back(name);
    }
    return place;
}

const Record* Place::find(const Record& message) const {
    const Record* at = &message;
    for (const std::string& name : names_) {
        at = step(*at, name);
        if (at == nullptr) {
            return nullptr;
        }
    }
    return at;
}

Status Place::put(Record& message, Record value) const {
    Record* at = &message;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const std::string& name = names_[i];
        const bool is_last = i + 1 == names_.size();
        if (at->is_list()) {
            const auto number = to_whole_number(name);
            if (!number || *number >= at->items().size()) {
                return in_the_way(name);
            }
            at = &at->items_to_edit()[static_cast<std::size_t>(*number)];
        } else if (at->is_object() || at->is_null() || (at->is_text() && at->scalar().empty())) {
            // an empty XML element reads as an empty text
            if (!at->is_object()) {
                *at = Record::object();
            }
            Record* next = at->find(name);
            at = next != nullptr ? next : &at->append(name, Record{});
        } else {
            return in_the_way(name);
        }
        if (is_last) {
            *at = std::move(value);
        }
    }
    return {};
}

Result<Record> read_message(std::string_view body) {
    const auto begin = body.find_first_not_of(" \t\r\n");
    if (begin != std::string_view::npos && body[begin] == '<') {
        return codec::read_xml(body.substr(begin), false).map([](codec::XmlRoot root) {
            return std::move(root.content);
        });
    }
    return codec::read_json(body);
}

}  // namespace datong::profiles
