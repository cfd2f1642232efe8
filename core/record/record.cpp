#include "core/record/record.h"

namespace datong::record {

Record Record::boolean(bool value) {
    return {std::in_place_type<bool>, bool{value}};
}
Record Record::number(std::string digits) {
    return {std::in_place_type<Digits>, Digits{std::move(digits)}};
}
Record Record::integer(long long value) {
    return number(std::to_string(value));
}
Record Record::text(std::string utf8) {
    return {std::in_place_type<std::string>, std::move(utf8)};
}
Record Record::bytes(std::string raw) {
    return {std::in_place_type<Raw>, Raw{std::move(raw)}};
}
Record Record::object() {
    return {std::in_place_type<Object>, Object{}};
}
Record Record::list() {
    return {std::in_place_type<List>, List{}};
}
Record Record::object(Object members) {
    return {std::in_place_type<Object>, std::move(members)};
}
Record Record::list(List items) {
    return {std::in_place_type<List>, std::move(items)};
}

bool Record::truth() const {
    const bool* value = std::get_if<bool>(&value_);
    return value != nullptr && *value;
}

std::string_view Record::scalar() const {
    switch (kind()) {
        case Kind::boolean:
            return truth() ? "true" : "false";
        case Kind::number:
            return std::get<Digits>(value_).text;
        case Kind::text:
            return std::get<std::string>(value_);
        case Kind::bytes:
            return std::get<Raw>(value_).octets;
        case Kind::null:
        case Kind::object:
        case Kind::list:
            break;
    }
    return {};
}

const Record::Object& Record::members() const {
    static const Object kNone;
    const Object* object = std::get_if<Object>(&value_);
    return object != nullptr ? *object : kNone;
}

const Record::List& Record::items() const {
    static const List kNone;
    const List* list = std::get_if<List>(&value_);
    return list != nullptr ? *list : kNone;
}

const Record* Record::find(std::string_view name) const {
    const char last = name.empty() ? '\0' : name.back();
    for (const Member& member : members()) {
        // names of one length mostly differ in their last letter, too
        if (member.name.size() == name.size() && (name.empty() || member.name.back() == last) && member.name == name) {
            return &member.value;
        }
    }
    return nullptr;
}

Record* Record::find(std::string_view name) {
    return const_cast<Record*>(std::as_const(*this).find(name));  // the object itself is not const
}

const Record* Record::find_path(std::initializer_list<std::string_view> names) const {
    const Record* at = this;
    for (const std::string_view name : names) {
        at = at != nullptr ? at->find(name) : nullptr;
    }
    return at;
}

std::string Record::text_of(std::string_view name) const {
    const Record* value = find(name);
    return value != nullptr ? std::string{value->scalar()} : std::string{};
}

Record& Record::put(std::string name, Record value) {
    if (Record* there = find(name); there != nullptr) {
        *there = std::move(value);
        return *there;
    }
    return append(std::move(name), std::move(value));
}

Record& Record::append(std::string name, Record&& value) {
    return members_to_edit().emplace_back(std::move(name), std::move(value)).value;
}

Record& Record::add(Record item) {
    List& items = items_to_edit();
    items.push_back(std::move(item));
    return items.back();
}

Record::Object& Record::members_to_edit() {
    if (!is_object()) {
        value_ = Object{};
    }
    return std::get<Object>(value_);
}

Record::List& Record::items_to_edit() {
    if (!is_list()) {
        value_ = List{};
    }
    return std::get<List>(value_);
}

bool operator==(const Record& one, const Record& other) {
    return one.value_ == other.value_;
}

}  // namespace datong::record
