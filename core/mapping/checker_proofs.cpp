#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"

namespace datong::mapping {
namespace {

using Kind = ast::Select::Kind;
using steps::Type;

/// Whether a value of that type can stand where JSON Schema wants `wanted`.
bool fits(const std::string& wanted, Type type) {
    if (type == Type::any || wanted.empty()) {
        return true;
    }
    if (wanted == "string") {
        return type != Type::integer && type != Type::money && type != Type::boolean && type != Type::list;
    }
    if (wanted == "integer") {
        return type == Type::integer || type == Type::money;
    }
    if (wanted == "number") {
        return type == Type::integer || type == Type::money || type == Type::decimal;
    }
    return wanted == "boolean" ? type == Type::boolean : wanted == "array" && type == Type::list;
}

std::string_view maker_of(const std::string& wanted) {
    return wanted == "integer"   ? "parse_integer"
           : wanted == "number"  ? "parse_decimal"
           : wanted == "boolean" ? "parse_boolean"
           : wanted == "array"   ? "split"
                                 : "to_text";
}

/// A row that gives a value whenever the record is accepted.
bool gives_always(const ast::Field& field, const FieldOp& op) {
    if (field.when || op.on_error == ast::OnError::omit) {
        return false;
    }
    const bool constant = field.select.kind == Kind::value && field.steps.empty();
    const bool yes_no = op.select.expr && op.select.expr->type == Type::boolean && field.steps.empty();
    const bool cases = field.select.kind == Kind::cases && field.steps.empty() &&
                       std::all_of(field.select.cases.begin(), field.select.cases.end(), [](const ast::Case& one) {
                           return !one.error_rule.empty() || (one.select.kind == Kind::value && one.steps.empty());
                       });
    return op.required || !op.fallback.is_null() || constant || yes_no || cases || op.select.is_now;
}

/// A code that `outcome` answers by itself never comes to a row.
bool ends_in_outcome(const SourceOp& source, const Path& path, const std::string& code) {
    return std::any_of(source.unwrap.begin(), source.unwrap.end(), [&](const UnwrapOp& op) {
        return op.kind == UnwrapOp::Kind::outcome && op.path.text == path.text &&
               std::find(op.ok.begin(), op.ok.end(), code) == op.ok.end();
    });
}

}  // namespace

void Checker::prove_policy(const ast::Field& field, const FieldOp& op, const Flow& flow) {
    if (op.on_error == ast::OnError::omit && op.required) {
        report(field.where, "M304", "必填项不能 on_error: omit", "a required field can't be 'on_error: omit'",
               "on_error: reject");
    }
    if (op.on_error == ast::OnError::fallback && field.fallback == nullptr) {
        report(field.where, "M304", "on_error: default 需要 default", "'on_error: default' wants a 'default'");
    }
    if (op.on_error == ast::OnError::keep && flow.type != Type::text) {
        report(field.where, "M304", "on_error: keep 只用于文本", "'on_error: keep' is for text only");
    }
}

void Checker::prove_type(const ast::Field& field, const Shape& shape, const Flow& flow) {
    if (shape.kind == Shape::Kind::object || (shape.kind == Shape::Kind::list && flow.type != Type::list)) {
        const bool list = shape.kind == Shape::Kind::list;
        if (list || !shape.members.empty()) {
            report(field.to.where, "M204", "目标 '" + field.to.text + "' 不是单个值",
                   "the target '" + field.to.text + "' is no single value", list ? "lists:" : "");
        }
        return;
    }
    if (shape.json && !fits(shape.type, flow.type)) {
        const std::string given{steps::name_of(flow.type)};
        report(field.where, "M204", "目标 '" + field.to.text + "' 要 " + shape.type + ", 得到的是 " + given,
               "the target '" + field.to.text + "' wants " + shape.type + ", what comes is " + given,
               std::string{maker_of(shape.type)});
    }
}

void Checker::prove_outputs(const ast::Field& field, const Shape& shape, const Flow& flow) {
    const bool lookup = !field.steps.empty() && field.steps.back().name == "lookup";
    std::vector<std::string> outputs =
        flow.type == Type::text && flow.outputs ? *flow.outputs : std::vector<std::string>{};
    if (field.fallback != nullptr && field.fallback->is_scalar() && (!shape.json || shape.type == "string")) {
        outputs.push_back(field.fallback->text);
    }
    for (const std::string& one : outputs) {
        const std::string_view rule = broken_rule(shape, record::Record::text(one));
        if (rule.empty()) {
            continue;
        }
        const bool enumerated = rule == "schema.enum";
        report(field.where, lookup && enumerated ? "M403" : "M204",
               "'" + one + "' 不符合目标 '" + field.to.text + "' (" + std::string{rule} + ")",
               "'" + one + "' does not fit the target '" + field.to.text + "' (" + std::string{rule} + ")",
               enumerated ? nearest(one, shape.codes).value_or("") : "");
    }
}

bool Checker::fits_always(const Shape& shape, const Flow& flow) {
    if (flow.type == Type::text) {
        return flow.outputs.has_value();  // prove_outputs has looked at each
    }
    if (!shape.json || !shape.codes.empty() || shape.pattern || shape.minimum || shape.maximum || shape.min_length ||
        shape.max_length) {
        return false;
    }
    switch (flow.type) {
        case Type::date:
            return shape.type == "string" && (shape.format.empty() || shape.format == "date");
        case Type::integer:
        case Type::money:
            return shape.type == "integer" || shape.type == "number";
        case Type::boolean:
            return shape.type == "boolean";
        default:
            return false;
    }
}

/// Declared source codes are taken through the steps up to the first one with a closed set of inputs.
void Checker::prove_codes(const ast::Field& field, const FieldOp& op) {
    const bool simple =
        op.select.kind == Kind::from && op.select.paths.size() == 1 && !op.when && op.on_error == ast::OnError::reject;
    const Shape* shape = simple ? op.select.paths[0].shape : nullptr;
    if (shape == nullptr) {
        return;
    }
    const auto first = std::find_if(op.steps.begin(), op.steps.end(), [](const StepOp& s) { return !s.table.empty(); });
    if (!shape->codes.empty() && first != op.steps.end()) {
        table_uses_[first->table].known++;
    }
    for (const std::string& code : shape->codes) {
        if (ends_in_outcome(program_.source, op.select.paths[0], code)) {
            continue;
        }
        const auto kept = program_.normalise(code);
        steps::Value value = kept ? steps::Value{std::string{*kept}} : steps::Value{};
        for (const StepOp& step : op.steps) {
            const auto inputs = step.step->known_inputs();
            if (value.is_null() || value.type() != Type::text) {
                break;
            }
            if (!step.table.empty()) {
                table_uses_[step.table].codes.insert(steps::to_text(value));
            }
            if (!inputs.empty()) {
                if (std::find(inputs.begin(), inputs.end(), steps::to_text(value)) == inputs.end()) {
                    report(field.where, step.name == "lookup" ? "M402" : "M303",
                           "来源声明的代码 '" + code + "' 在步骤 '" + step.name + "' 中没有对应",
                           "the declared source code '" + code + "' has no place in step '" + step.name + "'",
                           step.name == "lookup" ? code + ",..." : "");
                }
                break;
            }
            steps::Warnings warnings;
            auto next = step.step->apply(std::move(value), {}, warnings);
            value = next ? std::move(*next) : steps::Value{};
        }
    }
}

void Checker::prove_flow(const ast::Field& field, const FieldOp& op, const Flow& flow) {
    const Privacy said = privacy_by_name(field.class_name).value_or(Privacy::internal);
    const Privacy allowed = op.shape->privacy.value_or(said);
    if (op.on_error == ast::OnError::keep && flow.unmasked > allowed && flow.privacy <= allowed) {
        report(field.where, "M501", "on_error: keep 会写出未遮掩的原值, 密级 " + std::string{name_of(flow.unmasked)},
               "'on_error: keep' writes what was selected, which no step has masked: " +
                   std::string{name_of(flow.unmasked)},
               "on_error: reject");
        return;
    }
    if (flow.privacy <= allowed) {
        return;
    }
    const std::string from{name_of(flow.privacy)};
    const std::string to{name_of(allowed)};
    const std::string source = flow.unmasked <= allowed     ? "when: " + (field.when ? field.when->text : "")
                               : !op.select.sources.empty() ? op.select.sources
                               : op.select.paths.empty()    ? field.to.text
                                                            : "$." + op.select.paths[0].text;
    report(field.where, "M501",
           "来源 " + source + " 密级 " + from + ", 目标 " + op.pointer + " 密级 " + to + ", 中间没有遮掩步骤",
           "source " + source + " is " + from + ", target " + op.pointer + " is " + to +
               ", and no step between them masks it",
           "steps: [mask_...] 或 x-class: " + from);
}

void Checker::mark_written(const Place& place, const std::vector<std::string>& names, bool always) {
    const Shape* at = place.target;
    for (const std::string& name : names) {
        at = at != nullptr ? at->member(name) : nullptr;
        if (at == nullptr) {
            return;
        }
        produced_[at] = produced_[at] || always;
    }
}

void Checker::note_written(const ast::Field& field, const FieldOp& op, const Place& place) {
    mark_written(place, op.to, is_reverse_ || gives_always(field, op));  // back, an empty place is written empty
}

/// Every required member of what is written must be written on every path.
void Checker::prove_required(const Shape& shape, const std::string& pointer) {
    for (const Shape& one : shape.members) {
        const bool item = one.name.empty();
        const std::string at = item ? pointer + "/*" : pointer + '/' + one.name;
        const auto found = produced_.find(&one);
        if (!item && one.required && (found == produced_.end() || !found->second)) {
            report(file_.target.where, "M202",
                   "目标必填项 " + at + (found == produced_.end() ? " 没有来源" : " 不是在每条路径上都有值"),
                   "the required target " + at +
                       (found == produced_.end() ? " is written by no row" : " is not written on every path"),
                   "required: true");
        }
        if (item || found != produced_.end()) {
            prove_required(one, at);
        }
    }
}

void Checker::warn_unmapped(const Shape& shape, const std::string& path) {
    for (const Shape& one : shape.members) {
        const std::string at = one.name.empty() ? path : path.empty() ? one.name : path + '.' + one.name;
        const bool ignored = std::any_of(file_.ignore.begin(), file_.ignore.end(),
                                         [&](const ast::Text& text) { return text.text == at; });
        if (ignored) {
            continue;
        }
        if (one.kind == Shape::Kind::scalar && !used_.contains(&one)) {
            mistakes_.push_back(
                {file_.source.schema.where, "M213", Severity::warning, "来源字段 '" + at + "' 未映射也未写入 ignore",
                 "the source field '" + at + "' is neither mapped nor ignored", "ignore: [" + at + "]"});
        }
        warn_unmapped(one, at);
    }
}

/// What `outcome` reads is read, where it stands in the record itself.
void Checker::mark_outcome() {
    for (const UnwrapOp& op : program_.source.unwrap) {
        for (const std::optional<Path>& path : {std::optional{op.path}, op.message, op.none}) {
            const Shape* at = path && op.kind == UnwrapOp::Kind::outcome ? &program_.source_shape : nullptr;
            for (std::size_t i = 0; at != nullptr && i < path->segments.size(); ++i) {
                at = path->segments[i].kind == Segment::Kind::name ? at->item().member(path->segments[i].name) : at;
            }
            if (at != nullptr) {
                used_.insert(at);
            }
        }
    }
}

/// Rows of a code table that no declared code needs, where all uses of the table know their codes.
void Checker::prove_tables() {
    for (const ast::Table& table : file_.tables) {
        const auto rows = around_.tables.find(table.name);
        const auto use = table_uses_.find(table.name);
        const bool unused = use == table_uses_.end();
        if (rows == around_.tables.end() || (!unused && use->second.known < use->second.total)) {
            continue;
        }
        std::string codes;
        std::size_t count = 0;
        for (const steps::TableRow& row : rows->second->rows()) {
            if (unused || !use->second.codes.contains(row.from)) {
                codes += ++count <= 5 ? (count == 1 ? "" : ", ") + row.from : "";
            }
        }
        if (count > 0) {
            mistakes_.push_back(
                {table.where,
                 "M404",
                 Severity::note,
                 "代码表 '" + table.name + "' 有 " + std::to_string(count) + " 行用不到: " + codes,
                 std::to_string(count) + " rows of the table '" + table.name + "' are never used: " + codes,
                 {}});
        }
    }
}

/// A message is shown to whoever gets the finding: nobody's number may stand in it.
void Checker::prove_message(const std::string& message, const Position& where) {
    if (!real_identity(message).empty()) {
        report(where, "M501", "提示文字里有真实的证件号码", "a real identity number stands in the message");
    }
}

void Checker::prove_coverage() {
    if (!program_.has_source_shape) {
        return;
    }
    mark_outcome();
    for (const ast::Text& text : file_.ignore) {
        const Shape* at = &program_.source_shape;
        for (const std::string_view part : split(text.text, '.')) {
            const Shape* next = at->item().member(part);
            if (next == nullptr) {
                report(text.where, "M214", "ignore 里的 '" + text.text + "' 不在来源模式中",
                       "ignore names '" + text.text + "', which the source schema does not have",
                       nearest(part, at->item().member_names()).value_or(""));
                at = nullptr;
                break;
            }
            at = next;
        }
    }
    warn_unmapped(program_.source_shape, "");
}

}  // namespace datong::mapping
