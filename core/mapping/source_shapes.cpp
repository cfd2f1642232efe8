#include <algorithm>

#include "core/mapping/target.h"

namespace datong::mapping {
namespace {

using ast::Report;
using charset::Charset;

Shape text_cell(const std::string& name) {
    Shape cell;
    cell.name = name;
    cell.kind = Shape::Kind::scalar;
    cell.type = "text";
    return cell;
}

/// Without a schema a layout still says which columns there are.
Shape shape_of(const codec::FixedLayout& layout) {
    Shape root;
    for (const codec::FixedKind& kind : layout.kinds) {
        Shape rows;
        rows.name = kind.name;
        for (const codec::FixedColumn& column : kind.columns) {
            rows.members.push_back(text_cell(column.name));
        }
        root.members.push_back(std::move(rows));
    }
    return root;
}

Shape shape_of(const CsvOp& csv) {
    Shape row;
    for (const std::string& name : csv.columns) {
        row.members.push_back(text_cell(name));
    }
    if (!csv.many) {
        return row;
    }
    row.name = "row";
    Shape root;
    root.members.push_back(std::move(row));
    return root;
}

void make_list(Shape& root, const std::string& name) {
    for (Shape& one : root.members) {
        if (one.name != name || one.kind == Shape::Kind::list) {
            continue;
        }
        Shape item;
        item.privacy = one.privacy;
        item.members = std::move(one.members);
        one.kind = Shape::Kind::list;
        one.nullable = false;
        one.members.clear();
        one.members.push_back(std::move(item));
    }
}

/// The shape of a row; nullptr and a mistake when the schema has none.
const Shape* row_of(const Shape& shape, const CsvOp& csv, Mistakes& mistakes) {
    const Shape* row = csv.many ? shape.member("row") : &shape;
    if (row == nullptr) {
        Report{mistakes}(csv.where, "M211", "模式应把各列写在 'row' 之下",
                         "the schema of a CSV file has its columns below 'row'", "row");
        return nullptr;
    }
    return &row->item();
}

void no_such_column(const Shape& member, const CsvOp& csv, Mistakes& mistakes) {
    Report{mistakes}(csv.where, "M701", "columns 里没有模式中的列 '" + member.name + "'",
                     "the columns lack '" + member.name + "' of the schema", "columns: [..., " + member.name + ']');
}

bool has_column(const CsvOp& csv, const std::string& name) {
    return std::find(csv.columns.begin(), csv.columns.end(), name) != csv.columns.end();
}

/// Columns that the schema names and the file must have.
void bind_columns(CsvOp& csv, const Shape& row, bool all, Mistakes& mistakes) {
    const bool listed = !csv.columns.empty();
    for (const Shape& one : row.members) {
        if (has_column(csv, one.name)) {
            continue;
        }
        if (all && listed) {
            no_such_column(one, csv, mistakes);
        } else if (all || !one.nullable) {
            csv.columns.push_back(one.name);
        }
    }
}

bool is_of_digits(const Shape& shape) {
    static const std::vector<std::string> kPlain{"integer", "decimal", "money",    "boolean",  "date",
                                                 "code",    "number",  "datetime", "yearmonth"};
    return std::find(kPlain.begin(), kPlain.end(), shape.type) != kPlain.end() || !shape.format.empty();
}

/// Octets that a character of the declared kind takes in the columns of a fixed-width file.
std::size_t octets_a_char(const Shape& shape, Charset charset) {
    switch (charset) {
        case Charset::utf_16:
        case Charset::utf_16le:
        case Charset::utf_16be:
            return 2;
        case Charset::utf_8:
            return is_of_digits(shape) ? 1 : 3;
        case Charset::gb18030:
        case Charset::gbk:
        case Charset::big5:
            return is_of_digits(shape) ? 1 : 2;
        case Charset::latin_1:
            break;
    }
    return 1;
}

/// A column must hold the longest value that its schema lets through.
void prove_widths(const codec::FixedLayout& layout, Charset charset, const Shape& shape, const Position& where,
                  Mistakes& mistakes) {
    for (const codec::FixedKind& kind : layout.kinds) {
        const Shape* rows = shape.member(kind.name);
        for (const codec::FixedColumn& column : kind.columns) {
            const Shape* cell = rows != nullptr ? rows->item().member(column.name) : nullptr;
            if (cell == nullptr || !cell->max_length) {
                continue;
            }
            const std::size_t needed = *cell->max_length * octets_a_char(*cell, charset);
            if (needed > column.length) {
                Report{mistakes}(cell->where.line != 0 ? cell->where : where, "M701",
                                 "列 '" + column.name + "' 只有 " + std::to_string(column.length) + " 字节, " +
                                     std::to_string(*cell->max_length) + " 个字符最多要 " + std::to_string(needed),
                                 "column '" + column.name + "' has " + std::to_string(column.length) + " bytes, " +
                                     std::to_string(*cell->max_length) + " characters take up to " +
                                     std::to_string(needed));
            }
        }
    }
}

/// Prefixes in a schema's names must be declared by the mapping.
void prove_prefixes(const SourceOp& source, const Shape& shape, Mistakes& mistakes) {
    for (const Shape& one : shape.members) {
        (void)prove_prefix(source, one.name, one.where, mistakes);
        prove_prefixes(source, one, mistakes);
    }
}

void shape_csv(SourceOp& source, Shape& shape, bool has_schema, Mistakes& mistakes) {
    if (has_schema) {
        if (source.csv.many) {
            make_list(shape, "row");
        }
        if (const Shape* row = row_of(shape, source.csv, mistakes); row != nullptr) {
            bind_columns(source.csv, *row, !source.csv.header, mistakes);
        }
    } else if (source.csv.columns.empty()) {
        Report{mistakes}(source.csv.where, "M108", "csv 需要 layout.columns 或 schema",
                         "csv wants 'layout: {columns: [...]}' or a schema", "layout: {columns: [...]}");
    } else {
        shape = shape_of(source.csv);
        make_list(shape, "row");
    }
}

/// Where the reader puts members: in the order of the schema, columns in that of the layout.
void place_members(Shape& shape) {
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
        shape.members[i].place = i;
        place_members(shape.members[i]);
    }
}

void place_columns(const codec::FixedLayout& layout, Shape& shape) {
    for (const codec::FixedKind& kind : layout.kinds) {
        for (Shape& rows : shape.members) {
            Shape& row = rows.kind == Shape::Kind::list && !rows.members.empty() ? rows.members[0] : rows;
            for (std::size_t i = 0; rows.name == kind.name && i < kind.columns.size(); ++i) {
                const auto cell = std::find_if(row.members.begin(), row.members.end(),
                                               [&](const Shape& one) { return one.name == kind.columns[i].name; });
                if (cell != row.members.end()) {
                    cell->place = i;
                }
            }
        }
    }
}

}  // namespace

