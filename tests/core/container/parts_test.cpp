#include "core/container/check_parts.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/evidence/signature_base.h"
#include "core/wsse/envelope.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

/// A signed answer of so many elements below its own.
std::string answer_of(int elements) {
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    std::string payload = "<answer xmlns=\"urn:datong:service:x:1\">";
    for (int i = 0; i < elements; ++i) {
        payload += "<a></a>";
    }
    const wsse::EnvelopeParts parts{
        .version = "1.2",
        .token_pem =
            crypto::make_ca(key, "gateway", {.not_before = std::chrono::system_clock::now(), .days = 2}).value(),
        .created = "2026-11-29T06:00:00Z",
        .expires = "2026-11-29T06:05:00Z",
        .call_id = "call-1",
        .exchange = "x-1",
        .payload = payload + "</answer>"};
    return wsse::write_signed_envelope(parts, key.default_algorithm(), key).value().bytes;
}

}  // namespace

TEST_CASE("a large SOAP answer is compared with its record like a small one", "[container]") {
    for (const int elements : {10, 120'000, 1'300'000}) {  // beyond what a call may hold, then beyond 8 MiB
        const std::string answer = answer_of(elements);
        CAPTURE(elements, answer.size());
        const auto read = wsse::read_signed_envelope(answer, wsse::limits_of(answer));
        REQUIRE(read);
        container::Records records{.first_file = "records/intent.json", .last_file = "records/outcome.json"};
        records.first = Record::object({{"exchange", Record::text("x-1")}});
        records.last = Record::object({{"exchange", Record::text("x-1")}});
        records.last.put("answer", Record::object({{"form", Record::text(std::string{evidence::kSoapForm})}}));
        records.last.put("answer_digest", Record::text(to_hex(crypto::sha256(read->body_octets))));
        container::Checked checked;
        container::check_bodies({{"answer/body.xml", answer}}, records, {}, {}, checked);
        CHECK(checked.findings.empty());
        CHECK(checked.proofs.size() == 1);
        container::Checked altered;
        records.last.put("answer_digest", Record::text(std::string(64, '0')));
        container::check_bodies({{"answer/body.xml", answer}}, records, {}, {}, altered);
        CHECK(altered.findings.size() == 1);
    }
}
