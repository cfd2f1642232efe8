#include "core/consent/consent.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/policy/persons.h"
#include "tests/core/consent/issuer.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::consent;

using record::Record;

namespace {

std::string person_of(const catalogue::Snapshot& snapshot, const std::string& number) {
    const policy::Person person{.id_type = "111", .id_no = Personal{number}, .name = Personal{""}};
    return to_hex(crypto::hmac_sha256(snapshot.gateway.subject_key.reveal(), policy::subject_text(person)));
}

}  // namespace

TEST_CASE("a consent says what its issuer signed, and of the person a keyed digest only", "[consent]") {
    const Issuer issuer;
    const auto snapshot = issuer.snapshot();
    const auto jws = issuer.sign(good());
    const auto read = read_consent(jws, snapshot);
    REQUIRE(read.has_value());
    CHECK(read->id == "c-2026-000001");
    CHECK(read->issuer == "city-consent");
    CHECK(read->person == person_of(snapshot, "999900198001019998"));
    CHECK(read->id_type == "111");
    CHECK(read->services == std::vector<std::string>{"fund-deposit-certificate"});
    CHECK(read->mode == Mode::store);
    CHECK(read->keep_days == 30);
    CHECK(read->frequency.uses == 2);
    CHECK(read->frequency.per == Per::day);
    CHECK(read->given_how == "face");
    CHECK(read->valid_to - read->valid_from == 365 * 86'400 - 1);
    CHECK(read->digest == to_hex(crypto::sha256(jws)));
    // signed twice it is the same consent, with another digest
    const auto again = read_consent(issuer.sign(good()), snapshot);
    REQUIRE(again.has_value());
    CHECK(again->mac == read->mac);
    CHECK(again->digest != read->digest);
}

TEST_CASE("a consent that is signed by nobody we know, altered, or for another gateway is not accepted",
          "[consent][security]") {
    const Issuer issuer;
    const auto snapshot = issuer.snapshot();
    struct Row {
        const char* why;
        std::string jws;
        Fault fault;
        const char* detail;
    };
    Issuer stranger;
    stranger.keyid = "stranger-2026";
    Issuer impostor;  // the id of a key that we know, with another key
    const std::string whole = issuer.sign(good());
    const auto dot = whole.find('.');
    const auto second = whole.find('.', dot + 1);
    const std::string other = issuer.sign(with("consumer", Record::text("one-window")));
    const std::string altered = whole.substr(0, dot) + '.' +
                                to_base64url(codec::write_json(with("mode", Record::text("view")))) +
                                whole.substr(second);
    const std::vector<Row> rows{
        {"an unknown key", stranger.sign(good()), Fault::consent_not_accepted, "no issuer"},
        {"another key under a known id", impostor.sign(good()), Fault::consent_not_accepted, "does not hold"},
        {"an altered payload", altered, Fault::consent_not_accepted, "does not hold"},
        {"another gateway", issuer.sign(with("gateway", Record::text("hongqiao"))), Fault::consent_not_accepted,
         "another gateway"},
        {"another issuer's name", issuer.sign(with("issuer", Record::text("somebody"))), Fault::consent_not_accepted,
         "not who signed"},
        {"a consumer that it may not sign for", other, Fault::consent_not_accepted, "may not sign"},
        {"another type", issuer.sign(good(), "datong-certificate+jws"), Fault::bad_request, "type"},
        {"a revocation", issuer.sign(good(), kRevocationType), Fault::bad_request, "type"},
        {"no JWS", "nothing", Fault::bad_request, "type"},
    };
    for (const Row& row : rows) {  // one issuer signs all of them
        CAPTURE(row.why);
        const auto read = read_consent(row.jws, snapshot);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().fault() == row.fault);
        CHECK_THAT(read.error().detail(), ContainsSubstring(row.detail));
        CHECK(read.error().detail().find("999900198001019998") == std::string::npos);
    }
}

