// A person's consent all the way over sockets: signed by the platform's service, registered, used, counted, revoked.

#include <filesystem>
#include <thread>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/signing/certificate.h"
#include "tests/journeys/consent_kit.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

Record with(std::string_view name, Record value) {
    Record made = ConsentService::good();
    made.put(record::Text{std::string{name}}, std::move(value));
    return made;
}

Record without_keeping(Record consent) {
    std::erase_if(consent.members_to_edit(), [](const auto& member) { return member.name == "keep_days"; });
    return consent;
}

}  // namespace

TEST_CASE("a service that needs consent is given with one, and says for how long it may be kept",
          "[journey][consent]") {
    GatewayUnderTest gateway;
    const ConsentService service{gateway};
    const Platform portal = gateway.platform("portal");
    const auto bare = portal.call(kFund, fund_body(gateway, ""));
    CHECK(bare.status == 403);
    CHECK(code_of(bare) == "consent_required");
    const auto unknown = portal.call(kFund, fund_body(gateway, "c-2026-000001"));
    CHECK(unknown.status == 403);
    CHECK(code_of(unknown) == "consent_not_accepted");

    const std::string jws = service.sign(ConsentService::good());
    const auto request = portal.prepare(kConsents, codec::write_json(holding("consent", jws)));
    const auto registered = portal.send(request);
    CAPTURE(registered.body, gateway.log());
    REQUIRE(registered.status == 201);
    CHECK(portal.check_signature(registered, request));
    CHECK(json_of(registered).find("consent")->text_of("state") == "in_force");
    CHECK(register_consent(portal, jws).status == 200);

    const auto answer = portal.call(kFund, fund_body(gateway, "c-2026-000001"));
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record by = *json_of(answer).find("consent");
    CHECK(by.text_of("id") == "c-2026-000001");
    CHECK(by.text_of("mode") == "store");
    const auto payload = codec::read_json(signing::read_jws(json_of(answer).text_of("certificate"))->payload).value();
    CHECK(*payload.find("consent") == by);  // the department signed it too
    CHECK(by.text_of("keep_until").substr(0, 10) ==
          record::to_text(record::add_days(record::to_civil(std::chrono::system_clock::now()).date, 30)));

    const Record state = *look_at_consent(portal, "c-2026-000001").find("consent");
    CHECK(state.find("uses")->scalar() == "1");
    CHECK(state.find("left")->scalar() == "2");
    CHECK(look_at_consent(gateway.platform(), "c-2026-000001").text_of("code") == "no_such_resource");

    REQUIRE(wait_until([&] { return !consent_events(gateway).empty(); }));
    gateway.stop();
    CHECK(gateway.verify().valid);
    Record used;
    for (const Record& intent : entries_of(gateway, "intent")) {
        used = intent.text_of("service").starts_with("fund") ? intent : used;
    }
    CHECK(used.text_of("consent") == "c-2026-000001");
    CHECK(used.text_of("consent_digest") == to_hex(crypto::sha256(jws)));
    bool is_transmitted = false;
    for (const Record& outcome : entries_of(gateway, "outcome")) {
        is_transmitted = is_transmitted || (outcome.text_of("consent") == "c-2026-000001" &&
                                            outcome.find("consent_use")->scalar() == "1" &&
                                            outcome.text_of("exchange") == json_of(answer).text_of("exchange"));
    }
    CHECK(is_transmitted);
    const auto events = consent_events(gateway);
    REQUIRE(events.size() == 1);
    CHECK(events[0].text_of("event") == "registered");
    CHECK(events[0].text_of("digest") == to_hex(crypto::sha256(jws)));
}

