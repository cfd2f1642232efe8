#include "core/adapter/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/text.h"
#include "core/codec/settings.h"
#include "core/keyring/secret_file.h"

namespace datong::adapter {
namespace {

constexpr std::size_t kMostFileBytes = 1U << 20;

bool is_http_url(std::string_view url) {
    const auto scheme = url.starts_with("https://") ? 8U : url.starts_with("http://") ? 7U : 0U;
    const std::string_view rest = url.substr(scheme);
    return scheme != 0 && !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
           rest.find_first_of("@?# \t\r\n\\") == std::string_view::npos;
}

std::int64_t whole_default(const Setting& setting) {
    return static_cast<std::int64_t>(to_whole_number(setting.otherwise).value_or(0));
}

}  // namespace

/// Reads one map by a list of settings; nested maps by the lists of their entries.
class SettingsMaker {
public:
    SettingsMaker(const yaml::Node& node, Mistakes& mistakes)
        : node_{node}, mistakes_{mistakes}, reader_{node, mistakes} {}

    Settings make(const std::vector<Setting>& list) {
        Settings made;
        for (const Setting& setting : list) {
            const yaml::Node* node = node_.find(setting.name);
            made.values_.push_back({.name = setting.name,
                                    .value = read(setting),
                                    .said = node != nullptr && !node->is_empty(),
                                    .where = node != nullptr ? node->where : node_.where});
        }
        reader_.finish();
        return made;
    }

private:
    Settings::Value read(const Setting& setting) {
        switch (setting.kind) {
            case SettingKind::whole:
                return read_whole(setting);
            case SettingKind::milliseconds:
                return std::chrono::milliseconds{read_whole(setting)};
            case SettingKind::flag:
                return reader_.flag(setting.name, setting.otherwise == "true");
            case SettingKind::list:
                return read_texts(setting);
            case SettingKind::map:
                return read_map(setting);
            case SettingKind::group:
                return read_group(setting);
            case SettingKind::text:
            case SettingKind::file:
            case SettingKind::folder:
            case SettingKind::url:
                break;
        }
        return read_text(setting);
    }

    std::int64_t read_whole(const Setting& setting) {
        if (setting.required && reader_.required_node(setting.name) == nullptr) {
            return 0;
        }
        return reader_.whole(setting.name, setting.least, setting.most, whole_default(setting));
    }

    Settings::Value read_text(const Setting& setting) {
        if (setting.secret) {
            if (setting.required && reader_.required_node(setting.name) == nullptr) {
                return Secret{};
            }
            check_sealed(setting);
            return reader_.secret(setting.name);
        }
        std::string text =
            setting.required ? reader_.text(setting.name) : reader_.text(setting.name, setting.otherwise);
        const bool one_of_them =
            setting.choices.empty() || std::ranges::find(setting.choices, text) != setting.choices.end();
        if (!text.empty() && !one_of_them) {
            refuse_choice(setting, text);
        }
        if (setting.kind == SettingKind::url && !text.empty() && !is_http_url(text)) {
            reader_.mistake(*node_.find(setting.name), "C103", setting.name + " 应为 http:// 或 https:// 开头的地址",
                            setting.name + " must be http:// or https://, a host, perhaps a port and a path",
                            "https://host:port/path");
        }
        return text;
    }

    void check_sealed(const Setting& setting) {
        const yaml::Node* node = node_.find(setting.name);
        if (setting.sealed && node != nullptr && !node->is_empty() && !node->from_environment) {
            reader_.mistake(
                *node, "C103", setting.name + " 不能写在文件里，须取自环境变量",
                setting.name + " is a secret: it is not written here but comes from an environment variable",
                setting.name + ": ${NAME}   or   " + setting.name + "_file: a file with mode 0600");
        }
    }

    void refuse_choice(const Setting& setting, const std::string& text) {
        std::string choices;
        for (const std::string& choice : setting.choices) {
            choices += (choices.empty() ? "" : " | ") + choice;
        }
        reader_.mistake(*node_.find(setting.name), "C105", setting.name + " 只能是 " + choices,
                        setting.name + " must be one of " + choices, nearest(text, setting.choices).value_or(""));
    }

    Settings::Value read_texts(const Setting& setting) {
        if (setting.required && reader_.required_node(setting.name) == nullptr) {
            return Settings::Texts{};
        }
        return reader_.texts(setting.name);
    }

    Settings::Value read_map(const Setting& setting) {
        const yaml::Node* node = setting.required ? reader_.required_node(setting.name) : reader_.node(setting.name);
        if (node != nullptr && (!node->is_map() || (setting.required && node->entries.empty()))) {
            reader_.mistake(*node, "C103", setting.name + " 应为非空的键值表",
                            setting.name + " must be a map, not empty");
            node = nullptr;
        }
        return setting.entry.empty() ? read_plain_map(node) : read_entries(node, setting);
    }

    /// Nothing said: no entry. Said: one without a name.
    Settings::Value read_group(const Setting& setting) {
        const yaml::Node* node = setting.required ? reader_.required_node(setting.name) : reader_.node(setting.name);
        Settings::Entries entries;
        if (node != nullptr && !node->is_empty()) {
            entries.emplace_back(std::string{}, SettingsMaker{*node, mistakes_}.make(setting.entry));
        }
        return entries;
    }

