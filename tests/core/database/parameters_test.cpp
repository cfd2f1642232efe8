#include "core/database/parameters.h"

#include "tests/support/catch.h"

using datong::Fault;
using datong::database::Dialect;
using datong::database::take_parameters;
using Names = std::vector<std::string>;

TEST_CASE("named parameters become positional ones", "[adapters][sql]") {
    struct Row {
        const char* why;
        Dialect dialect;
        const char* sql;
        const char* made;
        Names names;
    };
    constexpr auto kLite = Dialect::sqlite;
    constexpr auto kPg = Dialect::postgresql;
    constexpr auto kMaria = Dialect::mariadb;
    constexpr auto kOdbc = Dialect::odbc;
    const auto row = GENERATE_COPY(values<Row>({
        {"none", kPg, "SELECT 1", "SELECT 1", {}},
        {"one", kPg, "SELECT * FROM t WHERE a = :A", "SELECT * FROM t WHERE a = $1", {"A"}},
        {"one of sqlite", kLite, "SELECT * FROM t WHERE a = :A", "SELECT * FROM t WHERE a = ?1", {"A"}},
        {"twice the same", kPg, "WHERE a=:A AND (:B=1 OR a=:A)", "WHERE a=$1 AND ($2=1 OR a=$1)", {"A", "B"}},
        {"Chinese", kPg, "WHERE 姓名=:姓名)", "WHERE 姓名=$1)", {"姓名"}},
        {"a cast", kPg, "SELECT :A::text, '1'::int", "SELECT $1::text, '1'::int", {"A"}},
        {"in a literal", kPg, "SELECT ':A', 'it''s :B'", "SELECT ':A', 'it''s :B'", {}},
        {"in an escape literal", kPg, R"(SELECT E'\':A', :B)", R"(SELECT E'\':A', $1)", {"B"}},
        {"a plain literal ends at its quote", kPg, R"(SELECT '\', :A)", R"(SELECT '\', $1)", {"A"}},
        {"in a quoted name", kPg, R"(SELECT ":A" FROM ":B""")", R"(SELECT ":A" FROM ":B""")", {}},
        {"in a line comment", kPg, "SELECT 1 -- :A\n, :B", "SELECT 1 -- :A\n, $1", {"B"}},
        {"in a comment", kPg, "SELECT /* :A */ :B", "SELECT /* :A */ $1", {"B"}},
        {"in a comment in a comment", kPg, "/* /* */ :A */ SELECT :B", "/* /* */ :A */ SELECT $1", {"B"}},
        {"sqlite's comments do not nest", kLite, "/* /* */ SELECT :B", "/* /* */ SELECT ?1", {"B"}},
        {"in dollar quotes", kPg, "SELECT $x$ :A ' $x$, :B", "SELECT $x$ :A ' $x$, $1", {"B"}},
        {"in sqlite's brackets", kLite, "SELECT [:A], `:B`, :C", "SELECT [:A], `:B`, ?1", {"C"}},
        {"an array's element", kPg, "SELECT a[1:2], b[:I]", "SELECT a[1:2], b[$1]", {"I"}},
        {"a dollar in a literal", kPg, "SELECT 'costs $5'", "SELECT 'costs $5'", {}},
        {"a dollar in a name", kPg, "SELECT a$1, :B FROM t", "SELECT a$1, $1 FROM t", {"B"}},
        {"mariadb: a place each",
         kMaria,
         "WHERE a=:A AND (:B=1 OR a=:A)",
         "WHERE a=? AND (?=1 OR a=?)",
         {"A", "B", "A"}},
        {"mariadb: a backslash in a literal",
         kMaria,
         R"(SELECT 'it\'s :A', ":B", :C)",
         R"(SELECT 'it\'s :A', ":B", ?)",
         {"C"}},
        {"mariadb: its comments", kMaria, "SELECT 1 # :A\n, 5--:B -- :C\n", "SELECT 1 # :A\n, 5--? -- :C\n", {"B"}},
        {"mariadb: a name in back ticks", kMaria, R"(SELECT `:A\`, :B)", R"(SELECT `:A\`, ?)", {"B"}},
        {"odbc: a place each", kOdbc, "SELECT [:A], :B, `:C`, ':D', :B", "SELECT [:A], ?, `:C`, ':D', ?", {"B", "B"}},
        {"odbc: a plain literal ends at its quote", kOdbc, R"(SELECT '\', :A)", R"(SELECT '\', ?)", {"A"}},
        {"a last semicolon", kPg, "SELECT :A ; -- done", "SELECT $1  -- done", {"A"}},
    }));
    CAPTURE(row.why);
    const auto made = take_parameters(row.sql, row.dialect);
    REQUIRE(made.has_value());
    CHECK(made->text == row.made);
    CHECK(made->names == row.names);
}

TEST_CASE("SQL that can't be taken apart safely is refused", "[adapters][sql][security]") {
    struct Row {
        const char* why;
        Dialect dialect;
        const char* sql;
    };
    constexpr auto kLite = Dialect::sqlite;
    constexpr auto kPg = Dialect::postgresql;
    const auto row = GENERATE_COPY(values<Row>({
        {"empty", kPg, "  -- nothing"},
        {"two statements", kPg, "SELECT 1; DELETE FROM t"},
        {"two statements behind a comment", kLite, "SELECT 1; /* x */ DELETE FROM t"},
        {"an open literal", kPg, "SELECT 'abc"},
        {"an open name", kPg, "SELECT \"abc"},
        {"an open comment", kPg, "SELECT 1 /* abc"},
        {"an open dollar quote", kPg, "SELECT $x$ abc $y$"},
        {"open brackets", kLite, "SELECT [abc"},
        {"the database's own parameter", Dialect::mariadb, "SELECT ?"},
        {"the database's own parameter", Dialect::odbc, "SELECT ?"},
        {"two statements behind a comment of mariadb", Dialect::mariadb, "SELECT 1; # x\n DELETE FROM t"},
        {"an escaped quote closes nothing", Dialect::mariadb, R"(SELECT 'a\')"},
        {"the database's own parameter", kPg, "SELECT $1"},
        {"the database's own parameter", kLite, "SELECT ?"},
        {"the database's own parameter", kLite, "SELECT @x"},
        {"the database's own parameter", kLite, "SELECT $x"},
    }));
    CAPTURE(row.why, row.sql);
    const auto made = take_parameters(row.sql, row.dialect);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().fault() == Fault::bad_request);
}
