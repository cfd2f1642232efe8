#include "tests/journeys/evidence_kit.h"

#include "core/crypto/x509.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

namespace datong::journeys {
namespace {

using record::Record;

constexpr const char* kEvidence = "evidence:\n";
constexpr const char* kSeal = "\"${DATONG_SEAL_S:-60}\"";

}  // namespace

GatewayUnderTest::Options with_evidence(const std::string& more,
                                        const std::function<void(const std::string&)>& change) {
    GatewayUnderTest::Options options;
    options.change = [more, change](const std::string& config) {
        const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
        REQUIRE(key);
        const auto pem = crypto::make_self_signed(
            *key, {.use = crypto::KeyUse::encrypt, .common_name = "auditor", .organization = {}},
            {.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 30});
        REQUIRE(pem);
        write_text(config + "/auditor.pem", *pem);
        write_text(config + "/auditor.key.pem", key->to_pem()->reveal());
        std::string text = read_file(config + "/gateway.yaml");
        const auto at = text.find(kEvidence);
        const auto seal = text.find(kSeal);
        REQUIRE(at != std::string::npos);
        REQUIRE(seal != std::string::npos);
        text.replace(seal, std::string{kSeal}.size(), "1");
        write_text(config + "/gateway.yaml", text.insert(at + std::string{kEvidence}.size(), more));
        if (change) {
            change(config);
        }
    };
    return options;
}

std::vector<Record> records_of(const GatewayUnderTest& gateway, const std::string& kind) {
    std::vector<Record> found;
    REQUIRE(evidence::read_folder(gateway.folder() + "/evidence", [&](const Record& entry) {
        if (entry.text_of("kind") == kind) {
            found.push_back(entry);
        }
        return true;
    }));
    return found;
}

void make_calls(GatewayUnderTest& gateway) {
    CHECK(gateway.platform().call(kFund, gateway.body(kFund)).status == 200);
    CHECK(gateway.platform().call(kMatter, gateway.matter_body()).status == 200);
    gateway.city().faults().set(departments::System::land, {.trouble = departments::Trouble::wrong_person});
    CHECK(gateway.platform().call(kLand, gateway.body(kLand)).status == 502);
    gateway.city().faults().clear_all();
    const SoapPlatform soap{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.1"};
    constexpr const char* kSoapTax = "/soap/tax-clearance";
    CHECK(soap.post(kSoapTax, soap.sign(soap.parts(kSoapTax, gateway.body(kTax)))).status == 200);
}

}  // namespace datong::journeys
