#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/path/group.h"
#include "core/record/record.h"

namespace datong::path {

/// A node that a query met, with where it stands.
struct Found {
    const record::Record* value;
    /// Normalised path (RFC 9535, 2.7): "$['QLRS']['QLR'][0]"; "$" is where the query began, which for
    /// a relative one is the current record.
    std::string location;
};

struct Path;
struct Selector;
struct Expression;
struct Operand;

/// What a mapping's reading met.
struct Read {
    std::vector<const record::Record*> nodes;
    std::size_t visits{};    ///< what it cost
    bool too_large{};        ///< more than select() finds or visits: the nodes mean nothing
    bool through_several{};  ///< a name stood behind a list of several: the nodes mean nothing
    bool no_group{};         ///< a name stood behind words: the nodes mean nothing
    bool mixed{};            ///< a filter compared text beside elements: the nodes mean nothing
};

/// A compiled RFC 9535 query. Immutable; may be used from many threads.
class Query {
public:
    /// @param text  "$.a.b[*]"; or relative, without "$": "DATA.BDCQ", "@attr", "#text", "dtl[*]".
    ///              A relative query begins at the current record. Regular expressions of match() and
    ///              search() are I-Regexp (RFC 9485), run by RE2. Besides RFC 9535 a name may be
    ///              "@attr", "#text" or "ns:name", hold '-', and "@" alone is the current record. At
    ///              most 4096 bytes, 32 levels of filters and parentheses.
    /// @return Fault::bad_request with the column of the first mistake.
    [[nodiscard]] static Result<Query> compile(std::string_view text);

    /// Nodes in RFC 9535's order. An absolute query starts at root, a relative one at current.
    /// @return nullopt where there are more than 100,000 nodes, or more than 2,000,000 had to be visited.
    [[nodiscard]] std::optional<std::vector<Found>> select(const record::Record& root,
                                                           const record::Record& current) const;
    /// The same without locations: cheaper, for the hot path.
    [[nodiscard]] std::optional<std::vector<const record::Record*>> values(const record::Record& root,
                                                                           const record::Record& current) const;
    /// The same as mappings take lists, filters included: what stands before brackets and is no list is a list of one
    /// ("QLR[?@.x]", "d[-1]"), a name goes into the item of a list of one, and the #text of an element without elements
    /// is its value. In filters a record's numbers and booleans are text with all their digits, and its texts numbers
    /// beside one that is written there.
    /// @param null_where_missing  null for every node that the query came to and that lacks the members it ends with:
    ///                            "rows[?@.a].b" gives as many as "rows[?@.a]".
    /// @param normalise  how texts are compared, and which say nothing where a group of fields is wanted.
    [[nodiscard]] Read read(const record::Record& root, const record::Record& current, bool null_where_missing,
                            const Normalise& normalise = {}) const;
    /// Only names and indices: at most one node.
    [[nodiscard]] bool is_singular() const;
    [[nodiscard]] bool is_absolute() const;
    /// Member names of a query made of names only ("a.b" -> {"a","b"}), wildcards and indices left
    /// out ("QLRS.QLR[*].ZJH" -> {"QLRS","QLR","ZJH"}); empty when it has other selectors.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] const std::string& text() const;
    /// The query's parts (program.h), for those who know the shape of the records.
    [[nodiscard]] const Path& path() const;

    struct Program;

private:
    explicit Query(std::shared_ptr<const Program> program);
    std::shared_ptr<const Program> program_;
};

}  // namespace datong::path
