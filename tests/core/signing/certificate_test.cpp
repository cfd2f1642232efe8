#include "core/signing/certificate.h"

#include <optional>
#include <string>
#include <vector>

#include "core/signing/field_digest.h"
#include "core/signing/jws.h"
#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using crypto::SigningKey;
using crypto::VerifyingKey;
using record::Record;

namespace {

const SigningKey& land_key() {
    static const SigningKey key = SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    return key;
}

constexpr std::string_view kLandCode = "11999901MB0000019U";

std::optional<VerifyingKey> find_key(const Issuer& issuer, std::string_view keyid) {
    if (issuer.iss == kLandCode && issuer.id == "land" && keyid == "land-2026") {
        return land_key().verifying_key();
    }
    return std::nullopt;
}

Record json(const std::string& text) {
    return codec::read_json(text).value();
}

void add_provenance(Record& answer, Record& statement, const std::string& path, const Record& value) {
    const std::string salt = new_salt();
    const std::string digest = field_digest(salt, path, codec::write_json(value));
    Record entry = Record::object();
    entry.put("path", Record::text(path));
    entry.put("department", Record::text("land"));
    entry.put("salt", Record::text(salt));
    entry.put("digest", Record::text(digest));
    answer.find("provenance")->add(std::move(entry));
    answer.find("digests")->add(Record::text(digest));
    statement.find("digests")->add(Record::text(digest));
}

std::string sealed(const Record& statement, const std::string& keyid = "land-2026") {
    return sign_jws(codec::write_json(statement), keyid, "datong-certificate+jws", crypto::Algorithm::ecdsa_p256_sha256,
                    land_key())
        .value();
}

Record statement_of(const Record& answer) {
    Record statement = json(R"({"iss":"11999901MB0000019U","issuer":{"id":"land","title":"示例局"},
        "jti":"0190-x","iat":1767225600,"exchange":"0190-x","purpose":"transfer",
        "origin":{"department":"land"},"digests":[]})");
    for (const std::string name : {"service", "outcome", "as_of", "scope"}) {
        statement.put(name, *answer.find(name));
    }
    return statement;
}

/// An answer as the gateway makes it, with a certificate of four fields, one of them hidden again.
Record good_answer() {
    Record answer = json(R"({"exchange":"0190-x","service":"realestate-certificate@1.0.0","outcome":"found",
        "as_of":"2026-01-01T08:00:00+08:00","scope":{"registers":["realestate"],"divisions":["9999"]},
        "content":{"certificateNumber":"示例（2026）0000001号","area":100.10,"holders":[{"a/b":"x"}],"mortgages":[]},
        "provenance":[],"digests":[]})");
    Record statement = statement_of(answer);
    add_provenance(answer, statement, "/certificateNumber", *answer.find_path({"content", "certificateNumber"}));
    add_provenance(answer, statement, "/area", *answer.find_path({"content", "area"}));
    add_provenance(answer, statement, "/holders/0/a~1b", Record::text("x"));
    add_provenance(answer, statement, "/mortgages", Record::list());
    add_provenance(answer, statement, "/hidden", Record::text("y"));
    answer.find("provenance")->items_to_edit().pop_back();
    answer.put("certificate", Record::text(sealed(statement)));
    return answer;
}

std::vector<std::string> found(const Record& answer) {
    const auto check = check_certificate(answer, find_key);
    REQUIRE(check.has_value());
    std::vector<std::string> all;
    for (const Finding& one : check->findings) {
        CHECK_FALSE(one.text_zh.empty());
        CHECK_FALSE(one.text_en.empty());
        all.push_back(one.code + " " + one.path);
    }
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what means something in a JSON pointer is escaped in a step", "[signing]") {
    std::string path;
    CHECK(append_step(append_step(path, "a"), "") == "/a/");
    CHECK(append_step(path, "~/~1/b~") == "/a//~0~1~01~1b~0");
    CHECK(append_step(path = "/0", "权利人") == "/0/权利人");
}

