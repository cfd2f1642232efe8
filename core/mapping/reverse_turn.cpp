#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/mapping/checker.h"
#include "core/mapping/reader.h"

namespace datong::mapping {
namespace {

using ast::Report;
using Kind = ast::Select::Kind;
using steps::Type;

bool has_own_form(Type type) {
    return type == Type::boolean || type == Type::date || type == Type::datetime || type == Type::yearmonth ||
           type == Type::integer || type == Type::decimal || type == Type::money || type == Type::bytes;
}

/// Turns the rows of a file around: what they read is written, what they write is read.
class Turner {
public:
    Turner(const ast::File& file, Mapping::Program& program, const steps::Surroundings& around, Mistakes& mistakes)
        : file_{file}, program_{program}, around_{around}, mistakes_{mistakes} {}

    ast::File turned() {
        ast::File out;
        out.id = file_.id;
        out.version = file_.version;
        out.defaults = file_.defaults;
        out.tables = file_.tables;
        ends(out);
        for (std::size_t i = 0; i < std::min(file_.fields.size(), program_.fields.size()); ++i) {
            field(file_.fields[i], program_.fields[i], out.fields);
        }
        for (std::size_t i = 0; i < std::min(file_.lists.size(), program_.lists.size()); ++i) {
            list(file_.lists[i], program_.lists[i], out.lists);
        }
        out.fields.insert(out.fields.end(), file_.reverse_fields.begin(), file_.reverse_fields.end());
        return out;
    }

private:
    void report(const Position& where, std::string zh, std::string en, std::string hint = {}) {
        Report{mistakes_}(where, "M801", std::move(zh), std::move(en), std::move(hint));
    }

    void ends(ast::File& out) {
        out.source.format = "json";
        out.source.where = file_.target.where;
        out.target.where = file_.source.where;
        out.target.charset = file_.source.charset.empty() ? "utf-8" : file_.source.charset;
        out.target.layout = file_.source.layout;
        out.target.csv = file_.source.csv;
        out.target.format = file_.source.format == "rows" ? "kv" : file_.source.format;
        out.target.root = file_.source.root.text.empty() ? "record" : file_.source.root.text;
        if (file_.target.format != "json") {
            report(file_.reverse_at, "只有目标为 json 的映射可以反向", "only mappings to json can be reversed");
        }
        if (!program_.has_source_shape) {
            report(file_.source.where, "反向需要来源模式", "a reverse wants the source's schema", "schema: ...");
        }
    }

    /// "H.PZHM" of a path of names alone; a list's may end in [*].
    std::optional<ast::Text> target_of(const ast::Text& path, bool is_list) {
        auto simple = parse_simple(path.text);
        if (simple && is_list && !simple->segments.empty() && simple->segments.back().kind == Segment::Kind::all) {
            simple->segments.pop_back();
        }
        std::string text;
        for (const Segment& one : simple ? simple->segments : std::vector<Segment>{}) {
            text += one.kind == Segment::Kind::name ? (text.empty() ? "" : ".") + one.name : "[";
        }
        const std::string first = text.substr(0, text.find('.'));
        if (std::find(joins_.begin(), joins_.end(), first) != joins_.end()) {
            report(path.where, "'" + path.text + "' 来自 join 的另一张列表, 不能由这一行写回",
                   "'" + path.text + "' stands in the list that was joined: this row can't write it", "reverse: none");
            return std::nullopt;
        }
        if (text.empty() || text.find('[') != std::string::npos || (simple->absolute && in_list_)) {
            report(path.where, "路径 '" + path.text + "' 不能反向写入",
                   "the path '" + path.text + "' can't be written to", "reverse: none");
            return std::nullopt;
        }
        return ast::Text{std::move(text), path.where};
    }

    /// The one source path of a row, its cases counted in; empty and a mistake for none or several.
    std::optional<ast::Text> only_path(const ast::Field& field) {
        std::vector<ast::Text> paths =
            field.select.kind == Kind::from_ctx ? std::vector<ast::Text>{} : field.select.paths;
        for (const ast::Case& one : field.select.cases) {
            paths.insert(paths.end(), one.select.paths.begin(), one.select.paths.end());
        }
        const bool same = !paths.empty() && std::all_of(paths.begin(), paths.end(), [&](const ast::Text& one) {
            return one.text == paths[0].text;
        });
        if (!same) {
            report(field.where, "反向时不知道写到哪个来源字段", "a reverse can't tell which source field to write",
                   "reverse: none");
            return std::nullopt;
        }
        return target_of(paths[0], false);
    }

