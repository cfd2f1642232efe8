#include <filesystem>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/keyring/ring.h"
#include "core/profiles/sm_envelope.h"
#include "tests/journeys/platform_calls.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

constexpr std::size_t kCalls = 200;

void write_key(const std::string& file, const crypto::SigningKey& key) {
    write_text(file, key.to_pem()->reveal());
    std::filesystem::permissions(file, std::filesystem::perms{0600});
}

/// The keys of both ends of an envelope.
struct Sealing {
    crypto::SigningKey ours = *crypto::SigningKey::generate(crypto::Algorithm::sm2_sm3);
    crypto::SigningKey gateways = *crypto::SigningKey::generate(crypto::Algorithm::sm2_sm3);

    [[nodiscard]] HttpMessage sealed(const PlatformClient& client, const std::string& moment, const std::string& nonce,
                                     const Record& data) const {
        Record call = Record::object();
        call.put("sid", Record::text(kSid));
        call.put("data", data);
        const profiles::EnvelopeStamp stamp{.timestamp = moment, .nonce = nonce};
        const auto envelope = profiles::seal_envelope(codec::write_json(call), stamp, ours, gateways.verifying_key());
        HttpMessage request = client.prepare("POST", "/gateway/envelope", *envelope);
        for (const codec::HttpField& field : profiles::envelope_headers(stamp, kId)) {
            request.add(field.name, field.value);
        }
        return request;
    }
    [[nodiscard]] Record opened(const HttpMessage& answer) const {
        const profiles::EnvelopeStamp stamp{.timestamp = answer.field("timestamp").value_or(""),
                                            .nonce = answer.field("nonce").value_or("")};
        const auto plain = profiles::open_envelope(answer.body, stamp, ours, gateways.verifying_key());
        return plain ? *codec::read_json(*plain) : Record{};
    }
    [[nodiscard]] std::string outcome(const HttpMessage& answer) const {
        return text_at(opened(answer), {"outcome"}, {"code"});
    }
    /// @param key  of the door's settings, "../keys/envelope.key.pem" is the gateway's.
    [[nodiscard]] GatewayUnderTest::Options options(
        const std::string& key = "{id: province-envelope, file: ../keys/envelope.key.pem}") const {
        GatewayUnderTest::Options made =
            with_door("door:\n  protocol: sm-envelope\n  app_id: " + kId + "\n  key: " + key +
                          "\n  peer: ../keys/province-sm2.pub.pem\n" + kServices,
                      kListedNetwork);
        made.change = [this, before = made.change](const std::string& config) {
            before(config);
            const std::string file = config + "/consumers/province.yaml";
            std::string yaml = read_file(file);
            write_text(file, yaml.substr(0, yaml.find("  appkey:")));
            write_key(config + "/../keys/envelope.key.pem", gateways);
            write_text(config + "/../keys/province-sm2.pub.pem", *ours.public_pem());
        };
        return made;
    }
};

}  // namespace

TEST_CASE("200 envelopes of one millisecond get 200 sealed answers, and none twice", "[journey][security]") {
    const Sealing sealing;
    GatewayUnderTest gateway{sealing.options()};
    const PlatformClient client{gateway};
    const std::string moment = now_ms();
    std::vector<HttpMessage> calls;
    for (std::size_t i = 0; i < kCalls; ++i) {
        calls.push_back(sealing.sealed(client, moment, "n1", data_of("window-" + std::to_string(i))));
    }
    const HttpMessage answer = client.send(sealing.sealed(client, moment, "n2", data_of("window-07")));
    CAPTURE(answer.body);
    CHECK(answer.body.find("示例") == std::string::npos);  // sealed
    CHECK(sealing.opened(answer).text_of("certificate").starts_with("eyJ"));
    calls.pop_back();
    std::size_t found = 0;
    std::size_t replayed = 0;
    for (const HttpMessage& call : calls) {
        found += sealing.outcome(client.send(call)) == "found" ? 1 : 0;
    }
    for (const HttpMessage& call : calls) {
        replayed += sealing.outcome(client.send(call)) == "replayed" ? 1 : 0;
    }
    CHECK(found + 1 == kCalls);
    CHECK(replayed + 1 == kCalls);
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.number);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == kCalls);
}

