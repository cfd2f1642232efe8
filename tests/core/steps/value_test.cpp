#include "core/steps/value.h"

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;
using record::Record;

TEST_CASE("a leaf of a source record becomes a value with all its digits", "[steps]") {
    CHECK(from_record(Record::number("100.10")) == Value{std::string{"100.10"}});
    CHECK(from_record(Record::boolean(true)) == Value{std::string{"true"}});
    CHECK(from_record(Record::text("x")) == Value{std::string{"x"}});
    CHECK(from_record(Record::bytes("\xFF")) == Value{Bytes{"\xFF"}});
    CHECK(from_record(Record{}).is_null());
    CHECK(from_record(Record::object()).is_null());
    Record list = Record::list();
    list.add(Record::text("a"));
    list.add(Record{});
    CHECK(from_record(list) == Value{std::vector<Value>{Value{std::string{"a"}}, Value{}}});
}

TEST_CASE("a value stands in a target in the one form of its type", "[steps]") {
    CHECK(to_record(Value{Money{850000}}) == Record::integer(850000));
    CHECK(to_record(Value{std::int64_t{-7}}) == Record::integer(-7));
    CHECK(to_record(Value{record::Decimal{1200, 4}}) == Record::text("0.1200"));
    CHECK(to_record(Value{true}) == Record::boolean(true));
    CHECK(to_record(Value{record::Date{2024, 5, 1}}) == Record::text("2024-05-01"));
    CHECK(to_record(Value{record::YearMonth{2024, 5}}) == Record::text("2024-05"));
    CHECK(to_record(Value{record::DateTime{{2024, 5, 1}, 10, 0, 0, 0}}) == Record::text("2024-05-01T10:00:00+08:00"));
    CHECK(to_record(Value{Bytes{std::string{"\0\xFF", 2}}}) == Record::text("AP8="));
    CHECK(to_record(Value{}).is_null());
    CHECK(to_record(Value{std::vector<Value>{Value{std::int64_t{1}}}}).items().size() == 1);
}

TEST_CASE("values know their type by name", "[steps]") {
    CHECK(name_of(Value{}.type()) == "null");
    CHECK(name_of(Value{Bytes{}}.type()) == "bytes");
    CHECK(name_of(Value{std::string{}}.type()) == "text");
    CHECK(name_of(Value{std::int64_t{}}.type()) == "integer");
    CHECK(name_of(Value{record::Decimal{}}.type()) == "decimal");
    CHECK(name_of(Value{Money{}}.type()) == "money");
    CHECK(name_of(Value{false}.type()) == "boolean");
    CHECK(name_of(Value{record::Date{}}.type()) == "date");
    CHECK(name_of(Value{record::DateTime{}}.type()) == "datetime");
    CHECK(name_of(Value{record::YearMonth{}}.type()) == "yearmonth");
    CHECK(name_of(Value{std::vector<Value>{}}.type()) == "list");
    CHECK(name_of(Type::any) == "any");
}
