#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::yaml {

/// One value of a YAML file with the place where it stands. Scalars are text: the reader's schema
/// gives them a type, never YAML (so 01, no and 1e5 stay what was written).
struct Node {
    enum class Kind { scalar, map, list };
    struct Entry;  ///< key (`first`, a scalar) and value (`second`)

    Kind kind{Kind::scalar};
    std::string text;            ///< of a scalar, UTF-8; octets when `hex`
    bool quoted{};               ///< written in quotes or as a block: '' is then an empty text, not absent
    bool from_environment{};     ///< the whole text is an environment variable's, which ${NAME} stood for
    bool hex{};                  ///< tagged !hex: `text` holds the decoded octets
    std::vector<Entry> entries;  ///< of a map, in file order
    std::vector<Node> items;     ///< of a list
    Position where;

    [[nodiscard]] bool is_scalar() const noexcept { return kind == Kind::scalar; }
    [[nodiscard]] bool is_map() const noexcept { return kind == Kind::map; }
    [[nodiscard]] bool is_list() const noexcept { return kind == Kind::list; }
    /// A plain `~`, `null` or nothing at all.
    [[nodiscard]] bool is_empty() const;
    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] std::string text_of(std::string_view key) const;  ///< empty when absent
};

struct Node::Entry {
    Node first;
    Node second;
};

/// A quoted scalar that no file has, as if it stood there: for arguments that the program makes itself.
[[nodiscard]] Node quoted_text(std::string text, const Position& where);

/// Reads one document in the strict profile of docs/mapping.md, 3.1: UTF-8; anchors, aliases, merge
/// keys and tags (but !hex where `allow_hex`) refused; duplicate keys refused; depth at most 32; at
/// most 2 MiB.
/// @param file  the name that stands in every Position.
/// @return      on failure the mistakes (codes M101..M109), at least one.
[[nodiscard]] tl::expected<Node, Mistakes> parse(std::string_view text, const std::string& file,
                                                 bool allow_hex = false);

/// The tree as a Record: scalars become text, or number/boolean/null where plain and of that form in
/// JSON. For the parts of a file that are data themselves (a test's expected record).
[[nodiscard]] record::Record to_record(const Node& node);

}  // namespace datong::yaml
