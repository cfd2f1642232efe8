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

TEST_CASE("octets are cut at a separator of the department's choice, with the line of every row", "[codec]") {
    const auto table = codec::read_csv_octets("a|\xD6\xD0\n\n\"x\ny\"|1,5\n2|", {.separator = '|'});
    REQUIRE(table.has_value());
    CHECK(table->rows == CsvRows{{"a", "\xD6\xD0"}, {"x\ny", "1,5"}, {"2", ""}});
    CHECK(table->lines == std::vector<std::size_t>{1, 3, 5});
    CHECK(codec::write_csv({{"a,b", "c|d"}}, false, '|') == "a,b|\"c|d\"\r\n");
}

TEST_CASE("a file of separators alone is refused before it fills the memory", "[codec][security]") {
    const auto wide = codec::read_csv_octets(std::string(2000, ','));
    REQUIRE_FALSE(wide.has_value());
    CHECK_THAT(wide.error().detail(), ContainsSubstring("line 1: too many fields"));
    std::string many;
    for (int i = 0; i < 2000; ++i) {
        many += std::string(600, ',') + '\n';
    }
    CHECK_FALSE(codec::read_csv_octets(many).has_value());
    CHECK(codec::read_csv_octets(std::string(1023, ','))->rows[0].size() == 1024);
}
