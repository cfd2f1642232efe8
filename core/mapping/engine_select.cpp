#include <algorithm>
#include <iterator>

#include "core/mapping/engine.h"

namespace datong::mapping {

using record::Record;
using steps::Stepped;
using steps::Value;

namespace {

/// The steps that tell where a path leads: of a list of one neither [0] nor [*] does.
std::vector<Segment> leading(const Path& path) {
    std::vector<Segment> out;
    std::copy_if(path.segments.begin(), path.segments.end(), std::back_inserter(out), [](const Segment& one) {
        return one.kind == Segment::Kind::name || (one.kind == Segment::Kind::index && one.index != 0);
    });
    return out;
}

/// Whether `other` takes the very place below which `path` looks for a name, or (#text) the words of that place.
bool is_around(const Path& other, const Path& path) {
    if (other.query || path.query) {
        return path.text.starts_with(other.text + '.');
    }
    const std::vector<Segment> inner = leading(path);
    std::vector<Segment> outer = leading(other);
    const bool is_text = !outer.empty() && outer.back().name == "#text";
    outer.resize(outer.size() - (is_text ? 1 : 0));
    const auto same = [](const Segment& one, const Segment& two) {
        return one.kind == two.kind &&
               (one.kind == Segment::Kind::name ? one.name == two.name : one.index == two.index);
    };
    return other.absolute == path.absolute && other.join == path.join && outer.size() < inner.size() &&
           (!is_text || outer.size() + 1 == inner.size()) &&
           std::equal(outer.begin(), outer.end(), inner.begin(), same);
}

/// Whether a later path of `from_any` takes the very words behind which `path` looked for a name.
bool takes_words(const std::vector<Path>& paths, const Path& path) {
    return std::any_of(&path + 1, paths.data() + paths.size(), [&](const Path& one) { return is_around(one, path); });
}

}  // namespace

Stepped Run::select_path(const Path& path, const Item& item, bool list_wanted) const {
    if (list_wanted && path.many) {
        std::vector<Value> values;
        const auto nodes = collect(path, root_, *item.node, Taken::apart, item.joined, &visits_);
        if (!nodes) {
            return tl::unexpected{refusal_of(nodes.error())};
        }
        for (const Record* node : *nodes) {
            auto value = leaf_value(node, path, program_.normalise);
            if (!value) {
                return value;
            }
            values.push_back(std::move(*value));
        }
        return Value{std::move(values)};
    }
    const Met met = walk(path, root_, *item.node, item.joined, &visits_);
    if (met.trouble != Trouble::none) {
        return tl::unexpected{refusal_of(met.trouble)};
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
    if (met.trouble != Trouble::none) {
        return tl::unexpected{refusal_of(met.trouble)};
    }
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
    for (const std::size_t one : op.lets) {
        values.push_back(lets_[one]);
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
                const bool other = !value && value.error().rule == "path.no_group" && takes_words(op.paths, path);
                if (!other && (!value || !value->is_null())) {
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

}  // namespace datong::mapping
