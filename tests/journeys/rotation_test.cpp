#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

#include <sys/resource.h>
#include <unistd.h>

#include "core/async/run.h"
#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/http/client.h"
#include "core/keyring/making.h"
#include "core/signing/http_signature.h"
#include "core/signing/jws.h"
#include "tests/journeys/callers.h"
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
    CAPTURE(done ? std::string{} : done.error().detail());
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

boost::asio::awaitable<int> status_of_keys(http::Client* client) {
    codec::HttpMessage request;
    request.method = "GET";
    request.target = "/v1/keys";
    const auto answer =
        co_await client->send(std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds{10});
    co_return answer ? answer->status : 0;
}

/// Whether the gateway shows that certificate and no other.
bool shows(const GatewayUnderTest& gateway, const std::string& pem) {
    const auto client =
        http::Client::make({.url = "https://127.0.0.1:" + std::to_string(gateway.program().port()), .pinned_pem = pem});
    REQUIRE(client.has_value());
    return async::run_alone(status_of_keys(client->get()), 0) == 200;
}

/// A city whose gateway, market registration, TLS and one consumer rotate their keys, all at once.
class Rotation {
public:
    Rotation() {
        write_text(keys_ + "/ca.pem", ca_);
        certify(in_keys(keys_, [](keyring::Folder& folder) {
            return keyring::init(
                folder, {.role = crypto::KeyUse::tls, .name = "front", .names = {.common_name = "front"}}, now());
        }));
        for (const std::string name : {"gateway", "market"}) {
            take_into_ring(keys_, name);
        }
        const std::string config = gateway_.folder() + "/config/";
        replace_in(config + "gateway.yaml", "{id: gateway-2026, file: \"${DATONG_KEYS:-keys}/gateway.key.pem\"}",
                   "{ring: \"${DATONG_KEYS}/gateway.keys.yaml\"}");
        replace_in(config + "gateway.yaml", "chain: \"${DATONG_KEYS:-keys}/tls.chain.pem\"",
                   "ring: \"${DATONG_KEYS}/front.keys.yaml\"");
        replace_in(config + "gateway.yaml", "    key: \"${DATONG_KEYS:-keys}/tls.key.pem\"\n", "");
        replace_in(config + "departments/market.yaml",
                   "{id: market-2026, file: \"${DATONG_KEYS:-keys}/market.key.pem\"}",
                   "{ring: \"${DATONG_KEYS}/market.keys.yaml\"}");
        REQUIRE(gateway_.admin("POST", "/v1/reload").status == 200);
    }

    [[nodiscard]] GatewayUnderTest& gateway() { return gateway_; }
    [[nodiscard]] const std::string& ca() const { return ca_; }
    [[nodiscard]] std::shared_ptr<const CallerKey> first_key() const {
        return std::make_shared<const CallerKey>(CallerKey{
            consumer_ids_.back(), crypto::SigningKey::from_pem(read_file(keys_ + "/one-window.key.pem")).value()});
    }

    /// Brings a second key for each holder into being, in force once this returns.
    [[nodiscard]] std::shared_ptr<const CallerKey> rotate(int round) {
        for (const std::string name : {"gateway", "market", "front"}) {
            const auto done = in_keys(keys_, [&name](keyring::Folder& folder) {
                return keyring::rotate(folder, {.name = name, .from = now()}, now());
            });
            REQUIRE(done.changed);
            if (name == "front") {
                certify(done);
            }
        }
        auto key = std::make_shared<const CallerKey>(
            CallerKey{"one-window-" + std::to_string(round),
                      crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value()});
        write_text(keys_ + '/' + key->id + ".pub.pem", key->key.public_pem().value());
        consumer_ids_.push_back(key->id);
        std::string list = "keys:";
        for (const std::string& id : consumer_ids_) {
            const std::string file = id == "one-window-2026" ? "one-window" : id;
            list += "\n  - {id: " + id + ", file: \"${DATONG_KEYS}/" + file + ".pub.pem\"}";
        }
        write_text(gateway_.folder() + "/config/consumers/one-window.yaml",
                   "datong: consumer/v1\nid: one-window\ntitle: x\n" + list + '\n');
        const auto answer = gateway_.admin("POST", "/v1/reload");
        CAPTURE(answer.body);
        REQUIRE(answer.status == 200);
        return key;
    }

    /// A second key of the listener with its certificate, which is shown from that moment on.
    [[nodiscard]] std::string next_certificate(keyring::WallTime from) {
        const auto done = in_keys(keys_, [from](keyring::Folder& folder) {
            return keyring::rotate(folder, {.name = "front", .from = from}, now());
        });
        certify(done);
        REQUIRE(gateway_.admin("POST", "/v1/reload").status == 200);
        return read_file(keys_ + '/' + done.id + ".chain.pem");
    }

