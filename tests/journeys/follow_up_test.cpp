// What may follow: asked for again until its day, and compared with what was promised.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/evidence/verify.h"
#include "core/record/date.h"
#include "core/signing/jws.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/journeys/platform_client.h"
#include "tests/journeys/receiver.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;

namespace {

void replace(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    REQUIRE(text.find(what) != std::string::npos);
    text.replace(text.find(what), what.size(), with);
    write_text(file, text);
}

/// The system's time and as much more as a test wants.
class AheadClock final : public Clock {
public:
    explicit AheadClock(std::shared_ptr<std::atomic<std::int64_t>> ahead_s) : ahead_s_{std::move(ahead_s)} {}
    [[nodiscard]] std::chrono::system_clock::time_point now() const override {
        return std::chrono::system_clock::now() + std::chrono::seconds{ahead_s_->load()};
    }

private:
    std::shared_ptr<std::atomic<std::int64_t>> ahead_s_;
};

/// A gateway that asks for the agency's licence, which may follow, every second.
class Following {
public:
    /// @param licence  lines of the licence's service beside its own.
    explicit Following(const std::string& promise, const std::string& licence = {})
        : gateway_{
              {.change = [this, &promise, &licence](const std::string& config) { change(config, promise, licence); },
               .clock = std::make_unique<AheadClock>(ahead_s_)}} {}

    GatewayUnderTest& operator*() { return gateway_; }
    GatewayUnderTest* operator->() { return &gateway_; }
    [[nodiscard]] Receiver& platform_address() { return *receiver_; }
    void pass(std::chrono::hours time) { *ahead_s_ += std::chrono::seconds{time}.count(); }

    /// One call, while the market department does not answer.
    [[nodiscard]] Record call(const std::string& declared) {
        REQUIRE(gateway_.city().faults().set(System::market, {.trouble = Trouble::down}));
        Record body = gateway_.matter_body();
        body.find("context")->find("facts")->put("declaredStatus", Record::text(declared));
        const auto answer = gateway_.platform().call(kMatter, body);
        CAPTURE(answer.body);
        CHECK(answer.status == 200);
        return json_of(answer);
    }
    /// What the platform is told once the department answers.
    [[nodiscard]] Record told() {
        gateway_.city().faults().clear_all();
        REQUIRE(eventually([this] { return receiver_->effects() == 1; }));
        CHECK(receiver_->trouble().empty());
        return receiver_->told().front();
    }
    /// The events of the evidence, with what became of a promise.
    [[nodiscard]] std::vector<std::string> events() {
        gateway_.stop();
        CHECK(gateway_.verify().valid);
        std::vector<std::string> events;
        REQUIRE(evidence::read_folder(gateway_.folder() + "/evidence", [&events](const Record& entry) {
            if (entry.text_of("kind") == "follow_up") {
                const auto said = codec::read_json(signing::read_jws(entry.text_of("statement"))->payload);
                events.push_back(said->text_of("event") + ' ' + said->text_of("promise"));
            }
            return true;
        }));
        return events;
    }

private:
    void change(const std::string& config, const std::string& promise, const std::string& licence) {
        replace(config + "/services/business-licence.yaml", "deadline_ms", licence + "deadline_ms");
        receiver_ = std::make_unique<Receiver>(config + "/../keys");
        const std::string matter = config + "/matters/existing-home-transfer.yaml";
        replace(matter, "deadline_ms: 8000", "deadline_ms: 8000\nfollow_up: {ask_again_s: 1}");
        replace(matter, "service: business-licence, about: agent", "service: business-licence, about: agent" + promise);
        replace(config + "/gateway.yaml",
                "calendar:", "callbacks: {hosts: [127.0.0.1]}\nsharing: {valid_days: 30, code_days: 10}\ncalendar:");
        replace(
            config + "/consumers/one-window.yaml", "keys:",
            "callback: {url: \"" + receiver_->url() + "\", ca: \"${DATONG_KEYS:-keys}/ca.pem\", retry_s: 1}\nkeys:");
    }

    std::shared_ptr<std::atomic<std::int64_t>> ahead_s_ = std::make_shared<std::atomic<std::int64_t>>(0);
    std::unique_ptr<Receiver> receiver_;
    GatewayUnderTest gateway_;
};

constexpr const char* kPromise = ", promise: [{field: /status, operator: equals, value: $.facts.declaredStatus}]";

}  // namespace

TEST_CASE("what may follow is asked for again, and a promise that holds is kept", "[journey][later]") {
    Following follows{kPromise};
    const Record answer = follows.call("active");
    CHECK(answer.text_of("status") == "/v1/exchanges/" + answer.text_of("exchange") + "/materials");
    CHECK(answer.find("to_bring")->find("may_follow")->items().size() == 1);
    const Record told = follows.told();
    CHECK(told.text_of("why") == "follows");
    CHECK(told.text_of("outcome") == "found");
    CHECK(told.text_of("promise") == "kept");
    const auto events = follows.events();
    REQUIRE(events.size() >= 3);
    CHECK(events[events.size() - 2] == "answered kept");
    CHECK(events.back() == "delivered kept");
}

