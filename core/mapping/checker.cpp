#include "core/mapping/checker.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::mapping {
namespace {

using Kind = ast::Select::Kind;
using steps::Type;

/// Steps that make one item of a list.
bool reduces(const steps::Entry& entry) {
    return entry.in == Type::list || entry.name == "only" || entry.name == "first" || entry.name == "last";
}

/// The same place, or one inside the other; what stands in a list's items does not clash with the list.
bool clash(const std::string& one, const std::string& other) {
    const std::string& outer = one.size() <= other.size() ? one : other;
    const std::string& inner = one.size() <= other.size() ? other : one;
    return inner == outer || (inner.starts_with(outer + '/') && inner[outer.size() + 1] != '*');
}

std::string shown_select(const ast::Select& select) {
    const std::string first = select.paths.empty() ? "" : select.paths[0].text;
    switch (select.kind) {
        case Kind::from:
            return "from " + first;
        case Kind::from_any:
            return "from_any " + first + " ...";
        case Kind::from_all:
            return "from_all " + first + " ...";
        case Kind::from_ctx:
            return "from_ctx " + first;
        case Kind::value:
            return "value";
        case Kind::compute:
            return "compute";
        case Kind::cases:
            return "cases";
        case Kind::none:
            break;
    }
    return {};
}

}  // namespace

Checker::Checker(const ast::File& file, const steps::Surroundings& around, Mapping::Program& program,
                 Mistakes& mistakes, bool is_reverse)
    : file_{file}, around_{around}, program_{program}, mistakes_{mistakes}, is_reverse_{is_reverse} {
}

void Checker::report(const Position& where, std::string code, std::string zh, std::string en, std::string hint) {
    ast::Report{mistakes_}(where, std::move(code), std::move(zh), std::move(en), std::move(hint));
}

void Checker::all() {
    Place root;
    root.source = program_.has_source_shape ? &program_.source_shape : nullptr;
    root.target = &program_.target_shape;
    root.charset = program_.source.charset;
    for (const ast::Let& one : file_.lets) {
        let(one, root);
    }
    for (const ast::Field& one : file_.fields) {
        field(one, root, program_.fields);
    }
    for (const ast::List& one : file_.lists) {
        list(one, root, program_.lists);
    }
    for (const ast::Check& one : file_.checks) {
        check(one, root);
    }
    prove_required(program_.target_shape, "");
    prove_drops(file_.lists);
    prove_coverage();
    prove_tables();
}

steps::Value Checker::constant(const yaml::Node& node, const Shape* target) {
    const std::string type = target != nullptr && target->json ? target->type : "string";
    if (!node.is_scalar()) {
        report(node.where, "M107", "此处应为单个值", "a single value is wanted here");
        return {};
    }
    if (type == "boolean" && (node.text == "true" || node.text == "false")) {
        return steps::Value{node.text == "true"};
    }
    const auto number = type == "integer" || type == "number" ? record::Decimal::parse(node.text) : std::nullopt;
    if (type == "integer" && number && number->scale() == 0 && number->to_integer()) {
        return steps::Value{*number->to_integer()};
    }
    if (type == "number" && number) {
        return steps::Value{*number};
    }
    if (type == "boolean" || type == "integer" || type == "number") {
        report(node.where, "M204", "目标要求 " + type, "the target wants " + type);
        return {};
    }
    return steps::Value{node.text};
}

void Checker::select_paths(const ast::Select& select, const Place& place, SelectOp& op, Flow& flow) {
    for (const ast::Text& one : select.paths) {
        auto led = lead(one, place, {op.list_wanted, op.list_wanted});
        if (!led) {
            continue;
        }
        flow.type = program_.source.has_cells() && !led->path.charset ? Type::bytes : Type::text;
        flow.privacy = std::max(flow.privacy, led->privacy);
        flow.unclassed = flow.unclassed || led->path.shape == nullptr || !led->path.shape->privacy;
        op.paths.push_back(std::move(led->path));
        flow.parts.push_back(one.text);
    }
    if (op.paths.size() < select.paths.size() || op.paths.empty()) {
        op.kind = Kind::none;
    }
    if (select.kind == Kind::from_all || op.list_wanted) {
        flow.type = Type::list;
    }
}

