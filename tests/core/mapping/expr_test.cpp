#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Small;

TEST_CASE("expressions compute with exact decimals and compare by what is written", "[mapping]") {
    struct Row {
        std::string expr;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"a == 'x'", "true"},
        {"a == 'X' or b == '2'", "true"},
        {"not (a == 'x')", "false"},
        {"a == null", "false"},
        {"none == null", "true"},
        {"none != null", "false"},
        {"none < 1", "false"},
        {"none == 'x'", "false"},
        {"b == 2", "true"},
        {"b == '2.0'", "false"},
        {"b == 2.0", "true"},
        {"b < 10", "true"},
        {"b < '10'", "false"},
        {"a < 10", "!expr.type"},
        {"a == 10", "false"},
        {"a in ['x', 'y']", "true"},
        {"a not in ['x', 'y']", "false"},
        {"b in [1, 2]", "true"},
        {"a in rows[*].x", "true"},
        {"a matches '^[x-z]$'", "true"},
        {"day matches '-0[1-6]-'", "true"},
        {"0.1 + 0.2 == 0.3", "true"},
        {"price * 100 == 115", "true"},
        {"round(1.005, 2) == 1.01", "true"},
        {"round(2.5) == 3", "true"},
        {"round(-2.5) == -3", "true"},
        {"1 / 3 * 3 == 1", "false"},
        {"10 - 2 - 3 == 5", "true"},
        {"2 + 3 * 4 == 14", "true"},
        {"-(2 + 3) == -5", "true"},
        {"1 / zero == 1", "!expr.div0"},
        {"big * big > 0", "!expr.range"},
        {"length('扎西') == 2", "true"},
        {"upper('ab') == 'AB' and lower('AB') == 'ab'", "true"},
        {"starts_with(day, '2023') and ends_with(day, '18') and contains(day, '-05-')", "true"},
        {"is_null(none) and not is_null(a)", "true"},
        {"coalesce(none, b) == '2'", "true"},
        {"count(rows) == 3", "true"},
        {"count(none) == 0", "true"},
        {"count(a) == 1", "true"},
        {"sum(rows[*].v) == 6.5", "true"},
        {"min(rows[*].v) == 1 and max(rows[*].v) == 4", "true"},
        {"first(rows[*].x) == 'x'", "true"},
        {"count(distinct(rows[*].x)) == 2", "true"},
        {"any(rows[*].x == 'z')", "true"},
        {"all(rows[*].v > 0)", "true"},
        {"all(rows[*].x == 'x')", "false"},
        {"rows[*].x == 'x'", "!path.multiple"},
        {"rows[1].x == 'z'", "true"},
        {"abs(-3) == 3 and integer('7') == 7 and decimal('1.50') == 1.5", "true"},
        {"integer(a) == 7", "!expr.type"},
        {"amount('1.5', '万元') == 1500000", "true"},
        {"amount(a, '元') == 1", "!parse_amount"},
        {"amount(none, '元') == null", "true"},
        {"date(day) == '2023-05-18' and date('18/5/2023', 'd/M/yyyy') == day", "true"},
        {"days_between(day, '2023-06-01') == 14", "true"},
        {"months_between('2023-01-31', '2023-02-28') == 0", "true"},
        {"months_between('2024-03-15', '2024-01-20') == -1", "true"},
        {"months_between('2024-03-15', '2024-01-15') == -2", "true"},
        {"age('1980-01-02') == 44 and age('1980-01-01', '2025-01-01') == 45", "true"},
        {"today() == '2025-01-01'", "true"},
        {"ctx.purpose.code == '0301'", "true"},
        {"'it''s' == 'it''s'", "true"},
        {"truth == true", "true"},
    }));
    CAPTURE(row.expr);
    std::string quoted = row.expr;
    Small small{.rows = "fields:\n  - {to: yes, compute: \"" + quoted + "\"}\n",
                .context = R"({"purpose":{"code":"0301"}})"};
    const auto out = small.run(R"({"a":"x","b":"2","price":"1.15","zero":"0","day":"2023-05-18","truth":true,
        "big":"99999999999999999999999999999999999999",
        "rows":[{"x":"x","v":"1"},{"x":"z","v":"4"},{"x":"x","v":1.5}]})");
    std::string got;
    if (out.outcome == mapping::Outcome::ok) {
        got = out.target.find("yes") != nullptr ? std::string{out.target.find("yes")->scalar()} : "null";
    } else {
        got = "!" + out.errors.at(0).rule;
    }
    CHECK(got == row.wanted);
}