TEST_CASE("the digest of a field is salt, path and compact value", "[signing]") {
    // printf 'c2FsdA\n/area\n100.10' | openssl dgst -sha256 -binary | basenc --base64url
    CHECK(field_digest("c2FsdA", "/area", "100.10") == "fEbjwWJ4TcbyoShWDiZH2vx0i-EKAX_CeNjpIjHALyY");
    CHECK(new_salt().size() == 22);
    CHECK(new_salt() != new_salt());
}

TEST_CASE("a good answer has no finding", "[signing]") {
    const auto check = check_certificate(good_answer(), find_key);
    REQUIRE(check.has_value());
    CHECK(check->is_good());
    CHECK(check->issuer.iss == kLandCode);
    CHECK(check->issuer.id == "land");
    CHECK(check->issuer.title == "示例局");
    CHECK(check->keyid == "land-2026");
    CHECK(check->id == "0190-x");
    CHECK(check->fields == 4);
}

TEST_CASE("an entry may stand for everything below it", "[signing]") {
    Record answer = good_answer();
    Record statement = statement_of(answer);
    answer.put("provenance", Record::list());
    answer.put("digests", Record::list());
    add_provenance(answer, statement, "", *answer.find("content"));
    answer.put("certificate", Record::text(sealed(statement)));
    CHECK(found(answer).empty());
    answer.find("content")->put("extra", Record::boolean(true));
    CHECK(found(answer) == Texts{"field_digest "});
}

TEST_CASE("a field left out with its provenance leaves the rest proven", "[signing]") {
    Record answer = good_answer();
    std::erase_if(answer.find("content")->members_to_edit(), [](const auto& member) { return member.name == "area"; });
    CHECK(found(answer) == Texts{"provenance_stray /area"});
    std::erase_if(answer.find("provenance")->items_to_edit(),
                  [](const Record& entry) { return entry.text_of("path") == "/area"; });
    CHECK(found(answer).empty());
}

TEST_CASE("what was altered is named", "[signing][security]") {
    Record answer = good_answer();
    Record& content = *answer.find("content");
    Record& first = answer.find("provenance")->items_to_edit().front();
    Texts expected;
    SECTION("a field") {
        content.put("area", Record::number("100.1"));
        expected = {"field_digest /area"};
    }
    SECTION("a nested field") {
        content.find("holders")->items_to_edit()[0].put("a/b", Record::text("z"));
        expected = {"field_digest /holders/0/a~1b"};
    }
    SECTION("a field of another kind") {
        content.put("area", Record::text("100.10"));
        expected = {"field_digest /area"};
    }
    SECTION("a field and its digest") {
        content.put("certificateNumber", Record::text("other"));
        first.put("digest", Record::text(field_digest(first.text_of("salt"), "/certificateNumber", "\"other\"")));
        expected = {"digest_unsigned /certificateNumber"};
    }
    SECTION("the department that a field is said to be from") {
        first.put("department", Record::text("tax"));
        expected = {"origin /certificateNumber"};
    }
    SECTION("the department left out") {
        std::erase_if(first.members_to_edit(), [](const auto& member) { return member.name == "department"; });
        expected = {"origin /certificateNumber"};
    }
    SECTION("a field added") {
        content.put("extra", Record{});
        expected = {"provenance_missing /extra"};
    }
    SECTION("an empty list filled") {
        content.find("mortgages")->add(Record::text("m"));
        expected = {"field_digest /mortgages"};
    }
    SECTION("a provenance entry dropped") {
        answer.find("provenance")->items_to_edit().erase(answer.find("provenance")->items().begin());
        expected = {"provenance_missing /certificateNumber"};
    }
    SECTION("a provenance entry twice") {
        answer.find("provenance")->add(Record{first});
        expected = {"provenance_twice /certificateNumber"};
    }
    SECTION("two fields swapped") {
        first.put("path", Record::text("/area"));
        expected = {"field_digest /area", "provenance_twice /area", "provenance_missing /certificateNumber"};
    }
    SECTION("the salt") {
        first.put("salt", Record::text("AAAA"));
        expected = {"field_digest /certificateNumber"};
    }
    SECTION("the outcome") {
        answer.put("outcome", Record::text("not_found"));
        expected = {"statement /outcome"};
    }
    SECTION("as_of") {
        answer.put("as_of", Record::text("2026-02-01T08:00:00+08:00"));
        expected = {"statement /as_of"};
    }
    SECTION("the scope") {
        answer.find("scope")->put("divisions", Record::list());
        expected = {"statement /scope"};
    }
    SECTION("the service left out") {
        std::erase_if(answer.members_to_edit(), [](const auto& member) { return member.name == "service"; });
        expected = {"statement /service"};
    }
    SECTION("the exchange") {
        answer.put("exchange", Record::text("0190-y"));
        expected = {"statement /exchange"};
    }
    SECTION("the list of digests") {
        answer.find("digests")->items_to_edit().pop_back();
        expected = {"digest_list /digests"};
    }
    CHECK(found(answer) == expected);
}

