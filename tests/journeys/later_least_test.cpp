// What comes after the answer is bound by what the matter needs, as the answer is.

#include <string>

#include "tests/journeys/later_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;
using std::chrono::milliseconds;

TEST_CASE("what comes later shows no more than the matter needs, heard late or asked again",
          "[journey][later][least][security]") {
    struct Row {
        const char* needs;
        bool asked_again;
        const char* outcome;
        const char* member;  ///< of the content, and the only one
    };
    const auto row = GENERATE(values<Row>({
        {", fields: [/inArrears]", false, "found", "inArrears"},
        {", fields: [/inArrears]", true, "found", "inArrears"},
        {", subset: no-arrears", true, "match", "results"},
    }));
    CAPTURE(row.needs, row.asked_again);
    Standing slow{SlowTax{.needs = row.needs}};
    slow->city().faults().clear_all();
    const auto trouble = row.asked_again ? Trouble::down : Trouble::late;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = trouble, .time = milliseconds{2'500}}));
    const Record answer = slow.call();
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
    slow->city().faults().clear_all();
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    CHECK(told.text_of("outcome") == row.outcome);
    const Record& content = *told.find("answer")->find("content");
    REQUIRE(content.members().size() == 1);
    CHECK(content.members().front().name.view() == row.member);
}
