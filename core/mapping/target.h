#pragma once

#include <string>
#include <vector>

#include "core/codec/soap.h"
#include "core/mapping/source.h"

namespace datong::mapping {

/// The most errors, and warnings, that one record names; what is more sets Output::truncated.
inline constexpr std::size_t kMaxFindings = 100;

/// One layer that is put around the target.
struct WrapOp {
    /// `say` is no layer that a mapping can name: the way back writes a department's code with it.
    enum class Kind { to_xml, to_json, to_csv, encode_charset, encode_base64, deflate, put, soap, say };
    Kind kind{Kind::to_json};
    std::string name;               ///< of put; the root of to_xml where it is not the target's; text of say
    bool as_list{};                 ///< put makes a list of one
    bool declares{};                ///< to_xml begins with a declaration
    std::vector<std::string> at{};  ///< names down to where `say` writes
    codec::SoapForm soap;           ///< of soap
    std::string header;             ///< of soap: the member that goes into the Header; empty: none
    std::string header_uri;         ///< its namespace; empty: none
    charset::Charset charset{charset::Charset::utf_8};
    codec::Compression compression{codec::Compression::gzip};
    Position where;
};

struct TargetOp {
    std::string format;
    std::string root;                                   ///< document element of to_xml
    charset::Charset charset{charset::Charset::utf_8};  ///< of fixed columns and of a CSV file
    std::string charset_name{"utf-8"};
    std::vector<WrapOp> wrap;
    codec::FixedLayout layout;
    CsvOp csv;
    const Shape* order{};  ///< members are written in its order; nullptr: in that of the rows
    Position where;
};

[[nodiscard]] TargetOp compile_target(const ast::Target& target, Mistakes& mistakes);

/// {soap: {action, version?, uri?, style?, types?, header?, header_uri?}}
void compile_soap(const yaml::Node& argument, WrapOp& op, Mistakes& mistakes);
/// The envelope around a record, with the member that `header` names in the Header and not in the Body.
[[nodiscard]] Result<std::string> write_envelope(const WrapOp& op, const record::Record& content);
/// An XML declaration of our own says the charset that the text is then encoded in.
void declare_charset(std::string& text, charset::Charset charset);

/// The columns of a CSV target from its schema, and whether what the schema lets be written fits the layout (M701).
void shape_target(TargetOp& target, const Shape& shape, Mistakes& mistakes);

/// The layers that undo a source's, from the inside out. Mistakes M801: one that can't be undone exactly.
[[nodiscard]] std::vector<WrapOp> inverse_layers(const SourceOp& source, Mistakes& mistakes);

/// How a value stands in the target: by its schema in JSON, as text elsewhere.
[[nodiscard]] record::Record to_leaf(steps::Value&& value, const Shape* shape, bool is_json);

/// Notes why a target can't be written; the outcome is invalid then.
void refuse_target(Output& out, const Position& where, std::string path, steps::Refusal why);

/// The columns of a fixed-width file out of `out.target`, encoded and padded.
void write_fixed_file(const TargetOp& target, Output& out);

/// Serialises and wraps `out.target` into `out.wire`; what can't be written is an error in `out`.
void write_target(const TargetOp& target, Output& out);

}  // namespace datong::mapping