TEST_CASE("the code of what followed is good with the exchange that its answer names, once", "[journey][later]") {
    Following follows{""};
    const Record answer = follows.call("active");
    const Record told = follows.told();
    const Record* followed = told.find("answer");
    REQUIRE(followed != nullptr);
    CHECK(followed->text_of("exchange") == answer.text_of("exchange"));
    const Record* sharing = followed->find("sharing");
    REQUIRE(sharing != nullptr);
    const std::string form = codec::write_form(
        std::vector<codec::FormField>{{"exchange", followed->text_of("exchange")}, {"code", sharing->text_of("code")}});
    const auto check = [&follows, &form] {
        const PlatformClient anybody{*follows};
        return anybody.send(anybody.prepare("POST", "/check", form, "application/x-www-form-urlencoded"));
    };
    const auto good = check();
    CAPTURE(good.body);
    CHECK(good.status == 200);
    CHECK_THAT(good.body, ContainsSubstring(answer.text_of("exchange")) && ContainsSubstring("真实有效"));
    CHECK(check().status == 410);
}

TEST_CASE("a promise that does not hold is a breach, and everybody concerned is told", "[journey][later]") {
    Following follows{kPromise};
    (void)follows.call("revoked");
    const Record told = follows.told();
    CHECK(told.text_of("outcome") == "found");
    CHECK(told.text_of("promise") == "broken");
    CHECK(follows.events().back() == "delivered broken");
}

TEST_CASE("an answer over a cap ends what follows, and is nobody's breach", "[journey][later][least]") {
    Following follows{kPromise, "most: {persons: 1}\npersons: [/uscc, /name]\n"};
    (void)follows.call("active");
    const Record told = follows.told();
    CHECK(told.text_of("outcome") == "failed");
    CHECK(told.find_path({"fault", "code"})->scalar() == "answer_over_cap");
    CHECK(told.text_of("promise").empty());
    CHECK(told.find("answer") == nullptr);
}

TEST_CASE("what was to follow and has not come by its day is missed", "[journey][later]") {
    Following follows{""};
    const Record answer = follows.call("active");
    const std::string until = answer.find("to_bring")->find("may_follow")->items()[0].text_of("until");
    REQUIRE(record::parse_iso_date(until).has_value());
    follows.pass(std::chrono::hours{24 * 40});
    REQUIRE(eventually([&] { return follows.platform_address().attempts() >= 1; }));
    const auto requests = follows.platform_address().requests();
    const Record told = *codec::read_json(requests.front().body);
    CHECK(told.text_of("promise") == "missed");
    CHECK(told.text_of("outcome") == "failed");
    const auto events = follows.events();
    CHECK(std::find(events.begin(), events.end(), "ended missed") != events.end());
}

TEST_CASE("nothing follows of a call that wants all or nothing", "[journey][later][security]") {
    Following follows{""};
    REQUIRE(follows->city().faults().set(System::market, {.trouble = Trouble::down}));
    Record body = follows->matter_body();
    body.put("mode", Record::text("all_or_nothing"));
    const auto call = follows->platform().call(kMatter, body);
    CAPTURE(call.body);
    REQUIRE(call.status == 200);
    const Record answer = json_of(call);
    CHECK(answer.text_of("outcome") == "partial");
    CHECK(answer.find("status") == nullptr);
    const Platform platform = follows->platform();
    const auto look = [&platform](const Record& one) {
        return platform.send(platform.prepare_get("/v1/exchanges/" + one.text_of("exchange") + "/materials")).status;
    };
    CHECK(look(answer) == 404);
    // of another call it does, and that is all that anybody is told
    const Record other = follows.call("active");
    CHECK(follows.told().text_of("exchange") == other.text_of("exchange"));
    CHECK(look(other) == 200);
    CHECK(look(answer) == 404);
    CHECK(follows.platform_address().attempts() == 1);
}

TEST_CASE("a promise about nothing that follows is refused with what to write", "[journey][later]") {
    const auto without_follow_up = [](const std::string& config) {
        replace(config + "/matters/existing-home-transfer.yaml", "service: business-licence, about: agent",
                std::string{"service: business-licence, about: agent"} + kPromise);
    };
    CHECK_THROWS_WITH((GatewayUnderTest{{.change = without_follow_up}}),
                      ContainsSubstring("and follow_up of the matter"));
    const auto no_such_field = [](const std::string& config) {
        replace(config + "/matters/existing-home-transfer.yaml", "deadline_ms: 8000",
                "deadline_ms: 8000\nfollow_up: {ask_again_s: 1}");
        replace(config + "/matters/existing-home-transfer.yaml", "service: business-licence, about: agent",
                "service: business-licence, about: agent, promise: [{field: /colour, operator: exists}]");
    };
    CHECK_THROWS_WITH((GatewayUnderTest{{.change = no_such_field}}), ContainsSubstring("promise: /colour"));
}