void Checker::select_context(const ast::Select& select, SelectOp& op, Flow& flow) {
    seen_ = Privacy::open;
    auto path = context_path(select.paths.empty() ? ast::Text{{}, select.where} : select.paths[0]);
    if (!path) {
        op.kind = Kind::none;
        return;
    }
    op.is_now = path->text == "now";
    flow.type = op.is_now ? Type::datetime : Type::text;
    flow.privacy = seen_;
    op.paths.push_back(std::move(*path));
}

void Checker::select_compute(const ast::Select& select, const Place& place, SelectOp& op, Flow& flow) {
    seen_ = Privacy::open;
    seen_paths_.clear();
    op.expr = parse_expr(select.expr, names(place), mistakes_);
    prove_cost(op.expr, select.expr, place.most);
    op.sources = seen_paths_;
    flow.privacy = std::max(flow.privacy, seen_);
    flow.fallible = true;
    if (!op.expr) {
        op.kind = Kind::none;
        return;
    }
    flow.type = op.expr->type;
}

void Checker::select_cases(const ast::Select& select, const Place& place, const Shape* target, SelectOp& op,
                           Flow& flow) {
    std::set<std::string> conditions;
    bool closed = false;
    std::optional<Type> type;
    std::vector<std::string> outputs;
    bool known = true;
    for (const ast::Case& one : select.cases) {
        CaseOp made;
        if (closed || (one.when && !conditions.insert(one.when->text).second)) {
            report(one.where, "M601", "这个分支永远到不了", "this case can't be reached");
        }
        if (one.when) {
            seen_ = Privacy::open;
            made.when = condition(*one.when, place);
            flow.privacy = std::max(flow.privacy, seen_);
        }
        closed = closed || !one.when;
        made.where = one.where;
        made.error_rule = one.error_rule;
        made.error_message = one.error_message;
        prove_message(one.error_message, one.where);
        Flow inner;
        made.select = this->select(one.select, one.steps, place, target, inner);
        made.steps = steps(one.steps, inner);
        flow.privacy = std::max(flow.privacy, inner.privacy);
        flow.unmasked = std::max({flow.unmasked, flow.privacy, inner.unmasked});
        flow.unclassed = flow.unclassed || inner.unclassed;
        flow.fallible = flow.fallible || inner.fallible || !one.error_rule.empty();
        if (one.error_rule.empty()) {
            type = !type || *type == inner.type ? inner.type : Type::any;
            known = known && inner.outputs.has_value();
            const auto values = inner.outputs.value_or(std::vector<std::string>{});
            outputs.insert(outputs.end(), values.begin(), values.end());
        }
        op.cases.push_back(std::move(made));
    }
    if (!closed) {
        report(select.where, "M601", "cases 缺少 else", "cases has no 'else'", "- {else: true, value: ...}");
    }
    flow.type = type.value_or(Type::any);
    flow.outputs = known && !outputs.empty() ? std::optional{std::move(outputs)} : std::nullopt;
}

SelectOp Checker::select(const ast::Select& select, const std::vector<ast::Step>& steps_after, const Place& place,
                         const Shape* target, Flow& flow) {
    SelectOp op;
    op.kind = select.kind;
    op.shown = shown_select(select);
    const steps::Entry* first = steps_after.empty() ? nullptr : entry_of(steps_after[0]);
    op.list_wanted =
        (select.kind == Kind::from || select.kind == Kind::from_any) && first != nullptr && reduces(*first);
    switch (select.kind) {
        case Kind::from:
        case Kind::from_any:
        case Kind::from_all:
            select_paths(select, place, op, flow);
            if (select.kind == Kind::from_all && !steps_after.empty()) {
                add_lets(steps_after[0], op, flow);
            }
            break;
        case Kind::from_ctx:
            select_context(select, op, flow);
            op.sources = "ctx." + (select.paths.empty() ? "" : select.paths[0].text);
            break;
        case Kind::value: {
            op.constant = constant(*select.value, steps_after.empty() ? target : nullptr);
            flow.type = op.constant.type();
            flow.outputs = std::vector{steps::to_text(op.constant)};
            break;
        }
        case Kind::compute:
            select_compute(select, place, op, flow);
            break;
        case Kind::cases:
            select_cases(select, place, target, op, flow);
            break;
        case Kind::none:
            break;
    }
    flow.unmasked = std::max(flow.unmasked, flow.privacy);
    return op;
}

