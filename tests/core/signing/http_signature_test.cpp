#include "core/signing/http_signature.h"

#include <optional>
#include <string>

#include "core/signing/content_digest.h"
#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;
using codec::HttpMessage;
using crypto::SigningKey;
using crypto::VerifyingKey;
using record::Record;

namespace {

VerifyingKey key_of(const std::string& keyid) {
    if (keyid == "test-shared-secret") {
        const std::string text = tests::data("rfc9421/keys/test-shared-secret.b64");
        return VerifyingKey::from_secret(Secret{from_base64(text.substr(0, text.find('\n'))).value()});
    }
    return VerifyingKey::from_pem(tests::data("rfc9421/keys/" + keyid + ".pub.pem")).value();
}

SigningKey signing_key() {
    return SigningKey::from_pem(tests::data("rfc9421/keys/test-key-ecc-p256.key.pem")).value();
}

HttpMessage message_at(const std::string& file) {
    return tests::http_message(tests::data("rfc9421/" + file));
}

/// Reads, compares the base where the corpus has one, and verifies.
bool verdict(const Record& one) {
    const HttpMessage message = message_at(one.text_of("message"));
    std::optional<HttpMessage> request;
    if (one.find("request_message") != nullptr) {
        request = message_at(one.text_of("request_message"));
    }
    const auto signature = read_http_signature(message, request ? &*request : nullptr, one.text_of("label"));
    REQUIRE(signature.has_value());
    CHECK(signature->keyid == one.text_of("keyid"));
    const Record* base = one.find("signature_base");
    if (base != nullptr && base->is_text()) {
        CHECK(signature->base == base->scalar());
    }
    const VerifyingKey key = key_of(one.text_of("keyid"));
    const auto algorithm = crypto::algorithm_by_name(one.text_of("algorithm")).value();
    const bool good = key.verify(algorithm, signature->base, signature->signature).has_value();
    CHECK(verify_http(*signature, key).has_value() == good);
    return good;
}

HttpMessage our_request() {
    HttpMessage message{.method = "POST",
                        .scheme = "https",
                        .authority = "127.0.0.1:8443",
                        .target = "/v1/services/realestate-certificate",
                        .body = R"({"query":{}})"};
    message.add("Content-Type", "application/json");
    message.add("Content-Digest", content_digest(message.body));
    return message;
}

SignHow how_to_sign() {
    return {.components = request_components(true),
            .created = 1'767'225'600,
            .nonce = "n-1",
            .keyid = "one-window-2026",
            .algorithm = crypto::Algorithm::ecdsa_p256_sha256};
}

HttpMessage signed_request() {
    HttpMessage message = our_request();
    REQUIRE(sign_http(message, nullptr, how_to_sign(), signing_key()).has_value());
    return message;
}

Fault refusal(const HttpMessage& message) {
    const auto signature = read_http_signature(message);
    if (!signature) {
        return signature.error().fault();
    }
    const auto verified = verify_http(*signature, signing_key().verifying_key());
    return verified ? Fault::internal : verified.error().fault();
}

}  // namespace

TEST_CASE("every signed message of the RFC 9421 corpus gets its base and verdict", "[signing]") {
    const Record corpus = tests::json_data("rfc9421/appendix-b.json");
    int cases = 0;
    int valid = 0;
    for (const std::string list : {"cases", "section_examples"}) {
        for (const Record& one : corpus.find(list)->items()) {
            CAPTURE(one.text_of("id"));
            const bool good = verdict(one);
            CHECK(good == (one.text_of("expect") == "valid"));
            ++cases;
            valid += good ? 1 : 0;
        }
    }
    CHECK(cases == 13 + 6);
    CHECK(valid == 17);
}

TEST_CASE("the first label of a proxied message no longer verifies, as its authority changed", "[signing]") {
    const auto signature = read_http_signature(message_at("messages/sec4.3-proxied.http"), nullptr, "sig1");
    REQUIRE(signature.has_value());
    CHECK_FALSE(verify_http(*signature, key_of("test-key-ecc-p256")).has_value());
}

