#include "core/codec/csv.h"

#include "tests/support/catch.h"

using namespace datong;
using codec::CsvRows;

TEST_CASE("rows are read with quotes, line feeds within and a byte order mark", "[codec]") {
    CHECK(codec::read_csv("\xEF\xBB\xBF"
                          "from,to,label\r\n1,\"a,b\",\"x \"\"y\"\"\r\nz\"\r\n\r\n2,,\n") ==
          CsvRows{{"from", "to", "label"}, {"1", "a,b", "x \"y\"\r\nz"}, {"2", "", ""}});
    CHECK(codec::read_csv("a") == CsvRows{{"a"}});
    CHECK(codec::read_csv("a,") == CsvRows{{"a", ""}});
    CHECK(codec::read_csv("\"\"") == CsvRows{{""}});
    CHECK(codec::read_csv("")->empty());
    CHECK(codec::read_csv("01,不动产\n") == CsvRows{{"01", "不动产"}});
}

TEST_CASE("broken rows are refused with their line and without their content", "[codec][security]") {
    const auto [text, line] = GENERATE(table<std::string, std::string>({
        {"a\nb,\"secret", "line 2"},
        {"a\nsec\"ret", "line 2"},
        {"\"secret\"x", "line 1"},
        {"\"a\nb\"\n\"c\nd\" e", "line 4"},
        {"a\rb", "line 1"},
        {"\xFF", "UTF-8"},
    }));
    CAPTURE(text);
    const auto rows = codec::read_csv(text);
    REQUIRE_FALSE(rows.has_value());
    CHECK(rows.error().fault() == Fault::bad_request);
    CHECK_THAT(rows.error().detail(), ContainsSubstring(line));
    CHECK_THAT(rows.error().detail(), !ContainsSubstring("sec"));
}

TEST_CASE("what is written is read again", "[codec]") {
    const CsvRows rows{{"a", "b,c", "d\"e", "f\r\ng", ""}, {""}, {" x "}, {"\xEF\xBB\xBFy"}};
    const std::string text = codec::write_csv(rows);
    CHECK(text.starts_with("a,\"b,c\",\"d\"\"e\",\"f\r\ng\",\r\n\"\"\r\n"));
    CHECK(codec::read_csv(text) == rows);
    const std::string marked = codec::write_csv(rows, true);
    CHECK(
        marked.starts_with("\xEF\xBB\xBF"
                           "a,"));
    CHECK(codec::read_csv(marked) == rows);
}
