// What comes after the answer to a matter: a slow department, asked over real sockets, and a platform that is told.

#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/verify.h"
#include "core/ledger/entry.h"
#include "core/ledger/savings.h"
#include "core/signing/certificate.h"
#include "core/signing/jws.h"
#include "core/store/awaited.h"
#include "core/store/statement.h"
#include "tests/journeys/later_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;
using Mood = Receiver::Mood;
using std::chrono::milliseconds;

namespace {

/// What the evidence says of materials after their calls: what each statement holds, in its order.
std::vector<Record> follow_ups(const GatewayUnderTest& gateway) {
    std::vector<Record> all;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&all](const Record& entry) {
        if (entry.text_of("kind") == "follow_up") {
            auto said = codec::read_json(signing::read_jws(entry.text_of("statement"))->payload);
            all.push_back(std::move(*said));
        }
        return true;
    }));
    return all;
}

std::vector<std::string> events_of(const GatewayUnderTest& gateway) {
    std::vector<std::string> events;
    for (const Record& one : follow_ups(gateway)) {
        events.push_back(one.text_of("event"));
    }
    return events;
}

}  // namespace

TEST_CASE("a department that answers after the deadline is pending, and its answer is told to the platform once",
          "[journey][later]") {
    Standing slow;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{2'500}}));
    const Record answer = slow.call();
    CHECK(slow.last_status() == 202);
    const std::string exchange = answer.text_of("exchange");
    CHECK(slow.last_location() == "/v1/exchanges/" + exchange + "/materials");
    CHECK(answer.text_of("status") == slow.last_location());
    CHECK(answer.text_of("outcome") == "partial");
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
    CHECK(requirement_of(answer, "ownership").text_of("outcome") == "satisfied");
    const Record& awaited = *answer.find("to_bring")->find("awaited");
    REQUIRE(awaited.items().size() == 1);
    CHECK(awaited.items()[0].text_of("material") == "seller-clearance");
    CHECK(codec::write_json(*answer.find("to_bring")->find("text")).find("暂不必提交：转让方完税证明") !=
          std::string::npos);

    const auto waiting = slow.look(exchange);
    CHECK(waiting.status == 202);
    CHECK(json_of(waiting).text_of("outcome") == "pending");

    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    CHECK(slow.platform_address().trouble().empty());
    CHECK(told.text_of("exchange") == exchange);
    CHECK(told.text_of("delivery") == exchange + "/seller-clearance");
    CHECK(slow.platform_address().requests().front().field("idempotency-key") ==
          '"' + exchange + "/seller-clearance\"");
    CHECK(told.text_of("outcome") == "found");
    CHECK(told.find("answer")->text_of("exchange") == exchange);
    CHECK_FALSE(told.find("answer")->text_of("certificate").empty());

    REQUIRE(eventually([&] { return slow.look(exchange).status == 200; }));
    const Record complete = json_of(slow.look(exchange));
    CHECK(complete.text_of("outcome") == "complete");
    CHECK(complete.find("materials")->items()[0].find("told")->text_of("outcome") == "found");
    slow->stop();
    CHECK(slow.platform_address().attempts() == 1);
    CHECK(events_of(*slow) == std::vector<std::string>{"answered", "delivered"});
    const Record answered = follow_ups(*slow).front();
    CHECK(answered.text_of("answer_digest") == to_hex(crypto::sha256(slow.platform_address().requests().front().body)));
    CHECK(answered.find("materials")->items()[0].find("fields") != nullptr);
    CHECK(slow->verify().valid);
    const auto savings = ledger::count_savings(slow->folder() + "/evidence");
    REQUIRE(savings.has_value());
    const bool is_saved = std::any_of(savings->materials.begin(), savings->materials.end(),
                                      [](const auto& one) { return one.material == "seller-clearance" && one.saved; });
    CHECK(is_saved);
}

TEST_CASE("a department that was silent is asked again until it answers", "[journey][later]") {
    Standing slow;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::hang, .times = 1}));
    const Record answer = slow.call();
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    CHECK(told.text_of("outcome") == "found");
    // the certificate is of the question that brought it, and speaks of the call
    CHECK(told.find("answer")->text_of("exchange") == answer.text_of("exchange"));
    CHECK(slow.platform_address().trouble().empty());
    slow->stop();
    const auto events = events_of(*slow);
    REQUIRE(events.size() >= 3);
    CHECK(events.front() == "asked");
    CHECK(events.back() == "delivered");
    CHECK(slow->verify().valid);
}

