#include "core/policy/persons.h"

#include "tests/support/catch.h"

using namespace datong;
using policy::Person;
using record::Record;

namespace {

const policy::PersonPointers kHolders{.id = "/holders/*/idNo", .name = "/holders/*/name"};

Record holder(const char* name, const char* id) {
    Record one = Record::object();
    one.put("name", Record::text(name));
    one.put("idNo", Record::text(id));
    return one;
}

Record certificate() {
    Record holders = Record::list();
    holders.add(holder("示例某某房地产开发有限公司", "91999901MA6T000124"));
    holders.add(holder("扎西·次仁", "999901198001010016"));
    Record whole = Record::object();
    whole.put("holders", std::move(holders));
    return whole;
}

Person person(const char* name, const char* id) {
    return {.id_type = "111", .id_no = Personal{id}, .name = Personal{name}};
}

}  // namespace

TEST_CASE("one person in several spellings is the same person", "[policy]") {
    const auto asked = GENERATE(values<std::pair<const char*, const char*>>({
        {"扎西·次仁", "999901198001010016"},
        {"扎西•次仁", "999901198001010016"},
        {"扎西・次仁", "999901198001010016"},
        {"扎西．次仁", "999901198001010016"},
        {" 扎西·次仁　", " 999901198001010016"},
        {"扎西·次仁", "999901800101001"},
        {"扎西·次仁", "９９９９０１１９８００１０１００１６"},
    }));
    CAPTURE(asked.first, asked.second);
    CHECK(policy::speaks_of(certificate(), kHolders, person(asked.first, asked.second)));
}

TEST_CASE("anybody else is not", "[policy][security]") {
    const auto asked = GENERATE(values<std::pair<const char*, const char*>>({
        {"扎西次仁", "999901198001010016"},
        {"扎西·次旦", "999901198001010016"},
        {"扎西·次仁", "999901198001010024"},
        {"扎西·次仁", "91999901MA6T000124"},  // the id of another holder
        {"扎西·次仁", ""},
        {"", ""},
    }));
    CAPTURE(asked.first, asked.second);
    CHECK_FALSE(policy::speaks_of(certificate(), kHolders, person(asked.first, asked.second)));
    CHECK_FALSE(policy::speaks_of(Record::object(), kHolders, person(asked.first, asked.second)));
}

TEST_CASE("where every row is a record of its own, all are the person's or none is told", "[policy][security]") {
    const policy::PersonPointers where{.id = "/rows/*/idNo", .name = "/rows/*/name", .each = true};
    const Person asked = person("扎西·次仁", "999901198001010016");
    const auto rows_of = [](std::initializer_list<std::pair<const char*, const char*>> rows) {
        Record list = Record::list();
        for (const auto& [name, id] : rows) {
            list.add(holder(name, id));
        }
        return Record::object({{"rows", std::move(list)}});
    };
    CHECK(policy::speaks_of(rows_of({{"扎西·次仁", "999901198001010016"}}), where, asked));
    const Record theirs = rows_of({{"扎西·次仁", "999901198001010016"}, {"扎西•次仁", "999901800101001"}});
    CHECK(policy::speaks_of(theirs, where, asked));

    struct Row {
        const char* why;
        const char* name;
        const char* id;
    };
    const auto row = GENERATE(values<Row>({{"another person's", "示例乙", "999902198506150037"},
                                           {"another's of that name", "扎西·次仁", "999902198506150037"},
                                           {"another's of that number", "示例乙", "999901198001010016"},
                                           {"one without a number", "扎西·次仁", ""},
                                           {"one that names nobody", "", ""}}));
    CAPTURE(row.why);
    const Record before = rows_of({{row.name, row.id}, {"扎西·次仁", "999901198001010016"}});
    const Record behind = rows_of({{"扎西·次仁", "999901198001010016"}, {row.name, row.id}});
    CHECK_FALSE(policy::speaks_of(before, where, asked));
    CHECK_FALSE(policy::speaks_of(behind, where, asked));
    const policy::PersonPointers holders{.id = where.id, .name = where.name};
    CHECK(policy::speaks_of(behind, holders, asked));  // of one thing, which they hold together
}

TEST_CASE("no rows, and rows below that there are none of, are nobody's", "[policy][security]") {
    const policy::PersonPointers where{.id = "/rows/*/owners/*/idNo", .each = true};
    const Person asked = person("扎西·次仁", "999901198001010016");
    const auto owned = [](Record owners) { return Record::object({{"owners", std::move(owners)}}); };
    const auto told = [](std::initializer_list<Record> rows) {
        Record list = Record::list();
        for (const Record& one : rows) {
            list.add(one);
        }
        return Record::object({{"rows", std::move(list)}});
    };
    Record owners = Record::list();
    owners.add(holder("扎西·次仁", "999901198001010016"));
    CHECK(policy::speaks_of(told({owned(owners)}), where, asked));
    CHECK_FALSE(policy::speaks_of(told({owned(owners), owned(Record::list())}), where, asked));
    CHECK_FALSE(policy::speaks_of(told({owned(owners), Record::object()}), where, asked));
    CHECK_FALSE(policy::speaks_of(told({}), where, asked));
}

TEST_CASE("a lower-case check character is the same id", "[policy]") {
    CHECK(policy::normal_id("99990119800101001x") == "99990119800101001X");
    CHECK(policy::normal_id("110105491231002") == "11010519491231002X");  // the standard's own example
}

TEST_CASE("the subject's HMAC text is one for every spelling of the id", "[policy]") {
    CHECK(policy::subject_text(person("甲", "999901800101001")) ==
          policy::subject_text(person("乙", "999901198001010016")));
    // the kind of paper is the caller's word, which nobody compares: another word for it is no other person
    policy::Person other = person("甲", "999901198001010016");
    other.id_type = "x1";
    CHECK(policy::subject_text(other) == policy::subject_text(person("甲", "999901198001010016")));
}
