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
