#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"

namespace datong::mapping {
namespace {

bool reads_member(const Path& path) {
    return !path.absolute && !path.join && !path.segments.empty() && path.segments[0].kind == Segment::Kind::name &&
           !path::is_attribute_or_text(path.segments[0].name.view());
}

/// Whether it takes the item itself, `@` or `#text`: then the item may be a text.
bool reads_itself(const Path& path) {
    return !path.absolute && !path.join && !path.query &&
           (path.segments.empty() || (path.segments.size() == 1 && path.segments[0].name == "#text"));
}

/// Whether a row reads such a path of its item.
bool reads(const SelectOp& select, bool (*such)(const Path&)) {
    const bool is_source = select.kind != ast::Select::Kind::from_ctx;
    return (is_source && std::any_of(select.paths.begin(), select.paths.end(), such)) ||
           std::any_of(select.cases.begin(), select.cases.end(),
                       [&](const CaseOp& one) { return reads(one.select, such); });
}

/// Whether the items are groups of fields: the schema says so or, without one, what is read of them.
bool has_groups(const ListOp& op) {
    const auto any_reads = [&](bool (*such)(const Path&)) {
        return std::any_of(op.fields.begin(), op.fields.end(),
                           [&](const FieldOp& one) { return reads(one.select, such); }) ||
               std::any_of(op.lists.begin(), op.lists.end(), [&](const ListOp& one) { return such(one.from); });
    };
    return leads_to_groups(op.from) || (any_reads(reads_member) && !any_reads(reads_itself));
}

}  // namespace

void Checker::list_zip(const ast::List& list, const Place& place, ListOp& op, Place& inner) {
    Shape shape;  // what the made items look like
    for (const auto& [name, text] : list.zip->columns) {
        auto led = lead(text, place, {});
        if (!led) {
            continue;
        }
        Shape column;
        column.name = name;
        column.kind = Shape::Kind::scalar;
        column.type = "text";
        const bool said = led->path.query || (led->path.shape != nullptr && led->path.shape->privacy);
        column.privacy = said ? std::optional{led->privacy} : std::nullopt;
        shape.members.push_back(std::move(column));
        op.zip_columns.emplace_back(name, std::move(led->path));
    }
    if (list.zip->separators.empty() || list.zip->columns.empty()) {
        report(list.where, "M108", "zip 需要 sep 和 columns", "zip wants 'sep' and 'columns'");
    }
    op.zip_separators = list.zip->separators;
    op.zip_pad = list.zip->pad;
    program_.zip_shapes.push_back(std::move(shape));
    inner.source = &program_.zip_shapes.back();
    inner.charset.reset();
}

void Checker::list_from(const ast::List& list, const Place& place, ListOp& op, Place& inner) {
    auto led = lead(list.from, place, {true, true});
    inner.source = nullptr;
    if (!led) {
        return;
    }
    if (program_.has_source_shape && led->path.shape != nullptr && led->list == nullptr && !led->joined) {
        report(list.from.where, "M212", "来源模式没有把 '" + list.from.text + "' 声明为列表",
               "the source schema does not declare '" + list.from.text + "' a list", "type: list");
    }
    if (led->list != nullptr) {
        used_.insert(led->list);
        op.nullable = led->list->nullable;
        op.absent_is_error = program_.source.format == "json" && !led->list->nullable;
        if (led->path.query && takes_some(*led->path.query)) {
            op.there = leading_names(led->path);
        }
    }
    if (program_.source.format == "xml" && program_.has_source_shape && !led->path.join) {
        op.around = led->path.absolute ? &program_.source_shape : place.source;
    }
    inner.floor = led->privacy;
    inner.source = led->path.shape != nullptr ? &led->path.shape->item() : nullptr;
    if (inner.source != nullptr) {
        used_.insert(inner.source);
    }
    inner.charset = led->path.charset;
    op.from = std::move(led->path);
}

void Checker::list_joins(const ast::List& list, const Place& place, ListOp& op, Place& inner) {
    static const std::map<std::string, JoinOp::Kind> kKinds{
        {"one", JoinOp::Kind::one}, {"optional", JoinOp::Kind::optional}, {"many", JoinOp::Kind::many}};
    std::vector<JoinPlace> joins;
    for (const ast::Join& one : list.joins) {
        auto with = lead(one.with, place, {true, true});
        auto left = lead(one.left, inner, {});
        if (!with || !left) {
            continue;
        }
        if (program_.has_source_shape && with->path.shape != nullptr && with->list == nullptr) {
            report(one.with.where, "M212", "来源模式没有把 '" + one.with.text + "' 声明为列表",
                   "the source schema does not declare '" + one.with.text + "' a list", "type: list");
        }
        Place row;
        row.in_list = true;
        row.source = with->path.shape != nullptr ? &with->path.shape->item() : nullptr;
        row.charset = with->path.charset;
        row.floor = with->privacy;
        auto right = lead(one.right, row, {});
        const bool taken = inner.source != nullptr && inner.source->member(one.as.text) != nullptr;
        const bool twice =
            std::any_of(joins.begin(), joins.end(), [&](const JoinPlace& other) { return other.as == one.as.text; });
        if (taken || twice || one.as.text.empty()) {
            report(one.as.where, "M203", "名称 '" + one.as.text + "' 已被占用",
                   "the name '" + one.as.text + "' is taken");
        }
        const Shape* key = left->path.shape;
        const Shape* other = right ? right->path.shape : nullptr;
        if (key != nullptr && other != nullptr && key->type != other->type) {
            report(one.where, "M302", "两边的键类型不同: " + key->type + " 与 " + other->type,
                   "the keys are of different types: " + key->type + " and " + other->type);
        }
        if (right) {
            joins.push_back({one.as.text, one.kind == "many", row.source, row.charset});
            op.joins.push_back({std::move(with->path), std::move(left->path), std::move(right->path),
                                kKinds.at(one.kind), one.as.text});
        }
    }
    inner.joins = std::move(joins);
}

void Checker::list_order(const ast::List& list, const Place& inner, ListOp& op) {
    if (list.filter) {
        op.filter = condition(*list.filter, inner);
    }
    const auto key = [&](const ast::Text& text) -> std::optional<Path> {
        auto led = text.text.empty() ? std::nullopt : lead(text, inner, {});
        return led ? std::optional{std::move(led->path)} : std::nullopt;
    };
    op.sort_by = key(list.sort_by);
    op.sort_descending = list.sort_descending;
    op.sort_as_number = list.sort_as_number;
    op.distinct_by = key(list.distinct_by);
    op.limit = list.limit;
    op.min = list.min.value_or(0);
    op.max = list.max.value_or(file_.defaults.max_items);
    op.drop_bad_items = list.drop_bad_items;
    if (op.min > op.max) {
        report(list.where, "M301", "min 大于 max", "min is greater than max");
    }
}

void Checker::list(const ast::List& list, const Place& place, std::vector<ListOp>& out) {
    ListOp op;
    op.where = list.where;
    const Shape* shape = target_of(list.to, place, op.to);
    for (const std::string& name : op.to) {
        op.pointer += '/' + name;
    }
    Place inner;
    inner.in_list = true;
    inner.most = place.most * std::min<std::size_t>(list.max.value_or(file_.defaults.max_items), 1'000'000);
    inner.pointer = place.pointer + op.pointer + "/*";
    if (shape != nullptr && shape->kind != Shape::Kind::list && shape->json) {
        report(list.to.where, "M204", "目标 '" + list.to.text + "' 不是列表",
               "the target '" + list.to.text + "' is no list");
    }
    inner.target = shape != nullptr ? &shape->item() : nullptr;
    list.zip ? list_zip(list, place, op, inner) : list_from(list, place, op, inner);
    list_joins(list, place, op, inner);
    list_order(list, inner, op);
    mark_written(place, op.to, true);
    for (const ast::Field& one : list.fields) {
        field(one, inner, op.fields);
    }
    for (const ast::List& one : list.lists) {
        this->list(one, inner, op.lists);
    }
    op.groups = has_groups(op);
    if (shape != nullptr && shape->min_items && *shape->min_items > op.min) {
        report(list.where, "M204", "目标要求至少 " + std::to_string(*shape->min_items) + " 项",
               "the target wants at least " + std::to_string(*shape->min_items) + " items",
               "min: " + std::to_string(*shape->min_items));
    }
    if (shape != nullptr && shape->max_items && *shape->max_items < std::min(op.max, op.limit.value_or(op.max))) {
        report(list.where, "M204", "目标最多 " + std::to_string(*shape->max_items) + " 项",
               "the target takes at most " + std::to_string(*shape->max_items) + " items",
               "max: " + std::to_string(*shape->max_items));
    }
    out.push_back(std::move(op));
}

void Checker::prove_drops(const std::vector<ast::List>& lists) {
    for (const ast::List& list : lists) {
        const std::string wanted = "count(target." + list.to.text + ")";
        const bool counted = std::any_of(file_.checks.begin(), file_.checks.end(), [&](const ast::Check& one) {
            return one.that.text.find(wanted) != std::string::npos;
        });
        if (list.drop_bad_items && !counted) {
            report(list.where, "M304", "on_item_error: drop 需要一个对项数的检查",
                   "on_item_error: drop wants a check on the number of items", "that: \"" + wanted + " == ...\"");
        }
        prove_drops(list.lists);
    }
}

void Checker::check(const ast::Check& check, const Place& place) {
    CheckOp op;
    op.id = check.id;
    op.path = check.path;
    op.message = check.message;
    op.warn = check.warn;
    op.where = check.where;
    item_shape_ = nullptr;
    if (!check.each.text.empty()) {
        const Shape* at = &program_.target_shape;
        for (const std::string_view part : split(check.each.text, '.')) {
            op.each.emplace_back(part);
            at = at != nullptr ? at->member(part) : nullptr;
        }
        if (at == nullptr || at->kind != Shape::Kind::list) {
            report(check.each.where, "M601", "each 应为目标中的列表", "'each' names a list of the target",
                   nearest(check.each.text, program_.target_shape.member_names()).value_or(""));
            return;
        }
        item_shape_ = &at->item();
    }
    ExprNames known = names(place);
    known.target_allowed = true;
    known.item_allowed = item_shape_ != nullptr;
    if (check.when) {
        op.when = parse_condition(*check.when, known, mistakes_);
    }
    auto that = parse_condition(check.that, known, mistakes_);
    const auto list = std::find_if(file_.lists.begin(), file_.lists.end(),
                                   [&](const ast::List& one) { return one.to.text == check.each.text; });
    const std::size_t most = list != file_.lists.end() ? list->max.value_or(file_.defaults.max_items) : 1;
    prove_cost(op.when, check.that, most);
    prove_cost(that, check.that, most);
    prove_message(check.message, check.where);
    if (!check.path.empty() && !check.path.starts_with('/')) {
        report(check.where, "M109", "path 应以 '/' 开头", "a path begins with '/'", '/' + check.path);
    }
    if (that) {
        op.that = std::move(*that);
        program_.checks.push_back(std::move(op));
    }
}

}  // namespace datong::mapping
