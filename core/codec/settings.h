#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/mistake.h"
#include "core/yaml/node.h"

namespace datong::codec {

/// Reads one map of a settings file into a struct, gathering every mistake with file, line and
/// column, so that an administrator sees all at once and not one per restart. An unknown key is a
/// mistake too, answered with the nearest right name.
///
/// Codes: C101 unknown key, C102 missing, C103 wrong kind, C104 out of range, C105 not one of.
class SettingsReader {
public:
    /// @param node      must outlive the reader; a node that is no map is a mistake.
    /// @param mistakes  where they are gathered; must outlive the reader.
    SettingsReader(const yaml::Node& node, Mistakes& mistakes);

    [[nodiscard]] std::string text(std::string_view key);                         ///< required, not empty
    [[nodiscard]] std::string text(std::string_view key, std::string otherwise);  ///< optional
    [[nodiscard]] Secret secret(std::string_view key);                            ///< optional
    [[nodiscard]] std::int64_t whole(std::string_view key, std::int64_t least, std::int64_t most,
                                     std::int64_t otherwise);
    [[nodiscard]] std::chrono::milliseconds milliseconds(std::string_view key, std::chrono::milliseconds otherwise);
    [[nodiscard]] bool flag(std::string_view key, bool otherwise);
    [[nodiscard]] std::string one_of(std::string_view key, std::initializer_list<std::string_view> choices,
                                     std::string otherwise);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);  ///< a list of texts, or one text
    /// The node of a key for a reader of its own; nullptr when absent.
    [[nodiscard]] const yaml::Node* node(std::string_view key);
    [[nodiscard]] const yaml::Node* required_node(std::string_view key);
    /// The items of a list of maps; none when it is absent, or no list, which is a mistake.
    [[nodiscard]] const std::vector<yaml::Node>& list(std::string_view key);
    /// The same of one that must be there.
    [[nodiscard]] const std::vector<yaml::Node>& required_list(std::string_view key);
    void mistake(const yaml::Node& at, std::string code, std::string text_zh, std::string text_en,
                 std::string hint = {});
    /// Ends the reading: every key that nobody asked for is a mistake.
    void finish();

private:
    const yaml::Node* take(std::string_view key);
    const std::vector<yaml::Node>& items_of(std::string_view key, const yaml::Node* value);

    const yaml::Node& node_;
    Mistakes& mistakes_;
    std::vector<std::string> known_;
};

}  // namespace datong::codec
