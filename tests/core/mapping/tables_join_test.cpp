#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::lines;
using datong::mapping::tests::Small;

namespace {

Small looking(const std::string& table, const std::string& steps = "[{lookup: t}]") {
    Small small{.rows =
                    "tables: {t: {file: t.csv, " + table + "}}\nfields: [{to: a, from: a, steps: " + steps + "}]\n"};
    small.files.put("t.csv",
                    "from,to,code2,valid_from,valid_to\n1,one,A,,2019-12-31\n1,uno,B,2020-01-01,\n2,two,C,,\n");
    return small;
}

Small joining(const std::string& kind, const std::string& fields) {
    Small small{.head = "source: {format: json, schema: in.yaml}\n",
                .rows =
                    "fields: []\nlists:\n  - to: l\n    from: left\n    join: [{with: people, left: id, right: id, "
                    "as: person, kind: " +
                    kind + "}]\n    fields: [" + fields + "]\n"};
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: left, type: list}\n"
                    "  - {path: left.id, nullable: true}\n  - {path: left.n, type: integer, nullable: true}\n"
                    "  - {path: people, type: list}\n  - {path: people.id, nullable: true}\n"
                    "  - {path: people.name, nullable: true}\n");
    return small;
}

}  // namespace

TEST_CASE("a table says for all its look-ups what its key is, which day counts and what is missing", "[mapping]") {
    struct Row {
        const char* why;
        std::string table;
        std::string steps;
        std::string input;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"today", "at: today", "[{lookup: t}]", R"({"a":"1"})", R"({"a":"uno"})"},
        {"a day", "at: 2010-01-01", "[{lookup: t}]", R"({"a":"1"})", R"({"a":"one"})"},
        {"a day of the record", "at: d", "[{lookup: t}]", R"({"a":"1","d":"20191231"})", R"({"a":"one"})"},
        {"another one", "at: d", "[{lookup: t}]", R"({"a":"1","d":"2020-01-01"})", R"({"a":"uno"})"},
        {"a moment", "at: d", "[{lookup: t}]", R"({"a":"1","d":"2019-12-31 23:59:59"})", R"({"a":"one"})"},
        {"another moment", "at: d", "[{lookup: t}]", R"({"a":"1","d":"20200101000000"})", R"({"a":"uno"})"},
        {"no day there", "at: d", "[{lookup: t}]", R"({"a":"1"})", "invalid: /a lookup.at"},
        {"not a day", "at: d", "[{lookup: t}]", R"({"a":"1","d":"x"})", "invalid: /a lookup.at"},
        {"the step's own day", "at: 2010-01-01", "[{lookup: {table: t, at: 2021-01-01}}]", R"({"a":"1"})",
         R"({"a":"uno"})"},
        {"missing", "missing: none", "[{lookup: t}]", R"({"a":"7"})", R"({"a":"none"})"},
        {"missing by the step", "missing: none", "[{lookup: {table: t, missing: reject}}]", R"({"a":"7"})",
         "invalid: /a lookup.missing"},
        {"missing is refused", "missing: reject", "[{lookup: t}]", R"({"a":"7"})", "invalid: /a lookup.missing"},
        {"another key", "key: code2", "[{lookup: t}]", R"({"a":"B"})", R"({"a":"uno"})"},
        {"from stays a column", "key: code2", "[{lookup: {table: t, column: from}}]", R"({"a":"C"})", R"({"a":"2"})"},
        {"in a check", "at: 2010-01-01", "[{check_in: t}]", R"({"a":"1"})", R"({"a":"1"})"},
    }));
    CAPTURE(row.why);
    CHECK(looking(row.table, row.steps).gives(row.input) == row.wanted);
}

TEST_CASE("a table with a wrong key or word is refused", "[mapping]") {
    CHECK_THAT(errors(looking("key: code3").compile().mistakes), ContainsSubstring("M401 small.yaml:6:32 -> code2"));
    CHECK(errors(looking("kay: code2").compile().mistakes) == "M105 small.yaml:6:27 -> key");
    CHECK_THAT(errors(looking("key: to, at: \"d[*\"").compile().mistakes), ContainsSubstring("M211 small.yaml:6:40"));
}

TEST_CASE("rows that nothing uses are noted, but not those of the table that steps ask without naming it",
          "[mapping]") {
    const auto notes = [](const std::string& name, const std::string& steps) {
        Small small{.rows = "tables: {" + name + ": t.csv}\nfields: [{to: a, from: a, steps: " + steps + "}]\n"};
        small.files.put("t.csv", "from,to,label\n999901,a,A\n999902,b,B\n");
        return lines(small.compile().mistakes);
    };
    CHECK_THAT(notes("t", "[trim]"), ContainsSubstring("M404 small.yaml:6:10"));
    CHECK(notes("t", "[{lookup: t}]").empty());
    CHECK(notes("divisions", "[check_admin_division]").empty());
    CHECK(notes("divisions", "[{check_admin_division: {level: county}}]").empty());
    CHECK_THAT(notes("divisions", "[check_uscc]"), ContainsSubstring("M404"));
    CHECK_THAT(notes("t", "[check_admin_division]"), ContainsSubstring("M404"));
}