TEST_CASE("every member of a consent is known, in its shape, and none is missing", "[consent]") {
    const Secret key{std::string(32, 'k')};
    REQUIRE(read_payload(good(), key).has_value());
    const auto object = [](const char* json) { return codec::read_json(json).value(); };
    struct Row {
        const char* member;
        Record value;
        const char* says;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"id", Record::text("-dash"), "/id must be"},
        {"id", Record::text("c-999900198001019998"), "/id must not hold a number"},
        {"servces", Record::text("x"), "did you mean 'services'"},
        {"mode", Record::text("keep"), "one of verify, view, store"},
        {"mode", Record::text("view"), "/keep_days goes with mode store"},
        {"keep_days", Record::integer(0), "/keep_days goes with mode store"},
        {"keep_days", Record::integer(4'000), "/keep_days must be"},
        {"services", Record::list(), "/services must be"},
        {"purpose", Record::text(""), "/purpose must be"},
        {"person", object(R"({"id_no": 999900198001019998})"), "/person/id_no must be a text"},
        {"person", object(R"({"id_no": "1", "idno": "2"})"), "/person has an unknown member; did you mean 'id_no'"},
        {"frequency", object(R"({"uses": 0, "per": "day"})"), "/frequency/uses"},
        {"frequency", object(R"({"uses": 100001, "per": "day"})"),
         "/frequency/uses must be a whole number from 1 to 100000"},
        {"frequency", object(R"({"uses": 1, "per": "hour"})"), "/frequency/per must be one of consent, month, day"},
        {"valid_to", Record::text("2025-01-01T00:00:00+08:00"), "/valid_to must be after"},
        {"valid_to", Record::text("2099-01-01T00:00:00+08:00"), "/valid_to must be after"},
        {"valid_from", Record::text("2026-01-01"), "/valid_from must be a time"},
        {"given", object(R"({"at": "2026-01-01T09:00:00+08:00", "how": "said"})"), "/given/how must be one of window"},
    }));
    CAPTURE(row.member, row.says);
    const auto read = read_payload(with(row.member, row.value), key);
    REQUIRE_FALSE(read.has_value());
    CHECK_THAT(read.error().detail(), ContainsSubstring(row.says));
    CHECK(read.error().detail().find("999900198001019998") == std::string::npos);
}

TEST_CASE("a consent without one of its members is none", "[consent]") {
    const Secret key{std::string(32, 'k')};
    for (const char* name : {"id", "issuer", "gateway", "consumer", "person", "services", "purpose", "mode",
                             "frequency", "valid_from", "valid_to", "given"}) {
        CAPTURE(name);
        Record payload = good();
        std::erase_if(payload.members_to_edit(), [name](const record::Member& member) { return member.name == name; });
        const auto read = read_payload(payload, key);
        REQUIRE_FALSE(read.has_value());
        CHECK_THAT(read.error().detail(), ContainsSubstring(std::string{"/"} + name));
    }
}

TEST_CASE("a consent covers what it says, and nothing else", "[consent][security]") {
    const Issuer issuer;
    const auto snapshot = issuer.snapshot();
    const auto consent = read_consent(issuer.sign(good()), snapshot).value();
    const std::string person = person_of(snapshot, "999900198001019998");
    const std::string stranger = person_of(snapshot, "999900199001019999");
    const Asked asked{.consumer = "portal",
                      .person = person,
                      .id_type = "111",
                      .service = "fund-deposit-certificate",
                      .matter = {},
                      .purpose = "housing-loan"};
    const Now now{.at = kMarch, .skew = 30};
    REQUIRE(covers(consent, asked, now).has_value());
    struct Row {
        Asked asked;
        Now now;
        const char* says;
    };
    const auto changed = [&](auto change) {
        Asked made = asked;
        change(made);
        return made;
    };
    const std::vector<Row> rows{
        {changed([](Asked& one) { one.consumer = "one-window"; }), now, "consumer"},
        {changed([&](Asked& one) { one.person = stranger; }), now, "person"},
        {changed([](Asked& one) { one.id_type = "414"; }), now, "id_type"},
        {changed([](Asked& one) { one.id_type = ""; }), now, "id_type"},
        {changed([](Asked& one) { one.service = "business-licence"; }), now, "service"},
        {changed([](Asked& one) { one.purpose = "curiosity"; }), now, "purpose"},
        {asked, {.at = consent.valid_to, .skew = 30}, "over"},
        {asked, {.at = consent.valid_from - 31, .skew = 30}, "yet"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.says);
        const auto fits = covers(consent, row.asked, row.now);
        REQUIRE_FALSE(fits.has_value());
        CHECK(fits.error().fault() == Fault::consent_not_accepted);
        CHECK_THAT(fits.error().detail(), ContainsSubstring(row.says));
    }
    // an issuer's clock that runs ahead is none of the citizen's trouble; one second more is
    CHECK(covers(consent, asked, {.at = consent.valid_from - 30, .skew = 30}).has_value());
    CHECK(covers(consent, asked, {.at = consent.valid_to - 1, .skew = 30}).has_value());
}

TEST_CASE("a consent whose issuer says nothing of the kind of paper is of the number alone", "[consent]") {
    const Issuer issuer;
    const auto snapshot = issuer.snapshot();
    Record person = Record::object();
    person.put("id_no", Record::text("999900198001019998"));
    const auto consent = read_consent(issuer.sign(with("person", std::move(person))), snapshot).value();
    CHECK(consent.id_type.empty());
    for (const char* id_type : {"111", "414", ""}) {
        CHECK(covers(consent,
                     {.consumer = "portal",
                      .person = consent.person,
                      .id_type = id_type,
                      .service = "fund-deposit-certificate",
                      .matter = {},
                      .purpose = "housing-loan"},
                     {.at = kMarch, .skew = 30})
                  .has_value());
    }
}

