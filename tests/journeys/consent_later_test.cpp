// A consent that is revoked while something of it is still on its way: files that wait, slow departments, matters; and
// who is told of it.

#include <future>
#include <memory>

#include "core/store/database.h"
#include "tests/journeys/consent_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/receiver.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;
using Mood = Receiver::Mood;
using std::chrono::milliseconds;

namespace {

/// Consents of the demo's seller for the window's matter.
Record window_consent(const std::string& id, const char* services, const char* purpose) {
    Record made = ConsentService::good(id);
    made.put("consumer", Record::text("one-window"));
    made.put("services", codec::read_json(services).value());
    made.put("purpose", Record::text(std::string{purpose}));
    return made;
}

const Record& requirement_of(const Record& answer, std::string_view id) {
    for (const Record& one : answer.find("requirements")->items()) {
        if (one.text_of("id") == id) {
            return one;
        }
    }
    FAIL("no such requirement");
    throw std::logic_error{"unreachable"};
}

std::string fault_of(const Record& answer, std::string_view requirement) {
    const Record& material = requirement_of(answer, requirement).find("materials")->items().front();
    return material.find("fault") != nullptr ? material.find("fault")->text_of("code") : std::string{};
}

/// A gateway whose tax service needs consent and may answer late; both sides have an address.
class House {
public:
    House() : gateway_{{.change = [this](const std::string& config) { change(config); }}} {}

    GatewayUnderTest& operator*() { return gateway_; }
    GatewayUnderTest* operator->() { return &gateway_; }
    [[nodiscard]] Receiver& receiver() { return *receiver_; }

    [[nodiscard]] Record call(const std::string& consent) const {
        Record body = gateway_.matter_body();
        if (!consent.empty()) {
            body.find("context")->put("consent", Record::text(consent));
        }
        const auto answer = gateway_.platform().call(kMatter, body);
        CAPTURE(answer.body);
        CHECK(answer.status / 100 == 2);
        return json_of(answer);
    }

private:
    void change(const std::string& config) {
        receiver_ = std::make_unique<Receiver>(config + "/../keys");
        const std::string callback =
            "callback: {url: \"" + receiver_->url() + "\", ca: \"${DATONG_KEYS:-keys}/ca.pem\", retry_s: 1, ends_h: 1}";
        edit(config + "/matters/existing-home-transfer.yaml", "deadline_ms: 8000", "deadline_ms: 1000");
        edit(config + "/services/tax-clearance.yaml", "deadline_ms: 5000",
             "slow: {question_s: 4, ask_again_s: 1, within_s: 60}\nconsent: required\ndeadline_ms: 5000");
        edit(config + "/gateway.yaml", "calendar:", "callbacks: {hosts: [127.0.0.1]}\ncalendar:");
        edit(config + "/gateway.yaml", "    consumers: [portal, one-window]",
             "    " + callback + "\n    consumers: [portal, one-window]");
        edit(config + "/consumers/one-window.yaml", "keys:", callback + "\nkeys:");
    }

    std::unique_ptr<Receiver> receiver_;  // before the gateway, which calls it
    GatewayUnderTest gateway_;
};

constexpr const char* kTaxOnly = R"(["tax-clearance"])";
constexpr const char* kTransfer = "existing-home-transfer";

}  // namespace

TEST_CASE("a matter goes on without a material whose consent is missing, and says why", "[journey][consent]") {
    House house;
    const ConsentService service{*house};
    const Record bare = house.call("");
    CHECK(fault_of(bare, "tax") == "consent_required");
    CHECK(requirement_of(bare, "ownership").text_of("outcome") == "satisfied");
    CHECK(fault_of(house.call("c-0"), "tax") == "consent_not_accepted");

    // a consent of somebody else than the one the material is about
    Record buyer = window_consent("c-1", kTaxOnly, kTransfer);
    buyer.find("person")->put("id_no", Record::text(departments::demo_person().buyer.id));
    REQUIRE(register_consent(house->platform(), service.sign(buyer)).status == 201);
    CHECK(fault_of(house.call("c-1"), "tax") == "consent_not_accepted");

    REQUIRE(register_consent(house->platform(), service.sign(window_consent("c-2", kTaxOnly, kTransfer))).status ==
            201);
    const Record answer = house.call("c-2");
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "satisfied");
    const auto given = [&answer](const char* requirement) {
        return requirement_of(answer, requirement).find("materials")->items().front().find("answer")->find("consent");
    };
    REQUIRE(given("tax") != nullptr);
    CHECK(given("tax")->text_of("id") == "c-2");
    CHECK(given("ownership") == nullptr);  // by its grant alone
    const Record state = *look_at_consent(house->platform(), "c-2").find("consent");
    CHECK(state.find("uses")->scalar() == "1");
    CHECK(look_at_consent(house->platform(), "c-1").find("consent")->find("uses")->scalar() == "0");
}