    /// The steps of a row undone, the last one first.
    bool undo(const ast::Field& field, Type type, std::vector<ast::Step>& out) {
        const bool plain = field.select.kind == Kind::from && field.select.paths.size() == 1 && !field.when;
        if (!plain) {
            report(field.where, "这一行不能自动反向: 只有不带 when 的 from 可以",
                   "this row can't be reversed by itself: only 'from' without 'when' can", "reverse: none");
            return false;
        }
        if (has_own_form(type)) {
            ast::Step typed;
            typed.node = field.steps.empty() ? nullptr : field.steps.back().node;
            typed.turn = ast::Step::Turn::typed;
            typed.type = type;
            out.push_back(typed);
        }
        bool good = true;
        for (auto step = field.steps.rbegin(); step != field.steps.rend(); ++step) {
            const steps::Entry* entry = steps::find(step->name);
            if (entry == nullptr || entry->inverse.empty()) {
                report(step->node->where, "步骤 '" + step->name + "' 没有逆步骤",
                       "step '" + step->name + "' has no inverse", "reverse: none");
                good = false;
            } else if (entry->inverse != "identity") {
                good = is_injective(*step) && good;
                out.push_back(*step);
                out.back().turn = ast::Step::Turn::inverse;
            }
        }
        return good;
    }

    bool is_injective(const ast::Step& step) {
        if (step.name != "lookup" || step.argument == nullptr) {
            return true;
        }
        const bool map = step.argument->is_map();
        const std::string name = map ? step.argument->text_of("table") : step.argument->text;
        const std::string column = map ? step.argument->text_of("column") : "";
        const auto table = around_.tables.find(name);
        const std::string cell =
            table == around_.tables.end() ? "" : ambiguous_cell(*table->second, column.empty() ? "to" : column);
        if (!cell.empty()) {
            report(step.node->where, "代码表 '" + name + "' 中 '" + cell + "' 有多行, 反查要唯一的 preferred: y",
                   "several rows of the table '" + name + "' give '" + cell + "': one of them must be preferred",
                   "preferred: y");
        }
        return cell.empty();
    }

    void field(const ast::Field& field, FieldOp& op, std::vector<ast::Field>& out) {
        const yaml::Node* said = field.reverse;
        if (said != nullptr && said->is_scalar() && said->text == "none") {
            return;
        }
        ast::Field turned;
        turned.where = field.where;
        turned.required = field.required;
        turned.select.kind = Kind::from;
        turned.select.where = field.where;
        turned.select.paths = {field.to};
        bool good = true;
        if (said != nullptr) {
            good = read_said(*said, turned);
        } else {
            good = undo(field, op.type, turned.steps);
        }
        auto to = good ? only_path(field) : std::nullopt;
        if (to) {
            turned.to = std::move(*to);
            op.reverses = true;
            out.push_back(std::move(turned));
        }
    }

    /// {steps?, from?}: steps of its own, forward ones, over the row's target or another one.
    bool read_said(const yaml::Node& said, ast::Field& turned) {
        if (!said.is_map()) {
            report(said.where, "reverse 只能是 none 或 {steps, from}", "'reverse' is none or {steps, from}", "none");
            return false;
        }
        ast::Keys keys{said, mistakes_};
        turned.steps = read_steps(keys.list("steps"), mistakes_);
        if (auto from = keys.optional_located("from"); from) {
            turned.select.paths = {std::move(*from)};
        }
        keys.finish();
        return true;
    }

    /// What becomes of rows on the way there must be said where the way back can't know it.
    bool order_and_rows(const ast::List& list) {
        const std::size_t before = mistakes_.size();
        if (list.zip) {
            report(list.where, "zip 拆开的列不能写回: 不知道原来用的是哪个分隔符",
                   "zip can't be reversed: which separator stood there is not known", "reverse: none");
        }
        if (!list.sort_by.text.empty() && !list.any_order) {
            report(list.where, "sort 之后来源的次序就丢了; 次序没有意义时写 order: any",
                   "sort loses the order of the source's rows; where it has no meaning, say so",
                   "reverse: {order: any}");
        }
        const bool loses = list.filter || !list.distinct_by.text.empty() || list.limit || list.drop_bad_items;
        if (loses && !list.left_out) {
            report(list.where, "filter、distinct_by、limit、drop 去掉的行写不回去; 可以没有它们时写 left_out: ignore",
                   "rows that filter, distinct_by, limit or drop leave out don't come back; where they may be missing, "
                   "say so",
                   "reverse: {left_out: ignore}");
        }
        return mistakes_.size() == before;
    }

