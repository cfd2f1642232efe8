#include <algorithm>

#include "core/workbench/yaml_text.h"

namespace datong::workbench {
namespace {

using yaml::Node;

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

/// What YAML or a reader could take for something else when it has no quotes.
bool wants_quotes(std::string_view text) {
    constexpr std::string_view kFirst = "-?:,[]{}#&*!|>'\"%@` ";
    if (text.empty() || kFirst.find(text.front()) != std::string_view::npos || text.back() == ' ' ||
        text.back() == ':' || text == "~" || text == "null") {
        return true;
    }
    return text.find_first_of(",[]{}") != std::string_view::npos || text.find(": ") != std::string_view::npos ||
           text.find(" #") != std::string_view::npos || has_control(text);
}

std::string single_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out.append(c == '\'' ? 2 : 1, c);
    }
    return out + '\'';
}

std::string scalar_text(const Node& node) {
    const bool looks_typed = node.quoted && !node.text.empty() &&
                             (node.text == "true" || node.text == "false" ||
                              node.text.find_first_not_of("0123456789.+-eE") == std::string::npos);
    if (!node.quoted && node.is_empty()) {
        return node.text;
    }
    if (!looks_typed && !wants_quotes(node.text)) {
        return node.text;
    }
    const bool single = node.text.find_first_of("\\\"") != std::string::npos && !has_control(node.text);
    return single ? single_quoted(node.text) : double_quoted(node.text);
}

}  // namespace

std::string double_quoted(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n' || c == '\t' || c == '\r') {
            out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
        } else if (byte < 0x20) {
            out += "\\x";
            out += kHex[byte >> 4U];
            out += kHex[byte & 0xFU];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string flow_text(const Node& node) {
    if (node.is_scalar()) {
        return scalar_text(node);
    }
    std::string out{node.is_map() ? "{" : "["};
    for (const Node::Entry& entry : node.entries) {
        out += out.size() > 1 ? ", " : "";
        out += flow_text(entry.first) + ": " + flow_text(entry.second);
    }
    for (const Node& item : node.items) {
        out += out.size() > 1 ? ", " : "";
        out += flow_text(item);
    }
    return out + (node.is_map() ? '}' : ']');
}

bool same_value(const Node& one, const Node& other) {
    if (one.is_empty() && other.is_empty()) {
        return true;
    }
    if (one.kind != other.kind || one.text != other.text || one.hex != other.hex ||
        one.is_empty() != other.is_empty()) {
        return false;
    }
    const auto same_entry = [](const Node::Entry& a, const Node::Entry& b) {
        return same_value(a.first, b.first) && same_value(a.second, b.second);
    };
    return std::equal(one.entries.begin(), one.entries.end(), other.entries.begin(), other.entries.end(), same_entry) &&
           std::equal(one.items.begin(), one.items.end(), other.items.begin(), other.items.end(), same_value);
}

std::string without_variables(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text.substr(i).starts_with("${") ? "$" : "";
        out += text[i];
    }
    return out;
}

}  // namespace datong::workbench
