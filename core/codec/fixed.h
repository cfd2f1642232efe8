#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/charset/charset.h"
#include "core/record/record.h"

namespace datong::codec {

/// One column of a fixed-width record; positions and lengths in bytes, the first byte is 1.
struct FixedColumn {
    std::string name;
    std::size_t at{};
    std::size_t length{};
};

/// One kind of record within a file, told apart by a marker.
struct FixedKind {
    std::string name;         ///< "H"
    std::size_t marker_at{};  ///< 0: every record is of this kind
    std::string marker;
    bool many{};  ///< a list of records, else exactly one
    std::vector<FixedColumn> columns;
};

struct FixedLayout {
    std::size_t record_bytes{};
    enum class LineEnd { none, lf, crlf, crlf_or_lf } line_end{LineEnd::crlf_or_lf};
    std::vector<FixedKind> kinds;

    [[nodiscard]] bool has_lines() const noexcept { return line_end != LineEnd::none; }
};

/// Why a file does not fit its layout; `rule` is "layout.length", "layout.select", "layout.count".
struct LayoutTrouble {
    std::string rule;
    std::size_t record{};  ///< counted from 1
    std::string text_en;   ///< never holds content
    std::string text_zh;
};

/// Cuts a file into columns: {H: {PZHM: bytes...}, D: [{...}], T: {...}}, every cell as raw bytes
/// with its padding; the mapping decodes them, so that a bad charset is that field's error.
[[nodiscard]] tl::expected<record::Record, LayoutTrouble> read_fixed(std::string_view bytes, const FixedLayout& layout);

/// The inverse: cells (bytes, already encoded and padded to their length) back into a file with the
/// kinds in layout order, gaps filled with blanks, lines ended by CRLF (crlf_or_lf: LF). Where lines end, no cell may
/// hold
/// '\r' or '\n'.
[[nodiscard]] Result<std::string> write_fixed(const record::Record& rows, const FixedLayout& layout);

}  // namespace datong::codec