TEST_CASE("a consent for the matter covers each of its materials, as one use", "[journey][consent]") {
    House house;
    const ConsentService service{*house};
    Record consent = ConsentService::good("c-3");
    consent.put("consumer", Record::text("one-window"));
    consent.put("purpose", Record::text(std::string{kTransfer}));
    std::erase_if(consent.members_to_edit(), [](const auto& member) { return member.name == "services"; });
    consent.put("matters", codec::read_json(R"(["existing-home-transfer"])").value());
    REQUIRE(register_consent(house->platform(), service.sign(consent)).status == 201);
    const Record answer = house.call("c-3");
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "satisfied");
    CHECK(look_at_consent(house->platform(), "c-3").find("consent")->find("uses")->scalar() == "1");
}

TEST_CASE("both sides are told of a revocation, until they take it, and the evidence says so", "[journey][consent]") {
    House house;
    const ConsentService service{*house};
    REQUIRE(register_consent(house->platform(), service.sign(window_consent("c-4", kTaxOnly, kTransfer))).status ==
            201);
    house.receiver().set(Mood::failing);
    REQUIRE(revoke_consent(house->platform("portal"), "c-4", service.revocation("c-4")).status == 200);
    REQUIRE(eventually([&] { return house.receiver().attempts() >= 2; }));
    CHECK(house.receiver().effects() == 0);
    house->restart();
    house.receiver().set(Mood::good);
    REQUIRE(eventually([&] { return house.receiver().effects() == 2; }));
    CHECK(house.receiver().trouble().empty());
    std::set<std::string> deliveries;
    for (const Record& told : house.receiver().told()) {
        CHECK(told.text_of("consent") == "c-4");
        CHECK(told.text_of("event") == "revoked");
        CHECK(told.text_of("reason") == "withdrawn");
        CHECK(told.text_of("issuer") == "city-consent");
        deliveries.insert(told.text_of("delivery"));
    }
    CHECK(deliveries == std::set<std::string>{"consent:city-consent:c-4/revoked-consumer",
                                              "consent:city-consent:c-4/revoked-issuer"});
    REQUIRE(eventually([&] { return consent_events(*house).size() == 4; }));
    house->stop();
    std::multiset<std::string> events;
    for (const Record& event : consent_events(*house)) {
        events.insert(event.text_of("event") + ':' + (event.text_of("event") == "told" ? event.text_of("by") : ""));
    }
    CHECK(events ==
          std::multiset<std::string>{"registered:", "revoked:", "told:one-window", "told:issuer:city-consent"});
    CHECK(house->verify().valid);
}

