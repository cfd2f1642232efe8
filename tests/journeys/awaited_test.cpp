// What is awaited after an answer, where the answer never came, and where it is erased by order.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "core/ledger/index.h"
#include "core/signing/jws.h"
#include "core/store/awaited.h"
#include "core/vault/shelf.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/faulty_files.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;

namespace {

void replace(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    REQUIRE(text.find(what) != std::string::npos);
    write_text(file, text.replace(text.find(what), what.size(), with));
}

/// The matter waits a second, and the tax department is asked again later.
void make_slow(const std::string& config) {
    replace(config + "/matters/existing-home-transfer.yaml", "deadline_ms: 8000", "deadline_ms: 1000");
    replace(config + "/services/tax-clearance.yaml", "deadline_ms: 5000",
            "slow: {question_s: 4, ask_again_s: 1, within_s: 600}\ndeadline_ms: 5000");
}

std::unique_ptr<store::AwaitedBook> book_of(const GatewayUnderTest& gateway) {
    auto book = store::AwaitedBook::open(gateway.folder() + "/state/datong.db.later");
    REQUIRE(book);
    return std::move(*book);
}

std::vector<std::string> calls_waiting(const GatewayUnderTest& gateway) {
    const auto calls = book_of(gateway)->calls_waiting();
    REQUIRE(calls);
    return *calls;
}

/// One call of the matter while the tax department does not answer.
std::string pending_call(GatewayUnderTest& gateway) {
    REQUIRE(gateway.city().faults().set(System::tax, {.trouble = Trouble::down}));
    const auto answer = gateway.platform().call(kMatter, gateway.matter_body());
    CAPTURE(answer.body);
    REQUIRE(answer.status == 202);
    return json_of(answer).text_of("exchange");
}

bool has_intent(const GatewayUnderTest& gateway) {
    bool found = false;
    const Status read = evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        found = found || entry.text_of("kind") == "intent";
        return true;
    });
    return read && found;
}

/// A member of what the gateway says of every follow-up of that event.
std::vector<std::string> follow_ups(const GatewayUnderTest& gateway, const std::string& event,
                                    const std::string& member) {
    std::vector<std::string> all;
    for (const Record& entry : records_of(gateway, "follow_up")) {
        const auto jws = signing::read_jws(entry.text_of("statement"));
        REQUIRE(jws);
        const Record said = codec::read_json(jws->payload).value();
        if (said.text_of("event") == event) {
            all.push_back(said.text_of(member));
        }
    }
    return all;
}

/// What is awaited of a call that no record knows.
store::Awaited lost_call() {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return {.exchange = "0198f000-0000-7000-8000-000000000001",
            .material = "clearance",
            .requirement = "tax",
            .matter = "existing-home-transfer",
            .consumer = "one-window",
            .service = "tax-clearance",
            .case_number = "c",
            .why = "slow",
            .sealed = "sealed",
            .created = now,
            .until = now + 600,
            .again = 1,
            .next = now};
}

}  // namespace

TEST_CASE("what was kept of a call that a crash left without its outcome is not asked for", "[journey][later]") {
    GatewayUnderTest gateway{{.change = make_slow}};
    const std::string answered = pending_call(gateway);
    gateway.stop();
    REQUIRE(book_of(gateway)->keep({lost_call()}));
    REQUIRE(calls_waiting(gateway).size() == 2);
    gateway.restart();
    CHECK(wait_until([&] { return calls_waiting(gateway) == std::vector{answered}; }));
}

TEST_CASE("a start waits for no index that is made anew, and asks nothing that only the index can decide",
          "[journey][later]") {
    GatewayUnderTest gateway{{.change = make_slow}};
    const std::string answered = pending_call(gateway);
    gateway.stop();
    REQUIRE(gateway.city().faults().set(System::tax, {}));
    REQUIRE(book_of(gateway)->keep({lost_call()}));
    const std::string file = ledger::Index::file_of(gateway.folder() + "/evidence");
    std::filesystem::remove_all(std::filesystem::path{file}.parent_path());
    REQUIRE(ledger::Index::open(file));
    const auto busy = store::Database::open(file, {.version = 1, .tables = ""});
    REQUIRE(busy);
    REQUIRE(busy->execute("BEGIN IMMEDIATE"));  // as long as this, it takes nothing up
    const auto begun = std::chrono::steady_clock::now();
    gateway.restart();
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds{store::Database::kBusyMs});
    store::Awaited later = lost_call();
    later.exchange.back() = '2';
    REQUIRE(book_of(gateway)->keep({later}));  // of a call since the start: it is looked at
    REQUIRE(wait_until([&] { return calls_waiting(gateway).size() == 2; }));
    CHECK(calls_waiting(gateway) == std::vector{lost_call().exchange, answered});
    REQUIRE(busy->execute("ROLLBACK"));
    CHECK(wait_until([&] { return calls_waiting(gateway).empty(); }));  // one was asked, the other dropped
    gateway.stop();
    const auto asked = follow_ups(gateway, "asked", "exchange");
    CHECK_FALSE(asked.empty());
    CHECK(std::count(asked.begin(), asked.end(), answered) == static_cast<std::ptrdiff_t>(asked.size()));
    for (const char* event : {"asked", "answered", "ended"}) {
        const auto all = follow_ups(gateway, event, "exchange");
        CHECK(std::count(all.begin(), all.end(), lost_call().exchange) == 0);
    }
}

