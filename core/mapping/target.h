#pragma once

#include <string>
#include <vector>

#include "core/mapping/source.h"

namespace datong::mapping {

/// The most errors, and warnings, that one record names; what is more sets Output::truncated.
inline constexpr std::size_t kMaxFindings = 100;

/// One layer that is put around the target.
struct WrapOp {
    enum class Kind { to_xml, to_json, to_csv, encode_charset, encode_base64, deflate, put, soap };
    Kind kind{Kind::to_json};
    std::string name;     ///< of put; the action of soap
    std::string uri;      ///< namespace of a soap action
    std::string version;  ///< of soap
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

/// The columns of a CSV target from its schema, and whether what the schema lets be written fits the layout (M701).
void shape_target(TargetOp& target, const Shape& shape, Mistakes& mistakes);

/// How a value stands in the target: by its schema in JSON, as text elsewhere.
[[nodiscard]] record::Record to_leaf(steps::Value&& value, const Shape* shape, bool is_json);

/// Serialises and wraps `out.target` into `out.wire`; what can't be written is an error in `out`.
void write_target(const TargetOp& target, Output& out);

}  // namespace datong::mapping