TEST_CASE("items of a list are joined with the rows of another", "[mapping]") {
    struct Row {
        const char* why;
        std::string kind;
        std::string fields;
        std::string people;
        std::string wanted;
    };
    const std::string name = "{to: x, from: id}, {to: y, from: person.name}";
    const auto row = GENERATE_COPY(values<Row>({
        {"one", "one", name, R"({"id":"2","name":"B"},{"id":"1","name":"A"})",
         R"({"l":[{"x":"1","y":"A"},{"x":"2","y":"B"}]})"},
        {"one is missing", "one", name, R"({"id":"2","name":"B"})", "invalid: /l/0 join.cardinality"},
        {"one comes twice", "one", name, R"({"id":"2"},{"id":"1"},{"id":"1"})", "invalid: /l/0 join.cardinality"},
        {"optional", "optional", name, R"({"id":"2","name":"B"},{"id":null})",
         R"({"l":[{"x":"1"},{"x":"2","y":"B"}]})"},
        {"optional comes twice", "optional", name, R"({"id":"2"},{"id":"2"})", "invalid: /l/1 join.cardinality"},
        {"many", "many", "{to: x, from: id}, {to: n, compute: \"count(person)\"}",
         R"({"id":"1"},{"id":"1"},{"id":"2"},{"id":"3"})", R"({"l":[{"x":"1","n":2},{"x":"2","n":1}]})"},
        {"a condition", "optional", "{to: x, from: id, when: \"person.name == 'A'\"}", R"({"id":"1","name":"A"})",
         R"({"l":[{"x":"1"},{}]})"},
        {"a key that is a list", "one", name, R"({"id":["1","2"]})", "invalid: /l path.multiple"},
    }));
    CAPTURE(row.why);
    CHECK(joining(row.kind, row.fields).gives(R"({"left":[{"id":"1"},{"id":"2"}],"people":[)" + row.people + "]}") ==
          row.wanted);
}

TEST_CASE("rows of a join are filtered, sorted and read as a list of their own", "[mapping]") {
    Small small = joining("many", "{to: x, from: id}");
    small.rows +=
        "    filter: \"any(person[*].name == 'A')\"\n"
        "    lists: [{to: in, from: person, fields: [{to: t, from: name}]}]\n";
    CHECK(small.gives(R"({"left":[{"id":"1"},{"id":"2"}],"people":[{"id":"2","name":"A"},{"id":"2","name":"B"}]})") ==
          R"({"l":[{"x":"2","in":[{"t":"A"},{"t":"B"}]}]})");
    small = joining("many", "{to: x, from: id}");
    small.rows += "    filter: \"all(person[*].name == 'A')\"\n";
    CHECK(small.gives(R"({"left":[{"id":"1"},{"id":"2"},{"id":"3"}],
        "people":[{"id":"1","name":"A"},{"id":"2","name":"A"},{"id":"2","name":null}]})") ==
          R"({"l":[{"x":"1"},{"x":"3"}]})");
    small = joining("one", "{to: x, from: id}");
    small.rows += "    sort: {by: person.name}\n    distinct_by: person.name\n";
    const auto out = small.run(
        R"({"left":[{"id":"1"},{"id":"2"},{"id":"3"}],"people":[{"id":"2","name":"A"},{"id":"1","name":"B"},{"id":"3","name":"A"}]})");
    CHECK(out.wire == R"({"l":[{"x":"2"},{"x":"1"}]})");
    small = joining("one", "{to: y, from: person.name, required: true}");
    const auto bad = small.run(R"({"left":[{"id":"1"}],"people":[{"id":"1"}]})");
    REQUIRE(bad.errors.size() == 1);
    CHECK(bad.errors[0].source == "$.left[0].person.name");
}

TEST_CASE("a join that can't be right is refused", "[mapping]") {
    struct Row {
        const char* why;
        std::string from;
        std::string to;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"types", "left: id", "left: n", "M302 small.yaml:10:12"},
        {"no list", "with: people", "with: people.name", "M212 small.yaml:10:19"},
        {"unknown key", "right: id", "right: ids", "M211 small.yaml:10:43 -> id"},
        {"taken name", "as: person", "as: n", "M203 small.yaml:10:51"},
        {"unknown kind", "kind: one", "kind: two", "M109 small.yaml:10:65 -> one"},
        {"no name", ", as: person", "", "M108 small.yaml:10:12"},
    }));
    CAPTURE(row.why);
    Small small = joining("one", "{to: x, from: id}");
    small.rows.replace(small.rows.find(row.from), row.from.size(), row.to);
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring(row.wanted.substr(0, 4)));
    Small many = joining("many", "{to: y, from: person.name}");
    CHECK_THAT(errors(many.compile().mistakes), ContainsSubstring("M212"));
}

TEST_CASE("a join reads the other list once, whatever the size", "[mapping][security]") {
    std::string left;
    std::string right;
    for (int i = 0; i < 1000; ++i) {
        left += (i == 0 ? "" : ",") + std::string{R"({"id":"k"})"};
        right += (i == 0 ? "" : ",") + std::string{R"({"id":"k","name":"n"})"};
    }
    Small small = joining("many", "{to: x, from: id}");
    const auto out = small.run("{\"left\":[" + left + "],\"people\":[" + right + "]}");
    CHECK(out.outcome == mapping::Outcome::ok);  // a thousand matches each, and none of them copied
    CHECK(out.target.find("l")->items().size() == 1000);
}
