#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/codec/compression.h"
#include "core/codec/fixed.h"
#include "core/codec/xml.h"
#include "core/mapping/ast.h"
#include "core/mapping/mapping.h"
#include "core/mapping/paths.h"

namespace datong::mapping {

/// One layer that is taken off what came.
struct UnwrapOp {
    enum class Kind { soap, take, parse_xml, parse_json, decode_base64, decode_charset, outcome, inflate, diffgram };
    Kind kind{Kind::soap};
    Path path;         ///< of take; of the code for outcome
    std::string name;  ///< of the document element that parse_xml wants, of Body's child that soap wants; empty: any
    std::string uri;   ///< of soap, for the way back
    std::string version{"1.1"};  ///< the same
    charset::Charset charset{charset::Charset::utf_8};
    codec::Compression compression{codec::Compression::gzip};
    std::size_t max_bytes{};    ///< of inflate
    std::string table;          ///< of diffgram
    bool empty_is_not_found{};  ///< of diffgram
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

/// How the lines of a CSV file are rows, on the way in and out.
struct CsvOp {
    std::vector<std::string> columns;  ///< in their order; of a source with a header: those that it must name
    bool header{true};
    bool many{true};  ///< rows stand at row[*]; else the record is the one row
    bool empty_is_not_found{};
    bool mark{};  ///< written with a byte order mark
    char separator{','};
    std::size_t max{};  ///< rows
    Position where;
};

/// How the bytes or rows of a department become one record.
struct SourceOp {
    std::string format;
    std::optional<charset::Charset> charset;  ///< said by the mapping, else by the format
    std::vector<codec::XmlNamespace> namespaces;
    std::string root;  ///< of the document element where XML is read by the format; empty: any
    std::vector<UnwrapOp> unwrap;
    std::vector<Path> told;  ///< codes and messages that outcomes read, from the record's root
    std::vector<SetOp> sets;
    codec::FixedLayout layout;
    std::vector<std::size_t> most_rows;  ///< of each kind of the layout
    CsvOp csv;
    Position where;

    /// Leaves are bytes whose charset the paths know.
    [[nodiscard]] bool has_cells() const {
        return format == "rows" || format == "fixed" || format == "csv" || format == "kv";
    }
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

/// What the department's own code in `read.root` says; `read` ends where it does not say that the reading goes on.
void judge_outcome(const UnwrapOp& op, Sourced& read);

/// Where the codes and messages that outcomes read stand in the record, when all layers are taken off; those that
/// stayed outside are left out.
[[nodiscard]] std::vector<Path> told_by_outcomes(const std::vector<UnwrapOp>& unwrap);

/// The tables of a .NET DataSet: what stands below `diffgram` (with the schema beside it), below the DataSet's own
/// element, or is that element; the one table that the layer names is a list, whatever came.
/// @return rows.empty (or not_found) without a row; unwrap.diffgram where it holds errors or is none.
[[nodiscard]] Sourced read_diffgram(const UnwrapOp& op, const record::Record& root);

/// The record of a CSV file or a form.
/// @param is_text  the bytes are UTF-8 text already; else leaves stay bytes.
[[nodiscard]] Sourced read_cells(const SourceOp& source, std::string_view bytes, bool is_text);

[[nodiscard]] CsvOp compile_csv(const std::optional<ast::Csv>& csv, const Position& where, std::size_t max);

/// Gives the source's shape what its sets, layout or columns say of it, and the columns what the shape says.
/// Mistakes: M108 columns that nobody names, M701.
/// @param has_schema  the shape was read from a schema; else it is made of the layout, where there is one.
/// @return whether there is a shape.
[[nodiscard]] bool shape_source(SourceOp& source, Shape& shape, bool has_schema, Mistakes& mistakes);

/// Columns are padded by octets, and lines end at one: M701 for a charset whose blank and line feed are two.
void prove_one_octet_blank(charset::Charset charset, const Position& where, Mistakes& mistakes);
/// A layout for source or target. Mistakes M701: overlap, gap, beyond the record's end, markers.
[[nodiscard]] codec::FixedLayout compile_layout(const ast::Layout& layout, Mistakes& mistakes);

/// Whether a name of an XML source has no prefix, or one of source.namespaces; else M215.
bool prove_prefix(const SourceOp& source, const std::string& name, const Position& where, Mistakes& mistakes);

/// Whether a layer is one that comes with profiles and not with this version; then M301 says so.
[[nodiscard]] bool is_of_a_profile(const ast::Wrapping& layer, Mistakes& mistakes);

/// Charset by name; nullopt and M301 for one that is not read. "binary" is nullopt without a mistake where cells are
/// read, and M301 where text is wanted (then, too, it gives UTF-8).
[[nodiscard]] charset::Charset text_charset(const std::string& name, const Position& where, Mistakes& mistakes);
[[nodiscard]] std::optional<charset::Charset> charset_named(const std::string& name, const Position& where,
                                                            Mistakes& mistakes);

}  // namespace datong::mapping
