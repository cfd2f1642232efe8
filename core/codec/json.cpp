#include "core/codec/json.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include "core/base/text.h"
#include "core/charset/unicode.h"

namespace datong::codec {
namespace {

using record::Member;
using record::Record;

/// Small objects are compared pairwise, large ones by sorting their names.
bool has_duplicate(const std::vector<std::string>& names, std::size_t first) {
    constexpr std::size_t kSmall = 16;
    if (names.size() - first <= kSmall) {
        for (std::size_t one = first; one < names.size(); ++one) {
            for (std::size_t other = one + 1; other < names.size(); ++other) {
                if (names[one] == names[other]) {
                    return true;
                }
            }
        }
        return false;
    }
    std::vector<std::string_view> sorted{names.begin() + static_cast<std::ptrdiff_t>(first), names.end()};
    std::ranges::sort(sorted);
    return std::ranges::adjacent_find(sorted) != sorted.end();
}

/// RapidJSON lets a lone second half pass ("\\udc00") and writes it as three octets that are no UTF-8.
bool has_surrogate(std::string_view text) {
    std::size_t at = text.find('\xED');
    while (at != std::string_view::npos && at + 1 < text.size()) {
        if (static_cast<unsigned char>(text[at + 1]) >= 0xA0) {
            return true;
        }
        at = text.find('\xED', at + 1);
    }
    return false;
}

/// Builds the tree from the reader's events. Finished values wait on one stack until their container
/// ends, so that each container is allocated once, at its size.
class RecordBuilder {
public:
    explicit RecordBuilder(const JsonLimits& limits) : limits_{limits} {
        constexpr std::size_t kUsual = 64;  // spares the stacks their first doublings
        values_.reserve(kUsual);
        names_.reserve(kUsual);
    }

    bool Null() { return push(Record{}); }
    bool Bool(bool value) { return push(Record::boolean(value)); }
    bool RawNumber(const char* digits, rapidjson::SizeType length, bool) {
        return push(Record::number(std::string{digits, length}));
    }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        return push(Record::text(std::string{text, length})) && check_surrogates({text, length});
    }
    bool Key(const char* name, rapidjson::SizeType length, bool) {
        names_.emplace_back(name, length);
        return check_surrogates(names_.back());
    }
    bool StartObject() { return enter(); }
    bool StartArray() { return enter(); }

    bool EndObject(rapidjson::SizeType count) {
        const std::size_t first_name = names_.size() - count;
        if (has_duplicate(names_, first_name)) {
            return refuse("a name stands twice in one object");
        }
        Record::Object members;
        members.reserve(count);
        std::size_t value = values_.size() - count;
        for (std::size_t name = first_name; name < names_.size(); ++name, ++value) {
            members.push_back({std::move(names_[name]), std::move(values_[value])});
        }
        names_.resize(first_name);
        return leave(count, Record::object(std::move(members)));
    }

    bool EndArray(rapidjson::SizeType count) {
        const auto first = values_.end() - static_cast<std::ptrdiff_t>(count);
        Record::List items{std::make_move_iterator(first), std::make_move_iterator(values_.end())};
        return leave(count, Record::list(std::move(items)));
    }

    // the reader calls RawNumber instead of these
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    [[nodiscard]] Record take() { return std::move(values_.back()); }
    [[nodiscard]] const char* reason() const noexcept { return reason_; }

private:
    bool refuse(const char* reason) {
        reason_ = reason;
        return false;
    }
    bool check_surrogates(std::string_view text) { return !has_surrogate(text) || refuse("an unpaired surrogate"); }
    bool count_node() { return ++nodes_ <= limits_.max_nodes || refuse("too many values"); }
    bool push(Record value) {
        values_.push_back(std::move(value));
        return count_node();
    }
    bool enter() { return (++depth_ <= limits_.max_depth || refuse("nested too deep")) && count_node(); }
    bool leave(rapidjson::SizeType count, Record container) {
        --depth_;
        values_.resize(values_.size() - count);
        values_.push_back(std::move(container));
        return true;
    }

