#include <algorithm>

#include "core/codec/json.h"
#include "core/signing/certificate.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

/// The certificate of an answer, checked with the departments' published keys.
signing::CertificateCheck check(const GatewayUnderTest& gateway, const Record& answer) {
    const std::string folder = gateway.folder();
    auto checked = signing::check_certificate(answer, [&folder](const signing::Issuer& issuer, std::string_view) {
        auto key = crypto::VerifyingKey::from_pem(read_file(folder + "/keys/" + issuer.id + ".pub.pem"));
        return key ? std::optional{std::move(*key)} : std::nullopt;
    });
    REQUIRE(checked.has_value());
    return std::move(*checked);
}

}  // namespace

TEST_CASE("each department's record becomes a signed certificate of the person asked", "[journey]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const std::string target = GENERATE(as<std::string>{}, kLand, kTax, kFund, kMarket);
    CAPTURE(target);
    const auto request = platform.prepare(target, codec::write_json(gateway.body(target)));

    const auto answer = platform.send(request);

    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(platform.check_signature(answer, request).has_value());
    const Record body = json_of(answer);
    CHECK(check(gateway, body).is_good());
    CHECK(body.text_of("outcome") == "found");
    CHECK_FALSE(body.text_of("as_of").empty());
    REQUIRE(body.find_path({"scope", "registers"}) != nullptr);
    CHECK(body.find_path({"scope", "registers"})->items().size() == 1);
    CHECK(body.find("provenance")->items().size() == body.find("digests")->items().size());
    CHECK(body.find("provenance")->items().size() >= 5);
}

TEST_CASE("not found is a signed statement about who was asked and where was searched", "[journey]") {
    GatewayUnderTest gateway;
    Record body = gateway.body(kMarket);
    Record& context = *body.find("context");
    context.put("purpose", Record::text("enterprise-enquiry"));
    context.find("agent")->put("id_no", Record::text("91999901MA00000155"));
    const Platform portal = gateway.platform("portal");
    const auto request = portal.prepare(kMarket, codec::write_json(body));
    const auto answer = portal.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    CHECK(portal.check_signature(answer, request).has_value());
    Record said = json_of(answer);
    CHECK(said.text_of("outcome") == "not_found");
    CHECK(said.find("content") == nullptr);
    CHECK(said.find_path({"scope", "registers"})->items().front().scalar() == "enterprises");
    CHECK(check(gateway, said).is_good());
    CHECK(signing::says_it_was_asked(said, "/id_no", Record::text("91999901MA00000155")));
    CHECK_FALSE(signing::says_it_was_asked(said, "/id_no", Record::text("91999901MA6T000124")));

    const Record mine = json_of(portal.call(kMarket, body));
    said.put("asked", *mine.find("asked"));  // another answer's, good in itself
    CHECK_FALSE(check(gateway, said).is_good());
}

TEST_CASE("only the fields of the grant leave, and they prove", "[journey][security]") {
    GatewayUnderTest gateway;
    Record body = gateway.body(kMarket);
    body.find("context")->put("purpose", Record::text("enterprise-enquiry"));
    const Record said = json_of(gateway.platform("portal").call(kMarket, body));
    REQUIRE(said.find("content") != nullptr);
    CHECK(said.find("content")->find("name") != nullptr);
    CHECK(said.find("content")->find("legalRepresentative") == nullptr);
    CHECK(said.find("content")->members().size() <= 6);
    CHECK(check(gateway, said).is_good());
}

TEST_CASE("scope names the one division that was searched where the query chose it", "[journey]") {
    GatewayUnderTest gateway;
    const Record said = json_of(gateway.platform().call(kLand, gateway.body(kLand)));
    REQUIRE(said.find_path({"scope", "divisions"}) != nullptr);
    CHECK(said.find_path({"scope", "divisions"})->items().front().scalar() == departments::demo_person().flat.division);
}

