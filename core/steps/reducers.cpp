#include <algorithm>
#include <set>

#include "core/steps/family.h"

namespace datong::steps {
namespace {

StepPtr make_count(Arguments&, const Surroundings&) {
    return list_step([](const List& items) -> Stepped { return Value{static_cast<std::int64_t>(items.size())}; });
}

bool all_of_type(const List& items, Type type) {
    return std::all_of(items.begin(), items.end(), [type](const Value& item) { return item.type() == type; });
}

/// Money stays money and integers stay integers; anything else is a decimal.
Stepped sum_of(List items) {
    drop_nulls(items);
    record::Decimal sum;
    for (const Value& item : items) {
        const auto number = to_number(item);
        if (!number || (item.type() == Type::money && !all_of_type(items, Type::money))) {
            return refuse("number.invalid", "列表里有不能相加的项", "an item of the list can't be added");
        }
        const auto next = add(sum, *number);
        if (!next) {
            return refuse("number.range", "合计过大", "the sum is too large");
        }
        sum = *next;
    }
    const bool whole = all_of_type(items, Type::integer);
    const bool money = !items.empty() && all_of_type(items, Type::money);
    if (!whole && !money) {
        return Value{sum};
    }
    const auto integer = sum.to_integer();
    if (!integer) {
        return refuse("number.range", "合计过大", "the sum is too large");
    }
    return money ? Value{Money{*integer}} : Value{*integer};
}

StepPtr make_sum(Arguments&, const Surroundings&) {
    return list_step(sum_of);
}

tl::unexpected<Refusal> refuse_mixed() {
    return refuse("list.mixed", "列表里的项不能互相比较", "the items of the list can't be compared");
}

/// How the items of a list compare: as numbers when all are numbers or texts of numbers (money only with
/// money), else by text when all are of one type; ISO dates compare well so.
class Order {
public:
    /// Type::integerreturn nullopt when the items can't be compared.
    static std::optional<Order> of(const List& items) {
        const bool numbers =
            std::all_of(items.begin(), items.end(), [](const Value& item) { return to_number(item).has_value(); });
        const auto money =
            std::count_if(items.begin(), items.end(), [](const Value& item) { return item.type() == Type::money; });
        const Type type = items.empty() ? Type::text : items.front().type();
        const bool texts = all_of_type(items, type) && type != Type::list && type != Type::bytes;
        const bool pure = money == 0 || static_cast<std::size_t>(money) == items.size();
        return (numbers || texts) && pure ? std::optional{Order{numbers}} : std::nullopt;
    }

    bool operator()(const Value& one, const Value& other) const {
        return by_number_ ? *to_number(one) < *to_number(other) : to_text(one) < to_text(other);
    }

private:
    explicit Order(bool by_number) : by_number_{by_number} {}
    bool by_number_;
};

template <class Pick>
StepPtr extreme_step(Pick pick) {
    return list_step([pick](List items) -> Stepped {
        drop_nulls(items);
        const auto order = Order::of(items);
        if (!order) {
            return refuse_mixed();
        }
        return items.empty() ? Value{} : *pick(items, *order);
    });
}

StepPtr make_min(Arguments&, const Surroundings&) {
    return extreme_step(
        [](const List& items, Order order) { return std::min_element(items.begin(), items.end(), order); });
}

StepPtr make_max(Arguments&, const Surroundings&) {
    return extreme_step(
        [](const List& items, Order order) { return std::max_element(items.begin(), items.end(), order); });
}

/// Equal for equal items only: the type, and the text without what a scale adds.
std::string identity_of(const Value& item) {
    std::string text = to_text(item);
    if (item.type() == Type::decimal && text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        text.erase(text.find_last_not_of('.') + 1);
    }
    return std::string{name_of(item.type())} + ' ' + text;
}

StepPtr make_distinct(Arguments&, const Surroundings&) {
    return list_step([](List items) -> Stepped {
        std::set<std::string> seen;
        std::erase_if(items, [&seen](const Value& item) { return !seen.insert(identity_of(item)).second; });
        return Value{std::move(items)};
    });
}

StepPtr make_sort(Arguments& arguments, const Surroundings&) {
    return list_step([descending = arguments.choice("order") == "desc"](List items) -> Stepped {
        drop_nulls(items);
        const auto order = Order::of(items);
        if (!order) {
            return refuse_mixed();
        }
        std::sort(items.begin(), items.end(), *order);
        if (descending) {
            std::reverse(items.begin(), items.end());
        }
        return Value{std::move(items)};
    });
}

Entry reducer(std::string name, Maker maker, Type out, std::pair<std::string, std::string> help,
              std::vector<Example> examples, std::vector<std::string> rules = {}) {
    Entry entry;
    entry.name = std::move(name);
    entry.in = Type::list;
    entry.out = out;
    entry.rules = std::move(rules);
    entry.help_en = std::move(help.first);
    entry.help_zh = std::move(help.second);
    entry.examples = std::move(examples);
    return with_maker(std::move(entry), maker);
}

}  // namespace

std::vector<Entry> reducer_entries() {
    return {
        reducer("count", make_count, Type::integer, {"How many items.", "项数"},
                {{"[a, b]", "", "2"}, {"[]", "", "0"}}),
        reducer("sum", make_sum, Type::any, {"The exact sum of the items that are not null.", "合计（精确）"},
                {{"['0.1', '0.2']", "", "0.3"},
                 {"[一]", "", "!number.invalid"},
                 {"[]", "", "0"},
                 {"['99999999999999999999999999999999999999', '1']", "", "!number.range"}},
                {"number.invalid", "number.range"}),
        reducer("min", make_min, Type::any, {"The least item; null for none.", "最小项"},
                {{"['10', '9']", "", "9"}, {"[]", "", "null"}, {"[[a], '1']", "", "!list.mixed"}}, {"list.mixed"}),
        reducer("max", make_max, Type::any, {"The greatest item; null for none.", "最大项"},
                {{"['10', '9']", "", "10"}, {"[[a], '1']", "", "!list.mixed"}}, {"list.mixed"}),
        reducer("distinct", make_distinct, Type::list, {"Each item once, in the order of coming.", "去重，保持先后"},
                {{"[乙, 甲, 乙]", "", "[乙, 甲]"}, {"[]", "", "[]"}}),
        with_maker(Entry{.name = "sort",
                         .in = Type::list,
                         .out = Type::list,
                         .rules = {"list.mixed"},
                         .parameters = {{.name = "order",
                                         .kind = "choice",
                                         .otherwise = "asc",
                                         .help_en = "asc or desc",
                                         .help_zh = "升序 asc 或降序 desc",
                                         .alone = true,
                                         .choices = {"asc", "desc"}}},
                         .help_en = "Items in order, numbers by value; null items go.",
                         .help_zh = "排序，数按大小",
                         .examples = {{"['10', '9', '11']", "", "[9, 10, 11]"},
                                      {"['2023-01-02', '2023-01-10']", "desc", "[2023-01-10, 2023-01-02]"},
                                      {"[[a], '1']", "", "!list.mixed"}}},
                   make_sort),
    };
}

}  // namespace datong::steps
