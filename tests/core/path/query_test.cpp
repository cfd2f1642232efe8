#include "core/path/query.h"

#include <algorithm>
#include <string>

#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using path::Query;
using record::Record;

namespace {

Record json(std::string_view text) {
    auto value = codec::read_json(text);
    REQUIRE(value.has_value());
    return std::move(*value);
}

Query compiled(std::string_view text) {
    CAPTURE(std::string{text});
    auto query = Query::compile(text);
    REQUIRE(query.has_value());
    return std::move(*query);
}

std::vector<const Record*> values_of(std::string_view query, const Record& root, const Record& current) {
    auto values = compiled(query).values(root, current);
    REQUIRE(values.has_value());
    return std::move(*values);
}

/// Scalars that a relative query meets, joined by blanks.
std::string met(std::string_view query, const Record& record) {
    std::string out;
    for (const Record* value : values_of(query, record, record)) {
        out += (out.empty() ? "" : " ") + std::string{value->scalar()};
    }
    return out;
}

}  // namespace

TEST_CASE("a relative query begins at the current record, an absolute one at the root", "[path]") {
    const Record root = json(R"({"GYFS": "2", "QLRS": {"QLR": [{"ZJH": "a"}, {"ZJH": "b"}]}})");
    const Record& item = root.find_path({"QLRS", "QLR"})->items()[1];
    CHECK(values_of("ZJH", root, item).front()->scalar() == "b");
    CHECK(values_of("$.GYFS", root, item).front()->scalar() == "2");
    CHECK(values_of("$.QLRS.QLR[0].ZJH", root, item).front()->scalar() == "a");
    CHECK(values_of("GYFS", root, item).empty());
    CHECK(values_of("[?@.ZJH != $.QLRS.QLR[0].ZJH]", root, *root.find_path({"QLRS", "QLR"})).size() == 1);
    CHECK(values_of("@", root, item).front() == &item);
    CHECK(values_of("$", root, item).front() == &root);
}

