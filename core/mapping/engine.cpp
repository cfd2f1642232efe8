#include "core/mapping/engine.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::mapping {
namespace {

using record::Record;
using steps::Stepped;
using steps::Value;

std::string spoken_rule_zh(std::string_view rule) {
    return rule == "schema.enum"      ? "值不在目标模式所列之中"
           : rule == "schema.pattern" ? "值不符合目标模式的格式"
           : rule == "schema.length"  ? "值的长度不符合目标模式"
           : rule == "schema.range"   ? "值超出目标模式的范围"
           : rule == "schema.format"  ? "值不是目标模式所要的日期或时间"
                                      : "值的类型与目标模式不符";
}

}  // namespace

Record& parent_of(Record& object, const std::vector<std::string>& names) {
    Record* at = &object;
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        Record* child = at->find(names[i]);
        at = child != nullptr ? child : &at->put(names[i], Record::object());
    }
    return *at;
}

Run::Run(const Mapping::Program& program, const Record& root, const Input& input, Output& out)
    : program_{program},
      root_{root},
      input_{input},
      out_{out},
      moment_{record::to_civil(input.now)},
      is_json_{program.target.format == "json"} {
}

Scope Run::scope(const Item& item) const {
    return {&root_, item.node,           &out_.target, nullptr,    input_.context,
            &lets_, &program_.normalise, &moment_,     item.joined};
}

void Run::all() {
    const Item root{&root_};
    out_.target = Record::object();
    out_.target.members_to_edit().reserve(program_.fields.size() + program_.lists.size());
    for (const LetOp& op : program_.lets) {
        let(op);
    }
    for (const FieldOp& op : program_.fields) {
        field(op, root, out_.target);
    }
    for (const ListOp& op : program_.lists) {
        list(op, root, out_.target);
    }
    if (out_.errors.empty()) {
        for (const CheckOp& op : program_.checks) {
            check(op);
        }
    }
    if (!out_.errors.empty()) {
        out_.outcome = Outcome::invalid;
        out_.target = Record{};
        out_.origins.clear();
    }
}

void Run::let(const LetOp& op) {
    const Item root{&root_};
    Selected selected = select(op.select, root);
    if (selected.value) {
        FieldOp named;  // findings about a named value speak of it by name
        named.pointer = "/let." + op.name;
        named.where = op.where;
        named.privacy = named.privacy_after = op.privacy;
        through(op.steps, 0, selected.value, &named, root);
    } else {
        failed_step_ = 0;
    }
    if (selected.value) {
        lets_.push_back(std::move(*selected.value));
        return;
    }
    lets_.emplace_back();
    FieldOp named;
    named.pointer = "";
    named.where = op.where;
    named.privacy = op.privacy;
    error(finding(named, root, selected.path, std::move(selected.value.error()), failed_step_));
}

Stepped Run::select_path(const Path& path, const Item& item, bool list_wanted) const {
    if (list_wanted && path.many) {
        std::vector<Value> values;
        for (const Record* node : collect(path, root_, *item.node, true, item.joined)) {
            auto value = leaf_value(node, path, program_.normalise);
            if (!value) {
                return value;
            }
            values.push_back(std::move(*value));
        }
        return Value{std::move(values)};
    }
    const Met met = walk(path, root_, *item.node, item.joined);
    if (met.multiple) {
        return tl::unexpected{steps::Refusal{"path.multiple", "此处只应有一个值, 来源给了多个",
                                             "one value is wanted, the source has several"}};
    }
    return leaf_value(met.node, path, program_.normalise, list_wanted);
}

Stepped Run::select_context(const SelectOp& op) const {
    if (op.is_now) {
        return Value{moment_.at};
    }
    if (input_.context == nullptr) {
        return Value{};
    }
    const Met met = walk(op.paths[0], *input_.context, *input_.context);
    return leaf_value(met.node, op.paths[0], program_.normalise);
}

Stepped Run::select_all(const SelectOp& op, const Item& item) {
    std::vector<Value> values;
    for (const Path& path : op.paths) {
        auto value = select_path(path, item, false);
        if (!value) {
            return value;
        }
        values.push_back(std::move(*value));
    }
    return Value{std::move(values)};
}

