#include "core/signing/structured_field.h"

#include <algorithm>
#include <utility>

#include "core/signing/structured_field_cursor.h"

namespace datong::signing::sf {
namespace {

// what RFC 9651, 3.1 and 3.2 ask every parser to take, and no more: keys are compared in pairs
constexpr std::size_t kMostMembers = 1024;
constexpr std::size_t kMostInnerItems = 256;
constexpr std::size_t kMostParameters = 256;

/// Reads one field value from the left. Source: RFC 9651, 4.2; one function a clause.
class Reader {
public:
    Reader(std::string_view text, bool unique) : cursor_{text}, unique_{unique} { cursor_.skip_blanks(); }

    Result<Item> item() {
        auto value = cursor_.bare_item();
        if (!value) {
            return fail(std::move(value.error()));
        }
        auto with = parameters();
        if (!with) {
            return fail(std::move(with.error()));
        }
        return Item{std::move(*value), std::move(*with)};
    }

    Result<List> list() {
        List all;
        while (!cursor_.at_end()) {
            auto member = item_or_inner_list();
            if (!member) {
                return fail(std::move(member.error()));
            }
            all.push_back(std::move(*member));
            if (all.size() > kMostMembers) {
                return cursor_.trouble("too many members");
            }
            if (auto more = next_member(); !more) {
                return fail(std::move(more.error()));
            }
        }
        return all;
    }

    Result<Dictionary> dictionary() {
        Dictionary all;
        while (!cursor_.at_end()) {
            auto name = cursor_.key();
            if (!name) {
                return fail(std::move(name.error()));
            }
            auto value = member_value();
            if (!value) {
                return fail(std::move(value.error()));
            }
            if (auto put = put_last(all, std::move(*name), std::move(*value)); !put) {
                return fail(std::move(put.error()));
            }
            if (all.size() > kMostMembers) {
                return cursor_.trouble("too many members");
            }
            if (auto more = next_member(); !more) {
                return fail(std::move(more.error()));
            }
        }
        return all;
    }

    /// Nothing but blanks may follow.
    Status finish() {
        cursor_.skip_blanks();
        return cursor_.at_end() ? Status{} : cursor_.trouble("trailing characters");
    }

private:
    /// RFC 9651, 4.2.1 and 4.2.2: a comma must be followed by a member.
    Status next_member() {
        cursor_.skip_ows();
        if (cursor_.at_end()) {
            return {};
        }
        if (!cursor_.take(',')) {
            return cursor_.trouble("a comma is missing");
        }
        cursor_.skip_ows();
        return cursor_.at_end() ? cursor_.trouble("trailing comma") : Status{};
    }

    template <class Entries, class Value>
    Status put_last(Entries& entries, std::string name, Value value) {
        const auto same = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.first == name; });
        if (same == entries.end()) {
            entries.emplace_back(std::move(name), std::move(value));
            return {};
        }
        if (unique_) {
            return cursor_.trouble("duplicate key");
        }
        same->second = std::move(value);
        return {};
    }

    Result<MemberValue> member_value() {
        if (cursor_.take('=')) {
            return item_or_inner_list();
        }
        auto with = parameters();
        if (!with) {
            return fail(std::move(with.error()));
        }
        return Item{BareItem{true}, std::move(*with)};
    }

    Result<MemberValue> item_or_inner_list() {
        if (cursor_.peek() == '(') {
            return inner_list();
        }
        return item();
    }

    Result<MemberValue> inner_list() {
        cursor_.take('(');
        InnerList all;
        while (!cursor_.at_end()) {
            cursor_.skip_blanks();
            if (cursor_.take(')')) {
                auto with = parameters();
                if (!with) {
                    return fail(std::move(with.error()));
                }
                all.parameters = std::move(*with);
                return all;
            }
            auto one = item();
            if (!one) {
                return fail(std::move(one.error()));
            }
            all.items.push_back(std::move(*one));
            if (all.items.size() > kMostInnerItems) {
                return cursor_.trouble("too many items");
            }
            if (cursor_.peek() != ' ' && cursor_.peek() != ')') {
                return cursor_.trouble("a blank or ) is missing");
            }
        }
        return cursor_.trouble("the inner list has no end");
    }

    Result<Parameters> parameters() {
        Parameters all;
        while (cursor_.take(';')) {
            cursor_.skip_blanks();
            auto name = cursor_.key();
            if (!name) {
                return fail(std::move(name.error()));
            }
            BareItem value{true};
            if (cursor_.take('=')) {
                auto given = cursor_.bare_item();
                if (!given) {
                    return fail(std::move(given.error()));
                }
                value = std::move(*given);
            }
            if (auto put = put_last(all.entries, std::move(*name), std::move(value)); !put) {
                return fail(std::move(put.error()));
            }
            if (all.entries.size() > kMostParameters) {
                return cursor_.trouble("too many parameters");
            }
        }
        return all;
    }

    Cursor cursor_;
    bool unique_;
};

template <class T>
Result<T> finished(Reader& reader, Result<T> value) {
    if (!value) {
        return value;
    }
    if (auto end = reader.finish(); !end) {
        return fail(std::move(end.error()));
    }
    return value;
}

}  // namespace

const BareItem* Parameters::find(std::string_view key) const {
    for (const auto& [name, value] : entries) {
        if (name == key) {
            return &value;
        }
    }
    return nullptr;
}

Result<Item> parse_item(std::string_view text) {
    Reader reader{text, false};
    return finished(reader, reader.item());
}

Result<List> parse_list(std::string_view text) {
    Reader reader{text, false};
    return finished(reader, reader.list());
}

Result<Dictionary> parse_dictionary(std::string_view text) {
    Reader reader{text, false};
    return finished(reader, reader.dictionary());
}

Result<Dictionary> parse_dictionary_without_duplicates(std::string_view text) {
    Reader reader{text, true};
    return finished(reader, reader.dictionary());
}

const MemberValue* find(const Dictionary& dictionary, std::string_view key) {
    for (const auto& [name, value] : dictionary) {
        if (name == key) {
            return &value;
        }
    }
    return nullptr;
}

}  // namespace datong::signing::sf