TEST_CASE("a platform that is down, slow or forgetful is told until it has it, and acts once", "[journey][later]") {
    const Mood mood = GENERATE(Mood::failing, Mood::forgetful, Mood::moved, Mood::hanging);
    CAPTURE(static_cast<int>(mood));
    Standing slow;
    slow.platform_address().set(mood);
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    const std::string exchange = slow.call().text_of("exchange");
    REQUIRE(eventually([&] { return slow.platform_address().attempts() >= (mood == Mood::hanging ? 1 : 2); }));
    slow.platform_address().set(Mood::good);
    REQUIRE(eventually(
        [&] { return json_of(slow.look(exchange)).find("materials")->items()[0].text_of("delivery") == "told"; }));
    CHECK(slow.platform_address().effects() == 1);
    CHECK(slow.platform_address().trouble().empty());
    std::string body;
    for (const auto& request : slow.platform_address().requests()) {
        CHECK(request.target == "/datong");  // no redirect is followed
        CHECK((body.empty() || body == request.body));
        body = request.body;
    }
    slow->stop();
    CHECK(events_of(*slow) == std::vector<std::string>{"answered", "delivered"});
    CHECK(slow->verify().valid);
}

TEST_CASE("a platform that says that it wants no more is told no more", "[journey][later]") {
    Standing slow;
    slow.platform_address().set(Mood::gone);
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    const std::string exchange = slow.call().text_of("exchange");
    REQUIRE(eventually([&] {
        return json_of(slow.look(exchange)).find("materials")->items()[0].text_of("delivery") == "undelivered";
    }));
    CHECK(slow.platform_address().attempts() == 1);
    CHECK(slow.platform_address().effects() == 0);
    slow->stop();
    CHECK(events_of(*slow) == std::vector<std::string>{"answered", "undelivered"});
}

TEST_CASE("a department that answers after the end is told as unavailable, and its answer goes nowhere",
          "[journey][later]") {
    Standing slow{{.question_s = 4, .ask_again_s = 60, .within_s = 2}};
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{3'300}}));
    const Record answer = slow.call();
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    CHECK(told.text_of("outcome") == "failed");
    CHECK(told.find("fault")->text_of("code") == "department_timeout");
    CHECK(told.find("answer") == nullptr);
    // its own answer comes now, and later still: another call shows that time has passed
    slow->city().faults().clear_all();
    REQUIRE(eventually([&] { return requirement_of(slow.call(), "tax").text_of("outcome") == "satisfied"; }));
    CHECK(slow.platform_address().attempts() == 1);
    CHECK(json_of(slow.look(answer.text_of("exchange"))).find("materials")->items()[0].text_of("outcome") == "failed");
    slow->stop();
    CHECK(events_of(*slow) == std::vector<std::string>{"ended", "delivered"});
    CHECK(slow->verify().valid);
}

TEST_CASE("without an address the platform looks itself, and nobody else sees it", "[journey][later]") {
    Standing slow{{.is_told = false}};
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    const std::string exchange = slow.call().text_of("exchange");
    CHECK(slow.look(exchange, "portal").status == 404);
    REQUIRE(eventually([&] { return slow.look(exchange).status == 200; }));
    const Record complete = json_of(slow.look(exchange));
    CHECK(complete.find("materials")->items()[0].find("told")->find("answer")->text_of("outcome") == "found");
    CHECK(slow.platform_address().attempts() == 0);
    CHECK(slow.look("00000000-0000-7000-8000-000000000000").status == 404);
}

TEST_CASE("nothing is pending of a call that wants all or nothing, nor of a department that answered",
          "[journey][later]") {
    Standing slow;
    CHECK(requirement_of(slow.call(), "tax").text_of("outcome") == "satisfied");
    CHECK(slow.last_status() == 200);
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::down}));
    Record body = slow->matter_body();
    body.put("mode", Record::text("all_or_nothing"));
    const auto answer = slow->platform().call(kMatter, body);
    CHECK(answer.status == 200);
    CHECK(requirement_of(json_of(answer), "tax").text_of("outcome") == "unavailable");
    CHECK(slow.look(json_of(answer).text_of("exchange")).status == 404);
}

TEST_CASE("a grant that is gone ends what is awaited, and the platform is told why", "[journey][later]") {
    Standing slow;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::hang, .times = 1}));
    CHECK(requirement_of(slow.call(), "tax").text_of("outcome") == "pending");
    replace_in(slow->folder() + "/config/grants/one-window-existing-home-transfer.yaml", "tax-clearance, ", "");
    const auto reloaded = slow->admin("POST", "/v1/reload");
    CAPTURE(reloaded.body);
    REQUIRE(reloaded.status == 200);
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    CHECK(told.text_of("outcome") == "failed");
    CHECK(told.find("fault")->text_of("code") == "not_permitted");
}