TEST_CASE("a consent that does not fit lets nothing be asked, and its use stays", "[journey][consent][security]") {
    struct Row {
        const char* why;
        Record consent;
        std::function<void(Record& body)> change;
    };
    const auto now = std::chrono::system_clock::now();
    const auto buyer = departments::demo_person().buyer;
    Record other_person = ConsentService::good();
    other_person.find("person")->put("id_no", Record::text(buyer.id));
    Record other_paper = ConsentService::good();
    other_paper.find("person")->put("id_type", Record::text("414"));
    const std::vector<Row> rows{
        {"another person", other_person, {}},
        {"another kind of paper", other_paper, {}},
        {"another service", with("services", codec::read_json(R"(["business-licence"])").value()), {}},
        {"another purpose", with("purpose", Record::text("credit")), {}},
        {"not yet", with("valid_from", Record::text(to_rfc3339(now + std::chrono::minutes{2}))), {}},
        {"a matter only",
         [] {
             Record made = with("matters", codec::read_json(R"(["existing-home-transfer"])").value());
             std::erase_if(made.members_to_edit(), [](const auto& member) { return member.name == "services"; });
             return made;
         }(),
         {}},
        {"to verify only", without_keeping(with("mode", Record::text("verify"))), {}},
    };
    GatewayUnderTest gateway;
    const ConsentService service{gateway};
    const Platform portal = gateway.platform("portal");
    int number = 0;
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record consent = row.consent;
        const std::string id = "c-" + std::to_string(++number);
        consent.put("id", Record::text(id));
        REQUIRE(register_consent(portal, service.sign(consent)).status == 201);
        const auto answer = portal.call(kFund, fund_body(gateway, id));
        CAPTURE(answer.body);
        CHECK(answer.status == 403);
        CHECK(code_of(answer) == "consent_not_accepted");
        CHECK(json_of(answer).find("detail") == nullptr);  // which part does not fit is for operators
        CHECK(look_at_consent(portal, id).find("consent")->find("uses")->scalar() == "0");
    }
    gateway.stop();
    std::string details;
    for (const Record& refusal : entries_of(gateway, "refusal")) {
        details += refusal.text_of("detail") + '\n';
    }
    for (const char* part :
         {"person is another", "does not name the service", "purpose is another", "not hold yet", "mode is verify"}) {
        CHECK_THAT(details, ContainsSubstring(part));
    }
    CHECK(details.find(buyer.id) == std::string::npos);
    CHECK(gateway.verify().valid);
}

TEST_CASE("a consent that can't be used is not registered", "[journey][consent][security]") {
    GatewayUnderTest gateway;
    const ConsentService service{gateway};
    const Platform portal = gateway.platform("portal");
    const auto now = std::chrono::system_clock::now();
    const auto later = [now](std::chrono::seconds by) { return Record::text(to_rfc3339(now + by)); };
    Record tomorrow = ConsentService::good();
    tomorrow.find("given")->put("at", later(std::chrono::seconds{90}));
    Record old = ConsentService::good();
    old.put("valid_to", later(std::chrono::seconds{-5}));
    const std::string whole = service.sign(ConsentService::good());
    std::string altered = whole;
    altered[altered.find('.') + 20] = altered[altered.find('.') + 20] == 'A' ? 'B' : 'A';
    const auto stranger = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const auto forged = [&](const char* keyid) {
        return signing::sign_jws(codec::write_json(ConsentService::good()), keyid, consent::kType,
                                 stranger.default_algorithm(), stranger)
            .value();
    };
    struct Row {
        const char* why;
        std::string jws;
    };
    for (const Row& row :
         {Row{"an unknown key", forged("stranger-2026")}, Row{"a forged signature", forged("city-consent-2026")},
          Row{"altered", altered}, Row{"another gateway", service.sign(with("gateway", Record::text("hongqiao")))},
          Row{"another consumer", service.sign(with("consumer", Record::text("one-window")))},
          Row{"given in the future", service.sign(tomorrow)}, Row{"over", service.sign(old)},
          Row{"a member that nobody knows", service.sign(with("unless", Record::text("sunday")))}}) {
        CAPTURE(row.why);
        const auto answer = register_consent(portal, row.jws);
        CHECK(answer.status == 403);
        CHECK(code_of(answer) == "consent_not_accepted");
    }
    CHECK(register_consent(portal, "x.y.z").status == 400);
    CHECK(portal.call(kConsents, holding("consents", whole)).status == 400);
    CHECK(portal.send(portal.prepare_get(kConsents)).status == 405);
    REQUIRE(register_consent(portal, whole).status == 201);
    // its id is taken now, and no other consumer can bring it
    CHECK(code_of(register_consent(portal, service.sign(with("keep_days", Record::integer(31))))) ==
          "consent_not_accepted");
    CHECK(code_of(register_consent(gateway.platform(), whole)) == "consent_not_accepted");
    gateway.stop();
    CHECK(gateway.verify().valid);
}

TEST_CASE("another consumer can't use a consent that it knows of", "[journey][consent][security]") {
    const Registered here;
    Record body = here.gateway.body(kFund);
    body.find("context")->put("consent", Record::text(here.id));
    const auto answer = here.gateway.platform().call(kFund, body);  // its own grant asks for no consent
    CHECK(answer.status == 403);
    CHECK(code_of(answer) == "consent_not_accepted");
}

