#include <chrono>

#include "core/base/text.h"
#include "core/crypto/key.h"
#include "core/keyring/making.h"
#include "tests/journeys/authority.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;

namespace {

keyring::WallTime now() {
    return std::chrono::system_clock::now();
}

/// Works in the keys' folder as a command does.
template <class Work>
void in_keys(const std::string& keys, Work work) {
    const auto disk = keyring::system_disk();
    auto folder = keyring::Folder::open(keys, *disk);
    REQUIRE(folder.has_value());
    REQUIRE(work(*folder).has_value());
}

/// The key of the certificate that a signed message brings, by its thumbprint.
std::string signer_of(const std::string& message) {
    const auto begin = message.find('>', message.find("BinarySecurityToken")) + 1;
    const std::string base64 = message.substr(begin, message.find('<', begin) - begin);
    const auto key =
        crypto::VerifyingKey::from_pem("-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
    return key ? key->thumbprint() : std::string{};
}

std::string thumbprint_of(const std::string& pem_file) {
    return crypto::VerifyingKey::from_pem(read_file(pem_file))->thumbprint();
}

}  // namespace

TEST_CASE("after a planned change of keys SOAP answers are signed with the new one, without a reload", "[journey]") {
    const auto moment = now() + std::chrono::seconds{6};
    GatewayUnderTest gateway{
        {.files = {}, .change = [&](const std::string& config) {
             const std::string keys = config + "/../keys";
             in_keys(keys, [&](keyring::Folder& folder) {
                 return keyring::init(folder,
                                      {.role = crypto::KeyUse::sign,
                                       .name = "gateway",
                                       .id = "gateway-2026",
                                       .place = {.file = keys + "/gateway.key.pem"}},
                                      now());
             });
             in_keys(keys, [&](keyring::Folder& folder) {
                 return keyring::rotate(folder, {.name = "gateway", .id = "gateway-2027", .from = moment}, now());
             });
             replace_in(config + "/gateway.yaml", "{id: gateway-2026, file: \"${DATONG_KEYS:-keys}/gateway.key.pem\"}",
                        "{ring: \"${DATONG_KEYS}/gateway.keys.yaml\"}");
         }}};
    const std::string keys = gateway.folder() + "/keys";
    const SoapPlatform platform{gateway.platform(), keys, "one-window", "1.1"};
    const auto call = [&] {
        const std::string message = platform.sign(platform.parts("/soap/tax-clearance", gateway.body(kTax)));
        const auto answer = platform.post("/soap/tax-clearance", message);
        REQUIRE(answer.status == 200);
        return signer_of(answer.body);
    };
    const std::string first = thumbprint_of(keys + "/gateway-2026.pub.pem");
    const std::string second = thumbprint_of(keys + "/gateway-2027.pub.pem");
    const std::string before = call();
    if (now() < moment - std::chrono::seconds{1}) {  // a slow machine may be past it
        CHECK(before == first);
    }
    CHECK(wait_until([&] { return call() == second; }));
    CHECK(now() >= moment - std::chrono::seconds{1});
}
