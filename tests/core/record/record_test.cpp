#include "core/record/record.h"

#include "tests/support/catch.h"

using datong::record::Record;

TEST_CASE("an object keeps the order of its members and replaces by name", "[record]") {
    Record person = Record::object();
    person.put("name", Record::text("张三"));
    person.put("age", Record::number("30"));
    person.put("name", Record::text("李四"));
    REQUIRE(person.members().size() == 2);
    CHECK(person.members()[0].name == "name");
    CHECK(person.text_of("name") == "李四");
    CHECK(person.find("idNo") == nullptr);
    CHECK(person.text_of("idNo").empty());
}

TEST_CASE("a number keeps its digits and is not the text of the same digits", "[record]") {
    CHECK(Record::number("100.10").scalar() == "100.10");
    CHECK_FALSE(Record::number("1") == Record::text("1"));
    CHECK_FALSE(Record::text("1") == Record::bytes("1"));
    CHECK(Record::integer(-5).scalar() == "-5");
}

TEST_CASE("a path of names walks objects and stops where one is missing", "[record]") {
    Record root = Record::object();
    root.put("context", Record::object()).put("subject", Record::object()).put("idNo", Record::text("x"));
    const Record* found = root.find_path({"context", "subject", "idNo"});
    REQUIRE(found != nullptr);
    CHECK(found->scalar() == "x");
    CHECK(root.find_path({"context", "agent", "idNo"}) == nullptr);
    CHECK(root.find_path({"context", "subject", "idNo", "deeper"}) == nullptr);
}

TEST_CASE("null becomes an object or a list when something is put in", "[record]") {
    Record object;
    object.put("a", Record::boolean(true));
    CHECK(object.is_object());
    CHECK(object.find("a")->truth());
    Record list;
    list.add(Record::integer(1));
    list.add(Record{});
    CHECK(list.is_list());
    CHECK(list.items().size() == 2);
    CHECK(list.items()[1].is_null());
}

TEST_CASE("what a record is not reads as empty", "[record]") {
    CHECK(Record::list().scalar().empty());
    CHECK(Record::text("x").members().empty());
    CHECK(Record::text("x").items().empty());
    CHECK(Record::boolean(false).scalar() == "false");
    CHECK_FALSE(Record::text("true").truth());
}
