#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"

namespace datong::mapping {
namespace {

/// What a context can have (core/policy/context.h and the exchange): names, and members of those that have some.
const std::vector<std::pair<std::string, std::vector<std::string>>> kContext{
    {"subject", {"id_type", "id_no", "name"}},
    {"applicant", {"id_type", "id_no", "name"}},
    {"agent", {"id_type", "id_no", "name"}},
    {"operator", {"account", "organisation", "division", "name"}},
    {"purpose", {"code"}},
    {"department", {"uscc", "title"}},
    {"legal_basis", {}},
    {"case_number", {}},
    {"case_matter", {}},
    {"matter", {}},
    {"channel", {}},
    {"consent", {}},
    {"submission", {}},
    {"idempotency_key", {}},
    {"exchange", {}},
    {"now", {}}};

/// What the context says of persons is personal, their numbers sensitive.
Privacy context_privacy(std::string_view first, std::string_view last) {
    if (first == "subject" || first == "applicant" || first == "agent") {
        return last == "id_no" ? Privacy::sensitive : last == "id_type" ? Privacy::internal : Privacy::personal;
    }
    const bool open =
        first == "department" || first == "exchange" || first == "now" || first == "purpose" || first == "matter";
    return open ? Privacy::open : Privacy::internal;
}

}  // namespace

/// Whether a name without prefix stands in several namespaces below one parent, and which was meant is asked (M215).
bool Checker::is_qualified(const Shape& parent, const std::string& name, const ast::Text& text) {
    if (!prove_prefix(program_.source, name, text.where, mistakes_)) {
        return true;
    }
    std::vector<std::string> found;
    for (const Shape& one : parent.members) {
        if (one.name.ends_with(':' + name)) {
            found.push_back(one.name);
        }
    }
    if (found.size() < 2) {
        return false;
    }
    report(text.where, "M215", "'" + name + "' 在多个命名空间中都有 (" + text.text + ")",
           "'" + name + "' stands in several namespaces (" + text.text + ")", found[0]);
    return true;
}

const Shape* Checker::step_into(const Shape* shape, const Segment& segment, const ast::Text& text) {
    if (segment.kind != Segment::Kind::name) {
        if (shape->kind != Shape::Kind::list) {
            report(text.where, "M212", "'" + text.text + "' 中的方括号前不是列表",
                   "'" + text.text + "' has brackets behind something that is no list");
            return nullptr;
        }
        return &shape->item();
    }
    if (shape->kind == Shape::Kind::list) {
        report(text.where, "M212", "'" + text.text + "' 穿过列表 '" + shape->name + "'",
               "'" + text.text + "' goes through the list '" + shape->name + "'", shape->name + "[*]." + segment.name);
        return nullptr;
    }
    if (shape->kind == Shape::Kind::scalar && segment.name == "#text") {
        return shape;
    }
    const Shape* child = shape->member(segment.name);
    if (child == nullptr && !is_qualified(*shape, segment.name.str(), text)) {
        report(text.where, "M211", "来源模式中没有 '" + segment.name + "' (" + text.text + ")",
               "the source schema has no '" + segment.name + "' (" + text.text + ")",
               nearest(segment.name, shape->member_names()).value_or(""));
    }
    return child;
}

/// A path that begins with a join's name goes on from the rows that it found.
void Checker::enter_join(Path& path, const Place& place) {
    if (path.absolute || path.query || path.segments.empty() || path.segments[0].kind != Segment::Kind::name) {
        return;
    }
    for (std::size_t i = 0; i < place.joins.size(); ++i) {
        if (place.joins[i].as == path.segments[0].name) {
            path.join = i;
            path.segments.erase(path.segments.begin());
            const bool all = !path.segments.empty() && path.segments[0].kind == Segment::Kind::all;
            if (place.joins[i].many && all) {
                path.segments.erase(path.segments.begin());
            }
            path.many = path.many || place.joins[i].many;
        }
    }
}

/// Walks the source schema along a path, and marks what it reads.
bool Checker::follow(Led& led, const ast::Text& text, const Place& place, Wish wish) {
    const JoinPlace* join = led.path.join ? &place.joins[*led.path.join] : nullptr;
    const Shape* shape = join != nullptr ? join->shape : led.path.absolute ? &program_.source_shape : place.source;
    if (join != nullptr && join->many && !wish.many && led.path.text.find("[*]") == std::string::npos) {
        report(text.where, "M212", "'" + text.text + "' 可能有多行, 此处只要一个值",
               "'" + text.text + "' may be several rows, one value is wanted", "lists:");
        return false;
    }
    if (shape == nullptr || !program_.has_source_shape) {
        led.privacy = place.floor;
        seen_ = std::max(seen_, led.privacy);
        return true;
    }
    if (led.path.query) {
        return follow_query(led, text, *shape, wish);
    }
    for (Segment& segment : led.path.segments) {
        led.list = shape->kind == Shape::Kind::list ? shape : led.list;
        shape = step_into(shape, segment, text);
        if (shape == nullptr) {
            return false;
        }
        if (segment.kind == Segment::Kind::name) {
            segment.index = shape->place;
        }
    }
    led.list = shape->kind == Shape::Kind::list ? shape : led.list;
    led.joined = join != nullptr && join->many;
    if (shape->kind != Shape::Kind::scalar && !wish.list) {
        report(text.where, "M212", "'" + text.text + "' 是一组或一列, 此处只要一个值",
               "'" + text.text + "' is no single value", shape->kind == Shape::Kind::list ? "lists:" : "");
        return false;
    }
    led.path.shape = shape;
    led.privacy = note_read({shape});
    return true;
}

/// Gives byte cells their charset; a set or kind of one row stands as its row 0.
void Checker::bind_cells(Path& path, const Place& place) {
    if (path.join) {
        path.charset = place.joins[*path.join].charset;
        return;
    }
    const bool from_root = path.absolute || !place.in_list;
    path.charset = from_root ? program_.source.charset : place.charset;
    const Path names = path.query ? leading_names(path) : Path{};
    const std::vector<Segment>& segments = path.query ? names.segments : path.segments;
    if (!from_root || segments.empty()) {
        return;
    }
    const std::string first = segments[0].name.str();
    bool one = false;
    for (const SetOp& set : program_.source.sets) {
        if (set.name == first) {
            path.charset = set.charset;
            one = !set.many;
        }
    }
    for (const codec::FixedKind& kind : program_.source.layout.kinds) {
        one = one || (kind.name == first && !kind.many);
    }
    if (one && !path.query && (path.segments.size() == 1 || path.segments[1].kind == Segment::Kind::name)) {
        path.segments.insert(path.segments.begin() + 1, Segment{Segment::Kind::index, {}, 0});
        path.text.insert(first.size(), "[0]");
    }
}

std::optional<Checker::Led> Checker::lead(const ast::Text& text, const Place& place, Wish wish) {
    Led led;
    if (auto simple = parse_simple(text.text); simple) {
        led.path = std::move(*simple);
        led.path.normalise = &program_.normalise;
        enter_join(led.path, place);
    } else {
        auto query = path::Query::compile(text.text);
        if (!query) {
            report(text.where, "M211", "不是有效的路径 '" + text.text + "'",
                   "not a path '" + text.text + "': " + query.error().detail());
            return std::nullopt;
        }
        led.path.text = text.text.starts_with("$.") ? text.text.substr(2) : text.text;
        led.path.absolute = query->is_absolute();
        led.path.many = !query->is_singular();
        led.path.normalise = &program_.normalise;
        led.path.query = std::move(*query);
        if (program_.source.has_cells() && has_filter(led.path.query->path())) {
            report(text.where, "M211", "路径 '" + text.text + "' 的筛选会比较未解码的字节",
                   "the filter in '" + text.text + "' would compare bytes that nobody has decoded", "filter:");
            return std::nullopt;
        }
    }
    if (!follow(led, text, place, wish)) {
        return std::nullopt;
    }
    bind_cells(led.path, place);
    seen_paths_ += (seen_paths_.empty() ? "" : ", ") + location(led.path, place.in_list ? "@" : "");
    return led;
}

std::optional<Path> Checker::target_path(const ast::Text& text, const Shape* start, bool many) {
    auto path = parse_simple(text.text);
    if (!path || (path->many && !many)) {
        report(text.where, path ? "M212" : "M211", "目标路径 '" + text.text + "' 不能这样写",
               "the target path '" + text.text + "' can't be used here");
        return std::nullopt;
    }
    const Shape* at = start;
    for (const Segment& segment : path->segments) {
        at = at == nullptr ? nullptr : segment.kind == Segment::Kind::name ? at->member(segment.name) : &at->item();
        if (at == nullptr && start != nullptr) {
            report(text.where, "M211", "目标模式中没有 '" + segment.name + "'",
                   "the target schema has no '" + segment.name + "' (" + text.text + ")",
                   nearest(segment.name, start->member_names()).value_or(""));
            return std::nullopt;
        }
    }
    seen_ = std::max(seen_, at != nullptr ? at->privacy.value_or(Privacy::internal) : Privacy::open);
    return path;
}

/// A path of the context, whose names are known; its class counts as read.
std::optional<Path> Checker::context_path(const ast::Text& text) {
    auto path = parse_simple(text.text);
    std::vector<std::string> names;
    for (const Segment& one : path ? path->segments : std::vector<Segment>{}) {
        names.push_back(one.name.str());
    }
    if (!path || path->many || names.empty() || std::count(names.begin(), names.end(), std::string{}) > 0) {
        report(text.where, "M211", "上下文的路径应为点分名称", "a path of the context is made of names between dots",
               "purpose.code");
        return std::nullopt;
    }
    std::vector<std::string> known;
    const std::vector<std::string>* members = nullptr;
    for (const auto& [name, below] : kContext) {
        known.push_back(name);
        members = name == names[0] ? &below : members;
    }
    if (members == nullptr) {
        report(text.where, "M211", "上下文中没有 '" + names[0] + "'", "the context has no '" + names[0] + "'",
               nearest(names[0], known).value_or(""));
        return std::nullopt;
    }
    const bool is_member = names.size() == 2 && std::find(members->begin(), members->end(), names[1]) != members->end();
    if (!members->empty() ? !is_member : names.size() > 1) {
        std::string all;
        for (const std::string& one : *members) {
            all += (all.empty() ? "" : ", ") + names[0] + '.' + one;
        }
        const auto near = names.size() > 1 ? nearest(names[1], *members) : std::nullopt;
        report(text.where, "M211", "上下文的 '" + names[0] + "' 不能这样取 '" + text.text + "'",
               "'" + text.text + "' is no single value of the context",
               members->empty() ? names[0]
               : near           ? names[0] + '.' + *near
                                : all);
        return std::nullopt;
    }
    seen_ = std::max(seen_, context_privacy(names.front(), names.back()));
    return path;
}

std::optional<Path> Checker::expr_path(Expr::From from, const ast::Text& text, const Place& place, bool many) {
    switch (from) {
        case Expr::From::source: {
            auto led = lead(text, place, {many, many});
            return led ? std::optional{std::move(led->path)} : std::nullopt;
        }
        case Expr::From::target:
            return target_path(text, &program_.target_shape, many);
        case Expr::From::item:
            return target_path(text, item_shape_, many);
        case Expr::From::context:
            break;
    }
    return context_path(text);
}

ExprNames Checker::names(const Place& place) {
    ExprNames out;
    out.path = [this, &place](Expr::From from, const std::string& path, const Position& where, bool many) {
        return expr_path(from, {path, where}, place, many);
    };
    out.let = [this](std::string_view name) -> std::optional<std::size_t> {
        const auto found = std::find(let_names_.begin(), let_names_.end(), name);
        if (found == let_names_.end()) {
            return std::nullopt;
        }
        const auto index = static_cast<std::size_t>(found - let_names_.begin());
        seen_ = std::max(seen_, let_privacy_[index]);
        return index;
    };
    return out;
}

std::optional<Expr> Checker::condition(const ast::Text& text, const Place& place) {
    auto expr = parse_condition(text, names(place), mistakes_);
    prove_cost(expr, text, place.most);
    return expr;
}

}  // namespace datong::mapping
