#include "core/workbench/lineage.h"

#include <algorithm>
#include <map>

#include "core/codec/csv.h"
#include "core/mapping/engine.h"
#include "core/mapping/reader.h"
#include "core/workbench/row_table.h"

namespace datong::workbench {
namespace {

namespace ast = mapping::ast;
using mapping::Expr;
using mapping::FieldOp;
using mapping::ListOp;
using mapping::SelectOp;

void add_once(std::vector<std::string>& list, std::string one) {
    if (!one.empty() && std::find(list.begin(), list.end(), one) == list.end()) {
        list.push_back(std::move(one));
    }
}

/// Where paths of a row begin: at the record, an item of a list, or the columns that a zip took apart.
struct Base {
    std::string item;
    std::map<std::string, std::string, std::less<>> zipped;
};

/// Source paths of a compiled row.
class Sources {
public:
    explicit Sources(const mapping::Mapping::Program& program) : program_{program} {}

    void select(const SelectOp& op, const Base& base, std::vector<std::string>& out) const {
        for (const mapping::Path& path : op.paths) {
            add_once(out, op.kind == ast::Select::Kind::from_ctx ? "ctx." + path.text : place(path, base));
        }
        if (op.expr) {
            expression(*op.expr, base, out);
        }
        for (const std::size_t let : op.lets) {
            select(program_.lets[let].select, {}, out);
        }
        for (const mapping::CaseOp& one : op.cases) {
            if (one.when) {
                expression(*one.when, base, out);
            }
            select(one.select, base, out);
        }
    }

    void expression(const Expr& expr, const Base& base, std::vector<std::string>& out) const {
        if (expr.op == Expr::Op::path && expr.from == Expr::From::source) {
            add_once(out, place(expr.path, base));
        }
        if (expr.op == Expr::Op::path && expr.from == Expr::From::context) {
            add_once(out, "ctx." + expr.path.text);
        }
        if (expr.op == Expr::Op::let && expr.let < program_.lets.size()) {
            select(program_.lets[expr.let].select, {}, out);
        }
        for (const Expr& kid : expr.kids) {
            expression(kid, base, out);
        }
    }

    [[nodiscard]] static std::string place(const mapping::Path& path, const Base& base) {
        const bool named = !path.absolute && !path.segments.empty();
        if (const auto found = named ? base.zipped.find(path.segments.front().name.view()) : base.zipped.end();
            found != base.zipped.end()) {
            return found->second;
        }
        return location(path, base.item);
    }

    [[nodiscard]] static Base base_of(const ListOp& op, const Base& outer) {
        Base out;
        for (const auto& [name, path] : op.zip_columns) {
            out.zipped.emplace(name, place(path, outer));
        }
        if (op.zip_columns.empty()) {
            out.item = place(op.from, outer);
            out.item += out.item.ends_with("[*]") ? "" : "[*]";
        }
        return out;
    }

private:
    const mapping::Mapping::Program& program_;
};

class Lineage {
public:
    Lineage(const mapping::Mapping& mapping, const ast::File& file, const std::vector<std::string>& legal_bases)
        : mapping_{mapping}, file_{file} {
        add_once(legal_bases_, file.legal_basis);
        for (const std::string& one : legal_bases) {
            add_once(legal_bases_, one);
        }
    }

    std::vector<LineageRow> all() {
        rows(file_.fields, mapping_.program().fields, "", {});
        lists(file_.lists, mapping_.program().lists, "", {});
        return std::move(out_);
    }

private:
    void lists(const std::vector<ast::List>& lists, const std::vector<ListOp>& ops, const std::string& prefix,
               const Base& base) {
        for (std::size_t i = 0; i < lists.size() && i < ops.size(); ++i) {
            const std::string inner = prefix + lists[i].to.text + "[].";
            const Base items = Sources::base_of(ops[i], base);
            rows(lists[i].fields, ops[i].fields, inner, items);
            this->lists(lists[i].lists, ops[i].lists, inner, items);
        }
    }

    void rows(const std::vector<ast::Field>& fields, const std::vector<FieldOp>& ops, const std::string& prefix,
              const Base& base) {
        for (std::size_t i = 0; i < fields.size() && i < ops.size(); ++i) {
            row(fields[i], ops[i], prefix, base);
        }
    }

    void row(const ast::Field& field, const FieldOp& op, const std::string& prefix, const Base& base) {
        LineageRow out;
        out.mapping = mapping_.id() + '@' + mapping_.version();
        out.target = prefix + field.to.text;
        out.label = field.label.empty() && op.shape != nullptr ? op.shape->label : field.label;
        const Sources sources{mapping_.program()};
        sources.select(op.select, base, out.sources);
        if (op.when) {
            sources.expression(*op.when, base, out.sources);
        }
        for (const ast::Case& one : field.select.cases) {
            steps(one.steps, out);
        }
        steps(field.steps, out);
        out.class_in = name_of(op.privacy);
        out.class_out = mapping_.class_of(pointer_of(out.target));
        out.class_out = out.class_out.empty() ? std::string{name_of(op.privacy_after)} : out.class_out;
        out.legal_basis = legal_bases_;
        out_.push_back(std::move(out));
    }

    void steps(const std::vector<ast::Step>& steps, LineageRow& out) const {
        for (const ast::Step& step : steps) {
            add_once(out.steps, step.name);
            if (step.argument == nullptr || (step.name != "lookup" && step.name != "check_in")) {
                continue;
            }
            const std::string name = step.argument->is_map() ? step.argument->text_of("table") : step.argument->text;
            for (const ast::Table& table : file_.tables) {
                add_once(out.tables, table.name == name ? table.file.text : std::string{});
            }
        }
    }

    /// "/holders/*/name" of "holders[].name".
    static std::string pointer_of(const std::string& target) {
        std::string out = "/";
        for (std::size_t i = 0; i < target.size(); ++i) {
            if (target.compare(i, 3, "[].") == 0) {
                out += "/*/";
                i += 2;
            } else {
                out += target[i] == '.' ? '/' : target[i];
            }
        }
        return out;
    }

    const mapping::Mapping& mapping_;
    const ast::File& file_;
    std::vector<std::string> legal_bases_;
    std::vector<LineageRow> out_;
};

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const std::string& one : list) {
        out += (out.empty() ? "" : "; ") + one;
    }
    return out;
}

}  // namespace

std::vector<LineageRow> lineage_of(const mapping::Mapping& mapping, std::string_view path,
                                   const mapping::ReadFile& read, const std::vector<std::string>& legal_bases) {
    const auto text = read(path);
    const auto root = text ? yaml::parse(*text, std::string{path}, true) : tl::unexpected{Mistakes{}};
    if (!root) {
        return {};
    }
    Mistakes ignored;  // it compiles
    const ast::File file = mapping::read_file(*root, ignored);
    return Lineage{mapping, file, legal_bases}.all();
}

std::string lineage_csv(const std::vector<LineageRow>& rows) {
    codec::CsvRows out{
        {"mapping", "target", "label", "source", "steps", "tables", "class_in", "class_out", "legal_basis"}};
    for (const LineageRow& row : rows) {
        std::vector<std::string> cells{row.mapping,         row.target,        row.label,
                                       joined(row.sources), joined(row.steps), joined(row.tables),
                                       row.class_in,        row.class_out,     joined(row.legal_basis)};
        std::transform(cells.begin(), cells.end(), cells.begin(), guarded_cell);
        out.push_back(std::move(cells));
    }
    return codec::write_csv(out, true);
}

}  // namespace datong::workbench
