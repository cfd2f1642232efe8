#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"
#include "core/mapping/reader.h"

namespace datong::mapping {
namespace {

using ast::Report;
using Kind = ast::Select::Kind;
using steps::Type;

/// A leaf of the unified record as the typed value that the row's last step gave.
class TypedStep final : public steps::Step {
public:
    explicit TypedStep(Type type) : type_{type} {}

    [[nodiscard]] steps::Stepped apply(steps::Value value, const steps::Moment&, steps::Warnings&) const override {
        const std::string text = steps::to_text(value);
        auto typed = from_text(text);
        if (typed.is_null()) {
            return tl::unexpected{
                steps::Refusal{"reverse.type", "值不是目标字段应有的类型", "the value is not of the field's type"}};
        }
        return typed;
    }

private:
    [[nodiscard]] steps::Value from_text(const std::string& text) const {
        switch (type_) {
            case Type::boolean:
                return text == "true" || text == "false" ? steps::Value{text == "true"} : steps::Value{};
            case Type::date: {
                const auto date = record::parse_iso_date(text);
                return date ? steps::Value{*date} : steps::Value{};
            }
            case Type::datetime: {
                const auto time = record::parse_rfc3339(text);
                return time ? steps::Value{*time} : steps::Value{};
            }
            case Type::yearmonth: {
                const auto first = text.size() == 7 ? record::parse_iso_date(text + "-01") : std::nullopt;
                return first ? steps::Value{record::YearMonth{first->year, first->month}} : steps::Value{};
            }
            default:
                return number(text);
        }
    }

    [[nodiscard]] steps::Value number(const std::string& text) const {
        const auto decimal = record::Decimal::parse(text);
        if (!decimal || type_ == Type::decimal) {
            return decimal ? steps::Value{*decimal} : steps::Value{};
        }
        const auto whole = decimal->to_integer();
        if (!whole) {
            return {};
        }
        return type_ == Type::money ? steps::Value{steps::Money{*whole}} : steps::Value{*whole};
    }

