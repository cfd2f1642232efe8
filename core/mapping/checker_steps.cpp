#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"
#include "core/mapping/expr_scanner.h"
#include "core/steps/mask.h"

namespace datong::mapping {
namespace {

using steps::Type;

/// Whether a step that wants `in` takes what the one before it gives.
bool takes(Type in, Type given) {
    if (in == Type::any || given == Type::any || in == given) {
        return true;
    }
    const bool digits = given == Type::text || given == Type::integer || given == Type::decimal;
    switch (in) {
        case Type::text:
        case Type::integer:
        case Type::decimal:
            return digits;
        case Type::date:
            return given == Type::datetime;
        default:
            return false;
    }
}

/// The argument of a look-up with what its table says of codes that have no row, unless it says so itself.
yaml::Node with_missing(const ast::Step& step, const ast::Table& table) {
    yaml::Node argument = *step.argument;
    if (!table.missing || step.name != "lookup" || argument.find("missing") != nullptr) {
        return argument;
    }
    if (argument.is_scalar()) {
        yaml::Node map;
        map.kind = yaml::Node::Kind::map;
        map.where = argument.where;
        map.entries.push_back({yaml::quoted_text("table", argument.where), std::move(argument)});
        argument = std::move(map);
    }
    argument.entries.push_back({yaml::quoted_text("missing", table.missing->where),
                                yaml::quoted_text(table.missing->text, table.missing->where)});
    return argument;
}

/// What a template says: its argument, or `text` of it.
const std::string* template_text(const yaml::Node* argument) {
    const yaml::Node* text = argument != nullptr && argument->is_map() ? argument->find("text") : argument;
    return text != nullptr && text->is_scalar() ? &text->text : nullptr;
}

/// Calls `name` with each "{...}" of a template and puts what it gives in its place; "{{" and "}}" are no parts.
template <class Name>
std::string with_parts(std::string_view text, const Name& name) {
    std::string out;
    while (!text.empty()) {
        const bool doubled = text.starts_with("{{") || text.starts_with("}}");
        const auto end = text.front() == '{' && !doubled ? text.find('}') : std::string_view::npos;
        const std::size_t length = end != std::string_view::npos ? end + 1 : doubled ? 2 : 1;
        out += end != std::string_view::npos ? '{' + name(text.substr(1, end - 1)) + '}'
                                             : std::string{text.substr(0, length)};
        text.remove_prefix(length);
    }
    return out;
}

/// "QLRMC" of "acct.QLRMC".
std::string_view last_name(std::string_view path) {
    const auto point = path.rfind('.');
    return point == std::string_view::npos ? path : path.substr(point + 1);
}

constexpr std::string_view kLet = "let.";

/// Whether a step lowers the class: `mask` does not where it may show more than any masking profile may.
bool hides(const steps::Entry& entry, const yaml::Node* argument) {
    std::size_t shown = 0;
    for (const char* key : {"keep_first", "keep_last"}) {
        const yaml::Node* said = argument != nullptr && argument->is_map() ? argument->find(key) : nullptr;
        shown += said != nullptr ? static_cast<std::size_t>(to_whole_number(said->text).value_or(0)) : 0;
    }
    return entry.masks && shown <= steps::kMostShown;
}

}  // namespace

void Checker::add_lets(const ast::Step& step, SelectOp& op, Flow& flow) {
    const std::string* text = step.name == "template" ? template_text(step.argument) : nullptr;
    (void)with_parts(text != nullptr ? *text : std::string{}, [&](std::string_view part) {
        const bool new_let =
            part.starts_with(kLet) && std::find(flow.parts.begin(), flow.parts.end(), part) == flow.parts.end();
        const auto let =
            new_let ? std::find(let_names_.begin(), let_names_.end(), part.substr(kLet.size())) : let_names_.end();
        if (let != let_names_.end()) {
            const auto index = static_cast<std::size_t>(let - let_names_.begin());
            flow.privacy = std::max(flow.privacy, let_privacy_[index]);
            flow.parts.emplace_back(part);
            op.lets.push_back(index);
        }
        return std::string{};
    });
}

yaml::Node Checker::with_numbers(const yaml::Node& argument, const std::vector<std::string>& parts) {
    yaml::Node out = argument;
    const auto number = [&](std::string_view name) {
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (parts[i] == name || (!parts[i].starts_with(kLet) && last_name(parts[i]) == name)) {
                found.push_back(i);
            }
        }
        const bool digits = !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
        if (digits || found.size() == 1) {
            return digits ? std::string{name} : std::to_string(found[0]);
        }
        std::vector<std::string> known;
        for (const std::string& one : parts) {
            known.emplace_back(one.starts_with(kLet) ? one : std::string{last_name(one)});
        }
        report(argument.where, "M301", "模板中的 {" + std::string{name} + "} 不是 from_all 的一项",
               "{" + std::string{name} + "} of the template is not one of from_all's paths",
               nearest(name, known).value_or(""));
        return std::string{"0"};
    };
    yaml::Node* text = &out;
    for (auto& [key, value] : out.entries) {
        text = key.text == "text" ? &value : text;
    }
    if (text->is_scalar()) {
        text->text = with_parts(text->text, number);
    }
    return out;
}