TEST_CASE("what was kept of a call whose outcome the disk did not take is not asked for", "[journey][later]") {
    const auto faults = std::make_shared<support::Faults>();
    GatewayUnderTest gateway{{.files = std::make_unique<support::FaultyFiles>(faults), .change = make_slow}};
    REQUIRE(gateway.city().faults().set(System::tax, {.trouble = Trouble::down}));
    codec::HttpMessage answer;
    {
        const std::jthread caller{[&] { answer = gateway.platform().call(kMatter, gateway.matter_body()); }};
        // its intent is durable, and it waits for the department
        REQUIRE(wait_until([&] { return has_intent(gateway); }));
        faults->disk_full = true;
    }
    CAPTURE(answer.body);
    CHECK(answer.status == 503);
    CHECK(calls_waiting(gateway).empty());
    faults->disk_full = false;
}

TEST_CASE("what the book does not drop when a call's outcome was lost is dropped as soon as it can be",
          "[journey][later]") {
    const auto faults = std::make_shared<support::Faults>();
    GatewayUnderTest gateway{{.files = std::make_unique<support::FaultyFiles>(faults), .change = make_slow}};
    REQUIRE(gateway.city().faults().set(System::tax, {.trouble = Trouble::down}));
    const auto other = store::Database::open(gateway.folder() + "/state/datong.db.later", {.version = 1, .tables = ""});
    REQUIRE(other);
    REQUIRE(other->execute("CREATE TRIGGER full BEFORE DELETE ON awaited BEGIN SELECT RAISE(ABORT, 'full'); END"));
    codec::HttpMessage answer;
    {
        const std::jthread caller{[&] { answer = gateway.platform().call(kMatter, gateway.matter_body()); }};
        REQUIRE(wait_until([&] { return has_intent(gateway); }));
        faults->disk_full = true;
    }
    CHECK(answer.status == 503);
    CHECK(calls_waiting(gateway).size() == 1);
    faults->disk_full = false;
    REQUIRE(other->execute("DROP TRIGGER full"));
    CHECK(wait_until([&] { return calls_waiting(gateway).empty(); }));
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("what a department says of an erased case is kept nowhere, though it was asked before",
          "[journey][later][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n", make_slow)};
    (void)pending_call(gateway);
    const auto events = [&gateway](const std::string& event) { return follow_ups(gateway, event, "question"); };
    REQUIRE(wait_until([&] { return !events("asked").empty(); }));
    const auto erased = gateway.admin(
        "POST", "/v1/evidence/erase",
        R"({"case_number": ")" + departments::demo_person().case_number + R"(", "basis": "示数〔2026〕12号"})");
    REQUIRE(erased.status == 200);
    REQUIRE(gateway.city().faults().set(System::tax, {}));  // it answers what it was asked before
    REQUIRE(wait_until([&] { return !events("answered").empty(); }));
    gateway.stop();
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(gateway.folder() + "/evidence"));
    REQUIRE(shelf);
    for (const std::string& question : events("answered")) {
        CHECK((*shelf)->find(question)->empty());
    }
    CHECK((*shelf)->count({.exchange = {}, .case_number = departments::demo_person().case_number}) == 0);
}

TEST_CASE("an order to erase a case reaches what is awaited of it, and its sealed request goes",
          "[journey][later][security]") {
    GatewayUnderTest gateway{{.change = make_slow}};
    const std::string exchange = pending_call(gateway);
    std::string sealed;
    for (const std::string& call : calls_waiting(gateway)) {
        const auto all = book_of(gateway)->of("one-window", call);
        REQUIRE(all);
        sealed = all->front().sealed;
    }
    REQUIRE(sealed.size() > 32);
    const std::string case_number = departments::demo_person().case_number;
    const auto erased = gateway.admin("POST", "/v1/evidence/erase",
                                      R"({"case_number": ")" + case_number + R"(", "basis": "示数〔2026〕12号"})");
    CAPTURE(erased.body);
    REQUIRE(erased.status == 200);
    CHECK(calls_waiting(gateway).empty());
    const auto look =
        gateway.platform().send(gateway.platform().prepare_get("/v1/exchanges/" + exchange + "/materials"));
    CHECK(look.status == 404);
    for (const auto& entry : std::filesystem::recursive_directory_iterator{gateway.folder() + "/state"}) {
        if (entry.is_regular_file()) {
            CAPTURE(entry.path().string());
            CHECK(read_file(entry.path().string()).find(sealed) == std::string::npos);
        }
    }
    gateway.stop();
    CHECK(gateway.verify().valid);
}
