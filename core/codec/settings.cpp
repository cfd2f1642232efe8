#include "core/codec/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "core/base/text.h"

namespace datong::codec {
namespace {

constexpr std::int64_t kLongestWait = 24LL * 60 * 60 * 1000;

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && at == end ? std::optional{value} : std::nullopt;
}

std::string joined(std::initializer_list<std::string_view> choices) {
    std::string out;
    for (const std::string_view choice : choices) {
        out.append(out.empty() ? "" : " | ").append(choice);
    }
    return out;
}

std::string in_quotes(std::string_view key) {
    return "'" + std::string{key} + "'";
}

}  // namespace

SettingsReader::SettingsReader(const yaml::Node& node, Mistakes& mistakes) : node_{node}, mistakes_{mistakes} {
    if (!node.is_map() && !node.is_empty()) {
        mistake(node, "C103", "此处应为键值表", "a map of keys and values is wanted here");
    }
}

void SettingsReader::mistake(const yaml::Node& at, std::string code, std::string text_zh, std::string text_en,
                             std::string hint) {
    mistakes_.push_back(
        {at.where, std::move(code), Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
}

const yaml::Node* SettingsReader::take(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) {
        known_.emplace_back(key);
    }
    const yaml::Node* value = node_.find(key);
    return value != nullptr && !value->is_empty() ? value : nullptr;
}

const yaml::Node* SettingsReader::node(std::string_view key) {
    return take(key);
}

const yaml::Node* SettingsReader::required_node(std::string_view key) {
    const yaml::Node* value = take(key);
    if (value == nullptr) {
        mistake(node_, "C102", "缺少 " + in_quotes(key), in_quotes(key) + " is missing");
    }
    return value;
}

const std::vector<yaml::Node>& SettingsReader::items_of(std::string_view key, const yaml::Node* value) {
    static const std::vector<yaml::Node> kNone;
    if (value != nullptr && !value->is_list()) {
        mistake(*value, "C103", in_quotes(key) + " 应为列表", in_quotes(key) + " must be a list", "- in front of each");
    }
    return value != nullptr && value->is_list() ? value->items : kNone;
}

const std::vector<yaml::Node>& SettingsReader::list(std::string_view key) {
    return items_of(key, take(key));
}

const std::vector<yaml::Node>& SettingsReader::required_list(std::string_view key) {
    return items_of(key, required_node(key));
}

std::string SettingsReader::text(std::string_view key) {
    const yaml::Node* value = required_node(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_scalar()) {
        mistake(*value, "C103", in_quotes(key) + " 应为文本", in_quotes(key) + " must be a text");
        return {};
    }
    if (value->text.empty()) {
        mistake(*value, "C102", in_quotes(key) + " 不能为空", in_quotes(key) + " must not be empty");
    }
    return value->text;
}

std::string SettingsReader::text(std::string_view key, std::string otherwise) {
    const yaml::Node* value = take(key);
    if (value == nullptr) {
        return otherwise;
    }
    if (!value->is_scalar()) {
        mistake(*value, "C103", in_quotes(key) + " 应为文本", in_quotes(key) + " must be a text");
        return otherwise;
    }
    return value->text;
}

Secret SettingsReader::secret(std::string_view key) {
    return Secret{text(key, std::string{})};
}

std::int64_t SettingsReader::whole(std::string_view key, std::int64_t least, std::int64_t most,
                                   std::int64_t otherwise) {
    const yaml::Node* value = take(key);
    if (value == nullptr) {
        return otherwise;
    }
    const auto number = value->is_scalar() ? to_integer(value->text) : std::nullopt;
    if (!number) {
        mistake(*value, "C103", in_quotes(key) + " 应为整数", in_quotes(key) + " must be a whole number");
        return otherwise;
    }
    if (*number < least || *number > most) {
        const std::string range = std::to_string(least) + ".." + std::to_string(most);
        mistake(*value, "C104", in_quotes(key) + " 超出范围 " + range, in_quotes(key) + " is outside " + range);
        return otherwise;
    }
    return *number;
}

std::chrono::milliseconds SettingsReader::milliseconds(std::string_view key, std::chrono::milliseconds otherwise) {
    return std::chrono::milliseconds{whole(key, 0, kLongestWait, otherwise.count())};
}

bool SettingsReader::flag(std::string_view key, bool otherwise) {
    const yaml::Node* value = take(key);
    if (value == nullptr) {
        return otherwise;
    }
    if (!value->is_scalar() || (value->text != "true" && value->text != "false")) {
        mistake(*value, "C103", in_quotes(key) + " 应为 true 或 false", in_quotes(key) + " must be true or false");
        return otherwise;
    }
    return value->text == "true";
}

std::string SettingsReader::one_of(std::string_view key, std::initializer_list<std::string_view> choices,
                                   std::string otherwise) {
    const yaml::Node* value = take(key);
    if (value == nullptr) {
        return otherwise;
    }
    if (!value->is_scalar() || std::ranges::find(choices, std::string_view{value->text}) == choices.end()) {
        const std::string allowed = joined(choices);
        mistake(*value, "C105", in_quotes(key) + " 只能取 " + allowed, in_quotes(key) + " must be one of " + allowed);
        return otherwise;
    }
    return value->text;
}

std::vector<std::string> SettingsReader::texts(std::string_view key) {
    const yaml::Node* value = take(key);
    if (value == nullptr) {
        return {};
    }
    if (value->is_scalar()) {
        return {value->text};
    }
    std::vector<std::string> all;
    for (const yaml::Node& item : value->items) {
        if (!item.is_scalar() || item.is_empty()) {
            mistake(item, "C103", in_quotes(key) + " 的每一项应为文本",
                    "each item of " + in_quotes(key) + " must be a text");
            continue;
        }
        all.push_back(item.text);
    }
    if (value->is_map()) {
        mistake(*value, "C103", in_quotes(key) + " 应为列表", in_quotes(key) + " must be a list of texts");
    }
    return all;
}

void SettingsReader::finish() {
    for (const auto& [key, value] : node_.entries) {
        if (std::ranges::find(known_, key.text) != known_.end()) {
            continue;
        }
        const auto meant = nearest(key.text, known_);
        mistake(key, "C101", "未知的键 " + in_quotes(key.text), "unknown key " + in_quotes(key.text),
                meant ? "did you mean " + in_quotes(*meant) + "?" : std::string{});
    }
}

}  // namespace datong::codec