    Settings::Value read_plain_map(const yaml::Node* node) {
        Settings::Map map;
        for (const auto& [key, value] : node == nullptr ? std::vector<yaml::Node::Entry>{} : node->entries) {
            if (!value.is_scalar()) {
                reader_.mistake(value, "C103", key.text + " 应为文本", key.text + " must be a text");
                continue;
            }
            map.emplace_back(key.text, Secret{value.text});
        }
        return map;
    }

    Settings::Value read_entries(const yaml::Node* node, const Setting& setting) {
        Settings::Entries entries;
        if (node != nullptr) {
            for (const auto& [key, value] : node->entries) {
                entries.emplace_back(key.text, entry_of(value, setting.entry));
            }
        }
        return entries;
    }

    /// `name:` alone is an entry with nothing but defaults.
    Settings entry_of(const yaml::Node& value, const std::vector<Setting>& list) {
        if (!value.is_empty()) {
            return SettingsMaker{value, mistakes_}.make(list);
        }
        yaml::Node nothing;
        nothing.kind = yaml::Node::Kind::map;
        nothing.where = value.where;
        return SettingsMaker{nothing, mistakes_}.make(list);
    }

    const yaml::Node& node_;
    Mistakes& mistakes_;
    codec::SettingsReader reader_;
};

const Settings::One& Settings::at(std::string_view name) const {
    const auto found = std::ranges::find(values_, name, &One::name);
    if (found == values_.end()) {
        std::abort();  // an adapter asks for what its own list does not have
    }
    return *found;
}

bool Settings::has(std::string_view name) const {
    return at(name).said;
}

const std::string& Settings::text(std::string_view name) const {
    return std::get<std::string>(at(name).value);
}

const Secret& Settings::secret(std::string_view name) const {
    return std::get<Secret>(at(name).value);
}

std::int64_t Settings::whole(std::string_view name) const {
    return std::get<std::int64_t>(at(name).value);
}

std::chrono::milliseconds Settings::milliseconds(std::string_view name) const {
    return std::get<std::chrono::milliseconds>(at(name).value);
}

bool Settings::flag(std::string_view name) const {
    return std::get<bool>(at(name).value);
}

const Settings::Texts& Settings::texts(std::string_view name) const {
    return std::get<Texts>(at(name).value);
}

const Settings::Map& Settings::map(std::string_view name) const {
    return std::get<Map>(at(name).value);
}

const Settings::Entries& Settings::entries(std::string_view name) const {
    return std::get<Entries>(at(name).value);
}

const Settings* Settings::group(std::string_view name) const {
    const Entries& entries = std::get<Entries>(at(name).value);
    return entries.empty() ? nullptr : &entries.front().second;
}

const Position& Settings::where(std::string_view name) const {
    return at(name).where;
}

std::vector<Setting> all_settings(const Kind& kind) {
    std::vector<Setting> all = kind.settings;
    if (!kind.operation_settings.empty()) {
        std::vector<Setting> entry = kind.operation_settings;
        entry.push_back({.name = "safe",
                         .kind = SettingKind::flag,
                         .otherwise = "true",
                         .help_en = "whether asking twice does no harm; false: never retried",
                         .help_zh = "重复调用是否无副作用；false 时从不重试"});
        all.push_back({.name = "operations",
                       .kind = SettingKind::map,
                       .required = true,
                       .help_en = "what can be asked, by name",
                       .help_zh = "可调用的操作，按名称",
                       .entry = std::move(entry)});
    }
    return all;
}

Settings read_settings(const yaml::Node& settings, const Kind& kind, Mistakes& mistakes) {
    return SettingsMaker{settings, mistakes}.make(all_settings(kind));
}

Mistake mistake_at(const Position& where, std::string text_zh, std::string text_en, std::string hint) {
    return {.where = where,
            .code = "C103",
            .severity = Severity::error,
            .text_zh = std::move(text_zh),
            .text_en = std::move(text_en),
            .hint = std::move(hint)};
}

std::string resolve(const Tools& tools, const std::string& name) {
    const std::filesystem::path path{name};
    return (path.is_absolute() ? path : std::filesystem::path{tools.folder} / path).lexically_normal().string();
}

std::string read_named_file(const Settings& settings, std::string_view setting, const Tools& tools,
                            Mistakes& mistakes) {
    const std::string& name = settings.text(setting);
    if (name.empty()) {
        return {};
    }
    const std::string path = resolve(tools, name);
    std::error_code ec;
    const auto size = std::filesystem::file_size(path, ec);
    std::ifstream file{path, std::ios::binary};
    if (ec || size > kMostFileBytes || !file) {
        mistakes.push_back(mistake_at(settings.where(setting), std::string{setting} + " 所指文件无法读取",
                                      std::string{setting} + " names a file that can't be read: " + path));
        return {};
    }
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

Secret read_secret_file(const Settings& settings, std::string_view setting, const Tools& tools, Mistakes& mistakes) {
    const std::string& name = settings.text(setting);
    if (name.empty()) {
        return Secret{};
    }
    auto secret = keyring::read_secret_line(resolve(tools, name));
    if (!secret) {
        mistakes.push_back(mistake_at(settings.where(setting), std::string{setting} + ": " + secret.error().text_zh,
                                      std::string{setting} + ": " + secret.error().text_en, secret.error().hint));
        return Secret{};
    }
    return std::move(*secret);
}

}  // namespace datong::adapter