TEST_CASE("the last day of its use is what the issuer signed, though it is shown beside the code",
          "[signing][security]") {
    Record answer = good_answer();
    Record statement = json(from_base64url(split(answer.text_of("certificate"), '.')[1]).value());
    statement.put("valid_until", Record::text("2026-12-30"));
    answer.put("certificate", Record::text(sealed(statement)));
    answer.put("sharing", json(R"({"valid_until":"2026-12-30","check":"/check","code":"7K4M-9QWX-2BTD"})"));
    REQUIRE(found(answer).empty());
    CHECK(check_certificate(answer, find_key)->valid_until == "2026-12-30");
    const Texts differs{"statement /sharing/valid_until"};
    SECTION("lengthened") {
        answer.find("sharing")->put("valid_until", Record::text("2036-12-31"));
        CHECK(found(answer) == differs);
    }
    SECTION("the right one at the top") {
        answer.put("valid_until", Record::text("2026-12-30"));
        answer.find("sharing")->put("valid_until", Record::text("2036-12-31"));
        CHECK(found(answer) == differs);
    }
    SECTION("taken out") {
        std::erase_if(answer.members_to_edit(), [](const auto& member) { return member.name == "sharing"; });
        CHECK(found(answer) == differs);
    }
    SECTION("one that nobody signed") {
        answer = good_answer();
        answer.put("sharing", json(R"({"valid_until":"2036-12-31"})"));
        CHECK(found(answer) == differs);
    }
    SECTION("the code alone taken out") {
        answer.put("sharing", json(R"({"valid_until":"2026-12-30"})"));
        CHECK(found(answer).empty());
    }
}

TEST_CASE("content that is no object has no provenance, and is a finding", "[signing][security]") {
    for (const char* content : {R"("owes nothing")", "5", "true", "null", "[]", R"(["owes nothing"])"}) {
        CAPTURE(content);
        Record answer = good_answer();
        answer.put("content", json(std::string{R"({"content":)"} + content + "}").members().front().value);
        answer.put("provenance", Record::list());
        CHECK_THAT(found(answer), Catch::VectorContains(std::string{"content /content"}));
    }
}

TEST_CASE("a certificate by another key, or altered, is found out", "[signing][security]") {
    Record answer = good_answer();
    const std::string good = answer.text_of("certificate");
    const auto parts = split(good, '.');
    SECTION("altered payload") {
        Record statement = json(from_base64url(parts[1]).value());
        statement.put("iat", Record::integer(1));
        answer.put("certificate",
                   Record::text(std::string{parts[0]} + "." + to_base64url(codec::write_json(statement)) + "." +
                                std::string{parts[2]}));
        CHECK(found(answer) == Texts{"signature /certificate"});
    }
    SECTION("another issuer's name on it") {
        Record statement = json(from_base64url(parts[1]).value());
        statement.find("issuer")->put("id", Record::text("tax"));
        answer.put("certificate", Record::text(sealed(statement)));
        CHECK(found(answer) == Texts{"key_unknown /certificate"});
    }
    SECTION("an unknown key") {
        answer.put("certificate", Record::text(sealed(json(from_base64url(parts[1]).value()), "land-2020")));
        CHECK(found(answer) == Texts{"key_unknown /certificate"});
    }
    SECTION("no digests at all") {
        Record statement = json(from_base64url(parts[1]).value());
        std::erase_if(statement.members_to_edit(), [](const auto& member) { return member.name == "digests"; });
        answer.put("certificate", Record::text(sealed(statement)));
        CHECK(found(answer).front() == "digest_list /digests");
        CHECK(found(answer).size() == 5);
    }
}

