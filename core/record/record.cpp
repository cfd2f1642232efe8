#include "core/record/record.h"

#include <array>
#include <charconv>

namespace datong::record {

Record::Record(const Record& other) : kind_{other.kind_} {
    switch (kind_) {
        case Kind::number:
        case Kind::text:
        case Kind::bytes:
            std::construct_at(&text_, other.text_);
            break;
        case Kind::object:
            std::construct_at(&members_, other.members_);
            break;
        case Kind::list:
            std::construct_at(&items_, other.items_);
            break;
        case Kind::null:
        case Kind::boolean:
            truth_ = other.truth();
            break;
    }
}

Record Record::boolean(bool value) {
    Record out;
    out.truth_ = value;
    out.kind_ = Kind::boolean;
    return out;
}

Record Record::integer(long long value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return number(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Record Record::object() {
    return object(Object{});
}

Record Record::list() {
    return list(List{});
}

Record Record::object(Object members) {
    Record out;
    std::construct_at(&out.members_, std::move(members));
    out.kind_ = Kind::object;
    return out;
}

Record Record::list(List items) {
    Record out;
    std::construct_at(&out.items_, std::move(items));
    out.kind_ = Kind::list;
    return out;
}

const Record::Object& Record::members() const {
    static const Object kNone;
    return is_object() ? members_ : kNone;
}

const Record::List& Record::items() const {
    static const List kNone;
    return is_list() ? items_ : kNone;
}

const Record* Record::find(std::string_view name) const {
    const char last = name.empty() ? '\0' : name.back();
    for (const Member& member : members()) {
        // names of one length mostly differ in their last letter, too
        const std::string_view there = member.name;
        if (there.size() == name.size() && (name.empty() || there.back() == last) && there == name) {
            return &member.value;
        }
    }
    return nullptr;
}

Record* Record::find(std::string_view name) {
    return const_cast<Record*>(std::as_const(*this).find(name));  // the object itself is not const
}

const Record* Record::find(const Text& name, std::size_t place) const {
    if (is_object() && place < members_.size() && members_[place].name == name) {
        return &members_[place].value;
    }
    return find(name.view());
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

Record& Record::put(Text name, Record value) {
    if (Record* there = find(name); there != nullptr) {
        *there = std::move(value);
        return *there;
    }
    return members_to_edit().emplace_back(std::move(name), std::move(value)).value;
}

Record& Record::append(const Text& name, Record&& value) {
    return members_to_edit().emplace_back(name, std::move(value)).value;
}

Record& Record::add(Record item) {
    return items_to_edit().emplace_back(std::move(item));
}

Record::Object& Record::members_to_edit() {
    if (!is_object()) {
        *this = object();
    }
    return members_;
}

Record::List& Record::items_to_edit() {
    if (!is_list()) {
        *this = list();
    }
    return items_;
}

bool operator==(const Record& one, const Record& other) {
    if (one.kind_ != other.kind_) {
        return false;
    }
    switch (one.kind_) {
        case Record::Kind::null:
            return true;
        case Record::Kind::boolean:
            return one.truth_ == other.truth_;
        case Record::Kind::object:
            return one.members_ == other.members_;
        case Record::Kind::list:
            return one.items_ == other.items_;
        case Record::Kind::number:
        case Record::Kind::text:
        case Record::Kind::bytes:
            break;
    }
    return one.text_ == other.text_;
}

}  // namespace datong::record
