#include <algorithm>
#include <utility>

#include "core/mapping/checker.h"
#include "core/path/program.h"

namespace datong::mapping {
namespace {

using Kind = path::Selector::Kind;
using Shapes = std::vector<const Shape*>;

/// @return whether it is new there.
bool add(Shapes& shapes, const Shape& one) {
    const bool is_new = std::find(shapes.begin(), shapes.end(), &one) == shapes.end();
    if (is_new) {
        shapes.push_back(&one);
    }
    return is_new;
}

/// The shape and all below it.
void add_below(Shapes& shapes, const Shape& one) {
    if (!add(shapes, one)) {
        return;
    }
    for (const Shape& child : one.members) {
        add_below(shapes, child);
    }
}

/// Where a selector leads from a place. In brackets only lists have something, but behind "..", as in RFC 9535.
void take(const path::Selector& selector, const Shape& from, bool is_descendant, Shapes& out) {
    const bool is_list = from.kind == Shape::Kind::list;
    if (selector.kind == Kind::name) {
        const bool is_itself = from.kind == Shape::Kind::scalar && selector.name == "#text";
        const Shape* child = is_list ? nullptr : is_itself ? &from : from.member(selector.name);
        if (child != nullptr) {
            (void)add(out, *child);
        }
        return;
    }
    const bool takes_members =
        selector.is_dotted || (is_descendant && (selector.kind == Kind::wildcard || selector.kind == Kind::filter));
    if (is_list) {
        (void)add(out, from.item());
    }
    for (const Shape& child : from.members) {
        if (takes_members && !is_list) {
            (void)add(out, child);
        }
    }
}

/// The highest class below a place.
Privacy highest_below(const Shape& shape) {
    Privacy highest = shape.privacy.value_or(Privacy::internal);
    for (const Shape& one : shape.members) {
        highest = std::max(highest, highest_below(one));
    }
    return highest;
}

Segment as_segment(const path::Selector& selector) {
    return {selector.kind == Kind::name ? Segment::Kind::name : Segment::Kind::all, selector.name, 0};
}

}  // namespace

bool has_filter(const path::Path& path) {
    return std::any_of(path.segments.begin(), path.segments.end(), [](const path::Segment& one) {
        return std::any_of(one.selectors.begin(), one.selectors.end(),
                           [](const path::Selector& selector) { return selector.kind == Kind::filter; });
    });
}

bool takes_some(const path::Query& query) {
    const auto& segments = query.path().segments;
    return !query.is_singular() || segments.empty() || !segments.back().is_name();
}

Path leading_names(const Path& path) {
    Path out;
    out.absolute = path.absolute;
    out.normalise = path.normalise;
    for (const path::Segment& one : path.query->path().segments) {
        if (!one.is_name()) {
            break;
        }
        out.segments.push_back(as_segment(one.selectors.front()));
        out.text += (out.text.empty() ? "" : ".") + one.selectors.front().name;
    }
    return out;
}

/// The places that a query leads to from some: each name must stand in one of them at least. Empty after a mistake.
Shapes Checker::places_of(const path::Path& query, const Shapes& current, const ast::Text& text, Led* led) {
    Shapes at = query.is_absolute ? Shapes{&program_.source_shape} : current;
    for (const path::Segment& segment : query.segments) {
        Shapes starts = segment.is_descendant ? Shapes{} : at;
        for (const Shape* one : segment.is_descendant ? at : Shapes{}) {
            add_below(starts, *one);
        }
        Shapes next;
        for (const path::Selector& selector : segment.selectors) {
            Shapes found;
            for (const Shape* one : starts) {
                const std::size_t before = found.size();
                take(selector, *one, segment.is_descendant, found);
                const bool through = one->kind == Shape::Kind::list && found.size() > before;
                if (led != nullptr && through) {
                    led->list = one;
                }
            }
            if (found.empty() ||
                (selector.is_dotted && !segment.is_descendant && starts.front()->kind == Shape::Kind::list)) {
                report_lost(selector, starts, text);
                return {};
            }
            if (selector.kind == Kind::filter && !follow_filter(*selector.filter, found, text)) {
                return {};
            }
            std::for_each(found.begin(), found.end(), [&](const Shape* one) { (void)add(next, *one); });
        }
        at = std::move(next);
    }
    return at;
}

/// Says why a selector of a query leads nowhere.
void Checker::report_lost(const path::Selector& selector, const Shapes& from, const ast::Text& text) {
    if (selector.is_dotted) {
        report(text.where, "M212", "'" + text.text + "' 中的 .* 前是列表或单个值",
               "'" + text.text + "' has .* behind something that has no members", "[*]");
        return;
    }
    if (from.size() == 1) {
        (void)step_into(from.front(), as_segment(selector), text);
        return;
    }
    report(text.where, selector.kind == Kind::name ? "M211" : "M212",
           "来源模式中没有 '" + selector.name + "' (" + text.text + ")",
           "the source schema has nothing for a part of '" + text.text + "'" +
               (selector.name.empty() ? std::string{} : ": '" + selector.name + "'"));
}

/// Follows the paths of a filter from the items that it judges.
bool Checker::follow_filter(const path::Expression& filter, const Shapes& items, const ast::Text& text) {
    bool good = true;
    for (const path::Expression& part : filter.parts) {
        good = good && follow_filter(part, items, text);
    }
    for (const path::Operand& operand : filter.operands) {
        good = good && follow_operand(operand, items, text);
    }
    return good;
}

bool Checker::follow_operand(const path::Operand& operand, const Shapes& items, const ast::Text& text) {
    if (operand.kind == path::Operand::Kind::call) {
        return std::all_of(operand.call.arguments.begin(), operand.call.arguments.end(),
                           [&](const path::Operand& one) { return follow_operand(one, items, text); });
    }
    if (operand.kind == path::Operand::Kind::literal) {
        return true;
    }
    const Shapes found = places_of(operand.path, items, text, nullptr);
    note_read(found);
    return !found.empty();
}

/// What a path reads is used, and of the highest class among it.
Privacy Checker::note_read(const Shapes& shapes) {
    Privacy highest = Privacy::open;
    for (const Shape* one : shapes) {
        used_.insert(one);
        highest = std::max(highest, one->privacy.value_or(Privacy::internal));
    }
    seen_ = std::max(seen_, highest);
    return highest;
}

/// follow() of a path that is a query: what its filters read counts for its class too, as conditions do.
bool Checker::follow_query(Led& led, const ast::Text& text, const Shape& start, Wish wish) {
    const Privacy before = std::exchange(seen_, Privacy::open);
    const Shapes found = places_of(led.path.query->path(), {&start}, text, &led);
    if (found.empty()) {
        seen_ = std::max(seen_, before);
        return false;
    }
    const bool none_single =
        std::none_of(found.begin(), found.end(), [](const Shape* one) { return one->kind == Shape::Kind::scalar; });
    if (none_single && !wish.list) {
        report(text.where, "M212", "'" + text.text + "' 是一组或一列, 此处只要一个值",
               "'" + text.text + "' is no single value", "lists:");
        return false;
    }
    (void)note_read(found);
    if (found.size() == 1) {
        led.path.shape = found.front();
        led.list = found.front()->kind == Shape::Kind::list ? found.front() : led.list;
    } else {
        for (const Shape* one : found) {
            seen_ = std::max(seen_, highest_below(*one));
        }
    }
    led.privacy = seen_;
    seen_ = std::max(seen_, before);
    return true;
}

}  // namespace datong::mapping