TEST_CASE("the shorthand takes attributes, text, prefixed and Chinese names", "[path]") {
    const Record record = json(
        R"({"@id": "1", "#text": "t", "ns:name": "n", "坐落": {"街路-巷": "x"}, "dtl": [{"a": "1"}, {"a": "2"}]})");
    CHECK(met("@id", record) == "1");
    CHECK(met("#text", record) == "t");
    CHECK(met("ns:name", record) == "n");
    CHECK(met("坐落.街路-巷", record) == "x");
    CHECK(met("dtl[*].a", record) == "1 2");
    CHECK(met("dtl[-1].a", record) == "2");
    CHECK(met("$.@id", record) == "1");
    CHECK(met("@.dtl[0].a", record) == "1");
    CHECK(met("..a", record) == "1 2");
    CHECK(met("['#text', '@id']", record) == "t 1");
    CHECK(met("dtl[?@.a == '2'].a", record) == "2");
}

TEST_CASE("names and singularity are known from a query", "[path]") {
    CHECK(compiled("QLRS.QLR[*].ZJH").names() == std::vector<std::string>{"QLRS", "QLR", "ZJH"});
    CHECK(compiled("$.a['b'][2]").names() == std::vector<std::string>{"a", "b"});
    CHECK(compiled("a..b").names().empty());
    CHECK(compiled("a[?@.b].c").names().empty());
    CHECK(compiled("a.b[2]").is_singular());
    CHECK_FALSE(compiled("a.b[*]").is_singular());
    CHECK_FALSE(compiled("a..b").is_singular());
    CHECK(compiled("$.a").is_absolute());
    CHECK_FALSE(compiled("a").is_absolute());
    CHECK(compiled("DATA.BDCQ").text() == "DATA.BDCQ");
}

TEST_CASE("numbers are compared exactly, not as doubles", "[path]") {
    const Record record = json(R"({"n": [9007199254740993, 9007199254740992, 0.1, 1e1, -0, 100.10, 1e300]})");
    CHECK(met("n[?@ == 9007199254740993]", record) == "9007199254740993");
    CHECK(met("n[?@ == 10]", record) == "1e1");
    CHECK(met("n[?@ == 0]", record) == "-0");
    CHECK(met("n[?@ == 100.1]", record) == "100.10");
    CHECK(met("n[?@ > 1e299]", record) == "1e300");
    CHECK(met("n[?@ > 1e299 && @ < 1e999999999999999999999]", record) == "1e300");
    CHECK(met("n[?@ < 0.1000000000000000000001 && @ > 0]", record) == "0.1");
    CHECK(met("n[?@ < -0.0]", record).empty());
}

TEST_CASE("a list within filters compares element by element", "[path]") {
    const Record record = json(R"({"a": [{"x": [1, {"b": 2.0, "c": null}]}], "y": [1.0, {"c": null, "b": 2}]})");
    CHECK(values_of("a[?@.x == $.y]", record, record).size() == 1);
}

TEST_CASE("a broken query names the column of its first mistake", "[path]") {
    const auto [text, column] = GENERATE(table<std::string, std::string>({
        {"a..", "column 4"},
        {"a[", "column 3"},
        {"a[?@.b == ]", "column 11"},
        {"坐落[x]", "column 4"},
        {"a b", "column 2"},
        {"a[?count(@.b)]", "column 14"},
        {"a[01]", "column 3"},
        {"", "1 to 4096"},
    }));
    CAPTURE(text);
    const auto query = Query::compile(text);
    REQUIRE_FALSE(query.has_value());
    CHECK(query.error().fault() == Fault::bad_request);
    CHECK_THAT(query.error().detail(), ContainsSubstring(column));
}

TEST_CASE("broken relative queries are refused", "[path][security]") {
    const auto text =
        GENERATE(as<std::string>{}, ".a", "a.", "a.#x", "1a", "a[1", "a]", "@@", "@.", "a:", ":a", "a:b:c", "a.1", "-a",
                 "a[?@.x = 1]", "a[?@.x == 'y]", "a[?match(@.x, '[')]", "\xFF", "a[?x]");
    CAPTURE(text);
    CHECK_FALSE(Query::compile(text).has_value());
}

TEST_CASE("a mapping's reading takes what is no list for a list of one, and goes into the item of one", "[path]") {
    struct Row {
        std::string query;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"l[?@.k == 'a'].v", "1"},
        {"l[?@.k == 'b'].v", ""},
        {"l[-1].v", "1"},
        {"l[0,1].v", "1"},
        {"l[0:5].v", "1"},
        {"l[1:].v", ""},
        {"l[::-1].v", "1"},
        {"l[-2].v", ""},
        {"l[*]['v','k']", "1 a"},
        {"l.*", "a 1"},
        {"n[?@.k].v", ""},
        {"o.p[?@ == 'x']", "x"},
        {"o[?@.p == 'x'].p", "x"},
        {"$..[?@.k == 'a'].v", "1"},
        {"t[?@.c == 'z'].v", "2"},
        {"empty.v['a','b']", ""},
    }));
    CAPTURE(row.query);
    const Record record = json(R"({"l": {"k": "a", "v": 1}, "n": null, "o": [{"p": "x"}], "empty": [],
        "t": {"c": {"@id": "9", "#text": "z"}, "v": 2}})");
    const auto read = compiled(row.query).read(record, record, false);
    std::string out;
    for (const Record* value : read.nodes) {
        out += (out.empty() ? "" : " ") + std::string{value->scalar()};
    }
    CHECK(out == row.wanted);
    CHECK_FALSE(read.too_large);
    CHECK_FALSE(read.through_several);
}

TEST_CASE("a mapping's reading takes a record's numbers and booleans for text with all their digits", "[path]") {
    struct Row {
        std::string filter;
        std::string wanted;
        std::string strict;  ///< as RFC 9535 says
    };
    const auto row = GENERATE(values<Row>({
        {"@.k == '1'", "a b", "b"},
        {"@.k == '1.0'", "c", ""},
        {"@.k == 1", "a b c", "a c"},
        {"@.k != 1", "d e", "b d e"},
        {"@.k > 0", "a b c", "a c"},
        {"1 <= @.k", "a b c", "a c"},
        {"@.k == 'true'", "d", ""},
        {"@.k == true", "d", "d"},
        {"@.k == @.o", "b", ""},
        {"length(@.k) == 1", "b e", "b e"},
    }));
    CAPTURE(row.filter);
    const Record record = json(R"({"l": [{"k": 1, "n": "a"}, {"k": "1", "o": 1, "n": "b"}, {"k": 1.0, "n": "c"},
        {"k": true, "n": "d"}, {"k": "x", "n": "e"}]})");
    const auto joined = [](const std::vector<const Record*>& values) {
        std::string out;
        for (const Record* value : values) {
            out += (out.empty() ? "" : " ") + std::string{value->scalar()};
        }
        return out;
    };
    const Query query = compiled("l[?" + row.filter + "].n");
    CHECK(joined(query.read(record, record, false).nodes) == row.wanted);
    CHECK(joined(query.values(record, record).value()) == row.strict);
}

