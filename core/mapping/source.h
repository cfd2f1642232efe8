#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/codec/fixed.h"
#include "core/mapping/ast.h"
#include "core/mapping/mapping.h"
#include "core/mapping/paths.h"

namespace datong::mapping {

/// One layer that is taken off what came.
struct UnwrapOp {
    enum class Kind { soap, take, parse_xml, parse_json, decode_base64, decode_charset, outcome };
    Kind kind{Kind::soap};
    Path path;  ///< of take; of the code for outcome
    charset::Charset charset{charset::Charset::utf_8};
    std::vector<std::string> ok, not_found, retry, rejected;
    std::optional<Path> message;  ///< read, never shown: a department writes persons into it
    std::optional<Path> none;     ///< no node or an empty one there is "no record"
    Position where;
};

struct SetOp {
    std::string name;
    bool many{};
    bool empty_is_not_found{};
    std::size_t max{};
    std::optional<charset::Charset> charset;
    Position where;
};

/// How the bytes or rows of a department become one record.
struct SourceOp {
    std::string format;
    std::optional<charset::Charset> charset;  ///< said by the mapping, else by the format
    std::vector<UnwrapOp> unwrap;
    std::vector<SetOp> sets;
    codec::FixedLayout layout;
    Position where;
};

/// What was read: a record at `root`, or an outcome that ends the run.
struct Sourced {
    Outcome outcome{Outcome::ok};
    std::vector<Finding> errors;
    std::unique_ptr<record::Record> owned;  ///< keeps `root` alive unless it stands in the caller's tree
    const record::Record* root{};
};

[[nodiscard]] SourceOp compile_source(const ast::Source& source, const ast::Defaults& defaults, Mistakes& mistakes);

[[nodiscard]] Sourced read_source(const SourceOp& source, const Input& input);

/// A layout for source or target. Mistakes M701: overlap, gap, beyond the record's end, markers.
[[nodiscard]] codec::FixedLayout compile_layout(const ast::Layout& layout, Mistakes& mistakes);

/// Charset by name; nullopt and M301 for one that is not read. "binary" is nullopt without a mistake.
[[nodiscard]] std::optional<charset::Charset> charset_named(const std::string& name, const Position& where,
                                                            Mistakes& mistakes);

}  // namespace datong::mapping