TEST_CASE("that a home is neither mortgaged nor seized is said of the county that was searched alone",
          "[journey][security]") {
    GatewayUnderTest gateway;
    const auto all = departments::questions_found();
    auto question = *std::ranges::find(all, "realestate-encumbrance", &departments::Question::service);
    const auto divisions_of = [&gateway, &question](const std::string& division) {
        question.query = {{"divisionCode", division}};
        const Record said = json_of(gateway.platform().call("/v1/services/realestate-encumbrance", body_of(question)));
        const Record* divisions = said.find_path({"scope", "divisions"});
        return said.text_of("outcome") + ' ' + (divisions != nullptr ? codec::write_json(*divisions) : "");
    };
    REQUIRE(departments::demo_person().flat.division == "999902");
    CHECK(divisions_of("999902") == R"(found ["999902"])");
    CHECK(divisions_of("999903") == R"(not_found ["999903"])");
}

TEST_CASE("names in Tibetan script and rare characters leave as they are stored", "[journey]") {
    GatewayUnderTest gateway;
    const auto& town = gateway.city().town();
    int seen = 0;
    for (std::size_t i = 0; i < departments::kHouseholds && seen < 6; ++i) {
        const auto& person = town.persons[i];
        const bool rare =
            person.name.find("\xE0\xBD") != std::string::npos || person.name.find("\xF0\xA0") != std::string::npos;
        if (!rare || town.cases[i].state != "3" || town.cases[i].matter != "BDC-0200") {
            continue;
        }
        ++seen;
        CAPTURE(i);
        Record body = gateway.body(kFund);
        Record& context = *body.find("context");
        context.find("subject")->put("name", Record::text(person.name));
        context.find("subject")->put("id_no", Record::text(person.id));
        context.put("case_number", Record::text(town.cases[i].number));
        const auto answer = gateway.platform().call(kFund, body);
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        const Record body_out = json_of(answer);
        const Record* name = body_out.find_path({"content", "holder", "name"});
        REQUIRE(name != nullptr);
        CHECK(name->scalar() == person.name);
    }
    CHECK(seen > 0);
}

TEST_CASE("a consumer signs with a key of each kind, and one of another kind under its id is refused", "[journey]") {
    const auto algorithm =
        GENERATE(crypto::Algorithm::ecdsa_p256_sha256, crypto::Algorithm::ed25519, crypto::Algorithm::rsa_pss_sha512);
    CAPTURE(std::string{crypto::name_of(algorithm)});
    const auto put = [](const std::string& keys, crypto::Algorithm kind, bool published) {
        const auto key = crypto::SigningKey::generate(kind);
        REQUIRE(key.has_value());
        write_text(keys + "/one-window.key.pem", std::string{key->to_pem()->reveal()});
        if (published) {
            write_text(keys + "/one-window.pub.pem", *key->public_pem());
        }
    };
    constexpr bool kPublished = true;
    GatewayUnderTest gateway{
        {.change = [&](const std::string& config) { put(config + "/../keys", algorithm, kPublished); }}};
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kTax, codec::write_json(gateway.body(kTax)));
    CHECK(request.field("Signature-Input")->find(crypto::name_of(algorithm)) != std::string::npos);

    const auto answer = platform.send(request);

    CAPTURE(answer.body);
    CHECK(answer.status == 200);
    CHECK(platform.check_signature(answer, request).has_value());
    CHECK(check(gateway, json_of(answer)).is_good());
    const bool is_ed25519 = algorithm == crypto::Algorithm::ed25519;
    put(gateway.folder() + "/keys", is_ed25519 ? crypto::Algorithm::ecdsa_p256_sha256 : crypto::Algorithm::ed25519,
        !kPublished);
    const auto refused = platform.call(kTax, gateway.body(kTax));
    CHECK(refused.status == 401);
    CHECK(json_of(refused).text_of("code") == "signature_invalid");
}
