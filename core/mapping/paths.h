#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/charset/charset.h"
#include "core/mapping/schema.h"
#include "core/path/query.h"
#include "core/record/record.h"
#include "core/steps/registry.h"
#include "core/steps/value.h"

namespace datong::mapping {

struct Normaliser;

struct Segment {
    enum class Kind { name, index, all };
    Kind kind{Kind::name};
    record::Text name;
    std::size_t index{};  ///< of a name: where the member mostly stands in its object
};

/// A source path, compiled. Names, indices and [*] are walked directly; any other RFC 9535 selector
/// goes through path::Query.
struct Path {
    std::string text;  ///< as shown in findings, without a leading "$."
    bool absolute{};   ///< begins at the record's root, else at the current item
    std::vector<Segment> segments;
    std::optional<path::Query> query;
    std::optional<std::size_t> join;          ///< it begins at the rows that this join of the list found
    bool many{};                              ///< may meet several nodes by what it says
    std::optional<charset::Charset> charset;  ///< of byte cells; absent: bytes stay bytes
    const Shape* shape{};                     ///< where it leads; nullptr when there is no schema
    const Normaliser* normalise{};            ///< of the mapping, for which texts are null; nullptr: blank ones
};

/// The names that a query begins with, as a path of their own.
[[nodiscard]] Path leading_names(const Path& query);

/// Whether a query takes only some of the items of a list, or one of them.
[[nodiscard]] bool takes_some(const path::Query& query);

/// Whether a query asks something of the items that it takes.
[[nodiscard]] bool has_filter(const path::Path& query);

/// Splits a path into segments; nullopt when it needs more than names, indices and [*].
[[nodiscard]] std::optional<Path> parse_simple(std::string_view text);

/// What the joins of a list found for one of its items: the rows of each join, in their order.
struct Joined {
    std::vector<const std::vector<const record::Record*>*> rows;
};

/// Why what a path meets can't be taken.
enum class Trouble {
    none,
    multiple,  ///< several nodes where one is wanted, or a member's name behind a list of several
    object,    ///< text beside elements in a filter
    no_group,  ///< words where a group of fields is wanted, before a name or as an item
    too_large  ///< more than a query visits, or all paths of a record together
};

/// Nodes that the paths of one record have met behind lists: what the bounds of expressions say when compiling holds
/// for lists as long as max_items, and no sender is bound to that.
struct Visits {
    static constexpr std::size_t kMost = 10'000'000;
    std::size_t count{};
};

/// What a path in a scalar position met.
struct Met {
    const record::Record* node{};  ///< nullptr: absent
    Trouble trouble{Trouble::none};
};
/// @param joined  of the current item; a path that reads a join meets nothing without it.
/// @param visits  counts what it meets; nullptr where nothing is bound.
[[nodiscard]] Met walk(const Path& path, const record::Record& root, const record::Record& current,
                       const Joined* joined = nullptr, Visits* visits = nullptr);

using Nodes = tl::expected<std::vector<const record::Record*>, Trouble>;

/// How collect gives what it meets.
enum class Taken {
    whole,          ///< as it stands
    apart,          ///< lists at the end by their items
    apart_or_null,  ///< the same, and null for an item that lacks what the path wants of it
};

/// Every node.
[[nodiscard]] Nodes collect(const Path& path, const record::Record& root, const record::Record& current, Taken taken,
                            const Joined* joined = nullptr, Visits* visits = nullptr);

/// Whether the schema says that what stands at a path, or each item of its list, is a group of fields.
[[nodiscard]] bool leads_to_groups(const Path& path);

/// path.multiple, path.object, path.no_group, path.too_large
[[nodiscard]] steps::Refusal refusal_of(Trouble why);

/// "$.QLRS.QLR[0]" + "ZJH" -> "$.QLRS.QLR[0].ZJH"; an absolute path stands alone.
[[nodiscard]] std::string location(const Path& path, std::string_view current);

/// How a text becomes null before anything else happens to it. NULs at the end are filling, as blanks are.
struct Normaliser {
    bool trim{true};
    bool empty_as_null{true};
    std::vector<std::string> null_tokens;

    /// The text without surrounding white space, or nullopt for null.
    [[nodiscard]] std::optional<std::string_view> operator()(std::string_view text) const;
};

/// Without Unicode white space at both ends (docs/mapping.md, trim).
[[nodiscard]] std::string_view trim_all(std::string_view text);

/// Whether it holds a character that no text has: one below U+0020, but tab and line ends.
[[nodiscard]] bool has_control(std::string_view text);

/// A selected node as a value: text, decoded and normalised; a list only where `list_wanted`.
/// Refusals: path.multiple, path.object, charset.invalid (a control character, too), charset.truncated.
[[nodiscard]] steps::Stepped leaf_value(const record::Record* node, const Path& path, const Normaliser& normalise,
                                        bool list_wanted = false);

/// What leaf_value gives without copying it, where that takes no decoding: text, or a cell that is ASCII. nullopt for
/// anything else, null and errors too.
[[nodiscard]] std::optional<std::string_view> plain_leaf(const record::Record& node, const Path& path,
                                                         const Normaliser& normalise);

/// The text of a leaf without copying it, when it is plain text already; nullopt otherwise.
[[nodiscard]] std::optional<std::string_view> plain_text(const record::Record* node);

}  // namespace datong::mapping
