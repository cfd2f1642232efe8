#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "core/base/mistake.h"
#include "core/yaml/node.h"

namespace datong::yaml {

/// Thrown through the parser to end it at once; the reason is already among the mistakes.
class Stopped final : public std::exception {};

/// Builds Nodes from the parser's events and gathers what the strict profile refuses. One document,
/// one thread.
class Builder final : public YAML::EventHandler {
public:
    /// @param text  the whole file, UTF-8 without byte order mark; must outlive the builder.
    Builder(std::string_view text, const std::string& file, bool allow_hex);

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override;
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override;

    void add_mistake(const YAML::Mark& mark, std::string code, std::string text_zh, std::string text_en,
                     std::string hint = {});
    [[nodiscard]] Mistakes& mistakes() noexcept { return mistakes_; }
    /// The document; nothing before the first one was read.
    [[nodiscard]] std::optional<Node>& root() noexcept { return root_; }

private:
    struct Open {
        Node node;
        std::optional<Node> key;
        std::unordered_set<std::string> keys;
    };

    [[nodiscard]] Position position_of(const YAML::Mark& mark) const;
    [[nodiscard]] bool expects_key() const;
    [[nodiscard]] std::string null_text_at(const YAML::Mark& mark) const;
    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor);
    void refuse_open_quote(const YAML::Mark& mark);
    void refuse_tag(const YAML::Mark& mark, const std::string& tag);
    void decode_hex(const YAML::Mark& mark, Node& node);
    void open(const YAML::Mark& mark, Node::Kind kind);
    void close();
    void place(Node node);
    void place_key(Open& map, Node key);

    std::string_view text_;
    std::string file_;
    bool allow_hex_;
    std::vector<std::size_t> lines_;  ///< offset of each line's first byte
    std::vector<Open> stack_;
    std::optional<Node> root_;
    Mistakes mistakes_;
};

}  // namespace datong::yaml
