#include "core/codec/form.h"

#include "tests/support/catch.h"

using namespace datong;
using codec::FormField;
using record::Record;

TEST_CASE("a form's value can't add a field", "[codec][security]") {
    const std::vector<FormField> fields{{"a", "1&admin=1"}, {"b=c", "x y+z;%26"}, {"名", "不动产\r\n"}};
    const std::string text = codec::write_form(fields);
    CHECK(text == "a=1%26admin%3D1&b%3Dc=x+y%2Bz%3B%2526&%E5%90%8D=%E4%B8%8D%E5%8A%A8%E4%BA%A7%0D%0A");
    const auto again = codec::read_form(text);
    REQUIRE(again.has_value());
    CHECK(*again == fields);
}

TEST_CASE("a record's members become fields, a list several", "[codec]") {
    Record record;
    record.put("a", Record::number("1.50"));
    record.put("b", Record::list({Record::text("x"), Record::text("y")}));
    record.put("c", Record{});
    record.put("d", Record::bytes("\xD6\xD0"));
    CHECK(codec::write_form(record) == "a=1.50&b=x&b=y&c=&d=%D6%D0");
    record.put("e", Record::object());
    CHECK_FALSE(codec::write_form(record).has_value());
    CHECK_FALSE(codec::write_form(Record::list()).has_value());
}

TEST_CASE("forms are read leniently in shape and strictly in escapes", "[codec][security]") {
    CHECK(codec::read_form("&a&b=&=c&&d=1=2") == std::vector<FormField>{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "1=2"}});
    CHECK(codec::read_form("")->empty());
    for (const char* broken : {"a=%", "a=%4", "%zz=1", "a=%ff", "a=\xFF"}) {
        CAPTURE(broken);
        CHECK_FALSE(codec::read_form(broken).has_value());
    }
    std::string many;
    for (int i = 0; i < 10'001; ++i) {
        many += "a&";
    }
    CHECK_FALSE(codec::read_form(many).has_value());
}