TEST_CASE("an answer that is under way is not given once the consent is revoked", "[journey][consent][security]") {
    House house;
    const ConsentService service{*house};
    REQUIRE(register_consent(house->platform(), service.sign(window_consent("c-11", kTaxOnly, kTransfer))).status ==
            201);
    REQUIRE(house->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{2'000}}));
    Record body = house->body(kTax);
    body.find("context")->put("consent", Record::text("c-11"));
    auto call = std::async(std::launch::async, [&] { return house->platform().call(kTax, body); });
    const auto uses = [&] {
        return std::string{look_at_consent(house->platform(), "c-11").find("consent")->find("uses")->scalar()};
    };
    REQUIRE(eventually([&] { return uses() == "1"; }));
    REQUIRE(revoke_consent(house->platform(), "c-11", service.revocation("c-11")).status == 200);
    const auto answer = call.get();
    CAPTURE(answer.body);
    CHECK(answer.status == 403);
    CHECK(code_of(answer) == "consent_not_accepted");
    house->stop();
    Record outcome;
    for (const Record& one : entries_of(*house, "outcome")) {
        if (one.text_of("exchange") == json_of(answer).text_of("exchange")) {
            outcome = one;
        }
    }
    CHECK(outcome.text_of("outcome") == "consent_not_accepted");
    CHECK(outcome.text_of("consent").empty());  // nothing was told by it
    REQUIRE(outcome.find("reply_digests") != nullptr);
    CHECK(outcome.find("reply_digests")->items().size() == 1);  // but a department was asked, and answered
    CHECK(house->verify().valid);
}

TEST_CASE("a slow department's answer is not told once the consent is revoked", "[journey][consent][later][security]") {
    House house;
    const ConsentService service{*house};
    REQUIRE(register_consent(house->platform(), service.sign(window_consent("c-5", kTaxOnly, kTransfer))).status ==
            201);
    REQUIRE(house->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{2'500}}));
    const Record answer = house.call("c-5");
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
    REQUIRE(revoke_consent(house->platform(), "c-5", service.revocation("c-5")).status == 200);
    const std::string exchange = answer.text_of("exchange");
    const auto look = [&] {
        const Platform platform = house->platform();
        return json_of(platform.send(platform.prepare_get("/v1/exchanges/" + exchange + "/materials")));
    };
    REQUIRE(eventually([&] { return look().text_of("outcome") == "complete"; }));
    const Record material = look().find("materials")->items().front();
    CHECK(material.text_of("outcome") == "failed");
    CHECK(material.find("told")->find("fault")->text_of("code") == "consent_not_accepted");
    house->stop();
    CHECK(house->verify().valid);
}

TEST_CASE("what a slow department said before the revocation is not looked at after it",
          "[journey][consent][later][security]") {
    House house;
    const ConsentService service{*house};
    REQUIRE(register_consent(house->platform(), service.sign(window_consent("c-6", kTaxOnly, kTransfer))).status ==
            201);
    REQUIRE(house->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    const std::string exchange = house.call("c-6").text_of("exchange");
    const auto look = [&] {
        const Platform platform = house->platform();
        return platform.send(platform.prepare_get("/v1/exchanges/" + exchange + "/materials"));
    };
    const auto material = [&] { return json_of(look()).find("materials")->items().front(); };
    const auto told = [&] {
        const Record one = material();
        return one.find("told") != nullptr ? one.find("told")->text_of("outcome") : std::string{};
    };
    REQUIRE(eventually([&] { return told() == "found"; }));
    {  // a book that can't be read is no word that the consent holds no more
        const auto book =
            store::Database::open(house->folder() + "/state/datong.db.consents", {.version = 1, .tables = ""});
        REQUIRE(book->execute("ALTER TABLE consent RENAME TO away").has_value());
        CHECK(look().status == 503);
        REQUIRE(book->execute("ALTER TABLE away RENAME TO consent").has_value());
        CHECK(told() == "found");
    }
    REQUIRE(revoke_consent(house->platform(), "c-6", service.revocation("c-6")).status == 200);
    CHECK(told().empty());
    CHECK(material().text_of("outcome") == "consent_not_accepted");  // not even that there is one
    CHECK(look_at_consent(house->platform(), "c-6").find("consent")->find("uses")->scalar() == "1");
    house->stop();
    // by which consent something is awaited and was answered stands in the evidence
    bool is_named = false;
    for (const Record& outcome : entries_of(*house, "outcome")) {
        is_named = is_named || (outcome.text_of("exchange") == exchange && outcome.text_of("consent") == "c-6");
    }
    CHECK(is_named);
    std::set<std::string> followed;
    for (const Record& entry : entries_of(*house, "follow_up")) {
        const auto said = codec::read_json(signing::read_jws(entry.text_of("statement"))->payload).value();
        followed.insert(said.text_of("event") + ':' + said.text_of("consent"));
    }
    CHECK(followed.contains("answered:c-6"));
}

TEST_CASE("a callback that nobody has taken yet is not told once the consent is revoked",
          "[journey][consent][later][security]") {
    House house;
    const ConsentService service{*house};
    REQUIRE(register_consent(house->platform(), service.sign(window_consent("c-8", kTaxOnly, kTransfer))).status ==
            201);
    house.receiver().set(Mood::failing);
    REQUIRE(house->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    const std::string exchange = house.call("c-8").text_of("exchange");
    REQUIRE(eventually([&] { return house.receiver().attempts() >= 1; }));
    REQUIRE(revoke_consent(house->platform(), "c-8", service.revocation("c-8")).status == 200);
    house.receiver().set(Mood::good);
    REQUIRE(eventually([&] { return house.receiver().effects() == 2; }));  // the word of the revocation, to both
    const auto undelivered = [&] {
        for (const Record& entry : entries_of(*house, "follow_up")) {
            const auto said = codec::read_json(signing::read_jws(entry.text_of("statement"))->payload).value();
            if (said.text_of("event") == "undelivered" && said.text_of("exchange") == exchange) {
                return said.find("materials")->items().front().text_of("outcome");
            }
        }
        return std::string{};
    };
    REQUIRE(eventually([&] { return undelivered() == "consent_not_accepted"; }));
    for (const Record& told : house.receiver().told()) {
        CHECK(told.text_of("event") == "revoked");
    }
}

TEST_CASE("what was sent under a consent is told after the revocation, and not sent again",
          "[journey][consent][submit][security]") {
    GatewayUnderTest::Options options;
    options.change = [](const std::string& config) {
        edit(config + "/services/case-push-tax.yaml", "deadline_ms:", "consent: required\ndeadline_ms:");
    };
    GatewayUnderTest gateway{std::move(options)};
    const ConsentService service{gateway};
    const Platform platform = gateway.platform();
    auto& desk = gateway.city().acceptance();
    using Desk = departments::AcceptanceDesk::Mood;
    REQUIRE(register_consent(platform, service.sign(window_consent("c-9", R"(["case-push-tax"])", kTransfer))).status ==
            201);
    const auto body = [&](const char* key) {
        Record made = gateway.body("/v1/services/case-push-land");
        made.find("context")->put("idempotency_key", Record::text(std::string{key}));
        made.find("context")->put("consent", Record::text("c-9"));
        return made;
    };
    const Record push = body("k-1");
    Record all = Record::object();
    all.put("context", *body("k-2").find("context"));
    all.find("context")->put("matter", Record::text("case-push-existing-home-transfer"));
    const auto push_all = [&] {
        const Record answer = json_of(platform.call("/v1/matters/case-push-existing-home-transfer/materials", all));
        for (const Record& requirement : answer.find("requirements")->items()) {
            for (const Record& one : requirement.find("materials")->items()) {
                if (one.text_of("service").starts_with("case-push-tax")) {
                    return one.text_of("outcome");
                }
            }
        }
        return std::string{};
    };
    // of several departments one took it and another was busy
    desk.set("land", Desk::busy);
    CHECK(push_all() == "accepted");
    // to this one it was lost on the way
    desk.set("tax", Desk::losing_request);
    const auto lost = platform.call("/v1/services/case-push-tax", push);
    CAPTURE(lost.body);
    REQUIRE(lost.status == 202);
    const auto written = desk.written("tax");
    const auto asked = desk.asked("tax");

    REQUIRE(revoke_consent(platform, "c-9", service.revocation("c-9")).status == 200);
    desk.set("land", Desk::accepting);
    desk.set("tax", Desk::accepting);
    CHECK(push_all() == "accepted");  // it was, before the consent went
    const auto again = platform.call("/v1/services/case-push-tax", push);
    CHECK(again.status == 200);  // asked by the case's number, the department has it: by the other push
    CHECK(json_of(again).text_of("outcome") == "accepted");
    CHECK(desk.asked("tax") == asked + 1);
    CHECK(desk.written("tax") == written);
    const auto first = platform.call("/v1/services/case-push-tax", body("k-3"));
    CHECK(json_of(first).text_of("code") == "consent_not_accepted");
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("a file that waits at its address is not given once the consent is revoked",
          "[journey][consent][files][security]") {
    GatewayUnderTest::Options options;
    options.change = [](const std::string& config) {
        edit(config + "/grants/one-window-city-services.yaml", "case_required:", "consent: required\ncase_required:");
    };
    GatewayUnderTest gateway{std::move(options)};
    const ConsentService service{gateway};
    const Platform platform = gateway.platform();
    const auto all = departments::questions_found();
    const auto question =
        *std::find_if(all.begin(), all.end(), [](const auto& one) { return one.service == "deed-tax-receipt"; });
    Record consent = window_consent("c-7", R"(["deed-tax-receipt"])", "no-resubmission");
    consent.find("person")->put("id_no", Record::text(question.about.id_no));
    REQUIRE(register_consent(platform, service.sign(consent)).status == 201);
    Record body = body_of(question);
    CHECK(json_of(platform.call(kReceipt, body)).text_of("code") == "consent_required");
    body.find("context")->put("consent", Record::text("c-7"));
    body.put("files", Record::text("url"));
    const auto answer = platform.call(kReceipt, body);
    CAPTURE(answer.body.substr(0, 500));
    REQUIRE(answer.status == 200);
    const std::string url = json_of(answer).find("files")->items().front().text_of("url");
    CHECK(platform.send(platform.prepare_get(url)).status == 200);
    REQUIRE(revoke_consent(platform, "c-7", service.revocation("c-7")).status == 200);
    const auto refused = platform.send(platform.prepare_get(url));
    CHECK(refused.status == 403);
    CHECK(json_of(refused).text_of("code") == "consent_not_accepted");
    gateway.stop();
    CHECK(gateway.verify().valid);
}