Selected Run::select_case(const SelectOp& op, const Item& item) {
    for (const CaseOp& one : op.cases) {
        const auto yes = one.when ? holds(*one.when, scope(item)) : tl::expected<bool, steps::Refusal>{true};
        if (!yes) {
            return {tl::unexpected{yes.error()}, nullptr, &one};
        }
        if (!*yes) {
            continue;
        }
        passed(one.where, Passage::What::taken);
        if (!one.error_rule.empty()) {
            return {tl::unexpected{steps::Refusal{one.error_rule, one.error_message, one.error_message}}, nullptr,
                    &one};
        }
        Selected selected = select(one.select, item);
        selected.branch = &one;
        return selected;
    }
    return {Value{}, nullptr, nullptr};
}

Selected Run::select(const SelectOp& op, const Item& item) {
    using Kind = ast::Select::Kind;
    switch (op.kind) {
        case Kind::from:
            return {select_path(op.paths[0], item, op.list_wanted), &op.paths[0], nullptr};
        case Kind::from_any:
            for (const Path& path : op.paths) {
                auto value = select_path(path, item, op.list_wanted);
                if (!value || !value->is_null()) {
                    return {std::move(value), &path, nullptr};
                }
            }
            return {Value{}, &op.paths[0], nullptr};
        case Kind::from_all:
            return {select_all(op, item), &op.paths[0], nullptr};
        case Kind::from_ctx:
            return {select_context(op), nullptr, nullptr};
        case Kind::value:
            return {op.constant, nullptr, nullptr};
        case Kind::compute:
            return {evaluate(*op.expr, scope(item)), nullptr, nullptr};
        case Kind::cases:
            return select_case(op, item);
        case Kind::none:
            break;
    }
    return {Value{}, nullptr, nullptr};
}

Stepped Run::apply_on_day(const StepOp& op, Value value, steps::Warnings& warnings) const {
    steps::Moment moment = moment_;
    if (op.day->fixed) {
        moment.at.date = *op.day->fixed;
        return op.step->apply(std::move(value), moment, warnings);
    }
    auto day = select_path(op.day->path, Item{&root_}, false);
    if (day && !day->is_null()) {
        day = op.day->parse->apply(std::move(*day), moment_, warnings);
    }
    const auto* date = day ? std::get_if<record::Date>(&day->held) : nullptr;
    if (date == nullptr) {
        return tl::unexpected{steps::Refusal{"lookup.at", "代码表的生效日期不在来源中",
                                             "the day whose rows of the table count is missing or no date"}};
    }
    moment.at.date = *date;
    return op.step->apply(std::move(value), moment, warnings);
}

void Run::through(const std::vector<StepOp>& steps, int already, Stepped& value, const FieldOp* op, const Item& item) {
    steps::Warnings warnings;
    for (std::size_t i = 0; i < steps.size() && value; ++i) {
        const StepOp& step = steps[i];
        if (value->is_null() && !step.takes_null) {
            continue;
        }
        passed_step(step, *value);
        value = step.day == nullptr ? step.step->apply(std::move(*value), moment_, warnings)
                                    : apply_on_day(step, std::move(*value), warnings);
        failed_step_ = already + static_cast<int>(i) + 1;
        for (steps::Refusal& one : warnings) {
            warn(finding(*op, item, nullptr, std::move(one), failed_step_));
        }
        warnings.clear();
        if (value && input_.trace != nullptr) {
            trace(*op, step.name, *value, op->privacy_after < op->privacy && i + 1 == steps.size());
        }
    }
}

void Run::field(const FieldOp& op, const Item& item, Record& object) {
    Selected selected = select(op.select, item);
    failed_step_ = 0;
    if (input_.trace != nullptr) {
        input_.trace->push_back({item.pointer() + op.pointer, {}});
        trace(op, op.select.shown, selected.value ? *selected.value : Value{});
    }
    if (op.when) {
        const auto yes = holds(*op.when, scope(item));
        if (!yes) {
            return failed(op, item, selected, yes.error(), object);
        }
        passed_when(op.where, *yes);
        if (!*yes) {
            return;
        }
    }
    if (!selected.value) {
        return failed(op, item, selected, std::move(selected.value.error()), object);
    }
    int already = 0;
    if (selected.branch != nullptr) {
        through(selected.branch->steps, 0, selected.value, &op, item);
        already = static_cast<int>(selected.branch->steps.size());
    }
    through(op.steps, already, selected.value, &op, item);
    if (!selected.value) {
        return failed(op, item, selected, std::move(selected.value.error()), object);
    }
    finish_field(op, item, selected, object);
}

