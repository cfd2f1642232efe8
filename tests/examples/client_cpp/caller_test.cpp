#include "examples/clients/cpp/caller.h"

#include <string>

#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"
#include "tests/examples/client_cpp/fake_gateway.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::client;
using codec::HttpMessage;

namespace {

const Endpoint kEndpoint{.scheme = "https", .authority = "127.0.0.1:8443", .base_path = "/gw"};

HttpMessage request_of(const tests::FakeGateway& gateway) {
    return signed_request(kEndpoint, service_target(kEndpoint, "realestate-certificate").value(), "{}",
                          gateway.consumer(), 1'767'225'600)
        .value();
}

}  // namespace

TEST_CASE("targets hold names of the gateway's own form", "[client]") {
    CHECK(service_target(kEndpoint, "tax-clearance") == std::string{"/gw/v1/services/tax-clearance"});
    CHECK(matter_target(kEndpoint, "a1") == std::string{"/gw/v1/matters/a1/materials"});
    for (const std::string name : {"", "A", "a/b", "a?b", "..", "税"}) {
        CHECK_FALSE(service_target(kEndpoint, name).has_value());
    }
}

TEST_CASE("a request is signed as the native profile asks, with a nonce of its own", "[client]") {
    const tests::FakeGateway gateway;
    const HttpMessage request = request_of(gateway);
    const auto signature = signing::read_http_signature(request);
    REQUIRE(signature.has_value());
    CHECK(signing::verify_http(*signature, gateway.consumer_key.verifying_key()).has_value());
    CHECK(signing::missing_components(*signature, signing::request_components(true)).empty());
    CHECK(signature->created == 1'767'225'600);
    CHECK(signature->keyid == "one-window-2026");
    CHECK(signature->tag == "datong");
    CHECK(signature->nonce.size() == 22);
    CHECK(signing::read_http_signature(request_of(gateway))->nonce != signature->nonce);
    CHECK(signing::check_content_digest(request.field("Content-Digest").value(), "{}").has_value());
}

TEST_CASE("an answer of the gateway to this request is accepted", "[client]") {
    const tests::FakeGateway gateway;
    const HttpMessage request = request_of(gateway);
    CHECK(check_answer(gateway.answer(request), request, gateway.trust()) == std::string{"gateway-2026"});
}

TEST_CASE("an answer that is not whole, not the gateway's or not to this request is refused", "[client][security]") {
    tests::FakeGateway gateway;
    const HttpMessage request = request_of(gateway);
    HttpMessage answer = gateway.answer(request);
    Fault expected = Fault::signature_invalid;
    SECTION("unsigned") {
        gateway.is_signed = false;
        answer = gateway.answer(request);
        expected = Fault::not_signed;
    }
    SECTION("to another request") {
        answer = gateway.answer(request_of(gateway));
    }
    SECTION("another status") {
        answer.status = 201;
    }
    SECTION("another body") {
        answer.body += " ";
    }
    SECTION("another body and digest") {
        answer.body += " ";
        answer.set("Content-Digest", signing::content_digest(answer.body));
    }
    SECTION("no digest") {
        std::erase_if(answer.fields, [](const auto& field) { return field.name == "Content-Digest"; });
        expected = Fault::bad_request;
    }
    SECTION("signed by a department") {
        answer = HttpMessage{.status = 200, .body = "{}"};
        answer.add("Content-Type", "application/json");
        answer.add("Content-Digest", signing::content_digest("{}"));
        const signing::SignHow how{.components = signing::answer_components(true, "sig1"),
                                   .created = 1,
                                   .keyid = "land-2026",
                                   .algorithm = crypto::Algorithm::ecdsa_p256_sha256};
        REQUIRE(signing::sign_http(answer, &request, how, gateway.land_key).has_value());
    }
    SECTION("the request not covered") {
        answer.fields.resize(2);
        const signing::SignHow how{.components = {"\"@status\"", "\"content-type\"", "\"content-digest\""},
                                   .created = 1,
                                   .keyid = "gateway-2026",
                                   .algorithm = crypto::Algorithm::ecdsa_p256_sha256};
        REQUIRE(signing::sign_http(answer, &request, how, gateway.gateway_key).has_value());
        expected = Fault::not_signed;
    }
    const auto checked = check_answer(answer, request, gateway.trust());
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().fault() == expected);
}