TEST_CASE("a date is compared with dates and ISO texts by time, and with nothing else", "[mapping]") {
    struct Row {
        std::string expr;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"plain < today()", "!expr.type"},
        {"plain >= today()", "!expr.type"},
        {"today() > plain", "!expr.type"},
        {"plain == today()", "!expr.type"},
        {"plain != today()", "!expr.type"},
        {"plain in [today()]", "!expr.type"},
        {"plain not in [today()]", "!expr.type"},
        {"today() in rows[*].d", "!expr.type"},
        {"slashes >= today()", "!expr.type"},
        {"forever >= today()", "!expr.type"},
        {"forever == today()", "false"},
        {"today() != forever and today() not in [forever]", "true"},
        {"let.until == '长期' or let.until >= today()", "true"},
        {"let.ever == '长期' or let.ever >= today()", "true"},
        {"let.until in ['长期', '永久', '']", "false"},
        {"let.ever in ['长期', '2025-01-01']", "true"},
        {"let.until in ['二〇二六年']", "!expr.type"},
        {"let.until == '２０２６１２３１'", "!expr.type"},
        {"let.until == '20261231'", "!expr.type"},
        {"let.until > '长期'", "!expr.type"},
        {"let.until == true", "!expr.type"},
        {"let.number > today()", "!expr.type"},
        {"let.number == today()", "!expr.type"},
        {"any(rows[*].d >= today())", "!expr.type"},
        {"date(plain, 'yyyyMMdd') < today()", "true"},
        {"date(plain, 'yyyyMMdd') in [today(), '2024-12-31']", "true"},
        {"date(plain, 'yyyyMMdd') not in ['2025-01-01', today()]", "true"},
        {"iso == today() and iso in [today()] and today() in [iso]", "true"},
        {"iso < '2025-01-02' and date(iso) < '2025-01-02'", "true"},
        {"none < today()", "false"},
        {"none != today()", "true"},
        {"none in [today()]", "false"},
        {"iso in [null, today()]", "true"},
        {"'2025-01-01T08:00:00+08:00' <= today()", "true"},
        {"'2025-01-01T08:00:00+08:00' == today()", "true"},
        {"'2025-01-01T08:00:00' > today() or '2025-01-01 08:00' != today()", "false"},
        {"time == today() and time <= today() and not (time < today())", "true"},
        {"'2024-12-31T16:00:00Z' == today()", "true"},
        {"let.moment == time and let.moment > '2025-01-01 08:59:59'", "true"},
        {"let.moment == today() and let.moment >= '2025-01'", "true"},
        {"month >= today() and month <= today()", "true"},
        {"let.month == month and let.month < '2025-02-01' and let.month > '2024-12-31'", "true"},
        {"let.month < plain", "!expr.type"},
        {"max([date(iso), '2025-01-02']) == '2025-01-02'", "true"},
        {"max([date(iso), plain]) == iso", "!expr.type"},
    }));
    CAPTURE(row.expr);
    Small small{.rows = R"y(let:
  - {name: number, from: plain, steps: [parse_integer]}
  - {name: moment, from: time, steps: [{parse_datetime: 'yyyy-MM-dd HH:mm:ss'}]}
  - {name: month, from: month, steps: [{parse_yearmonth: yyyy-MM}]}
  - name: until
    cases: [{when: "last == '长期'", value: 长期}, {else: true, from: last, steps: [{parse_date: yyyyMMdd}]}]
  - name: ever
    cases: [{when: "forever == '长期'", value: 长期}, {else: true, from: forever, steps: [{parse_date: yyyyMMdd}]}]
fields: [{to: yes, compute: ")y" +
                        row.expr + "\"}]\n"};
    const auto out = small.gives(R"({"plain":"20241231","slashes":"2024/1/5","iso":"2025-01-01","month":"2025-01",
        "time":"2025-01-01 09:00:00","forever":"长期","last":"20261231","rows":[{"d":"20260101"}]})");
    CHECK(out ==
          (row.wanted.front() == '!' ? "invalid: /yes " + row.wanted.substr(1) : "{\"yes\":" + row.wanted + "}"));
}

