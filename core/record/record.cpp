#include "core/record/record.h"

namespace datong::record {

Record::Record(Value value) : value_{std::move(value)} {
}
Record Record::boolean(bool value) {
    return Record{Value{value}};
}
Record Record::number(std::string digits) {
    return Record{Value{Digits{std::move(digits)}}};
}
Record Record::integer(long long value) {
    return number(std::to_string(value));
}
Record Record::text(std::string utf8) {
    return Record{Value{std::move(utf8)}};
}
Record Record::bytes(std::string raw) {
    return Record{Value{Raw{std::move(raw)}}};
}
Record Record::object() {
    return Record{Value{Object{}}};
}
Record Record::list() {
    return Record{Value{List{}}};
}
Record Record::object(Object members) {
    return Record{Value{std::move(members)}};
}
Record Record::list(List items) {
    return Record{Value{std::move(items)}};
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
    for (const Member& member : members()) {
        if (member.name == name) {
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
    Object& members = members_to_edit();
    members.push_back({std::move(name), std::move(value)});
    return members.back().value;
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
