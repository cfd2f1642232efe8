#include "core/mapping/paths.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::mapping {
namespace {

using record::Record;

bool ends_name(char c) {
    return c == '.' || c == '[' || c == ']' || c == ' ' || c == '\'' || c == '?' || c == '*';
}

/// Reads one bracket "[0]", "[*]" or "['name']" at `at`; npos when it is something else.
std::size_t read_bracket(std::string_view text, std::size_t at, Path& path) {
    const std::size_t close = text.find(']', at);
    if (close == std::string_view::npos) {
        return std::string_view::npos;
    }
    const std::string_view inner = text.substr(at + 1, close - at - 1);
    Segment segment;
    if (inner == "*") {
        segment.kind = Segment::Kind::all;
        path.many = true;
    } else if (inner.size() > 2 && inner.front() == '\'' && inner.back() == '\'') {
        const std::string_view name = inner.substr(1, inner.size() - 2);
        if (name.find_first_of("'\\") != std::string_view::npos) {
            return std::string_view::npos;
        }
        segment.name = name;
    } else if (const auto index = to_whole_number(inner); index) {
        segment.kind = Segment::Kind::index;
        segment.index = static_cast<std::size_t>(*index);
    } else {
        return std::string_view::npos;
    }
    path.segments.push_back(std::move(segment));
    return close + 1;
}

steps::Refusal refusal(std::string rule, std::string zh, std::string en) {
    return {std::move(rule), std::move(zh), std::move(en)};
}

bool is_ascii(std::string_view bytes) {
    unsigned all = 0;  // no branch: cells are short, and the compiler takes many octets at once
    for (const char c : bytes) {
        all |= static_cast<unsigned char>(c);
    }
    return all < 0x80;
}

bool is_wide(charset::Charset from) {
    return from == charset::Charset::utf_16 || from == charset::Charset::utf_16le || from == charset::Charset::utf_16be;
}

steps::Stepped to_value(std::string_view text, const Normaliser& normalise) {
    const auto kept = normalise(text);
    if (kept && has_control(*kept)) {
        return tl::unexpected{refusal("charset.invalid", "含有不属于文字的控制字符", "a control character is no text")};
    }
    return kept ? steps::Value{std::string{*kept}} : steps::Value{};
}

steps::Stepped decode_cell(std::string_view bytes, charset::Charset from, const Normaliser& normalise) {
    if (!is_wide(from) && is_ascii(bytes)) {
        return to_value(bytes, normalise);
    }
    const auto text = charset::decode(bytes, from);
    if (!text) {
        const bool cut = text.error().rule == "charset.truncated";
        return tl::unexpected{
            refusal(std::string{text.error().rule}, cut ? "末尾的汉字被截断" : "字节不是所声明字符集的文字",
                    (cut ? "the last character is cut off at byte " : "not text of the declared charset at byte ") +
                        std::to_string(text.error().offset))};
    }
    return to_value(*text, normalise);
}

}  // namespace

std::optional<Path> parse_simple(std::string_view text) {
    Path path;
    std::size_t at = 0;
    if (text.starts_with('$')) {
        path.absolute = true;
        at = text.starts_with("$.") ? 2 : 1;
    } else if (text == "@") {
        at = 1;
    }
    path.text = text.substr(at);
    while (at < text.size()) {
        if (text[at] == '[') {
            at = read_bracket(text, at, path);
            if (at == std::string_view::npos) {
                return std::nullopt;
            }
        } else {
            std::size_t end = at;
            while (end < text.size() && !ends_name(text[end])) {
                ++end;
            }
            if (end == at) {
                return std::nullopt;
            }
            path.segments.push_back({Segment::Kind::name, text.substr(at, end - at), 0});
            at = end;
        }
        if (at < text.size() && text[at] == '.') {
            ++at;
            if (at == text.size()) {
                return std::nullopt;
            }
        }
    }
    return path;
}

steps::Refusal refusal_of(Trouble why) {
    if (why == Trouble::too_large) {
        return refusal("path.too_large", "来源太大, 路径没有找完",
                       "the source is too large for the path to be followed");
    }
    if (why == Trouble::object) {
        return refusal("path.object", "此处应为单个值, 来源给了一组字段",
                       "a single value is wanted, the source has members");
    }
    if (why == Trouble::no_group) {
        return refusal("path.no_group", "此处应为一组字段, 来源给的是文字、数字或空项; 若意为没有, 请写入 null_tokens",
                       "a group of fields is wanted, the source has a text, a number or an empty place; if it means "
                       "none, name it in null_tokens");
    }
    return refusal("path.multiple", "此处只应有一个值, 来源给了多个", "one value is wanted, the source has several");
}

std::string location(const Path& path, std::string_view current) {
    std::string out{path.absolute || current.empty() ? std::string_view{"$"} : current};
    if (!path.text.empty()) {
        if (path.text.front() != '[') {
            out += '.';
        }
        out += path.text;
    }
    return out;
}

std::optional<std::string_view> plain_text(const Record* node) {
    if (node != nullptr && (node->is_text() || node->is_number() || node->is_boolean())) {
        return node->scalar();
    }
    return std::nullopt;
}

std::optional<std::string_view> plain_leaf(const Record& node, const Path& path, const Normaliser& normalise) {
    const bool is_ascii_cell = node.is_bytes() && path.charset && !is_wide(*path.charset) && is_ascii(node.scalar());
    const auto text = is_ascii_cell || plain_text(&node) ? normalise(node.scalar()) : std::nullopt;
    return text && !has_control(*text) ? text : std::nullopt;
}

steps::Stepped leaf_value(const Record* node, const Path& path, const Normaliser& normalise, bool list_wanted) {
    if (node == nullptr || node->is_null()) {
        return steps::Value{};
    }
    if (const auto text = plain_text(node)) {
        return to_value(*text, normalise);
    }
    if (node->is_bytes()) {
        return path.charset ? decode_cell(node->scalar(), *path.charset, normalise)
                            : steps::Stepped{steps::Value{steps::Bytes{std::string{node->scalar()}}}};
    }
    if (node->is_object()) {  // an XML element with attributes
        const Record* text = node->find("#text");
        if (!path::is_text_element(*node)) {
            return tl::unexpected{refusal_of(Trouble::object)};
        }
        return text != nullptr ? leaf_value(text, path, normalise) : steps::Stepped{steps::Value{}};
    }
    if (!list_wanted) {
        return node->items().empty() ? steps::Stepped{steps::Value{}} : tl::unexpected{refusal_of(Trouble::multiple)};
    }
    std::vector<steps::Value> values;
    for (const Record& item : node->items()) {
        auto value = leaf_value(&item, path, normalise);
        if (!value) {
            return value;
        }
        values.push_back(std::move(*value));
    }
    return steps::Value{std::move(values)};
}

}  // namespace datong::mapping
