#include <chrono>
#include <fstream>
#include <set>

#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/keyring/making.h"
#include "core/signing/http_signature.h"
#include "core/signing/jws.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;

namespace {

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
    write_text(file, text);
}

keyring::WallTime now() {
    return std::chrono::system_clock::now();
}

/// Makes a ring beside the demo's keys out of the key that is there.
void take_into_ring(const std::string& keys, const std::string& name) {
    const auto disk = keyring::system_disk();
    auto folder = keyring::Folder::open(keys, *disk);
    REQUIRE(folder.has_value());
    REQUIRE(keyring::init(*folder,
                          {.role = crypto::KeyUse::sign,
                           .name = name,
                           .id = name + "-2026",
                           .place = {.file = keys + '/' + name + ".key.pem"}},
                          now())
                .has_value());
}

template <class Work>
keyring::Done in_keys(const std::string& keys, Work work) {
    const auto disk = keyring::system_disk();
    auto folder = keyring::Folder::open(keys, *disk);
    REQUIRE(folder.has_value());
    auto done = work(*folder);
    REQUIRE(done.has_value());
    return std::move(*done);
}

/// The id of the key that signed an answer.
std::string keyid_of(const codec::HttpMessage& answer, const codec::HttpMessage& request) {
    const auto signature = signing::read_http_signature(answer, &request);
    REQUIRE(signature.has_value());
    return signature->keyid;
}

std::set<std::string> published(const GatewayUnderTest& gateway) {
    std::set<std::string> ids;
    const auto answer = gateway.platform().send(gateway.platform().prepare_get("/v1/keys"));
    const record::Record body = json_of(answer);
    REQUIRE(body.find("keys") != nullptr);
    for (const record::Record& jwk : body.find("keys")->items()) {
        ids.insert(jwk.text_of("kid"));
    }
    return ids;
}

}  // namespace

TEST_CASE("a rotation's new key is published first and signs from its moment on, without a reload", "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        const std::string keys = config + "/../keys";
        take_into_ring(keys, "gateway");
        take_into_ring(keys, "tax");
        replace_in(config + "/gateway.yaml", "{id: gateway-2026, file: \"${DATONG_KEYS:-keys}/gateway.key.pem\"}",
                   "{ring: \"${DATONG_KEYS}/gateway.keys.yaml\"}");
        replace_in(config + "/departments/tax.yaml", "{id: tax-2026, file: \"${DATONG_KEYS:-keys}/tax.key.pem\"}",
                   "{ring: \"${DATONG_KEYS}/tax.keys.yaml\"}");
    }}};
    const std::string keys = gateway.folder() + "/keys";
    const auto moment = now() + std::chrono::seconds{4};
    for (const std::string name : {"gateway", "tax"}) {
        in_keys(keys, [&](keyring::Folder& folder) {
            return keyring::rotate(folder, {.name = name, .id = name + "-2027", .from = moment}, now());
        });
    }
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    const std::set<std::string> ids = published(gateway);
    CHECK((ids.contains("gateway-2026") && ids.contains("gateway-2027") && ids.contains("tax-2027")));

    const auto signers = [&gateway]() -> std::string {
        const auto request = gateway.platform().prepare(kTax, codec::write_json(gateway.body(kTax)));
        const auto answer = gateway.platform().send(request);
        REQUIRE(answer.status == 200);
        const record::Record body = json_of(answer);
        const auto jws = signing::read_jws(body.text_of("certificate"));
        REQUIRE(jws.has_value());
        return keyid_of(answer, request) + ' ' + jws->keyid();
    };
    if (now() < moment - std::chrono::seconds{1}) {  // a slow machine may be past it
        CHECK(signers() == "gateway-2026 tax-2026");
    }
    CHECK(wait_until([&] { return signers() == "gateway-2027 tax-2027"; }));
    CHECK(now() >= moment - std::chrono::seconds{1});

    in_keys(keys, [&](keyring::Folder& folder) { return keyring::finish(folder, {.name = "gateway"}, now()); });
    REQUIRE(gateway.admin("POST", "/v1/reload").status == 200);
    CHECK_FALSE(published(gateway).contains("gateway-2026"));
    CHECK(gateway.program().current().get()->retired_keys.size() == 1);
}