TEST_CASE("uses are counted through a restart, a repeated call's once, a failed call's not", "[journey][consent]") {
    Registered here;
    Record body = fund_body(here.gateway, here.id);
    REQUIRE(here.gateway.city().faults().set(departments::System::fund, {.trouble = departments::Trouble::down}));
    for (int i = 0; i < 4; ++i) {
        CHECK(here.ask().status >= 500);
    }
    here.gateway.city().faults().clear_all();
    const auto uses = [&] {
        return std::string{
            look_at_consent(here.gateway.platform("portal"), here.id).find("consent")->find("uses")->scalar()};
    };
    CHECK(uses() == "0");
    bool is_up = false;  // the source rests a little after its failures; each look takes a unit of the grant's quota
    REQUIRE(wait_until([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        return is_up = is_up || here.ask(body).status == 200;
    }));
    CHECK(uses() == "1");
    body.find("context")->put("idempotency_key", Record::text("k-1"));
    CHECK(here.ask(body).status == 200);
    here.gateway.restart();
    CHECK(here.ask(body).status == 200);  // the same call again
    CHECK(uses() == "2");
    Record other = body;  // the key with another request is another use
    other.find("context")->put("channel", Record::text("app"));
    CHECK(here.ask(other).status == 200);
    CHECK(uses() == "3");
    const auto over = here.ask();
    CHECK(over.status == 403);
    CHECK(code_of(over) == "consent_not_accepted");
    CHECK(look_at_consent(here.gateway.platform("portal"), here.id).find("consent")->text_of("state") == "used_up");
}

TEST_CASE("a revoked consent gives nothing any more, at once, after a restart, and however often it is registered",
          "[journey][consent][security]") {
    Registered here;
    CHECK(here.ask().status == 200);
    const Platform window = here.gateway.platform();  // whoever brings it
    const std::string word = here.service.revocation(here.id);
    CHECK(code_of(revoke_consent(window, "c-2026-000002", word)) == "consent_not_accepted");
    CHECK(code_of(revoke_consent(window, here.id, here.jws)) == "bad_request");
    CHECK(here.ask().status == 200);
    const auto revoked = revoke_consent(window, here.id, word);
    CAPTURE(revoked.body);
    REQUIRE(revoked.status == 200);
    CHECK(revoke_consent(window, here.id, word).status == 200);
    CHECK(code_of(here.ask()) == "consent_not_accepted");
    here.gateway.restart();
    CHECK(code_of(here.ask()) == "consent_not_accepted");
    CHECK(code_of(register_consent(here.gateway.platform("portal"), here.jws)) == "consent_not_accepted");
    CHECK(code_of(here.ask()) == "consent_not_accepted");
    const Record state = *look_at_consent(here.gateway.platform("portal"), here.id).find("consent");
    CHECK(state.text_of("state") == "revoked");
    CHECK(state.text_of("reason") == "withdrawn");
    REQUIRE(wait_until([&] { return consent_events(here.gateway).size() == 2; }));
    here.gateway.stop();
    const Record event = consent_events(here.gateway).back();
    CHECK(event.text_of("event") == "revoked");
    CHECK(event.text_of("by") == "issuer");
    CHECK(event.text_of("digest") == to_hex(crypto::sha256(word)));
    CHECK(here.gateway.verify().valid);
}