void Run::finish_field(const FieldOp& op, const Item& item, Selected& selected, Record& object) {
    Value& value = *selected.value;
    if (value.is_null()) {
        value = op.fallback;
    }
    if (value.is_null()) {
        if (op.required) {
            error(finding(op, item, selected.path, {"required", "必填项没有值", "a required field has no value"}, 0));
        }
        return;
    }
    Record leaf = to_leaf(std::move(value), op.shape, is_json_);
    if (op.shape != nullptr) {
        if (const std::string_view rule = broken_rule(*op.shape, leaf); !rule.empty()) {
            failed_step_ = 0;
            return failed(op, item, selected,
                          {std::string{rule}, spoken_rule_zh(rule), "the value does not fit the target schema"},
                          object);
        }
    }
    place(op, item, selected, std::move(leaf), object);
}

void Run::place(const FieldOp& op, const Item& item, const Selected& selected, Record&& leaf, Record& object) {
    passed(op.where, Passage::What::written);
    parent_of(object, op.to).append(op.to.back(), std::move(leaf));  // no other row writes it (M203)
    if (!input_.with_origins) {
        return;
    }
    std::string source;
    if (selected.path != nullptr) {
        source = location(*selected.path, item.source());
    } else {
        source = op.select.sources;
    }
    out_.origins.push_back({item.pointer() + op.pointer, std::move(source)});
}

void Run::failed(const FieldOp& op, const Item& item, const Selected& selected, steps::Refusal refusal,
                 Record& object) {
    Finding found = finding(op, item, selected.path, std::move(refusal), failed_step_);
    if (op.on_error == ast::OnError::reject) {
        return error(std::move(found));
    }
    const std::string rule = found.rule;
    warn(std::move(found));
    if (op.on_error == ast::OnError::omit) {
        return;
    }
    Value value = op.fallback;
    if (op.on_error == ast::OnError::keep && selected.path != nullptr) {
        value = select_path(*selected.path, item, false).value_or(Value{});
    }
    if (value.is_null()) {
        return;
    }
    Record leaf = to_leaf(std::move(value), op.shape, is_json_);
    if (op.shape == nullptr || broken_rule(*op.shape, leaf).empty()) {
        return place(op, item, selected, std::move(leaf), object);
    }
    error(finding(op, item, selected.path,
                  {rule, "原值不符合目标模式", "the kept value does not fit the target schema"}, failed_step_));
}

Finding Run::finding(const FieldOp& op, const Item& item, const Path* path, steps::Refusal refusal, int step) const {
    Finding out;
    out.path = item.pointer() + op.pointer;
    out.rule = std::move(refusal.rule);
    out.step = step;
    out.where = op.where;
    out.text_zh = std::move(refusal.text_zh);
    out.text_en = std::move(refusal.text_en);
    out.value_class = name_of(op.privacy);
    if (path != nullptr) {
        out.source = location(*path, item.source());
        if (const auto text = plain_text(walk(*path, root_, *item.node, item.joined).node)) {
            out.value = shown_value(*text, op.privacy);
        }
    }
    return out;
}

void Run::error(Finding finding) {
    if (out_.errors.size() >= kMaxFindings) {
        out_.truncated = true;
        return;
    }
    out_.errors.push_back(std::move(finding));
}

void Run::warn(Finding finding) {
    if (out_.warnings.size() >= kMaxFindings) {
        out_.truncated = true;
        return;
    }
    out_.warnings.push_back(std::move(finding));
}

void Run::trace(const FieldOp& op, const std::string& stage, const Value& value, bool masked_already) {
    if (input_.trace->empty()) {  // a named value, before any field
        return;
    }
    const std::string text = value.is_null() ? "" : steps::to_text(value);
    input_.trace->back().stages.emplace_back(stage, value.is_null()  ? "null"
                                                    : masked_already ? text
                                                                     : shown_value(text, op.privacy));
}

Output run_record(const Mapping::Program& program, const Record& root, const Input& input) {
    Output out;
    out.origins.reserve(input.with_origins ? program.fields.size() * 2 : 0);
    Run{program, root, input, out}.all();
    if (out.outcome == Outcome::ok && !input.record_only) {
        write_target(program.target, out);
    }
    if (out.outcome != Outcome::ok) {
        out.target = Record{};
        out.wire.clear();
        out.origins.clear();
    }
    return out;
}

Output run_program(const Mapping::Program& program, const Input& input) {
    Sourced sourced = read_source(program.source, input);
    if (sourced.outcome != Outcome::ok) {
        Output out;
        out.outcome = sourced.outcome;
        out.errors = std::move(sourced.errors);
        return out;
    }
    return run_record(program, *sourced.root, input);
}

}  // namespace datong::mapping
