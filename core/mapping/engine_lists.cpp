#include <algorithm>
#include <set>

#include "core/mapping/engine.h"

namespace datong::mapping {
namespace {

using record::Record;

/// Cuts a text at any of the separators; empty places keep their position. More than `most` are not
/// cut to the end.
std::vector<std::string_view> cut(std::string_view text, const std::vector<std::string>& separators, std::size_t most) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size() && parts.size() <= most;) {
        const auto hit = std::find_if(separators.begin(), separators.end(),
                                      [&](const std::string& one) { return text.substr(at).starts_with(one); });
        if (hit == separators.end()) {
            ++at;
            continue;
        }
        parts.push_back(text.substr(begin, at - begin));
        at += hit->size();
        begin = at;
    }
    parts.push_back(text.substr(begin));
    return parts;
}

/// How many places of joined columns are cut: what a filter or distinct_by leaves of them is not known before.
std::size_t most_places(const ListOp& op) {
    constexpr std::size_t kMostPlaces = 100'000;
    return op.filter || op.distinct_by ? std::max(op.max, kMostPlaces) : op.max;
}

steps::Refusal too_long(std::size_t most) {
    return {"list.max", "列表超过 " + std::to_string(most) + " 项",
            "the list has more than " + std::to_string(most) + " items"};
}

bool is_blank(const Record& node) {
    return node.is_null() || (node.is_text() && trim_all(node.scalar()).empty());
}

/// "$.QLRS.QLR" of a path that may end in [*].
std::string item_source(const Path& path, const std::string& current, std::size_t index) {
    std::string out = location(path, current);
    if (out.ends_with("[*]")) {
        out.resize(out.size() - 3);
    }
    return out + '[' + std::to_string(index) + ']';
}

}  // namespace

std::string Item::source() const {
    if (list == nullptr) {
        return {};
    }
    return list->zip_columns.empty()
               ? item_source(list->from, parent->source(), at_source)
               : location(list->zip_columns[0].second, parent->source()) + '[' + std::to_string(at_source) + ']';
}

std::string Item::pointer() const {
    return list == nullptr ? std::string{} : parent->pointer() + list->pointer + '/' + std::to_string(at_target);
}

void Run::list_error(const ListOp& op, const Item& item, steps::Refusal why) {
    Finding out;
    out.path = item.pointer() + op.pointer;
    out.source = op.zip_columns.empty() ? location(op.from, item.source()) : std::string{};
    out.rule = std::move(why.rule);
    out.where = op.where;
    out.text_zh = std::move(why.text_zh);
    out.text_en = std::move(why.text_en);
    error(std::move(out));
}

/// Turns parallel joined columns into a list of objects.
bool Run::zip(const ListOp& op, const Item& item, Record& zipped) {
    zipped = Record::list();
    std::size_t count = 0;
    bool equal = true;
    std::vector<std::string> texts;
    for (const auto& [name, path] : op.zip_columns) {
        auto value = select_path(path, item, false);
        if (!value) {
            list_error(op, item, value.error());
            return false;
        }
        texts.push_back(value->is_null() ? std::string{} : steps::to_text(*value));
    }
    const std::size_t most = most_places(op);
    std::vector<std::vector<std::string_view>> columns;
    for (const std::string& text : texts) {
        columns.push_back(text.empty() ? std::vector<std::string_view>{} : cut(text, op.zip_separators, most));
        if (columns.back().size() > most) {
            list_error(op, item, too_long(most));
            return false;
        }
        equal = equal && columns.back().size() == columns.front().size();
        count = std::max(count, columns.back().size());
    }
    if (!equal && !op.zip_pad) {
        list_error(op, item,
                   {"zip.count", "并列各列的个数不同", "the joined columns differ in their number of places"});
        return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
        Record one = Record::object();
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (i < columns[c].size()) {
                one.put(op.zip_columns[c].first, Record::text(std::string{columns[c][i]}));
            }
        }
        zipped.add(std::move(one));
    }
    return true;
}

