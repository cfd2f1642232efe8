#include "core/charset/charset.h"
#include "core/mapping/target.h"

namespace datong::mapping {
namespace {

using record::Record;

/// One record of a kind with every cell encoded and padded to its column.
Record cells_of(const TargetOp& target, const codec::FixedKind& kind, const Record& row, const std::string& path,
                Output& out) {
    Record cells = Record::object();
    for (const codec::FixedColumn& column : kind.columns) {
        const Record* leaf = row.find(column.name);
        auto bytes = charset::encode(leaf != nullptr ? leaf->scalar() : std::string_view{}, target.charset);
        const std::string pointer = path + '/' + column.name;
        if (!bytes) {
            refuse_target(
                out, target.where, pointer,
                {"charset.unmappable", "有字符不在目标字符集中", "a character is not in the target's charset"});
            continue;
        }
        if (bytes->size() > column.length) {
            refuse_target(out, target.where, pointer,
                          {"layout.too_long", "值超出列的字节数",
                           "the value is longer than its column of " + std::to_string(column.length) + " bytes"});
            continue;
        }
        if (target.layout.has_lines() && bytes->find_first_of("\r\n") != std::string::npos) {
            refuse_target(
                out, target.where, pointer,
                {"layout.line_break", "值里有换行, 会把记录断开", "a line break in the value would end its record"});
            continue;
        }
        bytes->resize(column.length, ' ');
        cells.put(column.name, Record::bytes(std::move(*bytes)));
    }
    return cells;
}

}  // namespace

void write_fixed_file(const TargetOp& target, Output& out) {
    Record file = Record::object();
    for (const codec::FixedKind& kind : target.layout.kinds) {
        const Record* rows = out.target.find(kind.name);
        if (rows == nullptr) {
            continue;
        }
        const std::string path = '/' + kind.name;
        if (!kind.many) {
            file.put(kind.name, cells_of(target, kind, *rows, path, out));
            continue;
        }
        Record list = Record::list();
        for (std::size_t i = 0; i < rows->items().size(); ++i) {
            list.add(cells_of(target, kind, rows->items()[i], path + '/' + std::to_string(i), out));
        }
        file.put(kind.name, std::move(list));
    }
    if (out.outcome != Outcome::ok) {
        return;
    }
    auto bytes = codec::write_fixed(file, target.layout);
    if (!bytes) {
        refuse_target(out, target.where, "", {"target.write", "目标不能写成所声明的格式", bytes.error().detail()});
        return;
    }
    out.wire = std::move(*bytes);
    out.content_type = "text/plain";
}

}  // namespace datong::mapping
