#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record/text.h"

namespace datong::record {

class Record;
struct Member;

/// The one in-memory tree that every format is read into and written from (记录).
///
/// Objects keep the order of their members. A number keeps its digits as they stood in the text,
/// so that 100.10 stays 100.10. Bytes are a column whose charset nobody has decoded yet.
/// A value type of 32 octets; one object is used by one thread at a time, its copies by any. A copy shares the
/// texts, not the members. A moved-from record is null.
class Record {
public:
    enum class Kind { null, boolean, number, text, bytes, object, list };
    using Object = std::vector<Member>;
    using List = std::vector<Record>;

    Record() noexcept : truth_{} {}
    Record(const Record& other);
    Record(Record&& other) noexcept;
    Record& operator=(Record other) noexcept;  ///< `other` may be a part of this
    ~Record();

    [[nodiscard]] static Record boolean(bool value);
    /// @param digits  a JSON number as written (RFC 8259, 6); the caller has checked it.
    [[nodiscard]] static Record number(Text digits) { return {Kind::number, std::move(digits)}; }
    [[nodiscard]] static Record integer(long long value);
    [[nodiscard]] static Record text(Text utf8) { return {Kind::text, std::move(utf8)}; }
    [[nodiscard]] static Record bytes(Text raw) { return {Kind::bytes, std::move(raw)}; }
    [[nodiscard]] static Record object();
    [[nodiscard]] static Record object(Object members);
    [[nodiscard]] static Record list();
    [[nodiscard]] static Record list(List items);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
    [[nodiscard]] bool is_text() const noexcept { return kind() == Kind::text; }
    [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }
    [[nodiscard]] bool is_boolean() const noexcept { return kind() == Kind::boolean; }
    [[nodiscard]] bool is_bytes() const noexcept { return kind() == Kind::bytes; }
    [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }
    [[nodiscard]] bool is_list() const noexcept { return kind() == Kind::list; }
    [[nodiscard]] bool is_scalar() const noexcept { return kind() < Kind::object; }

    [[nodiscard]] bool truth() const noexcept { return is_boolean() && truth_; }  ///< of a boolean, else false
    /// Text, a number's digits, or raw bytes; "true"/"false" of a boolean; empty for the others.
    [[nodiscard]] std::string_view scalar() const noexcept {
        return holds_text() ? text_.view() : !is_boolean() ? std::string_view{} : truth_ ? "true" : "false";
    }
    /// The same to keep: a long one is not copied.
    [[nodiscard]] Text scalar_text() const { return holds_text() ? text_ : Text{scalar()}; }
    /// Members of an object, empty for the others.
    [[nodiscard]] const Object& members() const;
    /// Items of a list, empty for the others.
    [[nodiscard]] const List& items() const;

    /// The member's value, or nullptr when this is no object or has none of that name.
    [[nodiscard]] const Record* find(std::string_view name) const;
    [[nodiscard]] Record* find(std::string_view name);
    /// find() of a name that in records of this shape is mostly the member at `place`.
    [[nodiscard]] const Record* find(const Text& name, std::size_t place) const;
    /// Walks members by name: find_path({"context", "subject", "idNo"}).
    [[nodiscard]] const Record* find_path(std::initializer_list<std::string_view> names) const;
    /// find() and scalar(), empty when absent or no text.
    [[nodiscard]] std::string text_of(std::string_view name) const;

    /// Replaces or appends a member; a null record becomes an object first.
    Record& put(Text name, Record value);
    /// put() of a name that is not there yet: nothing is looked for.
    Record& append(const Text& name, Record&& value);
    /// Appends to a list; a null record becomes a list first.
    Record& add(Record item);
    [[nodiscard]] Object& members_to_edit();
    [[nodiscard]] List& items_to_edit();

    friend bool operator==(const Record& one, const Record& other);

private:
    Record(Kind kind, Text&& text) noexcept : kind_{kind} { std::construct_at(&text_, std::move(text)); }

    [[nodiscard]] bool holds_text() const noexcept {
        return kind_ == Kind::text || kind_ == Kind::bytes || kind_ == Kind::number;
    }
    void take(Record& other) noexcept;
    void destroy() noexcept;

    union {  // by kind_; of null nothing
        bool truth_;
        Text text_;
        Object members_;
        List items_;
    };
    Kind kind_{Kind::null};
};

struct Member {
    Text name;
    Record value;
    bool operator==(const Member&) const = default;
};

inline void Record::destroy() noexcept {
    if (holds_text()) {
        std::destroy_at(&text_);
    } else if (kind_ == Kind::object) {
        std::destroy_at(&members_);
    } else if (kind_ == Kind::list) {
        std::destroy_at(&items_);
    }
    kind_ = Kind::null;
}

/// Into a record that holds nothing.
inline void Record::take(Record& other) noexcept {
    kind_ = other.kind_;
    if (holds_text()) {
        std::construct_at(&text_, std::move(other.text_));
    } else if (kind_ == Kind::object) {
        std::construct_at(&members_, std::move(other.members_));
    } else if (kind_ == Kind::list) {
        std::construct_at(&items_, std::move(other.items_));
    } else {
        truth_ = other.truth();
    }
    other.destroy();
}

inline Record::Record(Record&& other) noexcept {
    take(other);
}
inline Record& Record::operator=(Record other) noexcept {
    destroy();
    take(other);
    return *this;
}
inline Record::~Record() {
    destroy();
}

}  // namespace datong::record