/// The step that a row names, or the one that undoes it.
const steps::Entry* Checker::entry_of(const ast::Step& step) {
    const steps::Entry* entry = steps::find(step.name);
    const bool back = step.turn == ast::Step::Turn::inverse;
    return back && entry != nullptr ? steps::find(entry->inverse) : entry;
}

/// The table of the mapping that a step looks into; nullptr for none.
const ast::Table* Checker::table_of(const ast::Step& step, const steps::Entry& entry) {
    const auto is_table = [this](const std::string& name) {
        return std::any_of(file_.tables.begin(), file_.tables.end(), [&](const auto& one) { return one.name == name; });
    };
    const auto named = [this](const yaml::Node* node) -> const ast::Table* {
        const auto found = std::find_if(file_.tables.begin(), file_.tables.end(), [node](const ast::Table& one) {
            return node != nullptr && node->is_scalar() && node->text == one.name;
        });
        return found != file_.tables.end() ? &*found : nullptr;
    };
    for (const steps::Parameter& one : entry.parameters) {
        const bool can_be = one.kind == "table" || (one.kind == "list" && one.alone);
        if (!can_be) {
            continue;
        }
        const yaml::Node* said = step.argument == nullptr  ? nullptr
                                 : step.argument->is_map() ? step.argument->find(one.name)
                                 : one.alone               ? step.argument
                                                           : nullptr;
        if (said == nullptr && is_table(one.usual_table)) {
            table_uses_[one.usual_table].total++;  // its rows are not looked up by code here: no `at`, no `missing`
        }
        if (const ast::Table* table = named(said); table != nullptr) {
            table_uses_[table->name].total++;
            return table;
        }
    }
    return nullptr;
}

/// The day that `at` of a table names; nullptr for the mapping's own moment.
std::shared_ptr<const DayOp> Checker::day_of(const ast::Table& table) {
    if (table.at.text.empty() || table.at.text == "today") {
        return nullptr;
    }
    if (const auto found = days_.find(table.name); found != days_.end()) {
        return found->second;
    }
    auto day = std::make_shared<DayOp>();
    day->fixed = record::parse_iso_date(table.at.text);
    if (!day->fixed) {
        Place root;
        root.source = program_.has_source_shape ? &program_.source_shape : nullptr;
        auto led = lead(table.at, root, {});
        day->path = led ? std::move(led->path) : Path{};
        day->path.absolute = true;
        day->parse = make_bound("parse_date", "",
                                {"yyyy-MM-dd", "yyyyMMdd", "yyyy/M/d", "yyyy-MM-dd HH:mm:ss", "yyyyMMddHHmmss"},
                                table.at.where, mistakes_);
    }
    days_.emplace(table.name, day);
    return day;
}

std::vector<StepOp> Checker::steps(const std::vector<ast::Step>& list, Flow& flow) {
    std::vector<StepOp> out;
    for (const ast::Step& one : list) {
        if (one.turn == ast::Step::Turn::typed) {
            out.push_back({typed_step(one.type), "", false, false, nullptr, "", {}});
            flow.type = one.type;
            continue;
        }
        const steps::Entry* entry = entry_of(one);
        if (entry == nullptr) {
            report(one.node->where, "M301", "未知的步骤 '" + one.name + "'", "unknown step '" + one.name + "'",
                   steps::nearest_step(one.name).value_or(""));
            flow.type = Type::any;
            flow.outputs.reset();
            continue;
        }
        if (!takes(entry->in, flow.type)) {
            const std::string from{steps::name_of(flow.type)};
            const std::string to{steps::name_of(entry->in)};
            report(one.node->where, "M302", "步骤 '" + one.name + "' 要 " + to + ", 前一步给出 " + from,
                   "step '" + one.name + "' wants " + to + ", what comes is " + from);
        }
        const ast::Table* table = table_of(one, *entry);
        const bool named = one.name == "template" && one.argument != nullptr && !flow.parts.empty();
        const yaml::Node argument = table != nullptr ? with_missing(one, *table)
                                    : named          ? with_numbers(*one.argument, flow.parts)
                                                     : yaml::Node{};
        const yaml::Node* said = table != nullptr || named ? &argument : one.argument;
        flow.parts.clear();  // the first step takes the list apart
        const bool back = one.turn == ast::Step::Turn::inverse;
        StepOp op{back ? steps::make_inverse(*steps::find(one.name), said, *one.node, around_, mistakes_)
                       : entry->make(said, *one.node, around_, mistakes_),
                  back ? entry->name : one.name,
                  entry->takes_null,
                  hides(*entry, one.argument),
                  table != nullptr ? day_of(*table) : nullptr,
                  table != nullptr ? table->name : std::string{},
                  one.node->where};
        if (op.step == nullptr) {
            continue;
        }
        const bool item =
            flow.type == Type::list && entry->out == Type::any &&
            (entry->in == Type::list || entry->name == "only" || entry->name == "first" || entry->name == "last");
        flow.type = item ? Type::any : entry->out == Type::any ? flow.type : entry->out;
        flow.privacy = op.masks ? std::min(flow.privacy, Privacy::internal) : flow.privacy;
        flow.fallible = flow.fallible || entry->fallible;
        const auto known = op.step->known_outputs();
        flow.outputs = known.empty() ? std::nullopt : std::optional{known};
        out.push_back(std::move(op));
    }
    return out;
}

}  // namespace datong::mapping
