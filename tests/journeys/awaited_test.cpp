// What is awaited after an answer, where the answer never came, and where it is erased by order.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "core/store/awaited.h"
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

}  // namespace

TEST_CASE("what was kept of a call that a crash left without its outcome is not asked for", "[journey][later]") {
    GatewayUnderTest gateway{{.change = make_slow}};
    const std::string answered = pending_call(gateway);
    gateway.stop();
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    store::Awaited lost{.exchange = "0198f000-0000-7000-8000-000000000001",
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
                        .next = now + 600};
    REQUIRE(book_of(gateway)->keep({lost}));
    REQUIRE(calls_waiting(gateway).size() == 2);
    gateway.restart();
    CHECK(calls_waiting(gateway) == std::vector{answered});
}

TEST_CASE("what was kept of a call whose outcome the disk did not take is not asked for", "[journey][later]") {
    const auto faults = std::make_shared<support::Faults>();
    GatewayUnderTest gateway{{.files = std::make_unique<support::FaultyFiles>(faults), .change = make_slow}};
    REQUIRE(gateway.city().faults().set(System::tax, {.trouble = Trouble::down}));
    codec::HttpMessage answer;
    {
        const std::jthread caller{[&] { answer = gateway.platform().call(kMatter, gateway.matter_body()); }};
        // its intent is durable, and it waits for the department
        REQUIRE(wait_until([&] {
            bool has_intent = false;
            const Status read = evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
                has_intent = has_intent || entry.text_of("kind") == "intent";
                return true;
            });
            return read && has_intent;
        }));
        faults->disk_full = true;
    }
    CAPTURE(answer.body);
    CHECK(answer.status == 503);
    CHECK(calls_waiting(gateway).empty());
    faults->disk_full = false;
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
