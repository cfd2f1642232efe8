#include "core/codec/fixed.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace datong::codec {
namespace {

using record::Record;
using record::Text;
using LineEnd = FixedLayout::LineEnd;

tl::unexpected<LayoutTrouble> trouble(const char* rule, std::size_t record, std::string text_en, std::string text_zh) {
    return tl::unexpected<LayoutTrouble>{LayoutTrouble{rule, record, std::move(text_en), std::move(text_zh)}};
}

bool fits(const FixedLayout& layout) {
    for (const FixedKind& kind : layout.kinds) {
        if (kind.marker_at > 0 && kind.marker_at - 1 + kind.marker.size() > layout.record_bytes) {
            return false;
        }
        const auto inside = [&layout](const FixedColumn& column) {
            return column.at >= 1 && column.at <= layout.record_bytes &&
                   column.length <= layout.record_bytes - (column.at - 1);
        };
        if (!std::ranges::all_of(kind.columns, inside)) {
            return false;
        }
    }
    return layout.record_bytes > 0;
}

/// Takes one record off the front, with its line end; nullopt when its length is another one. No
/// charset that a layout may have (no UTF-16: M701) has a line feed inside a character.
std::optional<std::string_view> take_record(std::string_view& rest, const FixedLayout& layout) {
    std::string_view line = rest;
    if (layout.line_end == LineEnd::none) {
        line = rest.substr(0, layout.record_bytes);
        rest.remove_prefix(line.size());
        return line.size() == layout.record_bytes ? std::optional{line} : std::nullopt;
    }
    const std::size_t feed = rest.find('\n');
    const bool ended = feed != std::string_view::npos;
    line = rest.substr(0, feed);
    rest.remove_prefix(ended ? feed + 1 : rest.size());
    const bool may_return = ended && layout.line_end != LineEnd::lf;
    const bool returned = may_return && line.ends_with('\r') && line.size() == layout.record_bytes + 1;
    if (ended && layout.line_end == LineEnd::crlf && !returned) {
        return std::nullopt;
    }
    line.remove_suffix(returned ? 1 : 0);
    return line.size() == layout.record_bytes ? std::optional{line} : std::nullopt;
}

bool is_of(std::string_view line, const FixedKind& kind) {
    return kind.marker_at == 0 || line.substr(kind.marker_at - 1, kind.marker.size()) == kind.marker;
}

/// Cuts records of one kind. Rows share the names of their columns, and long cells are views of the file.
class Cutter {
public:
    Cutter(const FixedKind& kind, const Text& file) : kind_{kind}, file_{file} {
        for (const FixedColumn& column : kind.columns) {
            names_.emplace_back(column.name);
        }
    }

    /// @param at  where the record begins in the file.
    [[nodiscard]] Record cut(std::size_t at) const {
        Record::Object cells;
        cells.reserve(names_.size());
        for (std::size_t i = 0; i < names_.size(); ++i) {
            const FixedColumn& column = kind_.columns[i];
            cells.emplace_back(names_[i], Record::bytes(file_.part(at + column.at - 1, column.length)));
        }
        return Record::object(std::move(cells));
    }

private:
    const FixedKind& kind_;
    const Text& file_;
    std::vector<Text> names_;
};

tl::expected<Record, LayoutTrouble> gather(const FixedLayout& layout, std::vector<Record::List> found,
                                           std::size_t records) {
    Record::Object members;
    for (std::size_t i = 0; i < layout.kinds.size(); ++i) {
        const FixedKind& kind = layout.kinds[i];
        if (kind.many) {
            members.push_back({kind.name, Record::list(std::move(found[i]))});
        } else if (found[i].size() == 1) {
            members.push_back({kind.name, std::move(found[i].front())});
        } else {
            return trouble("layout.count", records, "record kind '" + kind.name + "' must stand exactly once",
                           "记录类型 '" + kind.name + "' 应恰好出现一次");
        }
    }
    return Record::object(std::move(members));
}

Status place(std::string& line, std::size_t at, std::size_t length, std::string_view octets) {
    if (octets.size() != length) {
        return fail(Fault::internal, "a cell at byte " + std::to_string(at) + " is not padded to its length");
    }
    line.replace(at - 1, length, octets);
    return {};
}

Status write_record(std::string& out, const Record& row, const FixedKind& kind, const FixedLayout& layout) {
    std::string line(layout.record_bytes, ' ');
    for (const FixedColumn& column : kind.columns) {
        const Record* cell = row.find(column.name);
        if (cell == nullptr || cell->is_null()) {
            continue;
        }
        if (auto placed = place(line, column.at, column.length, cell->scalar()); !placed) {
            return placed;
        }
    }
    if (kind.marker_at > 0) {
        line.replace(kind.marker_at - 1, kind.marker.size(), kind.marker);
    }
    if (layout.has_lines() && line.find_first_of("\r\n") != std::string::npos) {
        return fail(Fault::internal, "a cell of record kind '" + kind.name + "' holds a line break");
    }
    out.append(line);
    if (layout.has_lines()) {
        out.append(layout.line_end == LineEnd::crlf ? "\r\n" : "\n");
    }
    return {};
}

}  // namespace

tl::expected<Record, LayoutTrouble> read_fixed(std::string_view bytes, const FixedLayout& layout) {
    if (!fits(layout)) {
        return trouble("layout.length", 0, "the layout has a column outside its record", "布局中有列超出记录长度");
    }
    const Text file{bytes};
    std::vector<Cutter> cutters;
    for (const FixedKind& kind : layout.kinds) {
        cutters.emplace_back(kind, file);
    }
    std::vector<Record::List> found(layout.kinds.size());
    std::size_t number = 0;
    while (!bytes.empty()) {
        const std::size_t at = file.size() - bytes.size();
        ++number;
        const auto line = take_record(bytes, layout);
        if (!line) {
            return trouble("layout.length", number,
                           "record is not " + std::to_string(layout.record_bytes) + " bytes long",
                           "记录长度不是 " + std::to_string(layout.record_bytes) + " 字节");
        }
        const auto kind =
            std::ranges::find_if(layout.kinds, [&line](const FixedKind& one) { return is_of(*line, one); });
        if (kind == layout.kinds.end()) {
            return trouble("layout.select", number, "record is of no known kind", "记录不属于任何已知类型");
        }
        const auto which = static_cast<std::size_t>(kind - layout.kinds.begin());
        found[which].push_back(cutters[which].cut(at));
    }
    return gather(layout, std::move(found), number);
}

Result<std::string> write_fixed(const Record& rows, const FixedLayout& layout) {
    if (!fits(layout)) {
        return fail(Fault::internal, "the layout has a column outside its record");
    }
    std::string out;
    for (const FixedKind& kind : layout.kinds) {
        const Record* value = rows.find(kind.name);
        const bool is_right = value == nullptr ? kind.many : kind.many ? value->is_list() : value->is_object();
        if (!is_right) {
            return fail(Fault::internal, "record kind '" + kind.name + "' is missing or of the wrong shape");
        }
        const Record::List one(kind.many ? 0 : 1, kind.many ? Record{} : *value);
        for (const Record& row : kind.many&& value != nullptr ? value->items() : one) {
            if (auto written = write_record(out, row, kind, layout); !written) {
                return fail(std::move(written.error()));
            }
        }
    }
    return out;
}

}  // namespace datong::codec
