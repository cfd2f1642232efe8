#include "core/yaml/builder.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace datong::yaml {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxMistakes = 100;
constexpr std::size_t kLongLine = 2000;  ///< beyond it columns count bytes, lest a one-line file cost its square

bool ends_plain_scalar(std::string_view rest) {
    const std::size_t next = rest.find_first_not_of(" \t");
    return next == std::string_view::npos || rest[next] != ':';
}

/// Whether the quoted scalar that begins the text ends in it. The parser lets one run to the end of the
/// file when a line feed stands there.
bool is_closed(std::string_view text) {
    const char quote = text.front();
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '\\' && quote == '"') {
            ++at;
        } else if (text[at] == quote) {
            const bool doubled = quote == '\'' && text.substr(at).starts_with("''");
            if (!doubled) {
                return true;
            }
            ++at;
        }
    }
    return false;
}

}  // namespace

Builder::Builder(std::string_view text, const std::string& file, bool allow_hex)
    : text_{text}, file_{file}, allow_hex_{allow_hex}, lines_{0} {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        lines_.push_back(at + 1);
    }
}

Position Builder::position_of(const YAML::Mark& mark) const {
    if (mark.is_null()) {
        return {file_, 0, 0};
    }
    const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
    const auto bytes = static_cast<std::size_t>(std::max(mark.column, 0));
    const bool countable = bytes <= kLongLine && line < lines_.size() && lines_[line] + bytes <= text_.size();
    const std::size_t column = countable ? count_chars(text_.substr(lines_[line], bytes)) : bytes;
    return {file_, static_cast<int>(line) + 1, static_cast<int>(column) + 1};
}

void Builder::add_mistake(const YAML::Mark& mark, std::string code, std::string text_zh, std::string text_en,
                          std::string hint) {
    mistakes_.push_back(
        {position_of(mark), std::move(code), Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
    if (mistakes_.size() >= kMaxMistakes) {
        throw Stopped{};
    }
}

void Builder::OnDocumentStart(const YAML::Mark& mark) {
    if (root_) {
        add_mistake(mark, "M108", "一个文件只能有一个文档", "a file holds one document only", "remove '---'");
        throw Stopped{};
    }
}

bool Builder::expects_key() const {
    return !stack_.empty() && stack_.back().node.is_map() && !stack_.back().key;
}

/// The parser says only that a null stands here; which of its spellings, the text knows. The mark of
/// a value that is not there is that of the next token, which may be a key of that spelling.
std::string Builder::null_text_at(const YAML::Mark& mark) const {
    constexpr std::array<std::string_view, 4> kSpellings{"~", "null", "Null", "NULL"};
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    const std::string_view rest = at < text_.size() ? text_.substr(at) : std::string_view{};
    for (const std::string_view spelling : kSpellings) {
        if (rest.starts_with(spelling) && (expects_key() || ends_plain_scalar(rest.substr(spelling.size())))) {
            return std::string{spelling};
        }
    }
    return {};
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    Node node;
    node.text = null_text_at(mark);
    node.where = position_of(mark);
    place(std::move(node));
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
    add_mistake(mark, "M103", "不允许使用锚点和别名", "anchors and aliases are not allowed", "write the value out");
    Node node;
    node.where = position_of(mark);
    place(std::move(node));
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       const std::string& value) {
    refuse_anchor(mark, anchor);
    Node node;
    node.text = value;
    node.quoted = tag == "!";
    node.where = position_of(mark);
    if (tag == "!hex" && allow_hex_) {
        decode_hex(mark, node);
    } else {
        refuse_tag(mark, tag);
    }
    refuse_open_quote(mark);
    place(std::move(node));
}

void Builder::refuse_open_quote(const YAML::Mark& mark) {
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    const std::string_view rest = at < text_.size() ? text_.substr(at) : std::string_view{};
    if ((rest.starts_with('"') || rest.starts_with('\'')) && !is_closed(rest)) {
        add_mistake(mark, "M101", "引号没有结束", "a quote is not closed");
    }
}

void Builder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                              YAML::EmitterStyle::value) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(mark, Node::Kind::list);
}

void Builder::OnSequenceEnd() {
    close();
}

void Builder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(mark, Node::Kind::map);
}

void Builder::OnMapEnd() {
    close();
}

void Builder::refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
        add_mistake(mark, "M103", "不允许使用锚点和别名", "anchors and aliases are not allowed", "write the value out");
    }
}

/// "?" is a plain value without a tag. "!" is either a quoted one or an explicit "! value": the mark
/// stands on the tag then.
void Builder::refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    const bool written = at < text_.size() && text_[at] == '!';
    if (tag.empty() || tag == "?" || (tag == "!" && !written)) {
        return;
    }
    add_mistake(mark, "M104", "不允许使用 YAML 标签", "tags are not allowed",
                tag == "!hex" ? "!hex is for the inputs of tests" : "remove the tag");
}

void Builder::decode_hex(const YAML::Mark& mark, Node& node) {
    std::string digits = node.text;
    std::erase_if(digits, [](char c) { return c == ' ' || c == '\n'; });
    auto octets = from_hex(digits);
    if (!octets) {
        add_mistake(mark, "M109", "!hex 之后应为偶数个十六进制数字", "!hex wants an even number of hexadecimal digits");
        return;
    }
    node.text = std::move(*octets);
    node.hex = true;
}

void Builder::open(const YAML::Mark& mark, Node::Kind kind) {
    if (stack_.size() >= kMaxDepth) {
        add_mistake(mark, "M106", "嵌套超过 32 层", "nested deeper than 32 levels");
        throw Stopped{};
    }
    Node node;
    node.kind = kind;
    node.where = position_of(mark);
    stack_.push_back({std::move(node), std::nullopt, {}});
}

void Builder::close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    place(std::move(node));
}

void Builder::place(Node node) {
    if (stack_.empty()) {
        root_ = std::move(node);
        return;
    }
    Open& parent = stack_.back();
    if (parent.node.is_list()) {
        parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
        place_key(parent, std::move(node));
    } else {
        parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
        parent.key.reset();
    }
}

void Builder::place_key(Open& map, Node key) {
    const YAML::Mark nowhere = YAML::Mark::null_mark();
    const std::size_t before = mistakes_.size();
    if (!key.is_scalar() || key.hex || (key.text.empty() && !key.quoted)) {
        add_mistake(nowhere, "M107", "键必须是文本", "a key must be a text");
    } else if (key.text == "<<" && !key.quoted) {
        add_mistake(nowhere, "M103", "不允许使用合并键", "merge keys are not allowed", "write the keys out");
    } else if (!map.keys.insert(key.text).second) {
        add_mistake(nowhere, "M102", "键 '" + key.text + "' 重复", "duplicate key '" + key.text + "'");
    }
    if (mistakes_.size() > before) {
        mistakes_.back().where = key.where;
    }
    map.key = std::move(key);
}

}  // namespace datong::yaml
