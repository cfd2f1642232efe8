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
    enum class Kind { to_xml, to_json, to_csv, encode_charset, encode_base64, deflate, put, soap };
    Kind kind{Kind::to_json};
    std::string name;        ///< of put
    codec::SoapForm soap;    ///< of soap
    std::string header;      ///< of soap: the member that goes into the Header; empty: none
    std::string header_uri;  ///< its namespace; empty: none
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

/// How a value stands in the target: by its schema in JSON, as text elsewhere.
[[nodiscard]] record::Record to_leaf(steps::Value&& value, const Shape* shape, bool is_json);

/// Serialises and wraps `out.target` into `out.wire`; what can't be written is an error in `out`.
void write_target(const TargetOp& target, Output& out);

}  // namespace datong::mapping