TEST_CASE("what we sign verifies and says what it covers", "[signing]") {
    const HttpMessage message = signed_request();
    const auto signature = read_http_signature(message);
    REQUIRE(signature.has_value());
    CHECK(verify_http(*signature, signing_key().verifying_key()).has_value());
    CHECK(signature->label == "sig1");
    CHECK(signature->created == 1'767'225'600);
    CHECK_FALSE(signature->expires.has_value());
    CHECK(signature->nonce == "n-1");
    CHECK(signature->keyid == "one-window-2026");
    CHECK(signature->tag == "datong");
    CHECK(signature->algorithm == "ecdsa-p256-sha256");
    CHECK(signature->covers("content-digest"));
    CHECK_FALSE(signature->covers("content-digest", true));
    CHECK(missing_components(*signature, request_components(true)).empty());
    CHECK(missing_components(*signature, {"\"date\"", "\"@path\""}) == std::vector<std::string>{"\"date\""});
    CHECK(signature->base ==
          "\"@method\": POST\n\"@authority\": 127.0.0.1:8443\n\"@path\": /v1/services/realestate-certificate\n"
          "\"@query\": ?\n\"content-digest\": " +
              content_digest(message.body) +
              "\n\"content-type\": application/json\n\"@signature-params\": (\"@method\" \"@authority\" \"@path\" "
              "\"@query\" \"content-digest\" \"content-type\");created=1767225600;nonce=\"n-1\";"
              "keyid=\"one-window-2026\";alg=\"ecdsa-p256-sha256\";tag=\"datong\"");
}

TEST_CASE("a signed request that was altered does not verify", "[signing][security]") {
    HttpMessage message = signed_request();
    SECTION("method") {
        message.method = "PUT";
    }
    SECTION("host") {
        message.authority = "127.0.0.1:9443";
    }
    SECTION("path") {
        message.target = "/v1/services/tax";
    }
    SECTION("query") {
        message.target += "?a=1";
    }
    SECTION("digest") {
        message.set("Content-Digest", content_digest("other"));
    }
    SECTION("a second line of a covered field") {
        message.add("Content-Type", "text/plain");
    }
    SECTION("parameter") {
        std::string input = message.field("Signature-Input").value();
        message.set("Signature-Input", input.replace(input.find("n-1"), 3, "n-2"));
    }
    SECTION("signature") {
        std::string value = message.field("Signature").value();
        value[20] = value[20] == 'A' ? 'B' : 'A';
        message.set("Signature", value);
    }
    CHECK(refusal(message) == Fault::signature_invalid);
}

TEST_CASE("a signature that is absent or malformed is refused as what it is", "[signing][security]") {
    struct Row {
        std::string why;
        std::string input;
        std::string signature;
        Fault fault;
    };
    const auto row = GENERATE(values<Row>({
        {"nothing", "", "", Fault::not_signed},
        {"no signature", "a=(\"@method\");keyid=\"k\"", "", Fault::not_signed},
        {"no input", "", "a=:AAAA:", Fault::not_signed},
        {"no such label", "a=(\"@method\")", "b=:AAAA:", Fault::bad_request},
        {"no byte sequence", "a=(\"@method\")", "a=\"AAAA\"", Fault::bad_request},
        {"no inner list", "a=\"@method\"", "a=:AAAA:", Fault::bad_request},
        {"no dictionary", "(\"@method\")", "a=:AAAA:", Fault::bad_request},
        {"label twice", "a=(\"@method\"), a=(\"@path\")", "a=:AAAA:", Fault::bad_request},
        {"signature twice", "a=(\"@method\")", "a=:AAAA:, a=:AAAA:", Fault::bad_request},
        {"parameter twice", "a=(\"@method\");keyid=\"x\";keyid=\"y\"", "a=:AAAA:", Fault::bad_request},
        {"component twice", "a=(\"@method\" \"@path\" \"@method\")", "a=:AAAA:", Fault::bad_request},
        {"component twice, parameters in another order",
         "a=(\"content-digest\";key=\"sha-256\";sf \"content-digest\";sf;key=\"sha-256\")",
         "a=:AAAA:", Fault::bad_request},
        {"a request has no request", "a=(\"@method\";req)", "a=:AAAA:", Fault::bad_request},
        {"a component that is not there", "a=(\"date\")", "a=:AAAA:", Fault::bad_request},
        {"trailers", "a=(\"expires\";tr)", "a=:AAAA:", Fault::bad_request},
        {"created is text", "a=(\"@method\");created=\"1\"", "a=:AAAA:", Fault::bad_request},
        {"keyid is a token", "a=(\"@method\");keyid=k", "a=:AAAA:", Fault::bad_request},
        {"several without our tag", "a=(\"@method\"), b=(\"@method\")", "a=:AAAA:, b=:AAAA:", Fault::not_signed},
        {"two with our tag", "a=(\"@method\");tag=\"datong\", b=(\"@path\");tag=\"datong\"",
         "a=:AAAA:, b=:AAAA:", Fault::bad_request},
    }));
    CAPTURE(row.why);
    HttpMessage message = our_request();
    if (!row.input.empty()) {
        message.add("Signature-Input", row.input);
    }
    if (!row.signature.empty()) {
        message.add("Signature", row.signature);
    }
    const auto signature = read_http_signature(message);
    REQUIRE_FALSE(signature.has_value());
    CHECK(signature.error().fault() == row.fault);
}

TEST_CASE("more components than any message needs are refused", "[signing][security]") {
    HttpMessage message = our_request();
    std::string list;
    for (int i = 0; i < 65; ++i) {
        const std::string name = "h" + std::to_string(i);
        message.add(name, "1");
        list += (i == 0 ? "\"" : " \"") + name + "\"";
    }
    message.add("Signature-Input", "a=(" + list + ")");
    message.add("Signature", "a=:AAAA:");
    CHECK(refusal(message) == Fault::bad_request);
}

TEST_CASE("the algorithm in a message must fit the key", "[signing][security]") {
    HttpMessage message = our_request();
    SignHow how = how_to_sign();
    how.write_algorithm = false;
    REQUIRE(sign_http(message, nullptr, how, signing_key()).has_value());
    CHECK(refusal(message) == Fault::internal);  // no alg: the key decides, and it verifies

    const auto read = read_http_signature(message);
    REQUIRE(read.has_value());
    for (const std::string name : {"hmac-sha256", "ed25519", "rsa-pss-sha512", "none", "ECDSA-P256-SHA256"}) {
        CAPTURE(name);
        HttpSignature other = *read;
        other.algorithm = name;
        const auto verified = verify_http(other, signing_key().verifying_key());
        REQUIRE_FALSE(verified.has_value());
        CHECK(verified.error().fault() == Fault::signature_invalid);
    }
    // the classic confusion: a public key taken as an HMAC secret
    HttpMessage forged = our_request();
    how.write_algorithm = true;
    how.algorithm = crypto::Algorithm::hmac_sha256;
    REQUIRE(sign_http(forged, nullptr, how, SigningKey::from_secret(Secret{signing_key().public_pem().value()}))
                .has_value());
    CHECK(refusal(forged) == Fault::signature_invalid);
}

TEST_CASE("among several signatures ours is the one with the tag, or the one named", "[signing]") {
    HttpMessage message = our_request();
    SignHow other = how_to_sign();
    other.label = "proxy";
    other.tag = "other";
    other.keyid = "proxy-key";
    REQUIRE(sign_http(message, nullptr, other, signing_key()).has_value());
    CHECK(read_http_signature(message)->label == "proxy");
    REQUIRE(sign_http(message, nullptr, how_to_sign(), signing_key()).has_value());
    CHECK(read_http_signature(message)->label == "sig1");
    CHECK(refusal(message) == Fault::internal);
    CHECK(read_http_signature(message, nullptr, "proxy")->keyid == "proxy-key");
    CHECK_FALSE(read_http_signature(message, nullptr, "none").has_value());
    CHECK_FALSE(sign_http(message, nullptr, how_to_sign(), signing_key()).has_value());  // the label is taken
}

TEST_CASE("an answer is bound to its request", "[signing][security]") {
    const HttpMessage request = signed_request();
    HttpMessage answer{.status = 200, .body = "{}"};
    answer.add("Content-Type", "application/json");
    answer.add("Content-Digest", content_digest(answer.body));
    SignHow how = how_to_sign();
    how.components = answer_components(true, "sig1");
    how.keyid = "gateway-2026";
    REQUIRE(sign_http(answer, &request, how, signing_key()).has_value());

    const auto signature = read_http_signature(answer, &request);
    REQUIRE(signature.has_value());
    CHECK(verify_http(*signature, signing_key().verifying_key()).has_value());
    CHECK(missing_components(*signature, {"\"signature\";key=\"sig1\";req"}).empty());
    CHECK(signature->covers("content-digest", true));

    HttpMessage other = our_request();
    SignHow again = how_to_sign();
    again.nonce = "n-2";
    REQUIRE(sign_http(other, nullptr, again, signing_key()).has_value());
    const auto moved = read_http_signature(answer, &other);
    REQUIRE(moved.has_value());
    CHECK_FALSE(verify_http(*moved, signing_key().verifying_key()).has_value());
    CHECK_FALSE(read_http_signature(answer).has_value());  // without the request nothing can be said
}

TEST_CASE("what can't be written is not signed", "[signing]") {
    HttpMessage message = our_request();
    SignHow how = how_to_sign();
    SECTION("label") {
        how.label = "Sig";
    }
    SECTION("keyid") {
        how.keyid = "钥匙";
    }
    SECTION("component") {
        how.components.emplace_back("\"date\"");
    }
    SECTION("identifier") {
        how.components.emplace_back("date\"");
    }
    SECTION("a key of another kind") {
        how.algorithm = crypto::Algorithm::ed25519;
    }
    CHECK_FALSE(sign_http(message, nullptr, how, signing_key()).has_value());
    CHECK_FALSE(message.field("Signature").has_value());
}

TEST_CASE("who reads a signature judges it before anything of its base is made", "[signing][security]") {
    // 64 times a member of a long field, and last a field that the message has not: the base can't be made
    HttpMessage message = our_request();
    std::string many = "sig1=:AAAA:";
    std::string covered;
    for (int i = 0; i < 63; ++i) {
        const std::string name{static_cast<char>('a' + i / 26), static_cast<char>('a' + i % 26)};
        many += ", " + name + "=:AAAA:";
        covered += "\"signature\";key=\"" + name + "\" ";
    }
    message.add("Signature", many);
    message.add("Signature-Input", "sig1=(" + covered + "\"x-absent\");created=1;keyid=\"nobody\";tag=\"datong\"");
    CHECK(read_http_signature(message).error().fault() == Fault::bad_request);
    int judged = 0;
    const auto read = read_http_signature(message, nullptr, {}, [&](const HttpSignature& one) -> Status {
        ++judged;
        CHECK(one.components.size() == 64);
        CHECK(one.components.front() == "\"signature\";key=\"aa\"");
        CHECK(one.keyid == "nobody");
        CHECK(one.tag == "datong");
        CHECK(one.base.empty());
        return fail(Fault::signature_invalid, "an unknown keyid");
    });
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().fault() == Fault::signature_invalid);
    CHECK(judged == 1);
    const auto good = read_http_signature(signed_request(), nullptr, {}, [](const HttpSignature&) { return Status{}; });
    CHECK(verify_http(good.value(), signing_key().verifying_key()).has_value());
}