TEST_CASE("any and all see an item without a value as null, what counts and sums does not", "[mapping]") {
    struct Row {
        std::string expr;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"all(rows[*].x == '1')", "false"},
        {"all(rows[*].x != '2')", "true"},
        {"any(rows[*].x != '1')", "true"},
        {"any(rows[*].x == null)", "true"},
        {"any(rows[*].x == '2')", "false"},
        {"all(rows[*].v > 0)", "false"},
        {"all(rows[*].v in ['1'])", "false"},
        {"any(rows[*].v not in ['1'])", "true"},
        {"all(rows[*].o.p == 'k')", "false"},
        {"all(rows[*]['v'] == '1')", "false"},
        {"all(rows[?@.y=='k'].v == '1')", "false"},
        {"all(rows[?@.y=='k'].o['p'] == 'k')", "false"},
        {"all(rows[?@.y=='k'].x == '1')", "false"},
        {"all(rows[?@.y=='none'].x == '1')", "true"},
        {"all(rows[*].tags[*] == 't')", "true"},
        {"all(gone[*].x == '1')", "true"},
        {"any(gone[*].x != '1')", "false"},
        {"count(rows[*].x) == 1", "true"},
        {"count(distinct(rows[*].x)) == 1", "true"},
        {"count(rows[*]) == 4", "true"},
        {"count(rows[*].o) == 1", "true"},
        {"count(rows[*].v) == 2", "true"},
        {"sum(rows[*].v) == 2", "true"},
        {"min(rows[*].v) == 1 and max(rows[*].v) == 1", "true"},
        {"'2' in rows[*].x", "false"},
        {"null in rows[*].x", "false"},
    }));
    CAPTURE(row.expr);
    Small small{.rows = "defaults: {max_items: 50}\nfields:\n  - {to: yes, compute: \"" + row.expr + "\"}\n"};
    CHECK(small.gives(R"({"rows":[{"x":"1","v":"1","o":{"p":"k"},"y":"k","tags":["t"]},{"x":null,"v":"1","y":"k"},
        {"x":" ","v":[],"o":null,"y":"k"},{"y":"k"}]})") == "{\"yes\":" + row.wanted + "}");
}

TEST_CASE("a check over every item sees one that was written without the value", "[mapping]") {
    Small small{.rows = R"y(fields: []
lists: [{to: l, from: rows, fields: [{to: x, from: x}]}]
checks: [{id: same, that: "all(target.l[*].x == '1')", message: 各项应相同}]
)y"};
    CHECK(small.gives(R"({"rows":[{"x":"1"},{"x":"1"}]})") == R"({"l":[{"x":"1"},{"x":"1"}]})");
    CHECK(small.gives(R"({"rows":[{"x":"1"},{}]})") == "invalid:  same");
    CHECK(small.gives(R"({"rows":[]})") == R"({"l":[]})");
}

TEST_CASE("an expression that can't be right is refused with its column", "[mapping]") {
    struct Row {
        std::string expr;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"a ==", "column 5: the expression is not complete"},
        {"a == 'x", "column 8: the quote does not end"},
        {"(a == 'x'", "column 10: ')' is missing"},
        {"a = 'x'", "column 3: the expression should end here"},
        {"a == 'x' and", "column 13: the expression is not complete"},
        {"a == 'x' and b", "a yes or no is wanted here"},
        {"lenght(a) == 1", "unknown function 'lenght'"},
        {"length(a, b) == 1", "wrong number of arguments"},
        {"a matches b", "matches wants a pattern in quotes"},
        {"a matches '('", "not a regular expression"},
        {"amount(a, b) == 1", "the second argument is a text in quotes"},
        {"amount(a, '两') == 1", "M301"},
        {"any(a)", "any() wants a comparison"},
        {"let.x == 1", "no named value 'let.x'"},
        {"'a' + 1 == 2", "a number is wanted here"},
        {"1.2.3 == 1", "not a number"},
        {"((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))", "nested too deeply"},
        {"-----------------------------------------1 == 1", "nested too deeply"},
        {"length(length(length(length(length(length(length(length(length(length(length(length(length(length(length("
         "length(length(length(length(length(a)))))))))))))))))))) == 1",
         "nested too deeply"},
        {"today() > '20260101'", "a date is compared with a date, not text"},
        {"'2026-13-01' == today()", "a date is compared with a date, not text"},
        {"today() == 20260101", "a date is compared with a date, not integer"},
        {"today() == '20261130'", "a date is compared with a date, not text"},
        {"today() >= '长期'", "a date is compared with a date, not text"},
        {"date(a) in ['2026-01-05', '2026年']", "a date is compared with a date, not text"},
        {"today() != true", "a date is compared with a date, not boolean"},
        {"; drop table", "not understood from here on"},
    }));
    CAPTURE(row.expr);
    Small small{.rows = "fields:\n  - {to: yes, compute: \"" + row.expr + "\"}\n"};
    const auto compiled = small.compile();
    CHECK(compiled.mapping == nullptr);
    CHECK_THAT(mapping::tests::lines(compiled.mistakes), ContainsSubstring(row.wanted));
}

