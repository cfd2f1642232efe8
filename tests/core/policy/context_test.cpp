#include "core/policy/context.h"

#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

Record person() {
    Record one = Record::object();
    one.put("name", Record::text("扎西·次仁"));
    one.put("id_no", Record::text("999901198001010016"));
    return one;
}

Record good() {
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division", Record::text("999901"));
    Record context = Record::object();
    context.put("purpose", Record::text("existing-home-transfer"));
    context.put("subject", person());
    context.put("operator", std::move(who));
    return context;
}

}  // namespace

TEST_CASE("a context is read with its person, whose id type is the resident id unless said", "[policy]") {
    const auto context = policy::read_context(good());
    REQUIRE(context.has_value());
    CHECK(context->purpose == "existing-home-transfer");
    REQUIRE(context->person("subject") != nullptr);
    CHECK(context->person("subject")->id_type == "111");
    CHECK(context->person("agent") == nullptr);
    CHECK(context->person("somebody") == nullptr);
}

TEST_CASE("what is wrong with a context is named by pointer, never by value", "[policy][security]") {
    struct Row {
        const char* why;
        void (*spoil)(Record&);
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"no purpose", [](Record& c) { c.put("purpose", Record{}); }, "/context/purpose is required"},
        {"no person", [](Record& c) { c.put("subject", Record{}); }, "/context/subject is required"},
        {"no operator", [](Record& c) { c.put("operator", Record{}); }, "/context/operator"},
        {"division of letters", [](Record& c) { c.find("operator")->put("division", Record::text("lhasa1")); },
         "/context/operator/division must be"},
        {"a number for a text", [](Record& c) { c.put("case_number", Record::integer(7)); }, "/context/case_number"},
        {"too long", [](Record& c) { c.put("matter", Record::text(std::string(201, 'x'))); }, "/context/matter"},
        {"misspelt member", [](Record& c) { c.put("purpse", Record::text("x")); }, "did you mean 'purpose'?"},
        {"an id number as a member", [](Record& c) { c.put("999901198001010016", Record{}); }, "unknown member"},
        {"facts that are no object", [](Record& c) { c.put("facts", Record::text("x")); }, "/context/facts"},
        {"a person without a name", [](Record& c) { c.find("subject")->put("name", Record{}); },
         "/context/subject/name is required"},
    }));
    CAPTURE(row.why);
    Record context = good();
    row.spoil(context);
    const auto read = policy::read_context(context);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().fault() == Fault::bad_request);
    CHECK_THAT(read.error().detail(), ContainsSubstring(row.says));
    CHECK(read.error().detail().find("999901198001010016") == std::string::npos);
    CHECK(read.error().detail().find("扎西") == std::string::npos);
}

TEST_CASE("nobody's number stands for good in what a call gives as its basis, account and material",
          "[policy][security]") {
    struct Row {
        const char* member;
        const char* value;
        bool is_taken;
    };
    const auto row = GENERATE(values<Row>({
        {"legal_basis", "测试丙 999901199001010010 同意", false},
        {"legal_basis", "99990119900101007X", false},
        {"legal_basis", "测试丙99990119900101007x同意", false},
        {"legal_basis", "证件９９９９０１１９９００１０１００１０", false},
        {"legal_basis", "a999901199001010010b", false},
        {"legal_basis", "本人同意，电话13900000000。", false},
        {"legal_basis", "13900000000", false},
        {"account", "999901199001010010", false},
        {"account", "u-99990119900101007X", false},
        {"account", "99990119900101007x/2", false},
        {"material", "999901199001010010", false},
        {"material", "id.999901199001010010.1", false},
        // numbers of other things
        {"legal_basis", "政务数据共享条例（国务院令第809号）第二十条", true},
        {"legal_basis", "示数〔2026〕12号 999901199001010011", true},  // another check character
        {"legal_basis", "99990119900230001X", true},                   // no such day
        {"legal_basis", "999901189901010017", true},                   // nobody's year
        {"legal_basis", "1999901199001010010", true},                  // nineteen digits
        {"legal_basis", "99990119900101007Xa", true},                  // part of a code
        {"legal_basis", "12900000000", true},                          // no mobile's
        {"legal_basis", "139000000001", true},                         // twelve digits
        {"legal_basis", "WH13900000000", true},                        // part of a code
        {"account", "13900000000", true},
        {"account", "window-07", true},
        {"material", "11100000MB03271699001", true},
        {"case_number", "999901199001010010", true},  // numbers of cases are long, and looked up
        {"matter", "999901199001010010", true},
    }));
    CAPTURE(row.member, row.value);
    Record context = good();
    Record& holder = std::string_view{row.member} == "account" ? *context.find("operator") : context;
    holder.put(row.member, Record::text(row.value));
    const auto read = policy::read_context(context);
    CHECK(read.has_value() == row.is_taken);
    if (!read) {
        CHECK(read.error().fault() == Fault::bad_request);
        const std::string pointer =
            (&holder == &context ? "/context/" : "/context/operator/") + std::string{row.member};
        CHECK(read.error().detail() ==
              pointer + " must not hold the number of a person: it stands in the evidence for good");
    }
}

TEST_CASE("mappings see the person that the material speaks of as subject", "[policy]") {
    Record context = good();
    Record agency = person();
    agency.put("id_type", Record::text("001"));
    agency.put("id_no", Record::text("91999901MA6T000124"));
    context.put("agent", std::move(agency));
    const auto read = policy::read_context(context);
    REQUIRE(read.has_value());
    const Record seen = policy::to_record(*read, *read->person("agent"));
    CHECK(seen.find_path({"subject", "id_no"})->scalar() == "91999901MA6T000124");
    CHECK(seen.find_path({"purpose", "code"})->scalar() == "existing-home-transfer");
}