void Checker::let(const ast::Let& let, const Place& place) {
    LetOp op;
    Flow flow;
    op.name = let.name.text;
    op.where = let.where;
    op.select = select(let.select, let.steps, place, nullptr, flow);
    op.privacy = std::max(flow.unmasked, program_.unknown_privacy);
    op.steps = steps(let.steps, flow);
    if (std::find(let_names_.begin(), let_names_.end(), op.name) != let_names_.end()) {
        report(let.name.where, "M203", "中间值 '" + op.name + "' 重名",
               "two named values are called '" + op.name + "'");
    }
    let_names_.push_back(op.name);
    let_privacy_.push_back(flow.privacy);
    program_.lets.push_back(std::move(op));
}

void Checker::claim(const ast::Text& to, const std::string& pointer) {
    for (const auto& [other, where] : written_) {
        if (clash(other, pointer)) {
            report(to.where, "M203",
                   "目标 '" + to.text + "' 写了两次 (另一处在第 " + std::to_string(where.line) + " 行)",
                   "'" + to.text + "' is written twice, also in line " + std::to_string(where.line));
            return;
        }
    }
    written_.emplace(pointer, to.where);
}

const Shape* Checker::target_of(const ast::Text& to, const Place& place, std::vector<std::string>& names) {
    const Shape* at = place.target;
    std::string pointer = place.pointer;
    for (const std::string_view part : split(to.text, '.')) {
        names.emplace_back(part);
        pointer += '/' + names.back();
        const Shape* next = at != nullptr && at->kind == Shape::Kind::object ? at->member(part) : nullptr;
        if (at != nullptr && next == nullptr) {
            report(to.where, "M201", "目标模式中没有 '" + to.text + "'", "the target schema has no '" + to.text + "'",
                   nearest(part, at->member_names()).value_or(""));
        }
        at = next;
        if (at == nullptr) {
            break;
        }
    }
    claim(to, pointer);
    return at;
}

void Checker::field(const ast::Field& field, const Place& place, std::vector<FieldOp>& out) {
    FieldOp op;
    Flow flow;
    op.where = field.where;
    op.shape = target_of(field.to, place, op.to);
    for (const std::string& name : op.to) {
        op.pointer += '/' + name;
    }
    op.name = op.to.back();
    op.select = select(field.select, field.steps, place, op.shape, flow);
    op.required = field.required;
    op.on_error = field.on_error.value_or(ast::OnError::reject);
    const auto said = privacy_by_name(field.class_name);
    op.privacy = std::max(
        {flow.unclassed ? program_.unknown_privacy : Privacy::open, flow.unmasked, said.value_or(Privacy::open)});
    if (field.when) {
        seen_ = Privacy::open;
        op.when = condition(*field.when, place);
        flow.privacy = std::max(flow.privacy, seen_);
    }
    op.steps = steps(field.steps, flow);
    op.type = flow.type;
    op.privacy_after = std::max(flow.privacy, said.value_or(Privacy::open));
    if (said) {
        program_.row_classes.emplace(place.pointer + op.pointer, *said);
    }
    if (field.fallback != nullptr) {
        op.fallback = constant(*field.fallback, op.shape);
    }
    prove_policy(field, op, flow);
    if (op.shape != nullptr) {
        prove_type(field, *op.shape, flow);
        prove_outputs(field, *op.shape, flow);
        prove_flow(field, op, flow);
        op.fits_always = fits_always(*op.shape, flow);
        note_written(field, op, place);
    }
    prove_codes(field, op);
    op.copies = op.select.kind == Kind::from && !op.select.list_wanted && op.steps.empty() && !op.when;
    out.push_back(std::move(op));
}

}  // namespace datong::mapping