    /// A join finds its rows again only where another list writes them.
    bool joins_come_back(const ast::List& list) {
        bool good = true;
        for (const ast::Join& join : list.joins) {
            const auto with = plain_path(join.with.text);
            const bool written = std::any_of(file_.lists.begin(), file_.lists.end(), [&](const ast::List& other) {
                return other.reverses && plain_path(other.from.text) == with;
            });
            if (join.kind == "one" && !written) {
                report(join.where, "没有别的列表写回 '" + join.with.text + "', 反向之后 join 就找不到行了",
                       "no other list writes '" + join.with.text + "' back: the join would find no row again",
                       "reverse: none");
                good = false;
            }
        }
        return good;
    }

    /// "owners" of "$.owners[*]".
    static std::string plain_path(std::string_view path) {
        path.remove_prefix(path.starts_with("$.") ? 2 : 0);
        path.remove_suffix(path.ends_with("[*]") ? 3 : 0);
        return std::string{path};
    }

    /// Rows that are written must pass the filter again: it says columns' values itself, or rows write them.
    void fill_filter(const ast::List& list, const ListOp& op, ast::List& turned) {
        if (!op.filter) {
            return;
        }
        const FilterParts parts = parts_of_filter(*op.filter);
        const auto is_written = [&](const std::string& name) {
            return std::any_of(turned.fields.begin(), turned.fields.end(),
                               [&](const ast::Field& one) { return one.to.text == name; });
        };
        for (const auto& [name, value] : parts.constants) {
            if (is_written(name)) {
                continue;
            }
            ast::Field constant;
            constant.where = list.filter->where;
            constant.to = {name, list.filter->where};
            constant.select.kind = Kind::compute;
            constant.select.where = list.filter->where;
            constant.select.expr = {quoted(value), list.filter->where};
            turned.fields.push_back(std::move(constant));
        }
        const bool all_written = std::all_of(parts.reads.begin(), parts.reads.end(), is_written);
        if (!parts.of_row_alone || !all_written) {
            report(list.filter->where, "filter 读到的不都写得回去: 只能读本行的列, 且写明其值或另有一行写它",
                   "what the filter reads does not all come back: it may read columns of the row that it says the "
                   "value of, or that a row writes",
                   "reverse: none");
        }
    }

    static std::string quoted(std::string_view text) {
        std::string out = "'";
        for (const char c : text) {
            out += c == '\'' ? "''" : std::string{c};
        }
        return out + "'";
    }

    void list(const ast::List& list, ListOp& op, std::vector<ast::List>& out) {
        if (!list.reverses) {
            return;
        }
        auto to = order_and_rows(list) && joins_come_back(list) ? target_of(list.from, true) : std::nullopt;
        if (!to) {
            return;
        }
        ast::List turned;
        turned.where = list.where;
        turned.to = std::move(*to);
        turned.from = list.to;
        turned.min = list.min;
        turned.max = list.limit ? std::min(*list.limit, list.max.value_or(*list.limit)) : list.max;
        const bool outer = std::exchange(in_list_, true);
        auto outer_joins = std::exchange(joins_, {});
        for (const ast::Join& one : list.joins) {
            joins_.push_back(one.as.text);
        }
        for (std::size_t i = 0; i < std::min(list.fields.size(), op.fields.size()); ++i) {
            field(list.fields[i], op.fields[i], turned.fields);
        }
        for (std::size_t i = 0; i < std::min(list.lists.size(), op.lists.size()); ++i) {
            this->list(list.lists[i], op.lists[i], turned.lists);
        }
        fill_filter(list, op, turned);
        in_list_ = outer;
        joins_ = std::move(outer_joins);
        op.reverses = true;
        out.push_back(std::move(turned));
    }

    const ast::File& file_;
    Mapping::Program& program_;
    const steps::Surroundings& around_;
    Mistakes& mistakes_;
    bool in_list_{};
    std::vector<std::string> joins_;  ///< names of the joined rows of the list around
};

}  // namespace

ast::File turned_file(const ast::File& file, Mapping::Program& program, const steps::Surroundings& around,
                      Mistakes& mistakes) {
    return Turner{file, program, around, mistakes}.turned();
}

}  // namespace datong::mapping
