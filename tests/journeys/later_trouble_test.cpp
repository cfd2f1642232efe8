// What comes after the answer while a store of ours takes nothing: nobody is asked or told again and again.

#include <chrono>
#include <string>

#include "core/evidence/verify.h"
#include "core/signing/jws.h"
#include "tests/journeys/later_kit.h"
#include "tests/support/catch.h"
#include "tests/support/refusing_store.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;
using Mood = Receiver::Mood;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// How often something happened to materials after their calls, as the evidence says.
std::size_t count(const GatewayUnderTest& gateway, const std::string& event) {
    std::size_t times = 0;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        if (entry.text_of("kind") == "follow_up") {
            const auto said = codec::read_json(signing::read_jws(entry.text_of("statement"))->payload);
            times += said && said->text_of("event") == event ? 1 : 0;
        }
        return true;
    }));
    return times;
}

}  // namespace

TEST_CASE("while the book of what is awaited takes nothing, nobody is asked or told again and again",
          "[journey][later]") {
    struct Row {
        const char* why;
        const char* refused;
        Mood mood;
        const char* event;  ///< after which the book is written
        std::size_t attempts;
    };
    const auto row = GENERATE(values<Row>({
        {"the last word", "UPDATE ON awaited WHEN OLD.state = 'waiting'", Mood::good, "answered", 0},
        {"that it was told", "UPDATE ON awaited WHEN OLD.state = 'due'", Mood::good, "delivered", 1},
        {"that it was not taken", "UPDATE ON awaited WHEN OLD.state = 'due'", Mood::failing, "answered", 1},
    }));
    CAPTURE(row.why);
    Standing slow{{.question_s = 2}};
    slow.platform_address().set(row.mood);
    std::string exchange;
    {
        const support::RefusingStore book{slow->folder() + "/state/datong.db.later", row.refused};
        REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
        const Record answer = slow.call();
        exchange = answer.text_of("exchange");
        CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
        REQUIRE(eventually(
            [&] { return count(*slow, row.event) >= 1 && slow.platform_address().attempts() >= row.attempts; }));
        slow->city().faults().clear_all();
        // less than a store that failed is left alone for
        CHECK_FALSE(eventually_within(seconds{7}, [&] {
            return count(*slow, "asked") > 0 || count(*slow, row.event) > 1 ||
                   slow.platform_address().attempts() > row.attempts;
        }));
        slow.platform_address().set(Mood::good);
    }
    REQUIRE(eventually(
        [&] { return json_of(slow.look(exchange)).find("materials")->items()[0].text_of("delivery") == "told"; }));
    CHECK(slow.platform_address().effects() == 1);
    CHECK(slow.platform_address().trouble().empty());
    slow->stop();
    CHECK(slow->verify().valid);
}