TEST_CASE("a clock that is ten years ahead forgets neither a consent nor its revocation",
          "[journey][consent][security]") {
    Registered here;
    CHECK(here.ask().status == 200);
    REQUIRE(revoke_consent(here.gateway.platform(), here.id, here.service.revocation(here.id)).status == 200);
    REQUIRE(wait_until([&] { return consent_events(here.gateway).size() == 2; }));
    auto clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now() + std::chrono::days{3'650});
    support::FakeClock& ahead = *clock;
    here.gateway.restart(std::move(clock));
    const auto told = [&] {
        const std::string metrics = here.gateway.admin("GET", "/metrics").body;
        const auto from = metrics.find("\ndatong_clock_ahead_seconds ");
        return from == std::string::npos ? std::string{} : metrics.substr(from, metrics.find('\n', from + 1) - from);
    };
    const std::string before = told();
    REQUIRE(before.size() > 30);
    REQUIRE(wait_until([&] {
        ahead.advance(std::chrono::seconds{11});  // what is over is forgotten every ten, since whenever that began
        return told() != before;
    }));
    here.gateway.restart();
    CHECK(code_of(register_consent(here.gateway.platform("portal"), here.jws)) == "consent_not_accepted");
    const Record state = *look_at_consent(here.gateway.platform("portal"), here.id).find("consent");
    CHECK(state.text_of("state") == "revoked");
    CHECK(state.find("uses")->scalar() == "1");
}

TEST_CASE("a revocation that comes first holds for the consent that comes later", "[journey][consent][security]") {
    GatewayUnderTest gateway;
    const ConsentService service{gateway};
    CHECK(revoke_consent(gateway.platform(), "c-2026-000001", service.revocation("c-2026-000001")).status == 200);
    CHECK(code_of(register_consent(gateway.platform("portal"), service.sign(ConsentService::good()))) ==
          "consent_not_accepted");
}

TEST_CASE("a consent ends with its time, and with its issuer's key", "[journey][consent][security]") {
    auto clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now());
    support::FakeClock& now = *clock;
    GatewayUnderTest::Options options;
    options.clock = std::move(clock);
    Record consent = ConsentService::good();
    consent.put("valid_to", Record::text(to_rfc3339(std::chrono::system_clock::now() + std::chrono::minutes{2})));
    const Registered here{std::move(consent), std::move(options)};
    CHECK(here.ask().status == 200);
    now.advance(std::chrono::seconds{130});
    CHECK(code_of(here.ask()) == "consent_not_accepted");

    Registered other;
    const std::string file = other.gateway.folder() + "/config/gateway.yaml";
    std::string text = read_file(file);
    write_text(file, text.substr(0, text.find("consent_issuers:")));
    REQUIRE(other.gateway.program().reload().taken);
    CHECK(code_of(other.ask()) == "consent_not_accepted");
    const auto all = json_of(other.gateway.admin("GET", "/v1/consents"));
    CHECK(all.find("consents")->items().front().text_of("state") == "void");
    write_text(file, text);
    REQUIRE(other.gateway.program().reload().taken);
    CHECK(other.ask().status == 200);
}

TEST_CASE("predicates are answered by a consent to verify", "[journey][consent]") {
    const Registered here{without_keeping(with("mode", Record::text("verify")))};
    Record body = fund_body(here.gateway, here.id);
    body.put("verify", codec::read_json(R"([{"field": "/status", "operator": "equals", "value": "normal"}])").value());
    const auto answer = here.ask(body);
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
    const Record by = *json_of(answer).find("consent");
    CHECK(by.text_of("mode") == "verify");
    CHECK(by.text_of("keep_until") == json_of(answer).text_of("as_of"));
    CHECK(code_of(here.ask()) == "consent_not_accepted");
}

TEST_CASE("who asks about a person is told by which consent", "[journey][consent]") {
    GatewayUnderTest::Options options;
    options.change = [](const std::string& config) {
        const std::string file = config + "/consumers/one-window.yaml";
        write_text(file,
                   read_file(file) + "usage: {legal_basis: 个人信息保护法第四十五条, purposes: [subject-access]}\n");
    };
    const Registered here{ConsentService::good(), std::move(options)};
    CHECK(here.ask().status == 200);
    Record body = fund_body(here.gateway, "");
    body.find("context")->put("purpose", Record::text("subject-access"));
    const auto told = here.gateway.platform().call("/v1/usage", body);
    CAPTURE(told.body);
    REQUIRE(told.status == 200);
    const Record uses = json_of(told);
    REQUIRE(uses.find("uses")->items().size() == 1);
    CHECK(uses.find("uses")->items().front().text_of("consent") == here.id);
}

TEST_CASE("what stands of consents on the disk and in the log names nobody", "[journey][consent][security]") {
    Registered here;
    CHECK(here.ask().status == 200);
    const auto demo = departments::demo_person();
    const std::string log = read_file(here.gateway.folder() + "/state/datong.db.consents-wal");
    CHECK(log.size() > 1'000);  // gone when the gateway has ended
    CHECK(here.gateway.admin("GET", "/v1/consents/" + here.id).body.find(demo.person.id) == std::string::npos);
    here.gateway.stop();
    std::vector<std::string> texts{log, read_file(here.gateway.folder() + "/state/datong.db.consents"),
                                   here.gateway.log()};
    for (const auto& file : std::filesystem::directory_iterator{here.gateway.folder() + "/evidence"}) {
        if (file.is_regular_file() && file.path().extension() == ".dlog") {
            texts.push_back(read_file(file.path().string()));
        }
    }
    CHECK(texts.size() > 3);
    for (const std::string& text : texts) {
        CHECK_FALSE(text.empty());
        CHECK(text.find(demo.person.id) == std::string::npos);
        CHECK(text.find(demo.person.name) == std::string::npos);
        CHECK(text.find(here.jws.substr(0, 60)) == std::string::npos);
    }
}
