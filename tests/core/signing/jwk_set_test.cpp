#include "core/signing/jwk_set.h"

#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;
using signing::JwkSet;

namespace {

Record jwk(const std::string& name, const std::string& kid) {
    Record key = tests::json_data("rfc9421/keys/" + name + ".jwk.json");
    Record made = Record::object();
    for (const std::string part : {"kty", "crv", "x", "y", "n", "e"}) {
        if (const Record* member = key.find(part)) {
            made.put(part, *member);
        }
    }
    made.put("kid", Record::text(kid));
    return made;
}

Record set_of(Record::List keys) {
    Record set = Record::object();
    set.put("keys", Record::list(std::move(keys)));
    return set;
}

}  // namespace

TEST_CASE("keys of a set are found by name, and the only one without", "[signing]") {
    const auto set = JwkSet::read(set_of({jwk("test-key-ecc-p256", "a"), jwk("test-key-ed25519", "b")}));
    REQUIRE(set);
    REQUIRE(set->find("b") != nullptr);
    CHECK(set->find("b")->id == "b");
    CHECK(set->find("c") == nullptr);
    CHECK(set->find("") == nullptr);  // either could be meant
    const auto one = JwkSet::read(jwk("test-key-ecc-p256", "a"));
    REQUIRE(one);
    CHECK(one->find("") != nullptr);
    CHECK(one->find("other") == nullptr);
}

TEST_CASE("a set in which two keys have one name, or secrets stand beside public keys, is refused",
          "[signing][security]") {
    CHECK_FALSE(JwkSet::read(set_of({jwk("test-key-ecc-p256", "a"), jwk("test-key-ed25519", "a")})));
    Record secret = Record::object();
    secret.put("kty", Record::text("oct"));
    secret.put("kid", Record::text("s"));
    secret.put("k", Record::text(to_base64url(std::string(32, 'k'))));
    CHECK(JwkSet::read(set_of({secret})));
    CHECK_FALSE(JwkSet::read(set_of({secret, jwk("test-key-ecc-p256", "a")})));
    CHECK_FALSE(JwkSet::read(set_of({})));
}

TEST_CASE("keys for something else are passed over, and said", "[signing]") {
    Record encrypting = jwk("test-key-ed25519", "e");
    encrypting.put("use", Record::text("enc"));
    Record other = jwk("test-key-ed25519", "o");
    other.put("key_ops", Record::list({Record::text("sign")}));
    const auto set = JwkSet::read(set_of({encrypting, jwk("test-key-ecc-p256", "a"), other}));
    REQUIRE(set);
    CHECK(set->keys().size() == 1);
    CHECK(set->passed_over().size() == 2);
}
