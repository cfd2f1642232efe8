#include "core/steps/value.h"

#include <array>

#include "core/base/text.h"

namespace datong::steps {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string list_text(const std::vector<Value>& items) {
    std::string out = "[";
    for (const Value& item : items) {
        out += (out.size() > 1 ? ", " : "") + (item.is_null() ? "null" : to_text(item));
    }
    return out + "]";
}

}  // namespace

std::string_view name_of(Type type) {
    constexpr std::array<std::string_view, 12> kNames{"null",    "bytes", "text",     "integer",   "decimal", "money",
                                                      "boolean", "date",  "datetime", "yearmonth", "list",    "any"};
    return kNames[static_cast<std::size_t>(type)];
}

Value from_record(const record::Record& leaf) {
    using Kind = record::Record::Kind;
    switch (leaf.kind()) {
        case Kind::boolean:
        case Kind::number:
        case Kind::text:
            return Value{std::string{leaf.scalar()}};
        case Kind::bytes:
            return Value{Bytes{std::string{leaf.scalar()}}};
        case Kind::list: {
            std::vector<Value> items;
            items.reserve(leaf.items().size());
            for (const record::Record& item : leaf.items()) {
                items.push_back(from_record(item));
            }
            return Value{std::move(items)};
        }
        case Kind::null:
        case Kind::object:
            break;
    }
    return {};
}

record::Record to_record(const Value& value) {
    using record::Record;
    return std::visit(Overloaded{[](std::monostate) { return Record{}; },
                                 [](const Bytes& bytes) { return Record::text(to_base64(bytes.octets)); },
                                 [](const std::string& text) { return Record::text(text); },
                                 [](std::int64_t whole) { return Record::integer(whole); },
                                 [](const record::Decimal& decimal) { return Record::text(decimal.to_text()); },
                                 [](Money money) { return Record::integer(money.fen); },
                                 [](bool truth) { return Record::boolean(truth); },
                                 [](const std::vector<Value>& items) {
                                     Record::List out;
                                     out.reserve(items.size());
                                     for (const Value& item : items) {
                                         out.push_back(to_record(item));
                                     }
                                     return Record::list(std::move(out));
                                 },
                                 [](const auto& date) { return Record::text(record::to_text(date)); }},
                      value.held);
}

std::string to_text(const Value& value) {
    return std::visit(Overloaded{[](std::monostate) { return std::string{}; },
                                 [](const Bytes& bytes) { return to_base64(bytes.octets); },
                                 [](const std::string& text) { return text; },
                                 [](std::int64_t whole) { return std::to_string(whole); },
                                 [](const record::Decimal& decimal) { return decimal.to_text(); },
                                 [](Money money) { return std::to_string(money.fen); },
                                 [](bool truth) { return std::string{truth ? "true" : "false"}; },
                                 [](const std::vector<Value>& items) { return list_text(items); },
                                 [](const auto& date) { return record::to_text(date); }},
                      value.held);
}

}  // namespace datong::steps