bool shape_source(SourceOp& source, Shape& shape, bool has_schema, Mistakes& mistakes) {
    if (source.format == "csv") {
        shape_csv(source, shape, has_schema, mistakes);
        return has_schema || !source.csv.columns.empty();
    }
    prove_prefixes(source, shape, mistakes);
    const bool laid_out = !has_schema && !source.layout.kinds.empty();
    if (laid_out) {
        shape = shape_of(source.layout);
    }
    for (const SetOp& set : source.sets) {
        if (set.many) {
            make_list(shape, set.name);
        }
    }
    for (const codec::FixedKind& kind : source.layout.kinds) {
        if (kind.many) {
            make_list(shape, kind.name);
        }
    }
    place_members(shape);
    place_columns(source.layout, shape);
    if (source.charset) {
        prove_widths(source.layout, *source.charset, shape, source.where, mistakes);
    }
    return has_schema || laid_out;
}

void shape_target(TargetOp& target, const Shape& shape, Mistakes& mistakes) {
    if (target.format == "csv") {
        if (const Shape* row = row_of(shape, target.csv, mistakes); row != nullptr) {
            bind_columns(target.csv, *row, true, mistakes);
        }
    }
    prove_widths(target.layout, target.charset, shape, target.where, mistakes);
}

}  // namespace datong::mapping
