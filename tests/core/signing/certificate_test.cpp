#include "core/signing/certificate.h"

#include <string>
#include <vector>

#include "tests/core/signing/answers.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using namespace datong::signing::tests;

using record::Record;

namespace {

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
        CHECK(std::ranges::count(found(answer), "content /content") == 1);
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
