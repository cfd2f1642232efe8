#include "core/crypto/x509.h"
#include "core/wsse/envelope.h"
#include "examples/clients/cpp/soap_caller.h"
#include "tests/examples/client_cpp/fake_gateway.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

using std::chrono::sys_days;
using std::chrono::year;

const sys_days kNow{year{2026} / 11 / 29};

/// The gateway's signed answer to a request, of so many elements below its own.
codec::HttpMessage answer_to(const codec::HttpMessage& request, const tests::FakeGateway& gateway, int elements) {
    const auto asked = wsse::read_signed_envelope(request.body).value();
    std::string payload = "<answer xmlns=\"urn:datong:service:x:1\">";
    for (int i = 0; i < elements; ++i) {
        payload += "<a></a>";
    }
    const wsse::EnvelopeParts parts{
        .version = "1.2",
        .token_pem = crypto::make_ca(gateway.gateway_key, "gateway", {.not_before = kNow, .days = 2}).value(),
        .created = "2026-11-29T00:00:00Z",
        .expires = "2026-11-29T00:05:00Z",
        .call_id = asked.call_id,
        .exchange = "x-1",
        .payload = payload + "</answer>",
        .confirm = {asked.signature.value}};
    codec::HttpMessage answer;
    answer.status = 200;
    answer.body =
        wsse::write_signed_envelope(parts, gateway.gateway_key.default_algorithm(), gateway.gateway_key).value().bytes;
    return answer;
}

}  // namespace

TEST_CASE("a large SOAP answer is proven like a small one", "[client][soap]") {
    const tests::FakeGateway gateway;
    const auto endpoint = client::read_url("https://gateway.example:8443");
    REQUIRE(endpoint);
    const auto aim = client::soap_service(*endpoint, "x", 1);
    REQUIRE(aim);
    const auto request = client::signed_soap(*endpoint, *aim, R"({"query":{}})", gateway.consumer(), kNow);
    REQUIRE(request);
    for (const int elements : {10, 120'000, 1'300'000}) {  // beyond what a call may hold, then beyond 8 MiB
        CAPTURE(elements);
        const auto said =
            client::check_soap_answer(answer_to(*request, gateway, elements), *request, gateway.trust(), kNow);
        REQUIRE(said);
        CHECK(said->keyid == "gateway-2026");
    }
}
