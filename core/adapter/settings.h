#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/base/guarded.h"
#include "core/base/mistake.h"
#include "core/yaml/node.h"

namespace datong::adapter {

/// The checked settings of one source (or of one entry of a map in it), read by the list of its kind:
/// the same list makes the JSON Schema and the documentation, so the three can't disagree.
///
/// A name that the list does not have, or has with another kind, is a defect and ends the process.
class Settings {
public:
    using Texts = std::vector<std::string>;
    using Map = std::vector<std::pair<std::string, Secret>>;  ///< values may be keys: revealed at use only
    using Entries = std::vector<std::pair<std::string, Settings>>;

    /// Whether the file says it; a default is not said.
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] const std::string& text(std::string_view name) const;  ///< text, file, folder, url
    [[nodiscard]] const Secret& secret(std::string_view name) const;     ///< a text of the list marked secret
    [[nodiscard]] std::int64_t whole(std::string_view name) const;
    [[nodiscard]] std::chrono::milliseconds milliseconds(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] const Texts& texts(std::string_view name) const;
    [[nodiscard]] const Map& map(std::string_view name) const;
    [[nodiscard]] const Entries& entries(std::string_view name) const;
    /// nullptr when the file does not say it.
    [[nodiscard]] const Settings* group(std::string_view name) const;

    /// The setting's own place in the file, or the map's where it is not said.
    [[nodiscard]] const Position& where(std::string_view name) const;

private:
    friend class SettingsMaker;
    using Value = std::variant<std::string, Secret, std::int64_t, std::chrono::milliseconds, bool, Texts, Map, Entries>;
    struct One {
        std::string name;
        Value value;
        bool said{};
        Position where;
    };

    [[nodiscard]] const One& at(std::string_view name) const;

    std::vector<One> values_;
};

/// Reads a source's `settings` by the kind's list, `operations` by its operation_settings.
/// @param mistakes  gathers every mistake: C101 unknown key (with the nearest right name), C102 missing,
///                  C103 wrong kind, C104 out of range, C105 not one of.
/// @return what could be read; of use only when `mistakes` has no error.
[[nodiscard]] Settings read_settings(const yaml::Node& settings, const Kind& kind, Mistakes& mistakes);

/// One error at a place of the file, for what a list can't say ("sql names a parameter twice").
[[nodiscard]] Mistake mistake_at(const Position& where, std::string text_zh, std::string text_en,
                                 std::string hint = {});

/// `name` itself when absolute, else below the configuration's folder.
[[nodiscard]] std::string resolve(const Tools& tools, const std::string& name);

/// The content of a file that settings name (a PEM file); nothing when `setting` is not said. A file
/// that can't be read, or is over 1 MiB, is a mistake.
[[nodiscard]] std::string read_named_file(const Settings& settings, std::string_view setting, const Tools& tools,
                                          Mistakes& mistakes);

/// The same for a secret, without the line break at its end. The file must be one that nobody but its owner (this
/// process's user, or root) and perhaps a group may read, and nobody but the owner write.
[[nodiscard]] Secret read_secret_file(const Settings& settings, std::string_view setting, const Tools& tools,
                                      Mistakes& mistakes);

/// Every setting of a kind, with `operations` as a map at the end when it has operation settings.
[[nodiscard]] std::vector<Setting> all_settings(const Kind& kind);

}  // namespace datong::adapter
