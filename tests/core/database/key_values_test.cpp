#include "core/database/key_values.h"

#include "tests/support/catch.h"

using datong::database::KeyValues;
using datong::database::read_key_values;

TEST_CASE("a connection string's pairs are read as libpq reads them", "[database]") {
    struct Row {
        const char* why;
        const char* text;
        KeyValues pairs;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"empty", "", {}},
        {"two", " host=h  port=3306 ", {{"host", "h"}, {"port", "3306"}}},
        {"blanks around the sign", "host = h", {{"host", "h"}}},
        {"quotes hold blanks", "password='a b' user=u", {{"password", "a b"}, {"user", "u"}}},
        {"a quote in quotes", R"(password='it\'s \\' user=u)", {{"password", R"(it's \)"}, {"user", "u"}}},
        {"an empty value in quotes", "password='' user=u", {{"password", ""}, {"user", "u"}}},
        {"an escaped blank", R"(password=a\ b)", {{"password", "a b"}}},
        {"a sign in a value", "password=a=b", {{"password", "a=b"}}},
    }));
    CAPTURE(row.why);
    const auto pairs = read_key_values(row.text);
    REQUIRE(pairs.has_value());
    CHECK(*pairs == row.pairs);
}

TEST_CASE("what is no list of pairs is refused", "[database]") {
    const std::string text = GENERATE(as<std::string>{}, "host", "=h", "host=h port", "password='open", "'host'=h");
    CAPTURE(text);
    CHECK_FALSE(read_key_values(text).has_value());
}
