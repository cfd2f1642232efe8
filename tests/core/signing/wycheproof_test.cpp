// Attacks on signatures, collected by others: none that must be refused may be accepted.

#include <iostream>
#include <map>

#include "core/signing/jwk_set.h"
#include "core/signing/jws.h"
#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using crypto::Algorithm;
using crypto::VerifyingKey;
using record::Record;

namespace {

/// How the cases of one file ended; what policy refuses is counted by the rule that refused it.
struct Tally {
    int passed{};
    int failed{};
    std::map<std::string, int> by_policy;

    [[nodiscard]] int refused() const {
        int all = 0;
        for (const auto& [rule, count] : by_policy) {
            all += count;
        }
        return all;
    }
    void print(const std::string& name) const {
        std::cout << "wycheproof " << name << ": passed " << passed << ", refused by policy " << refused();
        for (const auto& [rule, count] : by_policy) {
            std::cout << " [" << rule << ": " << count << "]";
        }
        std::cout << ", failed " << failed << '\n';
    }
};

/// The file's cases 367 and 370 ask for bad padding, but have lost it: they are case 357, which is valid.
bool same_as_a_valid_one(const std::string& file, const std::string& id) {
    return file == "json_web_signature_test.json" && (id == "367" || id == "370");
}

template <class Check>
Tally run(const std::string& file, Check check) {
    Tally tally;
    const Record all = tests::json_data("wycheproof/" + file);
    for (const Record& group : all.find("testGroups")->items()) {
        for (const Record& one : group.find("tests")->items()) {
            CAPTURE(file, std::string{one.find("tcId")->scalar()}, one.text_of("comment"));
            const Status verdict = check(group, one);
            const std::string wanted = one.text_of("result");
            const bool right = wanted == "acceptable" || (wanted == "valid") == verdict.has_value();
            if (right) {
                ++tally.passed;
            } else if (same_as_a_valid_one(file, std::string{one.find("tcId")->scalar()})) {
                ++tally.by_policy["the vector is a valid one, octet by octet"];
            } else if (wanted == "valid" && verdict.error().fault() == Fault::unsupported_media) {
                ++tally.by_policy[verdict.error().detail()];
            } else {
                ++tally.failed;
                INFO((verdict ? std::string{"accepted"} : verdict.error().detail()));
                CHECK(tally.failed == 0);
            }
        }
    }
    tally.print(file);
    return tally;
}

std::string octets_of(const Record& from, const std::string& name) {
    return from_hex(from.text_of(name)).value();
}

auto by_pem(Algorithm algorithm) {
    return [algorithm](const Record& group, const Record& one) -> Status {
        const auto key = VerifyingKey::from_pem(group.text_of("publicKeyPem"));
        return key ? key->verify(algorithm, octets_of(one, "msg"), octets_of(one, "sig")) : Status{fail(key.error())};
    };
}

/// What a profile without that algorithm or form refuses, said apart from what is no signature.
Status policy(const char* rule) {
    return fail(Fault::unsupported_media, rule);
}

Status by_jws(const Record& group, const Record& one) {
    const Record* keys = group.find("public");
    const auto set = JwkSet::read(keys != nullptr ? *keys : *group.find("private"));
    const auto jws = read_jws(one.text_of("jws"));
    if (!jws) {
        const bool algorithm = jws.error().detail().find("alg is none of ours") != std::string::npos;
        const bool letters = jws.error().detail().find("no base64url") != std::string::npos;
        const bool option = jws.error().detail().find("crit and b64") != std::string::npos;
        return algorithm ? policy("algorithm")
               : option  ? policy("crit or b64")
               : letters ? policy("a letter that is none of base64url")
                         : Status{fail(jws.error())};
    }
    if (!set) {
        return fail(set.error());
    }
    const auto key = verify_jws(*jws, *set);
    return key ? Status{} : Status{fail(key.error())};
}

}  // namespace

TEST_CASE("Wycheproof: ECDSA P-256 as r||s", "[signing][security]") {
    const Tally tally = run("ecdsa_secp256r1_sha256_p1363_test.json", by_pem(Algorithm::ecdsa_p256_sha256));
    CHECK(tally.passed == 262);
}

TEST_CASE("Wycheproof: Ed25519", "[signing][security]") {
    CHECK(run("ed25519_test.json", by_pem(Algorithm::ed25519)).passed == 151);
}

TEST_CASE("Wycheproof: RSA PKCS #1 v1.5 and PSS", "[signing][security]") {
    CHECK(run("rsa_signature_2048_sha256_test.json", by_pem(Algorithm::rsa_v1_5_sha256)).passed == 259);
    CHECK(run("rsa_pss_2048_sha256_mgf1_32_test.json", by_pem(Algorithm::rsa_pss_sha256)).failed == 0);
    CHECK(run("rsa_pss_4096_sha512_mgf1_64_test.json", by_pem(Algorithm::rsa_pss_sha512)).passed == 179);
}

TEST_CASE("Wycheproof: HMAC-SHA256, of whole tags and long keys only", "[signing][security]") {
    const Tally tally = run("hmac_sha256_test.json", [](const Record& group, const Record& one) -> Status {
        const std::string key = octets_of(one, "key");
        if (group.find("tagSize")->scalar() != "256") {
            return policy("a tag cut short");
        }
        const VerifyingKey secret = VerifyingKey::from_secret(Secret{key});
        return secret.verify(Algorithm::hmac_sha256, octets_of(one, "msg"), octets_of(one, "tag"));
    });
    CHECK(tally.passed == 141);
    CHECK(tally.refused() == 33);
}

TEST_CASE("Wycheproof: JSON Web Signature", "[signing][security]") {
    const Tally tally = run("json_web_signature_test.json", by_jws);
    CHECK(tally.failed == 0);
    CHECK(tally.passed == 381);
    CHECK(tally.refused() == 20);
}

TEST_CASE("Wycheproof: JSON Web Key", "[signing][security]") {
    const Tally tally = run("json_web_key_test.json", by_jws);
    CHECK(tally.passed == 24);
    CHECK(tally.refused() == 2);
}

TEST_CASE("Wycheproof: JSON Web Crypto, of which the signatures", "[signing][security]") {
    const Tally tally = run("json_web_crypto_test.json", [](const Record& group, const Record& one) -> Status {
        return one.find("jws") != nullptr ? by_jws(group, one) : policy("encryption (JWE)");
    });
    CHECK(tally.passed == 81);
    CHECK(tally.refused() == 2);
}
