#include "core/yaml/node.h"

#include <utility>

namespace datong::yaml {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) {
        ++at;
    }
    return at;
}

/// Source: RFC 8259, 6.
bool is_json_number(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const std::size_t whole = at;
    at = skip_digits(text, at);
    if (at == whole || (at - whole > 1 && text[whole] == '0')) {
        return false;
    }
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction = ++at;
        at = skip_digits(text, at);
        if (at == fraction) {
            return false;
        }
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        at += at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-') ? 2 : 1;
        const std::size_t exponent = at;
        at = skip_digits(text, at);
        if (at == exponent) {
            return false;
        }
    }
    return at == text.size();
}

record::Record scalar_to_record(const Node& node) {
    if (node.hex) {
        return record::Record::bytes(node.text);
    }
    if (node.is_empty()) {
        return {};
    }
    if (!node.quoted && (node.text == "true" || node.text == "false")) {
        return record::Record::boolean(node.text == "true");
    }
    if (!node.quoted && is_json_number(node.text)) {
        return record::Record::number(node.text);
    }
    return record::Record::text(node.text);
}

}  // namespace

bool Node::is_empty() const {
    return is_scalar() && !quoted && !hex && (text.empty() || text == "~" || text == "null");
}

const Node* Node::find(std::string_view key) const {
    for (const auto& [name, value] : entries) {
        if (name.text == key) {
            return &value;
        }
    }
    return nullptr;
}

std::string Node::text_of(std::string_view key) const {
    const Node* value = find(key);
    return value != nullptr && value->is_scalar() && !value->is_empty() ? value->text : std::string{};
}

Node quoted_text(std::string text, const Position& where) {
    Node out;
    out.text = std::move(text);
    out.quoted = true;
    out.where = where;
    return out;
}

record::Record to_record(const Node& node) {
    if (node.is_scalar()) {
        return scalar_to_record(node);
    }
    if (node.is_list()) {
        record::Record::List items;
        items.reserve(node.items.size());
        for (const Node& item : node.items) {
            items.push_back(to_record(item));
        }
        return record::Record::list(std::move(items));
    }
    record::Record::Object members;
    members.reserve(node.entries.size());
    for (const auto& [name, value] : node.entries) {
        members.push_back({name.text, to_record(value)});
    }
    return record::Record::object(std::move(members));
}

}  // namespace datong::yaml
