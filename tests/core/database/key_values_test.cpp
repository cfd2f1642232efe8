#include "core/database/key_values.h"

#include "core/database/drivers.h"

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

TEST_CASE("a client certificate for MariaDB without an authority would be no TLS at all, and is refused",
          "[database][security]") {
    using datong::database::check_mariadb_connection;
    constexpr auto kUtf8 = datong::charset::Charset::utf_8;
    CHECK(check_mariadb_connection("host=h user=u dbname=d ssl_ca=a ssl_cert=c ssl_key=k", kUtf8));
    for (const char* pair : {"ssl_cert=c", "ssl_key=k"}) {
        const auto checked = check_mariadb_connection(std::string{"host=h user=u dbname=d "} + pair, kUtf8);
        REQUIRE_FALSE(checked.has_value());
        CHECK(checked.error().detail().find("ssl_ca") != std::string::npos);
    }
}
