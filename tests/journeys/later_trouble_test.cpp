// What comes after the answer while a store of ours takes nothing: nobody is asked or told again and again.

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "core/evidence/verify.h"
#include "core/signing/jws.h"
#include "core/store/database.h"
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

TEST_CASE("what was kept too late, when its caller was told that nothing is awaited, is awaited by nobody",
          "[journey][later]") {
    Standing slow{{.question_s = 2}};
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{60'000}}));
    const auto book = store::Database::open(slow->folder() + "/state/datong.db.later", {.version = 1, .tables = ""});
    REQUIRE(book.has_value());
    REQUIRE(book->execute("BEGIN IMMEDIATE").has_value());
    // each waits for the lock for five seconds, one behind the other, and ten are all that a call waits: when the last
    // call has its answer, its row is still to be written
    std::vector<std::future<Record>> calls;
    for (int i = 0; i < 3; ++i) {
        calls.push_back(std::async(std::launch::async, [&slow] {
            const Platform platform = slow->platform();
            return json_of(platform.call(kMatter, slow->matter_body()));
        }));
    }
    std::vector<std::string> exchanges;
    for (auto& call : calls) {
        const Record answer = call.get();
        CHECK(requirement_of(answer, "tax").text_of("outcome") != "pending");
        exchanges.push_back(answer.text_of("exchange"));
    }
    REQUIRE(book->execute("COMMIT").has_value());
    const Record behind = slow.call();  // its rows are kept behind theirs
    CHECK(requirement_of(behind, "tax").text_of("outcome") == "pending");
    for (const std::string& exchange : exchanges) {
        CHECK(slow.look(exchange).status == 404);
    }
    CHECK(slow.look(behind.text_of("exchange")).status == 202);
}