TEST_CASE("a consent to verify lets nothing be seen", "[consent][security]") {
    const Issuer issuer;
    const auto snapshot = issuer.snapshot();
    Record payload = with("mode", Record::text("verify"));
    std::erase_if(payload.members_to_edit(), [](const auto& member) { return member.name == "keep_days"; });
    const auto consent = read_consent(issuer.sign(payload), snapshot).value();
    const std::string person = person_of(snapshot, "999900198001019998");
    Asked asked{.consumer = "portal",
                .person = person,
                .id_type = "111",
                .service = "fund-deposit-certificate",
                .matter = {},
                .purpose = "housing-loan"};
    CHECK_FALSE(covers(consent, asked, {.at = kMarch, .skew = 30}).has_value());
    asked.verify = true;
    CHECK(covers(consent, asked, {.at = kMarch, .skew = 30}).has_value());
    CHECK(keep_until(consent, at(kMarch)) == "2026-03-01T09:10:00.000+08:00");  // not at all
}

TEST_CASE("a consent for a matter covers its materials where the matter is called, and no direct call", "[consent]") {
    const Issuer issuer;
    Record payload = good();
    std::erase_if(payload.members_to_edit(), [](const auto& member) { return member.name == "services"; });
    payload.put("matters", codec::read_json(R"(["existing-home-transfer"])").value());
    const auto consent = read_consent(issuer.sign(payload), issuer.snapshot()).value();
    CHECK(names(consent, "fund-deposit-certificate", "existing-home-transfer"));
    CHECK_FALSE(names(consent, "fund-deposit-certificate", "fund-withdrawal"));
    CHECK_FALSE(names(consent, "fund-deposit-certificate", ""));
}

TEST_CASE("only its consumer registers a consent, after it was given and before it is over", "[consent][security]") {
    const Issuer issuer;
    const auto consent = read_consent(issuer.sign(good()), issuer.snapshot()).value();
    const auto fault_at = [&](std::string_view consumer, std::int64_t now) {
        const auto may = may_register(consent, consumer, {.at = now, .skew = 30});
        return may ? std::string{} : may.error().detail();
    };
    CHECK(fault_at("portal", kMarch).empty());
    CHECK_THAT(fault_at("one-window", kMarch), ContainsSubstring("consumer"));
    CHECK_THAT(fault_at("portal", consent.valid_to), ContainsSubstring("over"));
    CHECK_THAT(fault_at("portal", consent.given_at - 31), ContainsSubstring("future"));
    CHECK(fault_at("portal", consent.given_at - 30).empty());
}

TEST_CASE("uses are counted by civil days and months, and kept as long as was consented to", "[consent]") {
    CHECK(period_of({.uses = 1, .per = Per::consent}, at(kMarch)) == 0);
    CHECK(period_of({.uses = 1, .per = Per::day}, at(kMarch)) == kMarch - 9 * 3'600 - 600);
    CHECK(period_of({.uses = 1, .per = Per::month}, at(kMarch + 86'400)) == kMarch - 9 * 3'600 - 600);
    const Issuer issuer;
    const auto consent = read_consent(issuer.sign(good()), issuer.snapshot()).value();
    CHECK(keep_until(consent, at(kMarch)) == "2026-03-31T09:10:00.000+08:00");
}

TEST_CASE("a revocation is its issuer's word about one consent at this gateway", "[consent][security]") {
    const Issuer issuer;
    const auto snapshot = issuer.snapshot();
    const auto payload = codec::read_json(R"({"consent": "c-2026-000001", "gateway": "shili",
        "at": "2026-03-01T09:00:00+08:00", "reason": "withdrawn"})")
                             .value();
    const auto read = read_revocation(issuer.sign(payload, kRevocationType), snapshot);
    REQUIRE(read.has_value());
    CHECK(read->issuer == "city-consent");
    CHECK(read->consent == "c-2026-000001");
    CHECK(read->reason == "withdrawn");
    CHECK_FALSE(read_revocation(issuer.sign(payload), snapshot).has_value());  // typed as a consent
    CHECK_FALSE(read_revocation(issuer.sign(good(), kRevocationType), snapshot).has_value());
    Record elsewhere = payload;
    elsewhere.put("gateway", Record::text("hongqiao"));
    CHECK_FALSE(read_revocation(issuer.sign(elsewhere, kRevocationType), snapshot).has_value());
    Record why = payload;
    why.put("reason", Record::text("测试甲不愿意"));
    CHECK_FALSE(read_revocation(issuer.sign(why, kRevocationType), snapshot).has_value());
    const Issuer stranger;
    CHECK_FALSE(read_revocation(stranger.sign(payload, kRevocationType), snapshot).has_value());
}
