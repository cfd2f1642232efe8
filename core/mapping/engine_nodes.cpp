#include <algorithm>
#include <functional>

#include "core/mapping/engine.h"

namespace datong::mapping {
namespace {

using path::Normalise;
using record::Record;

/// What an outcome has judged already, its code and its message.
using Told = std::vector<const Record*>;

Told told_of(const std::vector<Path>& paths, const Record& root) {
    Told told;
    for (const Path& one : paths) {
        told.push_back(walk(one, root, root).node);
    }
    return told;
}

/// `0`, `0.00`, `false`
bool is_zero(std::string_view text) {
    const auto number = record::Decimal::parse(text);
    return text == "false" || (number && *number == record::Decimal{});
}

/// Of an element that no schema knows: nothing, or zeros, as of a count that says that there are none.
bool says_none(const Record& value, const Told& told, const Normalise& normalise) {
    const auto below = [&](const Record& one) { return says_none(one, told, normalise); };
    if (std::find(told.begin(), told.end(), &value) != told.end()) {
        return true;
    }
    if (value.is_object()) {
        return std::all_of(value.members().begin(), value.members().end(),
                           [&](const record::Member& one) { return one.name.starts_with('@') || below(one.value); });
    }
    return path::says_nothing(value, normalise) ||
           (value.is_list() ? std::all_of(value.items().begin(), value.items().end(), below)
                            : is_zero(trim_all(value.scalar())));
}

/// Whether a group has something to say, and nothing that the schema knows of it.
bool is_another(const Record& group, const Shape& shape, const Told& told, const Normalise& normalise) {
    bool says_something = false;
    for (const auto& [name, value] : group.members()) {
        if (name.starts_with('@')) {
            continue;
        }
        const bool is_known = shape.member(name) != nullptr;
        if (is_known && !path::says_nothing(value, normalise)) {
            return false;
        }
        says_something = says_something || (!is_known && !says_none(value, told, normalise));
    }
    return says_something;
}

/// Whether words stand beside the elements of a group, as no data does.
bool has_stray_words(const Record& group, const Shape& shape, const Normalise& normalise) {
    const Record* text = group.find("#text");
    return text != nullptr && shape.member("#text") == nullptr && !path::says_nothing(*text, normalise);
}

}  // namespace

bool Run::has_no_items(const Record& node) {
    return (node.is_list() && node.items().empty()) || (node.is_text() && trim_all(node.scalar()) == "[]");
}

bool Run::is_nothing(const Record& node) const {
    return path::says_nothing(node, std::cref(program_.normalise));
}

bool Run::is_another_place(const ListOp& op, const Item& item) const {
    const Normalise normalise = std::cref(program_.normalise);
    const Path& path = op.there ? *op.there : op.from;
    const Shape* shape = op.around;
    const Record* at = path.absolute ? &root_ : item.node;
    for (const Segment& one : path.segments) {
        if (shape == nullptr || one.kind != Segment::Kind::name) {
            return false;
        }
        while (at->is_list() && at->items().size() == 1) {
            at = &at->items().front();
        }
        if (has_stray_words(*at, *shape, normalise)) {
            return true;
        }
        const Record* child = at->find(one.name);
        if (child == nullptr) {
            return is_another(*at, *shape, told_of(program_.source.told, root_), normalise);
        }
        at = child;
        shape = shape->member(one.name);
    }
    return false;
}

bool Run::are_groups(const std::vector<const Record*>& nodes) const {
    const Normalise normalise = std::cref(program_.normalise);
    return std::none_of(nodes.begin(), nodes.end(), [&](const Record* one) {
        return path::says_nothing(*one, normalise) || path::is_words(*one, normalise);
    });
}

}  // namespace datong::mapping
