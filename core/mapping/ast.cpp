#include "core/mapping/ast.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::mapping::ast {

void Report::operator()(const Position& where, std::string code, std::string text_zh, std::string text_en,
                        std::string hint) const {
    mistakes.push_back(
        {where, std::move(code), Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
}

Keys::Keys(const yaml::Node& node, Mistakes& mistakes) : node_{node}, mistakes_{mistakes} {
    if (!node.is_map()) {
        Report{mistakes_}(node.where, "M107", "此处应为键值表", "a map is wanted here");
    }
}

const yaml::Node* Keys::take(std::string_view key) {
    known_.emplace_back(key);
    return node_.is_map() ? node_.find(key) : nullptr;
}

const yaml::Node* Keys::need(std::string_view key) {
    const yaml::Node* found = take(key);
    if (found == nullptr && node_.is_map()) {
        Report{mistakes_}(node_.where, "M108", "缺少键 '" + std::string{key} + "'",
                          "the key '" + std::string{key} + "' is missing");
    }
    return found;
}

const yaml::Node* Keys::list(std::string_view key) {
    const yaml::Node* found = take(key);
    if (found != nullptr && !found->is_list()) {
        Report{mistakes_}(found->where, "M107", "'" + std::string{key} + "' 应为列表",
                          "'" + std::string{key} + "' wants a list");
        return nullptr;
    }
    return found;
}

const yaml::Node* Keys::map(std::string_view key) {
    const yaml::Node* found = take(key);
    if (found != nullptr && !found->is_map()) {
        Report{mistakes_}(found->where, "M107", "'" + std::string{key} + "' 应为键值表",
                          "'" + std::string{key} + "' wants a map");
        return nullptr;
    }
    return found;
}

std::optional<Text> Keys::optional_located(std::string_view key) {
    const yaml::Node* found = take(key);
    if (found == nullptr) {
        return std::nullopt;
    }
    if (!found->is_scalar()) {
        Report{mistakes_}(found->where, "M107", "'" + std::string{key} + "' 应为文本",
                          "'" + std::string{key} + "' wants a text");
        return std::nullopt;
    }
    return Text{found->text, found->where};
}

Text Keys::located(std::string_view key) {
    auto found = optional_located(key);
    return found ? std::move(*found) : Text{{}, node_.where};
}

std::string Keys::text(std::string_view key, std::string otherwise) {
    auto found = optional_located(key);
    return found ? std::move(found->text) : std::move(otherwise);
}

bool Keys::flag(std::string_view key, bool otherwise) {
    const auto found = optional_located(key);
    if (!found) {
        return otherwise;
    }
    if (found->text != "true" && found->text != "false") {
        Report{mistakes_}(found->where, "M107", "'" + std::string{key} + "' 应为 true 或 false",
                          "'" + std::string{key} + "' wants true or false");
        return otherwise;
    }
    return found->text == "true";
}

std::optional<std::size_t> Keys::whole(std::string_view key) {
    const auto found = optional_located(key);
    if (!found) {
        return std::nullopt;
    }
    const auto number = to_whole_number(found->text);
    if (!number || *number > 1'000'000'000) {
        Report{mistakes_}(found->where, "M107", "'" + std::string{key} + "' 应为整数",
                          "'" + std::string{key} + "' wants a whole number up to 1000000000");
        return std::nullopt;
    }
    return static_cast<std::size_t>(*number);
}

std::string Keys::one_of(std::string_view key, std::initializer_list<std::string_view> choices, std::string otherwise) {
    auto found = optional_located(key);
    if (!found) {
        return otherwise;
    }
    if (std::find(choices.begin(), choices.end(), found->text) != choices.end()) {
        return std::move(found->text);
    }
    const std::vector<std::string> names(choices.begin(), choices.end());
    std::string all;
    for (const std::string& name : names) {
        all += (all.empty() ? "" : ", ") + name;
    }
    const auto near = nearest(found->text, names);
    Report{mistakes_}(found->where, "M109", "'" + std::string{key} + "' 只能是: " + all,
                      "'" + std::string{key} + "' is one of " + all, near.value_or(""));
    return otherwise;
}

std::vector<Text> Keys::texts(std::string_view key) {
    std::vector<Text> out;
    const yaml::Node* found = take(key);
    if (found == nullptr) {
        return out;
    }
    const auto add = [&](const yaml::Node& one) {
        if (one.is_scalar()) {
            out.push_back({one.text, one.where});
        } else {
            Report{mistakes_}(one.where, "M107", "此处应为文本", "a text is wanted here");
        }
    };
    if (found->is_list()) {
        std::for_each(found->items.begin(), found->items.end(), add);
    } else {
        add(*found);
    }
    return out;
}

void Keys::finish() {
    for (const auto& [key, value] : node_.entries) {
        if (std::find(known_.begin(), known_.end(), key.text) == known_.end()) {
            Report{mistakes_}(key.where, "M105", "未知的键 '" + key.text + "'", "unknown key '" + key.text + "'",
                              nearest(key.text, known_).value_or(""));
        }
    }
}

}  // namespace datong::mapping::ast