    const JsonLimits& limits_;
    std::vector<Record> values_;
    std::vector<std::string> names_;
    std::size_t nodes_{};
    int depth_{};
    const char* reason_{};
};

tl::unexpected<Error> refuse(std::size_t offset, const char* reason) {
    return fail(Fault::bad_request, "JSON at byte " + std::to_string(offset) + ": " + reason);
}

/// The escape of a byte in JSON text, or '\0' where it stands for itself ('u': by its number).
constexpr char escape_of(char c) {
    switch (c) {
        case '"':
        case '\\':
            return c;
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return static_cast<unsigned char>(c) < 0x20 ? 'u' : '\0';
    }
}

/// The same by table: this is the hottest loop of an answer.
constexpr auto kEscapes = [] {
    std::array<char, 256> escapes{};
    for (std::size_t byte = 0; byte < escapes.size(); ++byte) {
        escapes[byte] = escape_of(static_cast<char>(byte));
    }
    return escapes;
}();

/// @param indent  blanks before the value's own line; negative for compact text.
void append_value(std::string& out, const Record& value, int indent);

void start_line(std::string& out, int indent) {
    if (indent >= 0) {
        out += '\n';
        out.append(static_cast<std::size_t>(indent), ' ');
    }
}

void append_object(std::string& out, const Record& value, int indent) {
    const int inner = indent < 0 ? indent : indent + 2;
    out += '{';
    bool first = true;
    for (const Member& member : value.members()) {
        if (!first) {
            out += ',';
        }
        first = false;
        start_line(out, inner);
        append_json_text(out, member.name);
        out.append(indent < 0 ? ":" : ": ");
        append_value(out, member.value, inner);
    }
    if (!first) {
        start_line(out, indent);
    }
    out += '}';
}

void append_list(std::string& out, const Record& value, int indent) {
    const int inner = indent < 0 ? indent : indent + 2;
    out += '[';
    bool first = true;
    for (const Record& item : value.items()) {
        if (!first) {
            out += ',';
        }
        first = false;
        start_line(out, inner);
        append_value(out, item, inner);
    }
    if (!first) {
        start_line(out, indent);
    }
    out += ']';
}

void append_value(std::string& out, const Record& value, int indent) {
    switch (value.kind()) {
        case Record::Kind::null:
            out.append("null");
            break;
        case Record::Kind::boolean:
        case Record::Kind::number:
            out.append(value.scalar());
            break;
        case Record::Kind::text:
            append_json_text(out, value.scalar());
            break;
        case Record::Kind::bytes:
            append_json_text(out, to_base64(value.scalar()));
            break;
        case Record::Kind::object:
            append_object(out, value, indent);
            break;
        case Record::Kind::list:
            append_list(out, value, indent);
            break;
    }
}

}  // namespace

namespace {

/// Where the next octet that must be escaped stands, or the end.
std::size_t next_escape(std::string_view text, std::size_t at) {
    while (at < text.size() && kEscapes[static_cast<unsigned char>(text[at])] == '\0') {
        ++at;
    }
    return at;
}

/// Whether one of `kCount` octets must be escaped. No branch and a fixed length: the compiler takes them all at once.
template <std::size_t kCount>
bool has_escape(const char* at) {
    unsigned char found = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
        const auto octet = static_cast<unsigned char>(at[i]);
        found |= static_cast<unsigned char>((octet < 0x20) | (octet == '"') | (octet == '\\'));
    }
    return found != 0;
}

/// Whether nothing of the text must be escaped, as of nearly all that is written; the last block may overlap.
template <std::size_t kCount>
bool is_plain(std::string_view text) {
    for (std::size_t at = 0; at + kCount < text.size(); at += kCount) {
        if (has_escape<kCount>(text.data() + at)) {
            return false;
        }
    }
    return !has_escape<kCount>(text.data() + text.size() - kCount);
}

bool is_plain(std::string_view text) {
    if (text.size() >= 16) {
        return is_plain<16>(text);
    }
    return text.size() >= 8 ? is_plain<8>(text) : next_escape(text, 0) == text.size();
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    if (is_plain(text)) {
        out.append(text).push_back('"');
        return;
    }
    std::size_t clean = 0;
    for (std::size_t at = next_escape(text, 0); at < text.size(); at = next_escape(text, clean)) {
        out.append(text.substr(clean, at - clean));
        clean = at + 1;
        const char escape = kEscapes[static_cast<unsigned char>(text[at])];
        out += '\\';
        out += escape;
        if (escape == 'u') {
            const auto byte = static_cast<unsigned char>(text[at]);
            out.append("00");
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        }
    }
    out.append(text.substr(clean));
    out += '"';
}

Result<Record> read_json(std::string_view text, const JsonLimits& limits) {
    constexpr unsigned kFlags =
        rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
    if (text.size() > limits.max_bytes) {
        return fail(Fault::body_too_large, "JSON larger than " + std::to_string(limits.max_bytes) + " bytes");
    }
    // the reader would check each character again on its way through; once, over the whole text, is cheaper
    if (const auto trouble = charset::trouble_of_utf8(text)) {
        return refuse(trouble->offset, "not UTF-8");
    }
    std::string scratch{text};  // the reader decodes strings where they stand
    rapidjson::InsituStringStream stream{scratch.data()};
    RecordBuilder builder{limits};
    rapidjson::Reader reader;
    const rapidjson::ParseResult parsed = reader.Parse<kFlags>(stream, builder);
    if (!parsed) {
        return refuse(parsed.Offset(),
                      builder.reason() != nullptr ? builder.reason() : rapidjson::GetParseError_En(parsed.Code()));
    }
    if (stream.Tell() != text.size()) {  // a NUL ends the text for the reader
        return refuse(stream.Tell(), "more than one value");
    }
    return builder.take();
}

void append_json(std::string& out, const Record& value) {
    append_value(out, value, -1);
}

std::string write_json(const Record& value) {
    std::string out;
    append_json(out, value);
    return out;
}

std::string write_json_for_people(const Record& value) {
    std::string out;
    append_value(out, value, 0);
    out += '\n';
    return out;
}

}  // namespace datong::codec