/// Whether the source has the list at all.
bool Run::is_there(const ListOp& op, const Item& item) const {
    const auto met = collect(op.there ? *op.there : op.from, root_, *item.node, Taken::whole, item.joined);
    if (!met || met->empty()) {
        return false;
    }
    const Record& list = *met->front();
    if (!op.there) {
        return op.from.segments.empty() || op.from.segments.back().kind != Segment::Kind::all || !has_no_items(list);
    }
    return has_no_items(list) || !(op.groups ? is_nothing(list) : is_blank(list));
}

std::vector<const Record*> Run::nodes_of(const ListOp& op, const Item& item, Record& zipped) {
    std::vector<const Record*> nodes;
    if (!op.zip_columns.empty()) {
        if (zip(op, item, zipped)) {
            for (const Record& one : zipped.items()) {
                nodes.push_back(&one);
            }
        }
        return nodes;
    }
    auto met = collect(op.from, root_, *item.node, Taken::apart, item.joined, &visits_);
    if (!met) {
        list_error(op, item, refusal_of(met.error()));
        return nodes;
    }
    nodes = std::move(*met);
    if (op.groups && nodes.size() == 1 && has_no_items(*nodes[0])) {
        nodes.clear();
    }
    const bool blank = nodes.size() == 1 && (op.groups ? is_nothing(*nodes[0]) : is_blank(*nodes[0]));
    const bool missing = nodes.empty() && ((op.absent_is_error && !is_there(op, item)) || is_another_place(op, item));
    if (blank && op.nullable) {
        nodes.clear();
    } else if (blank || missing) {
        list_error(op, item,
                   {"list.missing", "来源没有给出应有的列表", "the source has no list where one is declared"});
        nodes.clear();
    } else if (op.groups && !are_groups(nodes)) {
        list_error(op, item, refusal_of(Trouble::no_group));
        nodes.clear();
    }
    return nodes;
}

bool Run::keep_distinct(const ListOp& op, const Item& item, const ListNodes& nodes, std::vector<std::size_t>& order) {
    std::set<std::string, std::less<>> seen;
    std::vector<std::size_t> kept;
    for (const std::size_t i : order) {
        const auto key = select_path(*op.distinct_by, nodes.item(i), false);
        if (!key) {
            list_error(op, item, key.error());
            return false;
        }
        if (key->is_null() || seen.insert(steps::to_text(*key)).second) {
            kept.push_back(i);
        }
    }
    order = std::move(kept);
    return true;
}

steps::Stepped Run::sort_key(const ListOp& op, const Item& node) const {
    auto key = select_path(*op.sort_by, node, false);
    if (!key || key->is_null() || !op.sort_as_number) {
        return key;
    }
    const auto number = to_number(*key);
    return number
               ? steps::Stepped{steps::Value{*number}}
               : tl::unexpected{steps::Refusal{"number.invalid", "排序的键不是数", "a key of the sort is no number"}};
}

bool Run::sort(const ListOp& op, const Item& item, const ListNodes& nodes, std::vector<std::size_t>& order) {
    std::vector<steps::Value> keys(nodes.all.size());
    for (const std::size_t i : order) {
        auto key = sort_key(op, nodes.item(i));
        if (!key) {
            list_error(op, item, key.error());
            return false;
        }
        keys[i] = std::move(*key);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (keys[a].is_null() || keys[b].is_null()) {
            return keys[a].is_null() == keys[b].is_null() ? a < b : keys[b].is_null();  // no key: last
        }
        const int sign = compare(keys[a], keys[b]).value_or(0);
        return sign == 0 ? a < b : (sign < 0) != op.sort_descending;
    });
    return true;
}

/// Indices of the nodes that become items, in their order.
std::vector<std::size_t> Run::chosen(const ListOp& op, const Item& item, const ListNodes& nodes) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < nodes.all.size(); ++i) {
        const auto yes = op.filter ? holds(*op.filter, scope(nodes.item(i))) : tl::expected<bool, steps::Refusal>{true};
        if (!yes) {
            list_error(op, item, yes.error());
            return {};
        }
        if (*yes) {
            order.push_back(i);
        }
    }
    if ((op.distinct_by && !keep_distinct(op, item, nodes, order)) || (op.sort_by && !sort(op, item, nodes, order))) {
        return {};
    }
    if (order.size() > op.max) {
        list_error(op, item, too_long(op.max));
        return {};
    }
    if (order.size() < op.min) {
        list_error(op, item,
                   {"list.min", "列表少于 " + std::to_string(op.min) + " 项",
                    "the list has fewer than " + std::to_string(op.min) + " items"});
    }
    if (op.limit && order.size() > *op.limit) {
        order.resize(*op.limit);
    }
    return order;
}