TEST_CASE("a mapping's reading tells a name behind a list of several, in filters too", "[path]") {
    const Record record = json(R"({"l": [{"o": [{"p": 1}, {"p": 2}]}]})");
    CHECK(compiled("l[-1].o.p").read(record, record, false).through_several);
    CHECK(compiled("l[?@.o.p == 1]").read(record, record, false).through_several);
    CHECK_FALSE(compiled("l[?@.o[1].p == 2]").read(record, record, false).through_several);
}

TEST_CASE("members that a query ends with are null where they are missing, when that is asked", "[path]") {
    const Record record = json(R"({"l": [{"k": 1, "o": {"v": 1}}, {"k": 1, "o": null}, {"k": 1}, {"o": {"v": 2}}]})");
    const auto count = [&record](std::string_view query) {
        const auto values = compiled(query).read(record, record, true).nodes;
        const auto nulls = std::ranges::count_if(values, [](const Record* one) { return one->is_null(); });
        return std::to_string(values.size() - static_cast<std::size_t>(nulls)) + "+" + std::to_string(nulls);
    };
    CHECK(count("l[?@.k].o.v") == "1+2");
    CHECK(count("l[?@.k]['o']['v']") == "1+2");
    CHECK(count("l[?@.k].k") == "3+0");
    CHECK(count("l[?@.none].k") == "0+0");
    CHECK(count("l[?@.o.v == 2].k") == "0+1");  // what its filter lacks is missing
    CHECK(count("l..v") == "2+0");
    CHECK(count("none.k") == "0+0");
}

TEST_CASE("queries are bounded in text, nesting and result", "[path][security]") {
    CHECK_FALSE(Query::compile(std::string(4097, 'a')).has_value());
    CHECK(Query::compile(std::string(4096, 'a')).has_value());
    const std::string open(40, '(');
    CHECK_FALSE(Query::compile("$[?" + open + "@.a" + std::string(40, ')') + "]").has_value());
    CHECK(Query::compile("$[?" + open.substr(20) + "@.a" + std::string(20, ')') + "]").has_value());
    std::string nested = "@.a";
    for (int i = 0; i < 40; ++i) {
        nested = "@[?" + nested + "]";
    }
    CHECK_FALSE(Query::compile("$[?" + nested + "]").has_value());

    Record list = Record::list();
    for (int i = 0; i < 400; ++i) {
        list.add(Record::integer(i));
    }
    CHECK(values_of("$[?count($..*) > 0]", list, list).size() == 400);
    Record many = Record::list();
    for (int i = 0; i < 400; ++i) {
        many.add(list);
    }
    CHECK_FALSE(compiled("$..*").values(many, many).has_value());  // 160,400 nodes
    CHECK_FALSE(compiled("$..*").select(many, many).has_value());
    CHECK_FALSE(compiled("$[?count($..*) > 0 && @ == 1]").values(many, many).has_value());
    CHECK_FALSE(compiled("$[?!(count($..*) > 0)]").values(many, many).has_value());
    CHECK(values_of("$[0:249][*]", many, many).size() == 99'600);
    list.items_to_edit().resize(250);
    Record full = Record::list();
    for (int i = 0; i < 400; ++i) {
        full.add(list);
    }
    CHECK(values_of("$[*][*]", full, full).size() == 100'000);
    full.add(Record::list());
    full.items_to_edit().back().add(Record{});
    CHECK_FALSE(compiled("$[*][*]").values(full, full).has_value());
}

TEST_CASE("a regular expression is an I-Regexp in linear time", "[path][security]") {
    const Record record = json(R"({"v": ["a.b", "axb", "a\nb", "不动产"]})");
    CHECK(met("v[?match(@, 'a.b')]", record) == "a.b axb");
    CHECK(met("v[?match(@, 'a\\\\.b')]", record) == "a.b");
    CHECK(met("v[?search(@, '^ax')]", record) == "axb");
    CHECK(met("v[?match(@, '\\\\p{Lo}+')]", record) == "不动产");
    CHECK(met("v[?search(@, '[.x]')]", record) == "a.b axb");
    Record slow = Record::list();
    slow.add(Record::text(std::string(50'000, 'a')));
    CHECK(values_of("$[?match(@, '(a*)*b')]", slow, slow).empty());
}

TEST_CASE("a location escapes what its names hold", "[path]") {
    const Record record = json(R"({"a'b": [{"\\\n\u0001": 1}]})");
    const auto found = compiled("$[*][0][*]").select(record, record).value();
    REQUIRE(found.size() == 1);
    CHECK(found.front().location == "$['a\\'b'][0]['\\\\\\n\\u0001']");
}
