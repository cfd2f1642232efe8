#include "core/database/connection.h"
#include "tests/support/catch.h"

using namespace datong;

TEST_CASE("what a server says is one line that does nothing to a terminal", "[database][security]") {
    struct Row {
        std::string said;
        std::string shown;
    };
    std::string long_one;
    for (int i = 0; i < 100; ++i) {
        long_one += "示";
    }
    const auto row = GENERATE_COPY(values<Row>({
        {"no such user", "no such user"},
        {"one\ntwo", "one"},
        {"one\r\n", "one"},
        {"\x1B]0;title\x07\x1B[2K\rmain: OK\x1B[8m", "?]0;title??[2K"},
        {"a\tb\x7F"
         "c\xC2\x9B"
         "31md\xC2\xA0"
         "e",
         "a?b?c?31md\xC2\xA0"
         "e"},
        {"用户示例不存在", "用户示例不存在"},
        {long_one, long_one.substr(0, 198)},
        {std::string(300, 'x'), std::string(200, 'x')},
        {"\xD3\xC3\xBB\xA7", "a message that is not UTF-8"},
    }));
    CHECK(database::first_line(row.said.c_str()) == row.shown);
    CHECK(database::first_line(nullptr).empty());
}
