#include "core/catalogue/load.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/crypto/digest.h"

namespace datong::catalogue {
namespace {

std::optional<std::string> read_disk(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::error_code error;
    if (!in || std::filesystem::is_directory(path, error)) {
        return std::nullopt;
    }
    std::string text;
    std::array<char, 16'384> piece{};
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    }
    // a file that broke off is not a shorter one; `<< in.rdbuf()` would not tell
    return in.eof() && !in.bad() ? std::optional{std::move(text)} : std::nullopt;
}

Result<std::vector<std::string>> list_disk(const std::string& folder, std::string_view ending) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry{folder, error};
    if (error == std::errc::no_such_file_or_directory) {
        return names;
    }
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.ends_with(ending) && !name.starts_with('.')) {
            names.push_back(name);
        }
    }
    if (error) {
        return fail(Fault::unavailable, error.message());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Over name and content of every file, each once, in order of name.
std::string digest_of(std::vector<std::pair<std::string, std::string>> files) {
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    crypto::Sha256 digest;
    for (const auto& [name, content] : files) {
        digest.add(name + '\n' + std::to_string(content.size()) + '\n');
        digest.add(content);
    }
    return to_hex(digest.finish());
}

/// A department or a grant that nobody reads looks like one that was never written.
void warn_of_passed_over(Loading& loading) {
    for (const char* kind : {"departments/", "services/", "consumers/", "grants/", "matters/", "languages/"}) {
        for (const std::string& name : loading.with.files.passed_over(loading.root + kind)) {
            loading.mistakes.push_back({{loading.root + kind + name, 0, 0},
                                        "C252",
                                        Severity::warning,
                                        "此文件未读取：只读 .yaml",
                                        "this file is not read: only .yaml is",
                                        name.substr(0, name.size() - 4) + ".yaml"});
        }
    }
}

/// A key id names one key, whoever it belongs to: verifiers look keys up by nothing else.
void check_key_ids(Loading& loading, const yaml::Node& gateway) {
    std::vector<std::string> ids;
    const auto add = [&ids](const NamedKey& key) {
        ids.push_back(key.id);
        for (const NamedKey& other : key.others) {
            ids.push_back(other.id);
        }
    };
    add(loading.snapshot.gateway.key);
    for (const auto& [id, department] : loading.snapshot.departments) {
        add(department->key);
    }
    for (const auto& [id, key] : loading.snapshot.consumer_keys) {
        ids.push_back(id);
    }
    for (const auto& [id, issuer] : loading.snapshot.consent_issuers) {
        for (const auto& [key_id, key] : issuer.keys) {
            ids.push_back(key_id);
        }
    }
    for (const RetiredKey& key : loading.snapshot.retired_keys) {
        ids.push_back(key.id);
    }
    std::sort(ids.begin(), ids.end());
    for (auto twice = std::adjacent_find(ids.begin(), ids.end()); twice != ids.end();
         twice = std::adjacent_find(twice + 1, ids.end())) {
        loading.mistake(gateway, "C202", "密钥编号 " + *twice + " 用于两把密钥",
                        "key id " + *twice + " names two keys");
    }
}

}  // namespace

Files disk_files() {
    return {.read = read_disk,
            .read_secret = keyring::read_secret,
            .list = [](const std::string& folder) { return list_disk(folder, ".yaml"); },
            .passed_over =
                [](const std::string& folder) {
                    return list_disk(folder, ".yml").value_or(std::vector<std::string>{});  // `list` says it
                },
            .is_folder =
                [](const std::string& path) {
                    std::error_code error;
                    return std::filesystem::is_directory(path, error);
                },
            .environment = [](const std::string& name) -> std::optional<std::string> {
                const char* value = std::getenv(name.c_str());
                return value != nullptr ? std::optional<std::string>{value} : std::nullopt;
            }};
}

std::shared_ptr<adapter::SourceState> SourceStates::of(const std::string& source) {
    const std::lock_guard lock{mutex_};
    auto& state = states_[source];
    if (!state) {
        state = std::make_shared<adapter::SourceState>();
    }
    return state;
}

void SourceStates::close() {
    const std::lock_guard lock{mutex_};
    for (const auto& [source, state] : states_) {
        state->close();
    }
}

Loaded load(const std::string& gateway_file, const LoadWith& with) {
    Loaded loaded;
    auto snapshot = std::make_shared<Snapshot>();
    const auto slash = gateway_file.rfind('/');
    Loading loading{.with = with,
                    .root = slash == std::string::npos ? std::string{"./"} : gateway_file.substr(0, slash + 1),
                    .mappings = {},
                    .snapshot = *snapshot,
                    .mistakes = loaded.mistakes};
    const auto gateway = loading.document(gateway_file, "gateway");
    if (!gateway) {
        return loaded;
    }
    load_gateway(loading, *gateway);
    load_departments(loading);
    load_services(loading);
    if (const yaml::Node* cases = gateway->find("case_register"); cases != nullptr) {
        load_case_register(loading, *cases);
    }
    load_licences(loading);
    load_consumers(loading);
    load_consent_issuers(loading, gateway->find("consent_issuers"));
    load_grants(loading);
    load_matters(loading);
    load_languages(loading);
    if (const yaml::Node* calendar = gateway->find("calendar"); calendar != nullptr) {
        load_calendar(loading, *calendar);
    }
    check_key_ids(loading, *gateway);
    warn_of_passed_over(loading);
    if (!has_errors(loaded.mistakes)) {
        snapshot->digest = digest_of(std::move(loading.read_files));
        loaded.snapshot = std::move(snapshot);
    }
    return loaded;
}

}  // namespace datong::catalogue