TEST_CASE("an expression of five hundred nodes is the longest", "[mapping]") {
    std::string sum = "1";
    for (int i = 0; i < 600; ++i) {
        sum += " + 1";
    }
    Small small{.rows = "fields:\n  - {to: m, compute: \"" + sum + "\"}\n"};
    CHECK_THAT(mapping::tests::lines(small.compile().mistakes), ContainsSubstring("too long"));
}

TEST_CASE("an expression that a long list would make slow is refused with its cost", "[mapping][security]") {
    struct Row {
        const char* why;
        std::string most;
        std::string list;
        bool cheap;
    };
    const auto row = GENERATE(values<Row>({
        {"one list", "10000", "compute: \"count(rows[*].x)\"", false},
        {"one list of the usual length", "1000", "compute: \"count(rows[*].x)\"", true},
        {"a list of lists", "200", "compute: \"count(rows[*].tags[*])\"", false},
        {"a list of short lists", "90", "compute: \"count(rows[*].tags[*])\"", true},
        {"each item with the other side", "5000", "compute: \"1\", when: \"any(rows[*].x == max(a, b))\"", false},
    }));
    CAPTURE(row.why);
    Small small{.rows = "defaults: {max_items: " + row.most + "}\nfields: [{to: m, " + row.list + "}]\n"};
    const auto mistakes = small.compile().mistakes;
    CAPTURE(mapping::tests::lines(mistakes));
    CHECK(mistakes.empty() == row.cheap);
    CHECK((row.cheap || mistakes[0].code == "M601"));
}

TEST_CASE("the greatest and the least are by number where all are numbers", "[mapping]") {
    struct Row {
        std::string values;
        std::string greatest;
        std::string least;
    };
    const auto row = GENERATE(values<Row>({{R"("9","10","1")", "10", "1"},
                                           {R"("9","-10","1.50")", "9", "-10"},
                                           {R"("2023-01-02","2023-01-10")", "2023-01-10", "2023-01-02"},
                                           {R"("9","10","x")", "x", "10"}}));
    Small small{.rows = "fields:\n  - {to: a, compute: \"max(a[*])\"}\n  - {to: b, compute: \"min(a[*])\"}\n"};
    CHECK(small.gives("{\"a\":[" + row.values + "]}") ==
          "{\"a\":\"" + row.greatest + "\",\"b\":\"" + row.least + "\"}");
    small.rows = "fields:\n  - {to: a, from: \"a[*]\", steps: [max]}\n  - {to: b, from: \"a[*]\", steps: [min]}\n";
    CHECK(small.gives("{\"a\":[" + row.values + "]}") ==
          "{\"a\":\"" + row.greatest + "\",\"b\":\"" + row.least + "\"}");
}

TEST_CASE("a blank text is no value to count", "[mapping]") {
    Small small{.rows = "defaults: {null_tokens: [无]}\nfields: [{to: m, compute: \"count(a[*])\"}]\n"};
    CHECK(small.gives(R"({"a":["x",""," ",null,"无",0]})") == R"({"m":2})");
    small.rows = "fields: [{to: m, compute: \"count(rows)\"}]\n";
    CHECK(small.gives(R"({"rows":[{},{"x":""}]})") == R"({"m":2})");
}