TEST_CASE("without a certificate there is nothing to check", "[signing][security]") {
    Record answer = good_answer();
    SECTION("absent") {
        answer.put("certificate", Record{});
    }
    SECTION("no JWS") {
        answer.put("certificate", Record::text("a.b.c"));
    }
    SECTION("no JSON") {
        answer.put(
            "certificate",
            Record::text(sign_jws("text", "land-2026", "", crypto::Algorithm::ecdsa_p256_sha256, land_key()).value()));
    }
    const auto check = check_certificate(answer, find_key);
    REQUIRE_FALSE(check.has_value());
    CHECK(check.error().fault() == Fault::bad_request);
}

TEST_CASE("not_found is a statement too, without fields", "[signing]") {
    Record answer = json(R"({"exchange":"0190-x","service":"s@1.0.0","outcome":"not_found","as_of":"t","scope":{},
                             "content":{},"provenance":[],"digests":[]})");
    answer.put("certificate", Record::text(sealed(statement_of(answer))));
    CHECK(found(answer).empty());
    answer.put("content", json(R"({"certificateNumber":"1"})"));
    CHECK(found(answer) == Texts{"provenance_missing /certificateNumber"});
}

TEST_CASE("every material of a matter is checked", "[signing]") {
    Record matter = json(R"({"exchange":"0190-x","matter":"existing-home-transfer","outcome":"partial","requirements":[
        {"id":"home","outcome":"partial","materials":[
            {"material":"certificate","service":"realestate-certificate@1.0.0","outcome":"found"},
            {"material":"tax","service":"tax@1","outcome":"fault","fault":{"code":"department_timeout"}},
            {"material":"none","service":"x"}]},
        {"id":"empty","outcome":"no_match"}]})");
    Record& materials = *matter.find("requirements")->items_to_edit()[0].find("materials");
    materials.items_to_edit()[0].put("answer", good_answer());

    const auto all = check_matter(matter, find_key);
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 3);
    CHECK(all->at(0).is_good());
    CHECK(all->at(0).requirement == "home");
    CHECK(all->at(0).check->fields == 4);
    CHECK(all->at(1).fault == "department_timeout");
    CHECK_FALSE(all->at(1).is_good());
    CHECK_FALSE(all->at(2).is_good());
    CHECK_FALSE(all->at(2).trouble.empty());

    SECTION("the outcome outside the certificate") {
        materials.items_to_edit()[0].put("outcome", Record::text("not_found"));
        CHECK_FALSE(check_matter(matter, find_key)->at(0).is_good());
    }
    SECTION("a fault beside an answer, whatever the outcome says") {
        for (const char* outcome : {"found", "unknown"}) {
            materials.items_to_edit()[0].put("outcome", Record::text(outcome));
            materials.items_to_edit()[0].put("fault", Record::object());
            const auto one = check_matter(matter, find_key)->at(0);
            CHECK_FALSE(one.is_good());
            CHECK(one.has_answer);
            REQUIRE(one.check);
            CHECK(one.check->findings.front().path == "/fault");
        }
    }
    SECTION("a certificate of another exchange") {
        matter.put("exchange", Record::text("0190-y"));
        CHECK_FALSE(check_matter(matter, find_key)->at(0).is_good());
    }
    SECTION("a certificate for another material") {
        Record answer = good_answer();
        const std::string jws = answer.text_of("certificate");
        Record statement = json(from_base64url(split(jws, '.')[1]).value());
        statement.put("jti", Record::text("0190-x#certificate"));
        answer.put("certificate", Record::text(sealed(statement)));
        materials.items_to_edit()[0].put("answer", std::move(answer));
        CHECK(check_matter(matter, find_key)->at(0).is_good());
        materials.items_to_edit()[0].put("material", Record::text("other"));
        CHECK_FALSE(check_matter(matter, find_key)->at(0).is_good());
    }
    CHECK_FALSE(check_matter(Record::object(), find_key).has_value());
}
