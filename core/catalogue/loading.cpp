#include "core/catalogue/loading.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::catalogue {
namespace {

/// What stands in ${...}: a name and perhaps a default.
struct Variable {
    std::string name;
    std::optional<std::string> otherwise;
};

Variable variable_of(std::string_view inside) {
    const auto split_at = inside.find(":-");
    if (split_at == std::string_view::npos) {
        return {std::string{inside}, std::nullopt};
    }
    return {std::string{inside.substr(0, split_at)}, std::string{inside.substr(split_at + 2)}};
}

void expand_scalar(yaml::Node& node, const Files& files, Mistakes& mistakes) {
    std::string out;
    std::string_view rest = node.text;
    const bool is_one = rest.starts_with("${") && rest.find('}') + 1 == rest.size();
    for (;;) {
        const auto begin = rest.find("${");
        if (begin != std::string_view::npos && begin > 0 && rest[begin - 1] == '$') {  // $${ is the text ${
            out.append(rest.substr(0, begin - 1)).append("${");
            rest.remove_prefix(begin + 2);
            continue;
        }
        const auto end = begin == std::string_view::npos ? begin : rest.find('}', begin);
        if (end == std::string_view::npos) {
            out += rest;
            break;
        }
        out += rest.substr(0, begin);
        const Variable variable = variable_of(rest.substr(begin + 2, end - begin - 2));
        const auto value = files.environment(variable.name);
        if (!value && !variable.otherwise) {
            mistakes.push_back({node.where, "C208", Severity::error, "环境变量 " + variable.name + " 未设置",
                                "environment variable " + variable.name + " is not set",
                                "export " + variable.name + "=...  or  ${" + variable.name + ":-default}"});
        }
        node.from_environment = is_one && value.has_value();
        out += value ? *value : variable.otherwise.value_or("");
        rest.remove_prefix(end + 1);
    }
    node.text = std::move(out);
}

}  // namespace

const yaml::Node& place_of(const yaml::Node& node, std::string_view key) {
    const yaml::Node* found = node.find(key);
    return found != nullptr ? *found : node;
}

const yaml::Node& place_of(const yaml::Node& node, std::string_view key, std::size_t i) {
    const yaml::Node& list = place_of(node, key);
    return i < list.items.size() ? list.items[i] : list;
}

bool is_id(std::string_view id) {
    return !id.empty() && id.front() >= 'a' && id.front() <= 'z' && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string read_version(Loading& loading, codec::SettingsReader& reader) {
    std::string version = reader.text("version");
    const auto parts = split(version, '.');
    constexpr std::size_t kParts = 3;
    constexpr std::size_t kDigits = 4;
    const bool is_plain =
        parts.size() == kParts && std::ranges::all_of(parts, [](std::string_view part) {
            return part.size() <= kDigits && to_whole_number(part) && (part == "0" || !part.starts_with('0'));
        });
    if (const yaml::Node* node = reader.node("version"); node != nullptr && !version.empty() && !is_plain) {
        loading.mistake(*node, "C103", "version 应为 主.次.修订，各为不超过四位的整数",
                        "a version is MAJOR.MINOR.PATCH, whole numbers of up to four digits", "1.0.0");
    }
    return version;
}

void expand(yaml::Node& node, const Files& files, Mistakes& mistakes) {
    if (node.is_scalar()) {
        if (node.text.find("${") != std::string::npos) {
            expand_scalar(node, files, mistakes);
        }
        return;
    }
    for (auto& entry : node.entries) {
        expand(entry.second, files, mistakes);
    }
    for (yaml::Node& item : node.items) {
        expand(item, files, mistakes);
    }
}

std::string Loading::path_of(const std::string& written) const {
    return written.starts_with('/') ? written : root + written;
}

std::vector<std::string> Loading::list(const std::string& folder) {
    auto names = with.files.list(folder);
    if (!names) {
        mistakes.push_back({{folder, 0, 0},
                            "C203",
                            Severity::error,
                            "无法读取目录",
                            "can't read this folder: " + names.error().detail(),
                            ""});
        return {};
    }
    return std::move(*names);
}

std::optional<std::string> Loading::file(const std::string& written, const yaml::Node& at) {
    const std::string path = path_of(written);
    auto text = with.files.read(path);
    if (!text) {
        mistake(at, "C203", "无法读取文件 " + path, "can't read file " + path);
        return std::nullopt;
    }
    read_files.emplace_back(path, *text);
    return text;
}

std::optional<yaml::Node> Loading::document(const std::string& path, std::string_view kind) {
    const auto text = with.files.read(path);
    if (!text) {
        mistakes.push_back({{path, 0, 0}, "C203", Severity::error, "无法读取文件", "can't read this file", ""});
        return std::nullopt;
    }
    read_files.emplace_back(path, *text);
    auto node = yaml::parse(*text, path);
    if (!node) {
        mistakes.insert(mistakes.end(), node.error().begin(), node.error().end());
        return std::nullopt;
    }
    const std::string wanted = std::string{kind} + "/v1";
    if (!node->is_map() || node->text_of("datong") != wanted) {
        mistake(*node, "C205", "第一行应为 datong: " + wanted, "the first line must be datong: " + wanted);
        return std::nullopt;
    }
    expand(*node, with.files, mistakes);
    return std::move(*node);
}

std::shared_ptr<const mapping::Mapping> Loading::compile_mapping(const std::string& path, const yaml::Node& at) {
    if (const auto found = compiled.find(path); found != compiled.end() || mappings.empty()) {
        return found != compiled.end() ? found->second : nullptr;
    }
    const auto read = [this](std::string_view below) {
        auto text = with.files.read(mappings + std::string{below});
        if (text) {
            read_files.emplace_back(mappings + std::string{below}, *text);
        }
        return text;
    };
    if (!with.files.read(mappings + path)) {
        mistake(at, "C203", "无法读取映射文件 " + mappings + path, "can't read mapping " + mappings + path);
        return nullptr;
    }
    // a mapping whose own tests fail is not put in force
    mapping::Compiled result = mapping::compile_and_test(path, read, {.test_division = snapshot.gateway.test_division});
    for (Mistake& one : result.mistakes) {
        if (one.severity != Severity::note) {
            mistakes.push_back(std::move(one));
        }
    }
    compiled[path] = result.mapping;
    return result.mapping;
}

void Loading::mistake(const yaml::Node& at, std::string code, std::string text_zh, std::string text_en,
                      std::string hint) {
    mistakes.push_back(
        {at.where, std::move(code), Severity::error, std::move(text_zh), std::move(text_en), std::move(hint)});
}

void Loading::unknown(const yaml::Node& at, std::string_view kind, const std::string& id,
                      const std::vector<std::string>& known) {
    const auto meant = nearest(id, known);
    mistake(at, "C201", "没有名为 '" + id + "' 的 " + std::string{kind}, "no " + std::string{kind} + " '" + id + "'",
            meant ? *meant : std::string{});
}

void Loading::check_operation(const yaml::Node& node, const adapter::Guard& source, const std::string& operation) {
    const yaml::Node* at = node.find("operation");
    const auto listed = operations.find(source.source());
    if (at == nullptr || operation.empty() || listed == operations.end() ||
        std::ranges::find(listed->second, operation) != listed->second.end()) {
        return;
    }
    const auto meant = nearest(operation, listed->second);
    mistake(*at, "C201", "数据源 " + source.source() + " 没有操作 '" + operation + "'",
            "source " + source.source() + " has no operation '" + operation + "'", meant ? *meant : std::string{});
}

}  // namespace datong::catalogue
