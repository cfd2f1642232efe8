#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/yaml/node.h"

namespace datong::workbench {

/// A YAML file as text, with the range of every node in it: so that one value can be replaced while the
/// rest of the file, comments and layout, stays byte for byte.
class YamlText {
public:
    /// @return the mistakes of yaml::parse.
    [[nodiscard]] static tl::expected<YamlText, Mistakes> parse(std::string text, const std::string& file);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const yaml::Node& root() const noexcept { return root_; }
    /// Offset in bytes of a node's first character. The node must be one of root().
    [[nodiscard]] std::size_t begin_of(const yaml::Node& node) const;
    /// Offset behind its last character; of a block map or list: behind its last member.
    [[nodiscard]] std::size_t end_of(const yaml::Node& node) const;
    /// Behind the colon that follows a key.
    [[nodiscard]] std::size_t colon_of(const yaml::Node::Entry& entry) const;
    /// Behind the value, or behind the colon where nothing stands.
    [[nodiscard]] std::size_t end_of(const yaml::Node::Entry& entry) const;
    /// Whether a map or list is written in brackets.
    [[nodiscard]] bool is_flow(const yaml::Node& node) const;
    /// The comments inside a node, in order, each with its '#'.
    [[nodiscard]] std::vector<std::string> comments_in(const yaml::Node& node) const;

    [[nodiscard]] std::size_t line_begin(std::size_t at) const;
    /// Behind the line's end, or the end of the text.
    [[nodiscard]] std::size_t next_line(std::size_t at) const;
    [[nodiscard]] std::string_view end_of_line() const noexcept { return crlf_ ? "\r\n" : "\n"; }

private:
    YamlText(std::string text, yaml::Node root);
    [[nodiscard]] std::size_t end_of_scalar(const yaml::Node& node) const;
    [[nodiscard]] std::size_t end_of_block_text(std::size_t begin) const;
    [[nodiscard]] std::size_t end_of_plain(std::size_t begin, std::string_view value) const;
    void mask_scalars(const yaml::Node& node, std::size_t from, std::string& text) const;

    std::string text_;
    yaml::Node root_;
    std::vector<std::size_t> lines_;  ///< offset of each line's first byte
    bool crlf_{};
};

/// A value on one line, as it may stand between brackets: quoted only where it must be.
[[nodiscard]] std::string flow_text(const yaml::Node& node);

/// A text in double quotes with YAML's escapes.
[[nodiscard]] std::string double_quoted(std::string_view text);

/// A text as it stands in a configuration's file, where ${NAME} would name a variable of the environment: "$${" for
/// each "${".
[[nodiscard]] std::string without_variables(std::string_view text);

/// The same value, whatever its quotes and layout.
[[nodiscard]] bool same_value(const yaml::Node& one, const yaml::Node& other);

}  // namespace datong::workbench