TEST_CASE("a record is told under a grant of the moment it is told at, or not at all", "[journey][later][security]") {
    Standing slow;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::down}));
    (void)slow.call();
    slow.platform_address().set(Mood::failing);
    slow->city().faults().clear_all();
    REQUIRE(eventually([&] { return slow.platform_address().attempts() >= 1; }));
    replace_in(slow->folder() + "/config/grants/one-window-existing-home-transfer.yaml", "tax-clearance, ", "");
    REQUIRE(slow->admin("POST", "/v1/reload").status == 200);
    slow.platform_address().set(Mood::good);
    const std::string book = slow->folder() + "/state/datong.db.later";
    REQUIRE(eventually([&] {
        const auto rows = store::AwaitedBook::open(book).value()->open_ones(10);
        return rows && rows->size() == 1 && rows->front().state == store::Wait::undelivered;
    }));
    CHECK(slow.platform_address().effects() == 0);
    const auto row = store::AwaitedBook::open(book).value()->open_ones(10).value().front();
    CHECK(row.body.empty());
    CHECK(row.outcome == "not_permitted");
}

TEST_CASE("what stands on the disk of what is awaited names nobody", "[journey][later]") {
    Standing slow;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::down}));
    (void)slow.call();
    slow.platform_address().set(Mood::failing);
    slow->city().faults().clear_all();
    REQUIRE(eventually([&] { return slow.platform_address().attempts() >= 1; }));
    const std::string name = slow->matter_body().find("context")->find("subject")->text_of("name");
    const std::string number = slow->matter_body().find("context")->find("subject")->text_of("id_no");
    for (const char* suffix : {".later", ".later-wal"}) {
        const std::string octets = read_file(slow->folder() + "/state/datong.db" + suffix);
        CHECK(octets.find(number) == std::string::npos);
        CHECK(octets.find(name) == std::string::npos);
    }
    CHECK(slow->log().find(number) == std::string::npos);
}

TEST_CASE("an address for later answers must be https, listed, and not this machine in production",
          "[journey][later]") {
    struct Row {
        const char* hosts;
        const char* url;
        const char* told;
    };
    const auto row = GENERATE(values<Row>({
        {"[127.0.0.1]", "http://127.0.0.1/x", "url must be https"},
        {"[platform.example]", "https://user@platform.example/x", "url must be https"},
        {"[platform.example]", "https://elsewhere.example/x", "none of callbacks.hosts"},
        {"[]", "https://platform.example/x", "none of callbacks.hosts"},
    }));
    CAPTURE(row.url);
    const auto change = [&row](const std::string& config) {
        replace_in(config + "/gateway.yaml",
                   "calendar:", std::string{"callbacks: {hosts: "} + row.hosts + "}\ncalendar:");
        replace_in(config + "/consumers/one-window.yaml", "keys:",
                   std::string{"callback: {url: \""} + row.url + "\", ca: \"${DATONG_KEYS:-keys}/ca.pem\"}\nkeys:");
    };
    CHECK_THROWS_WITH((GatewayUnderTest{{.change = change}}), ContainsSubstring(row.told));
}

TEST_CASE("a fan-out where every department fails in another way says of each how", "[journey][matters]") {
    GatewayUnderTest gateway;
    struct Row {
        System system;
        Trouble trouble;
        const char* requirement;
        const char* code;
    };
    const std::vector<Row> rows{{System::land, Trouble::wrong_person, "ownership", "person_mismatch"},
                                {System::tax, Trouble::hang, "tax", "department_timeout"},
                                {System::fund, Trouble::down, "fund", "department_down"},
                                {System::market, Trouble::html_200, "enterprise", "department_invalid"}};
    for (const Row& row : rows) {
        REQUIRE(gateway.city().faults().set(row.system, {.trouble = row.trouble}));
    }
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record said = json_of(answer);
    for (const Row& row : rows) {
        CAPTURE(row.requirement);
        const Record& requirement = requirement_of(said, row.requirement);
        CHECK(requirement.text_of("outcome") == "unavailable");
        CHECK(requirement.find("materials")->items()[0].find("fault")->text_of("code") == row.code);
    }
    CHECK(said.find("to_bring")->find("not_needed")->items().empty());
    gateway.stop();
    CHECK(gateway.verify().valid);
}
