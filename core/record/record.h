#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace datong::record {

class Record;
struct Member;

/// The one in-memory tree that every format is read into and written from (记录).
///
/// Objects keep the order of their members. A number keeps its digits as they stood in the text,
/// so that 100.10 stays 100.10. Bytes are a column whose charset nobody has decoded yet.
/// A value type; one object is used by one thread at a time.
class Record {
public:
    enum class Kind { null, boolean, number, text, bytes, object, list };
    using Object = std::vector<Member>;
    using List = std::vector<Record>;

    Record() = default;
    [[nodiscard]] static Record boolean(bool value);
    /// @param digits  a JSON number as written (RFC 8259, 6); the caller has checked it.
    [[nodiscard]] static Record number(std::string digits);
    [[nodiscard]] static Record integer(long long value);
    [[nodiscard]] static Record text(std::string utf8);
    [[nodiscard]] static Record bytes(std::string raw);
    [[nodiscard]] static Record object();
    [[nodiscard]] static Record object(Object members);
    [[nodiscard]] static Record list();
    [[nodiscard]] static Record list(List items);

    [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(value_.index()); }
    [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
    [[nodiscard]] bool is_text() const noexcept { return kind() == Kind::text; }
    [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }
    [[nodiscard]] bool is_boolean() const noexcept { return kind() == Kind::boolean; }
    [[nodiscard]] bool is_bytes() const noexcept { return kind() == Kind::bytes; }
    [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }
    [[nodiscard]] bool is_list() const noexcept { return kind() == Kind::list; }
    [[nodiscard]] bool is_scalar() const noexcept { return kind() < Kind::object; }

    [[nodiscard]] bool truth() const;  ///< of a boolean; false for any other kind
    /// Text, a number's digits, or raw bytes; "true"/"false" of a boolean; empty for the others.
    [[nodiscard]] std::string_view scalar() const;
    /// Members of an object, empty for the others.
    [[nodiscard]] const Object& members() const;
    /// Items of a list, empty for the others.
    [[nodiscard]] const List& items() const;

    /// The member's value, or nullptr when this is no object or has none of that name.
    [[nodiscard]] const Record* find(std::string_view name) const;
    [[nodiscard]] Record* find(std::string_view name);
    /// Walks members by name: find_path({"context", "subject", "idNo"}).
    [[nodiscard]] const Record* find_path(std::initializer_list<std::string_view> names) const;
    /// find() and scalar(), empty when absent or no text.
    [[nodiscard]] std::string text_of(std::string_view name) const;

    /// Replaces or appends a member; a null record becomes an object first.
    Record& put(std::string name, Record value);
    /// put() of a name that is not there yet: nothing is looked for.
    Record& append(std::string name, Record&& value);
    /// Appends to a list; a null record becomes a list first.
    Record& add(Record item);
    [[nodiscard]] Object& members_to_edit();
    [[nodiscard]] List& items_to_edit();

    friend bool operator==(const Record& one, const Record& other);

private:
    struct Digits {
        std::string text;
        bool operator==(const Digits&) const = default;
    };
    struct Raw {
        std::string octets;
        bool operator==(const Raw&) const = default;
    };
    using Value = std::variant<std::monostate, bool, Digits, std::string, Raw, Object, List>;

    template <class T>
    Record(std::in_place_type_t<T> kind, T&& value) : value_{kind, std::move(value)} {}

    Value value_;
};

struct Member {
    std::string name;
    Record value;
    bool operator==(const Member&) const = default;
};

}  // namespace datong::record
