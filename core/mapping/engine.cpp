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
    return {&root_, item.node,           &out_.target, nullptr,     input_.context,
            &lets_, &program_.normalise, &moment_,     item.joined, &visits_};
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
        through_all(op.steps, selected, named, root);
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

Stepped Run::apply_on_day(const StepOp& op, Value&& value, steps::Warnings& warnings) const {
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

bool Run::through(const std::vector<StepOp>& steps, int already, Stepped& value, const FieldOp* op, const Item& item,
                  bool masked) {
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
        masked = masked || step.masks;
        if (value && input_.trace != nullptr) {
            trace(*op, step.name, *value, masked && op->privacy_after < op->privacy);
        }
    }
    return masked;
}

void Run::through_all(const std::vector<StepOp>& steps, Selected& selected, const FieldOp& op, const Item& item) {
    int already = 0;
    bool masked = false;
    if (selected.branch != nullptr) {
        masked = through(selected.branch->steps, 0, selected.value, &op, item);
        already = static_cast<int>(selected.branch->steps.size());
    }
    (void)through(steps, already, selected.value, &op, item, masked);
}

bool Run::copy(const FieldOp& op, const Item& item, Record& object) {
    const Path& path = op.select.paths[0];
    const Met met = walk(path, root_, *item.node, item.joined, &visits_);
    const auto text = met.node != nullptr && met.trouble == Trouble::none
                          ? plain_leaf(*met.node, path, program_.normalise)
                          : std::nullopt;
    if (!text) {
        return false;
    }
    Record leaf = Record::text(*text);
    if (op.shape != nullptr && !broken_rule(*op.shape, leaf).empty()) {
        return false;
    }
    place(op, item, &path, std::move(leaf), object);
    return true;
}

void Run::field(const FieldOp& op, const Item& item, Record& object) {
    if (op.copies && input_.trace == nullptr && copy(op, item, object)) {
        return;
    }
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
    through_all(op.steps, selected, op, item);
    if (!selected.value) {
        return failed(op, item, selected, std::move(selected.value.error()), object);
    }
    finish_field(op, item, selected, object);
}

void Run::finish_field(const FieldOp& op, const Item& item, Selected& selected, Record& object) {
    Value& value = *selected.value;
    const bool proven = op.fits_always && !value.is_null();
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
    if (op.shape != nullptr && !proven) {
        if (const std::string_view rule = broken_rule(*op.shape, leaf); !rule.empty()) {
            failed_step_ = 0;
            return failed(op, item, selected,
                          {std::string{rule}, spoken_rule_zh(rule), "the value does not fit the target schema"},
                          object);
        }
    }
    place(op, item, selected.path, std::move(leaf), object);
}

void Run::place(const FieldOp& op, const Item& item, const Path* path, Record&& leaf, Record& object) {
    passed(op.where, Passage::What::written);
    Record& parent = op.to.size() == 1 ? object : parent_of(object, op.to);
    parent.append(op.name, std::move(leaf));  // no other row writes it (M203)
    if (input_.with_origins) {
        out_.origins.push_back(
            {item.pointer() + op.pointer, path != nullptr ? location(*path, item.source()) : op.select.sources});
    }
}

void Run::failed(const FieldOp& op, const Item& item, const Selected& selected, steps::Refusal refusal,
                 Record& object) {
    Finding found = finding(op, item, selected.path, std::move(refusal), failed_step_);
    if (op.on_error == ast::OnError::reject || is_of_record(found)) {
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
        return place(op, item, selected.path, std::move(leaf), object);
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
