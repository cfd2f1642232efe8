#include "core/matters/standing.h"
#include "tests/support/catch.h"

using namespace datong;
using catalogue::Condition;
using catalogue::Matter;
using catalogue::Requirement;
using matters::Standing;
using matters::standing_of;
using record::Record;

namespace {

Matter asking_two() {
    Matter matter;
    matter.questions.push_back({.fact = "married", .title = {.text = "已婚?"}, .choices = {{"yes", {}}, {"no", {}}}});
    matter.questions.push_back({.fact = "divisionCode", .title = {.text = "哪个县区?"}, .choices = {}});
    return matter;
}

Requirement about_home() {
    catalogue::Material certificate{.id = "certificate"};
    certificate.query = {{"divisionCode", "$.facts.divisionCode"}};
    return {.id = "home", .title = {}, .any_of = {{certificate}}};
}

Record facts(const std::string& name, const std::string& value) {
    Record made = Record::object();
    made.put(name, Record::text(value));
    return made;
}

}  // namespace

TEST_CASE("a requirement with a condition waits for the fact, then applies or does not", "[matters]") {
    const Matter matter = asking_two();
    Requirement marriage = about_home();
    marriage.any_of.front().front().query.clear();
    marriage.when = Condition{.fact = "married", .any_of = {"yes"}};
    const Standing unknown = standing_of(matter, marriage, Record::object());
    CHECK(unknown.kind == Standing::Kind::question);
    CHECK(unknown.question == matter.question("married"));
    CHECK(standing_of(matter, marriage, facts("married", "yes")).kind == Standing::Kind::asked);
    CHECK(standing_of(matter, marriage, facts("married", "no")).kind == Standing::Kind::not_applicable);
    CHECK(standing_of(matter, marriage, facts("married", "widowed")).kind == Standing::Kind::question);  // no choice
    CHECK(standing_of(matter, marriage, facts("married", "")).kind == Standing::Kind::question);
}

TEST_CASE("a fact that a material's query needs is asked for, if the matter has a question for it", "[matters]") {
    const Matter matter = asking_two();
    const Requirement home = about_home();
    CHECK(standing_of(matter, home, Record::object()).question == matter.question("divisionCode"));
    CHECK(standing_of(matter, home, facts("divisionCode", "999901")).kind == Standing::Kind::asked);
    CHECK(standing_of(Matter{}, home, Record::object()).kind == Standing::Kind::asked);  // as the mapping judges it
}

TEST_CASE("a fact that is no text, number or boolean is none", "[matters]") {
    Record made = Record::object();
    made.put("divisionCode", Record::list());
    CHECK(standing_of(asking_two(), about_home(), made).kind == Standing::Kind::question);
    made = Record::object();
    made.put("divisionCode", Record{});
    CHECK(standing_of(asking_two(), about_home(), made).kind == Standing::Kind::question);
}

TEST_CASE("what nobody can share is said so, where it applies", "[matters]") {
    Requirement contract{.id = "contract", .title = {}, .any_of = {}, .no_match = true};
    CHECK(standing_of(asking_two(), contract, Record::object()).kind == Standing::Kind::no_match);
    contract.when = Condition{.fact = "married", .any_of = {"yes"}};
    CHECK(standing_of(asking_two(), contract, facts("married", "no")).kind == Standing::Kind::not_applicable);
}
