#include "core/keyring/making.h"

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::keyring;
using crypto::KeyUse;
using crypto::SigningKey;

namespace {

const WallTime kNow{std::chrono::seconds{1'796'000'000}};  // 2026-11-30T08:53:20+08:00
const crypto::Validity kTenYears{kNow - std::chrono::hours{24}, 3'650};

/// A ring of role tls in a folder of its own, and an authority that may certify its key.
struct Scene {
    Scene() {
        auto opened = Folder::open(scratch / "keys", *disk);
        REQUIRE(opened.has_value());
        folder.emplace(std::move(*opened));
        REQUIRE(
            init(*folder, {.role = KeyUse::tls, .name = "front", .names = {.common_name = "front"}}, kNow).has_value());
    }

    [[nodiscard]] std::string certify(const std::string& id, const crypto::Validity& validity) const {
        const auto key = folder->open_key(*folder->ring("front")->value().find(id));
        return crypto::make_x509({.pem = ca, .key = ca_key}, *key,
                                 {.common_name = "front", .dns_names = {"localhost"}, .validity = validity})
            .value();
    }
    [[nodiscard]] Result<Done> take(const std::string& bytes, std::vector<std::string> trust = {}) {
        return import_x509(*folder, {.name = "front", .bytes = bytes, .trust = std::move(trust)}, kNow);
    }

    support::ScratchFolder scratch;
    std::unique_ptr<Disk> disk = system_disk();
    std::optional<Folder> folder;
    SigningKey ca_key = SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    std::string ca = crypto::make_ca(ca_key, "示例根", kTenYears).value();
};

}  // namespace

TEST_CASE("the authority's answer is put beside the key, and the second time nothing changes", "[keyring]") {
    Scene scene;
    const std::string leaf = scene.certify("front-2026", {kNow - std::chrono::hours{1}, 365});
    const auto taken = scene.take(scene.ca + leaf, {scene.ca});
    REQUIRE(taken.has_value());
    CHECK(taken->changed);
    CHECK(taken->ring.in_use(kNow)->chain == "front-2026.chain.pem");
    CHECK(scene.scratch.read("keys/front-2026.chain.pem") == leaf + scene.ca);  // the leaf first, whatever came first

    const auto again = scene.take(leaf + scene.ca, {scene.ca});
    REQUIRE(again.has_value());
    CHECK_FALSE(again->changed);
    const std::string renewed = scene.certify("front-2026", {kNow, 730});
    CHECK(scene.take(renewed)->changed);
    CHECK(scene.scratch.read("keys/front-2026.chain.pem") == renewed);
}

TEST_CASE("an answer that does not fit is refused, and what was there stays", "[keyring][security]") {
    Scene scene;
    const std::string good = scene.certify("front-2026", {kNow - std::chrono::hours{1}, 365});
    REQUIRE(scene.take(good).has_value());
    const SigningKey stranger = SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const std::string other_ca = crypto::make_ca(stranger, "另一个根", kTenYears).value();
    const crypto::X509Ask ask{.common_name = "front", .validity = kTenYears};
    std::string damaged = good;
    damaged[120] = damaged[120] == 'A' ? 'B' : 'A';
    struct Row {
        std::string bytes;
        std::vector<std::string> trust;
        std::string why;
    };
    const std::vector<Row> rows{
        {"", {}, "no certificate"},
        {"no certificate", {}, "no certificate"},
        {crypto::make_x509({.pem = scene.ca, .key = scene.ca_key}, stranger, ask).value(), {}, "for no key"},
        {scene.ca, {}, "for no key"},
        {scene.certify("front-2026", {kNow - std::chrono::hours{100}, 1}), {}, "expired"},
        {scene.certify("front-2026", {kNow + std::chrono::hours{1}, 365}), {}, "not valid yet"},
        {good, {other_ca}, "does not hold"},
        {damaged, {scene.ca}, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        const auto refused = scene.take(row.bytes, row.trust);
        REQUIRE_FALSE(refused.has_value());
        CHECK_THAT(refused.error().detail(), ContainsSubstring(row.why));
        CHECK(scene.scratch.read("keys/front-2026.chain.pem") == good);
    }
}

TEST_CASE("a certificate whose usage is another role's is refused", "[keyring][security]") {
    Scene scene;
    REQUIRE(init(*scene.folder, {.role = KeyUse::encrypt, .name = "box"}, kNow).has_value());
    const auto key = scene.folder->open_key(scene.folder->ring("box")->value().keys.front());
    const std::string to_sign =
        crypto::make_x509({.pem = scene.ca, .key = scene.ca_key}, *key, {.common_name = "box", .validity = {kNow, 30}})
            .value();
    const auto refused = import_x509(*scene.folder, {.name = "box", .bytes = to_sign}, kNow);
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().detail(), ContainsSubstring("usages"));
    CHECK_FALSE(scene.scratch.has("keys/box-2026.chain.pem"));
}

TEST_CASE("while keys rotate, a certificate finds the key that it is for", "[keyring]") {
    Scene scene;
    REQUIRE(scene.take(scene.certify("front-2026", {kNow, 365})).has_value());
    const auto rotated = rotate(*scene.folder, {.name = "front", .from = kNow + std::chrono::hours{2}}, kNow);
    REQUIRE(rotated.has_value());
    // valid from the moment on at which its key will be used
    const auto taken = scene.take(scene.certify("front-2026-2", {kNow + std::chrono::hours{2}, 365}));
    REQUIRE(taken.has_value());
    CHECK(taken->id == "front-2026-2");
    CHECK(taken->ring.in_use(kNow)->id == "front-2026");
    const WallTime later = kNow + std::chrono::hours{2};
    CHECK(taken->ring.in_use(later)->id == "front-2026-2");
    const auto done = finish(*scene.folder, {.name = "front"}, later);
    REQUIRE(done.has_value());
    CHECK(done->ring.keys.size() == 1);
    CHECK(done->ring.knows("front-2026"));
    CHECK(rotate(*scene.folder, {.name = "front", .from = later}, later)->id == "front-2026-3");  // no id comes twice
    CHECK_FALSE(scene.scratch.has("keys/front-2026.key.pem"));
}