void Run::prove_readable(const ListOp& op, const Item& item, const Record& object) {
    const auto yes = holds(*op.readable, scope(Item{&object}));
    if (yes && *yes) {
        return;
    }
    Finding out;
    out.path = item.pointer();
    out.rule = "reverse.filter";
    out.where = op.where;
    out.text_zh = "写回的行不会再通过该列表的 filter";
    out.text_en = "the row that is written would not pass the list's filter again";
    error(std::move(out));
}

void Run::list_item(const ListOp& op, const Item& item, Record& items) {
    const std::size_t errors = out_.errors.size();
    const std::size_t origins = out_.origins.size();
    Record object = Record::object();
    object.members_to_edit().reserve(op.fields.size() + op.lists.size());
    if (joins_fit(op, item)) {
        for (const FieldOp& one : op.fields) {
            field(one, item, object);
        }
        for (const ListOp& one : op.lists) {
            list(one, item, object);
        }
    }
    if (op.readable != nullptr && out_.errors.size() == errors) {
        prove_readable(op, item, object);
    }
    const auto bad = out_.errors.begin() + static_cast<std::ptrdiff_t>(errors);
    const bool is_its_own = std::none_of(bad, out_.errors.end(), is_of_record);
    if (op.drop_bad_items && out_.errors.size() > errors && is_its_own) {
        for (std::size_t i = errors; i < out_.errors.size(); ++i) {
            warn(std::move(out_.errors[i]));
        }
        out_.errors.resize(errors);
        out_.origins.resize(origins);
        return;
    }
    items.add(std::move(object));
}

void Run::list(const ListOp& op, const Item& item, Record& object) {
    Record zipped;
    ListNodes nodes{nodes_of(op, item, zipped), {}};
    if (!op.joins.empty()) {
        join(op, item, nodes);
    }
    const auto order = chosen(op, item, nodes);
    Record items = Record::list();
    items.items_to_edit().reserve(order.size());
    for (const std::size_t i : order) {
        if (out_.errors.size() >= kMaxFindings) {  // only errors: a list with warnings is signed, and must be whole
            out_.truncated = true;
            break;
        }
        Item one = nodes.item(i);
        one.list = &op;
        one.parent = &item;
        one.at_source = i;
        one.at_target = items.items().size();
        list_item(op, one, items);
    }
    parent_of(object, op.to).put(op.to.back(), std::move(items));
}

void Run::check(const CheckOp& op) {
    if (op.each.empty()) {
        return check_one(op, nullptr, 0);
    }
    const Record* list = &out_.target;
    for (const std::string& name : op.each) {
        list = list != nullptr ? list->find(name) : nullptr;
    }
    if (list == nullptr) {
        return;
    }
    for (std::size_t i = 0; i < list->items().size(); ++i) {
        check_one(op, &list->items()[i], i);
    }
}

void Run::check_one(const CheckOp& op, const Record* item, std::size_t index) {
    Scope all = scope(Item{&root_});
    all.item = item;
    const auto applies = op.when ? holds(*op.when, all) : tl::expected<bool, steps::Refusal>{true};
    if (applies && op.when) {
        passed_when(op.where, *applies);
    }
    if (applies && !*applies) {
        return;
    }
    const auto yes = applies ? holds(op.that, all) : applies;
    if (yes && *yes) {
        return;
    }
    Finding found;
    for (const std::string& name : op.each) {
        found.path += '/' + name;
    }
    found.path += (item != nullptr ? '/' + std::to_string(index) : std::string{}) + op.path;
    found.rule = op.id;
    found.where = op.where;
    found.text_zh = op.message;
    found.text_en = op.message;
    if (!yes) {
        found.text_en += " (" + yes.error().rule + ")";
    }
    op.warn ? warn(std::move(found)) : error(std::move(found));
}

}  // namespace datong::mapping