TEST_CASE("an envelope that was altered, stolen or is stale is refused, and no department asked",
          "[journey][security]") {
    const Sealing sealing;
    GatewayUnderTest gateway{sealing.options()};
    const PlatformClient client{gateway};
    const HttpMessage good = sealing.sealed(client, now_ms(), "n1", data_of("window-07"));
    const auto code_of = [&](HttpMessage call) {
        const Record said = json_of(client.send(std::move(call)));
        return std::string{said.find_path({"head", "code"})->scalar()};
    };
    HttpMessage altered = good;
    altered.body.replace(altered.body.find("encData\":\"") + 12, 1,
                         altered.body[altered.body.find("encData\":\"") + 12] == 'A' ? "B" : "A");
    CHECK(code_of(altered) == "401");
    HttpMessage renumbered = good;
    renumbered.set("nonce", "n2");
    CHECK(code_of(renumbered) == "401");
    HttpMessage others = good;
    others.set("appId", "SOMEBODY");
    CHECK(code_of(others) == "401");
    HttpMessage broken = good;
    broken.set("nonce", "n 1");
    CHECK(code_of(broken) == "401");
    const Sealing stranger;
    CHECK(code_of(stranger.sealed(client, now_ms(), "n3", data_of("window-07"))) == "401");
    const std::string before = std::to_string(*to_whole_number(now_ms()) - 400'000);
    CHECK(code_of(sealing.sealed(client, before, "n4", data_of("window-07"))) == "401");

    REQUIRE(sealing.outcome(client.send(good)) == "found");
    // the iv is under no signature: with another one it is still the same call
    HttpMessage turned = good;
    const auto at = turned.body.find("\"iv\":\"") + 6;
    turned.body[at] = turned.body[at] == 'A' ? 'B' : 'A';
    CHECK(sealing.outcome(client.send(turned)) == "replayed");
    gateway.stop();
    CHECK(gateway.verify().exchanges == 1);
}

TEST_CASE("an envelope is opened by whichever key of the ring it was sealed to, before and after a key's moment",
          "[journey][security]") {
    const auto role = GENERATE(crypto::KeyUse::encrypt, crypto::KeyUse::sign);
    const Sealing first;
    const Sealing second{.ours = *crypto::SigningKey::from_pem(first.ours.to_pem()->reveal())};
    const Sealing nobodys{.ours = *crypto::SigningKey::from_pem(first.ours.to_pem()->reveal())};
    auto clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now());
    support::FakeClock& now = *clock;
    GatewayUnderTest::Options options = first.options("{ring: ../keys/envelope.keys.yaml}");
    options.clock = std::move(clock);
    options.change = [&, before = options.change](const std::string& config) {
        before(config);
        write_key(config + "/../keys/env-2.key.pem", second.gateways);
        write_text(config + "/../keys/envelope.keys.yaml",
                   keyring::to_yaml(
                       {.name = "envelope",
                        .role = role,
                        .keys = {{.id = "env-1", .file = "envelope.key.pem"},
                                 {.id = "env-2", .file = "env-2.key.pem", .from = now.now() + std::chrono::hours{1}}},
                        .retired = {}}));
    };
    GatewayUnderTest gateway{std::move(options)};
    const PlatformClient client{gateway};
    /// Sealed to the one's key, and the answer signed by the other's.
    const auto call = [&](const Sealing& to, const Sealing& by, const std::string& nonce) {
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.now().time_since_epoch()).count();
        const HttpMessage answer = client.send(to.sealed(client, std::to_string(ms), nonce, data_of("window-07")));
        return answer.status == 200 ? by.outcome(answer) : std::to_string(answer.status);
    };
    CHECK(call(first, first, "n1") == "found");
    CHECK(call(second, first, "n2") == "found");
    CHECK(call(nobodys, first, "n3") == "400");
    now.advance(std::chrono::hours{2});
    CHECK(call(first, second, "n4") == "found");
    CHECK(call(second, second, "n5") == "found");
    CHECK(call(nobodys, second, "n6") == "400");
}

TEST_CASE("the ring of an envelope's door is for what others seal to us, or for signing", "[journey]") {
    const Sealing sealing;
    GatewayUnderTest::Options options = sealing.options("{ring: ../keys/envelope.keys.yaml}");
    options.change = [before = options.change](const std::string& config) {
        before(config);
        write_text(config + "/../keys/envelope.keys.yaml",
                   keyring::to_yaml({.name = "envelope",
                                     .role = crypto::KeyUse::tls,
                                     .keys = {{.id = "env-1", .file = "envelope.key.pem"}},
                                     .retired = {}}));
    };
    CHECK_THROWS_WITH((GatewayUnderTest{std::move(options)}),
                      ContainsSubstring("C204") && ContainsSubstring("role: encrypt"));
}