    /// Ends the first keys; seen by the gateway with the next reload.
    void finish() {
        for (const std::string name : {"gateway", "market", "front"}) {
            REQUIRE(in_keys(keys_, [&name](keyring::Folder& folder) {
                        return keyring::finish(folder, {.name = name}, now());
                    }).changed);
        }
        consumer_ids_.erase(consumer_ids_.begin());
    }

private:
    void certify(const keyring::Done& made) {
        const auto disk = keyring::system_disk();
        auto folder = keyring::Folder::open(keys_, *disk);
        const auto key = folder->open_key(*made.ring.find(made.id));
        const auto x509 = crypto::make_x509({.pem = ca_, .key = ca_key_}, *key,
                                            {.common_name = "front", .addresses = {"127.0.0.1"}, .validity = kValid});
        REQUIRE(keyring::import_x509(*folder, {.name = "front", .bytes = *x509, .trust = {ca_}}, now()).has_value());
    }

    const crypto::Validity kValid{now() - std::chrono::hours{1}, 30};
    GatewayUnderTest gateway_;
    std::string keys_ = gateway_.folder() + "/keys";
    crypto::SigningKey ca_key_ = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    std::string ca_ = crypto::make_ca(ca_key_, "rotation CA", kValid).value();
    std::vector<std::string> consumer_ids_{"one-window-2026"};
};

constexpr double kLetsBe = 0.25;  ///< what others may have of the processors where a rate is held against its number

/// How the machine's processors are shared from now on. Source: proc(5), /proc/stat; getrusage(2).
class Processors {
public:
    /// What others had of them, from 0 to 1; what nobody used counts to nobody.
    [[nodiscard]] double share_of_others() const {
        const Look now = look();
        return std::max(0.0, (now.busy - begun_.busy - (now.own - begun_.own)) / (now.all - begun_.all));
    }

private:
    struct Look {
        double all{};   ///< seconds of all processors
        double busy{};  ///< of them, those that somebody worked
        double own{};
    };
    static Look look() {
        const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
        std::ifstream in{"/proc/stat"};
        std::string cpu;
        in >> cpu;
        Look seen;
        double ticks{};
        for (int column = 0; column < 8 && in >> ticks; ++column) {  // user nice system idle iowait irq softirq steal
            seen.all += ticks / tick;
            seen.busy += column == 3 || column == 4 ? 0 : ticks / tick;
        }
        struct rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        for (const timeval& time : {used.ru_utime, used.ru_stime}) {
            seen.own += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        }
        return seen;
    }
    const Look begun_ = look();
};

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

TEST_CASE("a certificate's moment comes without a reload", "[journey]") {
    Rotation rotation;
    GatewayUnderTest& gateway = rotation.gateway();
    const auto moment = now() + std::chrono::seconds{3};
    const std::string next = rotation.next_certificate(moment);
    if (now() < moment - std::chrono::seconds{1}) {  // a slow machine may be past it
        CHECK_FALSE(shows(gateway, next));
    }
    CHECK(wait_until([&] { return shows(gateway, next); }));
    CHECK(now() >= moment - std::chrono::seconds{1});
}

TEST_CASE("fifty rotations of every key at 200 calls a second: no call fails, every answer verifies",
          "[journey][slow]") {
    constexpr int kRounds = 50;
    constexpr double kRate = 200;
    Rotation rotation;
    GatewayUnderTest& gateway = rotation.gateway();
    const auto started = std::chrono::steady_clock::now();
    const Processors processors;
    Callers callers{{.url = "https://127.0.0.1:" + std::to_string(gateway.program().port()),
                     .ca_pem = rotation.ca(),
                     .target = kMarket,
                     .body = codec::write_json(gateway.body(kMarket))},
                    rotation.first_key()};
    for (int round = 0; round < kRounds; ++round) {
        REQUIRE(wait_until([&] { return callers.certificates() > static_cast<std::size_t>(round); }));
        const std::size_t before = callers.calls();
        const auto old = callers.use(rotation.rotate(round));
        CAPTURE(round, callers.first_failure());
        REQUIRE(wait_until([&] { return old.expired() && callers.calls() >= before + 20; }));
        rotation.finish();
    }
    CHECK(wait_until([&] { return callers.certificates() > static_cast<std::size_t>(kRounds); }));
    callers.stop();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    const double rate = static_cast<double>(callers.calls()) / took.count();
    const double others = processors.share_of_others();
    CAPTURE(callers.first_failure());
    CHECK(callers.failures() == 0);
    // 51 keys of the gateway and 51 of the department, but for those whose reloads were quicker than a call
    CHECK(callers.signers().size() >= 2 * kRounds);
    CHECK(callers.certificates() == kRounds + 1);
    WARN(callers.calls() << " calls in " << took.count() << " s (" << rate << " a second), " << callers.failures()
                         << " failed, " << callers.missed() << " never made, " << kRounds
                         << " rotations of four keys; others had " << others * 100 << " % of the processors");
    if (others < kLetsBe) {
        CHECK(rate >= kRate);
    }
}
