#include "core/workbench/yaml_text.h"

#include <algorithm>

namespace datong::workbench {
namespace {

using yaml::Node;

constexpr std::string_view kMark = "\xEF\xBB\xBF";
constexpr std::size_t kLongLine = 2000;  // beyond it yaml counts columns in bytes

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

YamlText::YamlText(std::string text, Node root) : text_{std::move(text)}, root_{std::move(root)} {
    lines_.push_back(text_.starts_with(kMark) ? kMark.size() : 0);
    for (std::size_t i = 0; i < text_.size(); ++i) {
        if (text_[i] == '\n') {
            lines_.push_back(i + 1);
        }
    }
    crlf_ = text_.find("\r\n") != std::string::npos;
}

tl::expected<YamlText, Mistakes> YamlText::parse(std::string text, const std::string& file) {
    auto root = yaml::parse(text, file, true);
    if (!root) {
        return tl::unexpected{std::move(root.error())};
    }
    return YamlText{std::move(text), std::move(*root)};
}

std::size_t YamlText::begin_of(const Node& node) const {
    const auto line = static_cast<std::size_t>(std::max(node.where.line, 1)) - 1;
    auto columns = static_cast<std::size_t>(std::max(node.where.column, 1)) - 1;
    std::size_t at = line < lines_.size() ? lines_[line] : text_.size();
    if (columns > kLongLine) {
        return std::min(at + columns, text_.size());
    }
    while (columns > 0 && at < text_.size()) {
        ++at;
        while (at < text_.size() && is_continuation(text_[at])) {
            ++at;
        }
        --columns;
    }
    return at;
}

bool YamlText::is_flow(const Node& node) const {
    const std::size_t at = begin_of(node);
    return at < text_.size() && ((node.is_map() && text_[at] == '{') || (node.is_list() && text_[at] == '['));
}

std::size_t YamlText::colon_of(const Node::Entry& entry) const {
    const std::size_t colon = text_.find(':', end_of(entry.first));
    return colon == std::string::npos ? text_.size() : colon + 1;
}

std::size_t YamlText::end_of(const Node::Entry& entry) const {
    const Node& value = entry.second;
    return value.is_scalar() && value.text.empty() && !value.quoted ? colon_of(entry) : end_of(value);
}

std::size_t YamlText::end_of(const Node& node) const {
    if (node.is_scalar()) {
        return end_of_scalar(node);
    }
    const bool empty = node.entries.empty() && node.items.empty();
    const std::size_t inner = empty           ? begin_of(node) + 1
                              : node.is_map() ? end_of(node.entries.back())
                                              : end_of(node.items.back());
    if (!is_flow(node)) {
        return inner;
    }
    std::size_t at = inner;
    while (at < text_.size() && text_[at] != '}' && text_[at] != ']') {
        at = text_[at] == '#' ? next_line(at) : at + 1;
    }
    return std::min(at + 1, text_.size());
}

std::size_t YamlText::end_of_scalar(const Node& node) const {
    std::size_t at = begin_of(node);
    if (node.hex) {
        at = text_.find_first_not_of(" \t", text_.find_first_of(" \t", at));
    }
    if (at >= text_.size() || (!node.quoted && !node.hex)) {
        return end_of_plain(at, node.text);
    }
    const char quote = text_[at];
    if (quote == '|' || quote == '>') {
        return node.text.empty() ? std::min(text_.find_first_of(" \t\r\n", at), text_.size()) : end_of_block_text(at);
    }
    for (++at; at < text_.size(); ++at) {
        if (quote == '"' && text_[at] == '\\') {
            ++at;
        } else if (text_[at] == quote && quote == '\'' && at + 1 < text_.size() && text_[at + 1] == quote) {
            ++at;
        } else if (text_[at] == quote) {
            return at + 1;
        }
    }
    return text_.size();
}

std::size_t YamlText::end_of_block_text(std::size_t begin) const {
    std::size_t end = next_line(begin);
    std::size_t indent = 0;
    for (std::size_t line = end; line < text_.size(); line = next_line(line)) {
        const std::size_t first = text_.find_first_not_of(' ', line);
        if (first == std::string::npos || text_[first] == '\n' || text_[first] == '\r') {
            continue;
        }
        indent = indent == 0 ? first - line : indent;
        if (first - line < indent) {
            break;
        }
        end = next_line(line);
    }
    while (end > begin && is_blank(text_[end - 1])) {
        --end;
    }
    return end;
}

std::size_t YamlText::end_of_plain(std::size_t begin, std::string_view value) const {
    std::size_t at = begin;
    for (std::size_t i = 0; i < value.size() && at < text_.size();) {
        if (text_[at] == value[i]) {
            ++at;
            ++i;
        } else if (is_blank(text_[at])) {  // a line's end and the next one's indentation are one blank
            at = std::min(text_.find_first_not_of(" \t\r\n", at), text_.size());
            while (i < value.size() && is_blank(value[i])) {
                ++i;
            }
        } else {
            break;
        }
    }
    return at;
}

std::size_t YamlText::line_begin(std::size_t at) const {
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), at);
    return after == lines_.begin() ? 0 : *(after - 1);
}

std::size_t YamlText::next_line(std::size_t at) const {
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), at);
    return after == lines_.end() ? text_.size() : *after;
}

void YamlText::mask_scalars(const Node& node, std::size_t from, std::string& text) const {
    if (node.is_scalar()) {
        const std::size_t begin = begin_of(node);
        const std::size_t end = node.text.empty() && !node.quoted ? begin : end_of_scalar(node);
        for (std::size_t i = begin; i < end && i >= from && i - from < text.size(); ++i) {
            text[i - from] = text[i - from] == '\n' ? '\n' : ' ';
        }
    }
    for (const Node::Entry& entry : node.entries) {
        mask_scalars(entry.first, from, text);
        mask_scalars(entry.second, from, text);
    }
    for (const Node& item : node.items) {
        mask_scalars(item, from, text);
    }
}

std::vector<std::string> YamlText::comments_in(const Node& node) const {
    const std::size_t begin = begin_of(node);
    std::string rest = text_.substr(begin, end_of(node) - begin);
    const std::string all = rest;
    mask_scalars(node, begin, rest);
    std::vector<std::string> comments;
    for (std::size_t at = rest.find('#'); at != std::string::npos; at = rest.find('#', at)) {
        const std::size_t end = std::min(rest.find_first_of("\r\n", at), rest.size());
        comments.push_back(all.substr(at, end - at));
        at = end;
    }
    return comments;
}

}  // namespace datong::workbench