    Type type_;
};

bool has_own_form(Type type) {
    return type == Type::boolean || type == Type::date || type == Type::datetime || type == Type::yearmonth ||
           type == Type::integer || type == Type::decimal || type == Type::money;
}

bool overlap(const steps::TableRow& one, const steps::TableRow& other) {
    const bool before = one.valid_to && other.valid_from && *one.valid_to < *other.valid_from;
    const bool behind = other.valid_to && one.valid_from && *other.valid_to < *one.valid_from;
    return !before && !behind;
}

/// A cell that several rows give on one day, none or more than one of them preferred; empty for none.
std::string ambiguous_cell(const steps::Table& table, const std::string& column) {
    std::map<std::string, std::vector<const steps::TableRow*>> rows;
    for (const steps::TableRow& row : table.rows()) {
        const std::string* cell = steps::Table::cell(row, column);
        if (cell != nullptr && !cell->empty()) {
            rows[*cell].push_back(&row);
        }
    }
    for (const auto& [cell, same] : rows) {
        if (std::count_if(same.begin(), same.end(), [](const auto* row) { return row->preferred; }) == 1) {
            continue;
        }
        for (std::size_t i = 1; i < same.size(); ++i) {
            if (std::any_of(same.begin(), same.begin() + static_cast<std::ptrdiff_t>(i),
                            [&](const auto* other) { return overlap(*same[i], *other); })) {
                return cell;
            }
        }
    }
    return {};
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
        if (file_.target.format != "json" || file_.source.format == "xml") {
            report(file_.reverse_at, "只有目标为 json、来源为 fixed、csv、json、kv、rows 的映射可以反向",
                   "only mappings from fixed, csv, json, kv or rows to json can be reversed");
        }
        if (!program_.has_source_shape) {
            report(file_.source.where, "反向需要来源模式", "a reverse wants the source's schema", "schema: ...");
        }
        for (const ast::Wrapping& layer : file_.source.unwrap) {
            if (layer.name != "outcome") {
                report(layer.where, "带有 '" + layer.name + "' 的来源不能反向",
                       "a source with '" + layer.name + "' can't be reversed");
            }
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

    void list(const ast::List& list, ListOp& op, std::vector<ast::List>& out) {
        if (!list.reverses) {
            return;
        }
        const bool plain = !list.zip && !list.filter && list.sort_by.text.empty() && list.distinct_by.text.empty() &&
                           !list.limit && list.joins.empty() && !list.drop_bad_items;
        if (!plain) {
            report(list.where, "带有 zip、filter、sort、distinct_by、limit、join 或 drop 的列表不能反向",
                   "a list with zip, filter, sort, distinct_by, limit, join or drop can't be reversed",
                   "reverse: none");
            return;
        }
        ast::List turned;
        auto to = target_of(list.from, true);
        if (!to) {
            return;
        }
        turned.where = list.where;
        turned.to = std::move(*to);
        turned.from = list.to;
        turned.min = list.min;
        turned.max = list.max;
        const bool outer = in_list_;
        in_list_ = true;
        for (std::size_t i = 0; i < std::min(list.fields.size(), op.fields.size()); ++i) {
            field(list.fields[i], op.fields[i], turned.fields);
        }
        for (std::size_t i = 0; i < std::min(list.lists.size(), op.lists.size()); ++i) {
            this->list(list.lists[i], op.lists[i], turned.lists);
        }
        in_list_ = outer;
        op.reverses = true;
        out.push_back(std::move(turned));
    }

    const ast::File& file_;
    Mapping::Program& program_;
    const steps::Surroundings& around_;
    Mistakes& mistakes_;
    bool in_list_{};
};

/// What nobody maps needs no value on the way back.
void relax(Shape& shape, std::string_view path) {
    Shape* at = &shape;
    for (const std::string_view part : split(path, '.')) {
        auto& members = at->kind == Shape::Kind::list && !at->members.empty() ? at->members[0].members : at->members;
        const auto found =
            std::find_if(members.begin(), members.end(), [&](const Shape& one) { return one.name == part; });
        if (found == members.end()) {
            return;
        }
        at = &*found;
    }
    at->required = false;
}

/// What the checker says of the turned rows, as a person reads it who wrote them the other way round.
void as_reverse(const Mistakes& found, Mistakes& out) {
    for (const Mistake& one : found) {
        const bool other_way = one.code == "M402" || one.code == "M303" || one.code == "M501";
        if (one.severity == Severity::error && !other_way) {
            Report{out}(one.where, "M801", "反向: " + one.text_zh, "the reverse: " + one.text_en, one.hint);
        }
    }
}

}  // namespace

std::shared_ptr<const steps::Step> typed_step(Type type) {
    return std::make_shared<const TypedStep>(type);
}

std::shared_ptr<const Mapping::Program> compile_reverse(const ast::File& file, Mapping::Program& forward,
                                                        const steps::Surroundings& around, Mistakes& mistakes) {
    Mistakes found;
    const ast::File turned = Turner{file, forward, around, found}.turned();
    if (has_errors(found)) {
        mistakes.insert(mistakes.end(), found.begin(), found.end());
        return nullptr;
    }
    auto program = std::make_shared<Mapping::Program>();
    program->id = forward.id;
    program->version = forward.version;
    program->normalise = forward.normalise;
    program->unknown_privacy = forward.unknown_privacy;
    program->source = compile_source(turned.source, turned.defaults, found);
    program->target = compile_target(turned.target, found);
    program->source_shape = forward.target_shape;
    program->has_source_shape = true;
    program->target_shape = forward.source_shape;
    for (const ast::Text& one : file.ignore) {
        relax(program->target_shape, one.text);
    }
    shape_target(program->target, program->target_shape, found);
    Checker{turned, around, *program, found, true}.all();
    as_reverse(found, mistakes);
    return has_errors(mistakes) ? nullptr : program;
}

Output run_reverse(const Mapping::Program& program, const Input& input) {
    Output out = run_program(*program.reverse, input);
    for (const SetOp& set : program.source.sets) {  // a set of one row comes as a list, too
        record::Record* row = set.many ? nullptr : out.target.find(set.name);
        if (row != nullptr) {
            record::Record::List one;
            one.push_back(std::move(*row));
            *row = record::Record::list(std::move(one));
        }
    }
    return out;
}

}  // namespace datong::mapping
