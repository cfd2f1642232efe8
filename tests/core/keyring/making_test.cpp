#include "core/keyring/making.h"

#include <filesystem>
#include <set>

#include <sys/stat.h>

#include "core/crypto/x509_path.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::keyring;
using crypto::KeyUse;
using support::ScratchFolder;

namespace {

namespace fs = std::filesystem;

/// 2026-11-30T08:53:20+08:00 and a bit: rings are written to the second.
const WallTime kNow{std::chrono::milliseconds{1'796'000'000'700}};

/// The system's disk, on which the call of that number and all after it fail.
class FailingDisk final : public Disk {
public:
    explicit FailingDisk(int good) : left_{good} {}
    Status write_new(const std::string& path, std::string_view bytes, bool is_secret) override {
        return go().and_then([&] { return disk_->write_new(path, bytes, is_secret); });
    }
    Status replace(const std::string& path, std::string_view bytes) override {
        return go().and_then([&] { return disk_->replace(path, bytes); });
    }
    Status remove(const std::string& path) override {
        return go().and_then([&] { return disk_->remove(path); });
    }

private:
    Status go() { return left_-- > 0 ? Status{} : fail(Fault::internal, "No space left on device"); }

    int left_;
    std::unique_ptr<Disk> disk_ = system_disk();
};

Folder open(const ScratchFolder& scratch, Disk& disk) {
    auto folder = Folder::open(scratch / "keys", disk);
    REQUIRE(folder.has_value());
    return std::move(*folder);
}

/// Every key that the ring names is there and is one, and so is its public half.
void check_whole(const Folder& folder, const Ring& ring) {
    for (const RingKey& key : ring.keys) {
        CAPTURE(key.id);
        const auto opened = folder.open_key(key);
        REQUIRE(opened.has_value());
        CHECK(opened->public_pem().value() == folder.read(key.id + ".pub.pem"));
        CHECK((key.chain.empty() || folder.has(key.chain)));
    }
    for (const RetiredRingKey& key : ring.retired) {
        CHECK(folder.has(key.file));
    }
}

mode_t mode_of(const std::string& path) {
    struct stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 0777;
}

std::set<std::string> names_in(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator{folder}) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

constexpr InitAsk gateway() {
    return {.role = KeyUse::sign, .name = "gateway"};
}

}  // namespace

TEST_CASE("init makes a key that only its owner reads, and a second one changes nothing", "[keyring][security]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    const auto made = init(folder, gateway(), kNow);
    REQUIRE(made.has_value());
    CHECK(made->changed);
    CHECK(made->id == "gateway-2026");
    CHECK(mode_of(scratch / "keys") == 0700);
    CHECK(mode_of(scratch / "keys/gateway-2026.key.pem") == 0600);
    check_whole(folder, made->ring);
    const std::string before = scratch.read("keys/gateway-2026.key.pem");

    const auto again = init(folder, gateway(), kNow);
    REQUIRE(again.has_value());
    CHECK_FALSE(again->changed);
    CHECK(again->written.empty());
    CHECK(scratch.read("keys/gateway-2026.key.pem") == before);
    InitAsk other = gateway();
    other.role = KeyUse::tls;
    CHECK_FALSE(init(folder, other, kNow).has_value());
}

TEST_CASE("the folder may be the one that the command runs in", "[keyring]") {
    const ScratchFolder scratch;
    const auto before = std::filesystem::current_path();
    std::filesystem::permissions(scratch.path(), std::filesystem::perms::owner_all);
    std::filesystem::current_path(scratch.path());
    const auto disk = system_disk();
    auto folder = Folder::open(".", *disk);
    const auto made = folder ? init(*folder, gateway(), kNow) : fail(folder.error());
    std::filesystem::current_path(before);
    REQUIRE(made.has_value());
    CHECK(made->changed);
    CHECK(mode_of(scratch / "gateway-2026.key.pem") == 0600);
    CHECK_FALSE(scratch.read("gateway.keys.yaml").empty());
}

TEST_CASE("what can't be made leaves nothing behind", "[keyring]") {
    struct Row {
        InitAsk ask;
        const char* why;
    };
    const auto row = GENERATE(values<Row>({
        {{.role = KeyUse::encrypt, .name = "e", .kind = KeyKind::ed25519}, "Ed25519 does not encrypt"},
        {{.role = KeyUse::tls, .name = "t", .kind = KeyKind::sm2}, "OpenSSL has no TLCP"},
        {{.role = KeyUse::tls, .name = "t", .names = {.common_name = "a", .dns_names = {"a,IP:1.2.3.4"}}}, "a name"},
        {{.role = KeyUse::tls, .name = "t", .names = {.common_name = std::string(65, 'x')}}, "too long"},
        {{.role = KeyUse::sign, .name = "Gate way"}, "no name of a ring"},
        {{.role = KeyUse::sign, .name = "g", .id = "../g"}, "no id"},
        {{.role = KeyUse::sign, .name = "g", .place = {.file = "nowhere.pem"}}, "no such key"},
    }));
    CAPTURE(row.why);
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    CHECK_FALSE(init(folder, row.ask, kNow).has_value());
    CHECK(names_in(scratch / "keys").empty());
}

TEST_CASE("each kind of key can sign, and its request says what was wished", "[keyring]") {
    const auto kind = GENERATE(KeyKind::p256, KeyKind::rsa_2048, KeyKind::rsa_3072, KeyKind::ed25519, KeyKind::sm2);
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    InitAsk ask = gateway();
    ask.kind = kind;
    ask.names = {.common_name = "", .organization = "示例市", .dns_names = {"a.example"}, .addresses = {"127.0.0.1"}};
    ask.self_signed_days = 30;
    const auto made = init(folder, ask, kNow);
    REQUIRE(made.has_value());
    const auto key = folder.open_key(made->ring.keys.front());
    REQUIRE(key.has_value());
    const auto signature = key->sign(key->default_algorithm(), "message");
    REQUIRE(signature.has_value());
    CHECK(key->verifying_key().verify(key->default_algorithm(), "message", *signature).has_value());
    const auto wish = crypto::read_request(scratch.read("keys/gateway-2026.csr.pem"), KeyUse::sign);
    REQUIRE(wish.has_value());
    CHECK(wish->common_name == "a.example");
    CHECK(wish->organization == "示例市");
    CHECK(wish->dns_names == std::vector<std::string>{"a.example"});
    CHECK(wish->addresses == std::vector<std::string>{"127.0.0.1"});
    const std::string own = scratch.read("keys/gateway-2026.chain.pem");
    const auto path = crypto::check_path(
        {.leaf = own, .anchors = {own}, .at = kNow, .revocation = crypto::PathQuestion::Revocation::none});
    REQUIRE(path.has_value());
    CAPTURE(path->why);
    CHECK(path->good);
    CHECK(crypto::allows(own, KeyUse::sign));
    CHECK_FALSE(crypto::allows(own, KeyUse::encrypt));
}

TEST_CASE("a key that was there before is taken into a ring, since ever", "[keyring]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ed25519);
    scratch.write("keys/old.key.pem", key->to_pem()->reveal());
    InitAsk ask = gateway();
    ask.place.file = scratch / "keys/old.key.pem";
    REQUIRE(::chmod(ask.place.file.c_str(), 0644) == 0);
    CHECK_FALSE(init(folder, ask, kNow).has_value());
    REQUIRE(::chmod(ask.place.file.c_str(), 0600) == 0);
    const auto made = init(folder, ask, kNow);
    REQUIRE(made.has_value());
    CHECK(folder.open_key(made->ring.keys.front())->verifying_key().thumbprint() == key->verifying_key().thumbprint());
    CHECK(made->ring.keys.front().from == WallTime{});

    REQUIRE(rotate(folder, {.name = "gateway", .from = kNow}, kNow).has_value());
    const auto done = finish(folder, {.name = "gateway"}, kNow);
    REQUIRE(done.has_value());
    CHECK(done->ring.retired.front().from.empty());
    CHECK(scratch.has("keys/old.key.pem"));  // not ours to remove
}

TEST_CASE("rotation: two keys are valid, then the first is retired and its private half gone", "[keyring][security]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    InitAsk ask = gateway();
    ask.kind = KeyKind::ed25519;
    ask.names.organization = "示例市";
    REQUIRE(init(folder, ask, kNow).has_value());

    const auto rotated = rotate(folder, {.name = "gateway"}, kNow);
    REQUIRE(rotated.has_value());
    CHECK(rotated->id == "gateway-2026-2");
    REQUIRE(rotated->ring.keys.size() == 2);
    CHECK(rotated->ring.keys[1].from == std::chrono::floor<std::chrono::seconds>(kNow) + std::chrono::hours{24});
    CHECK(rotated->ring.in_use(kNow)->id == "gateway-2026");
    CHECK(folder.open_key(rotated->ring.keys[1])->default_algorithm() == crypto::Algorithm::ed25519);
    CHECK(crypto::read_request(scratch.read("keys/gateway-2026-2.csr.pem"), KeyUse::sign)->organization == "示例市");
    check_whole(folder, rotated->ring);

    const auto again = rotate(folder, {.name = "gateway"}, kNow);
    REQUIRE(again.has_value());
    CHECK_FALSE(again->changed);
    const auto early = finish(folder, {.name = "gateway"}, kNow);
    REQUIRE(early.has_value());
    CHECK_FALSE(early->changed);
    CHECK(scratch.has("keys/gateway-2026.key.pem"));

    const WallTime later = kNow + std::chrono::hours{25};
    const auto done = finish(folder, {.name = "gateway"}, later);
    REQUIRE(done.has_value());
    CHECK(done->changed);
    CHECK_FALSE(scratch.has("keys/gateway-2026.key.pem"));
    CHECK(scratch.has("keys/gateway-2026.pub.pem"));
    REQUIRE(done->ring.retired.size() == 1);
    CHECK(done->ring.retired.front().from == "2026-11-30");
    CHECK(done->ring.retired.front().to == "2026-12-01");
    check_whole(folder, done->ring);
    CHECK_FALSE(finish(folder, {.name = "gateway"}, later)->changed);
    CHECK(rotate(folder, {.name = "gateway"}, later)->id == "gateway-2026-3");
}

TEST_CASE("a private half that was to be kept is not removed by the next rotation", "[keyring]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    REQUIRE(init(folder, gateway(), kNow).has_value());
    REQUIRE(rotate(folder, {.name = "gateway", .from = kNow}, kNow).has_value());
    REQUIRE(finish(folder, {.name = "gateway", .keep_old = true}, kNow)->changed);
    CHECK(folder.ring("gateway")->value().retired.front().keeps);
    REQUIRE(rotate(folder, {.name = "gateway", .from = kNow}, kNow).has_value());
    REQUIRE(finish(folder, {.name = "gateway"}, kNow)->changed);
    CHECK(scratch.has("keys/gateway-2026.key.pem"));
    CHECK_FALSE(scratch.has("keys/gateway-2026-2.key.pem"));
}

TEST_CASE("an id never gets another key, and a moment never lies before the key in use", "[keyring][security]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    REQUIRE(init(folder, gateway(), kNow).has_value());
    CHECK_FALSE(rotate(folder, {.name = "gateway", .id = "gateway-2026"}, kNow).has_value());
    CHECK_FALSE(rotate(folder, {.name = "gateway", .from = kNow - std::chrono::hours{1}}, kNow).has_value());
    CHECK_FALSE(rotate(folder, {.name = "gateway", .from = kNow - std::chrono::seconds{1}}, kNow).has_value());
    CHECK_FALSE(rotate(folder, {.name = "nobody"}, kNow).has_value());
    // nor does another ring of the folder take it over, whose rotation would remove the first one's private half
    REQUIRE(init(folder, {.role = KeyUse::sign, .name = "front"}, kNow).has_value());
    CHECK_FALSE(init(folder, {.role = KeyUse::sign, .name = "back", .id = "gateway-2026"}, kNow).has_value());
    CHECK_FALSE(rotate(folder, {.name = "front", .id = "gateway-2026"}, kNow).has_value());
    CHECK_FALSE(folder.has(ring_file("back")));
    scratch.write("keys/gateway-2027.pub.pem", "another key's");
    CHECK_FALSE(rotate(folder, {.name = "gateway", .id = "gateway-2027"}, kNow).has_value());
    CHECK(folder.ring("gateway")->value().keys.size() == 1);
}

TEST_CASE("encryption keys stay after their rotation, for what was sealed to them", "[keyring]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    Folder folder = open(scratch, *disk);
    REQUIRE(init(folder, {.role = KeyUse::encrypt, .name = "box", .kind = KeyKind::sm2}, kNow).has_value());
    REQUIRE(rotate(folder, {.name = "box", .from = kNow}, kNow).has_value());
    REQUIRE(finish(folder, {.name = "box"}, kNow)->changed);
    CHECK(scratch.has("keys/box-2026.key.pem"));
}

TEST_CASE("a full disk at any step leaves the ring as it was, and the next run ends the work", "[keyring]") {
    const int good = GENERATE(range(0, 12));
    CAPTURE(good);
    const ScratchFolder scratch;
    const auto disk = system_disk();
    const InitAsk ask{.role = KeyUse::sign, .name = "gateway", .self_signed_days = 30};
    const RotateAsk turn{.name = "gateway", .from = kNow, .self_signed_days = 30};
    const auto run = [&](Folder& folder) {
        return init(folder, ask, kNow)
            .and_then([&](const Done&) { return rotate(folder, turn, kNow); })
            .and_then([&](const Done&) { return finish(folder, {.name = "gateway"}, kNow); });
    };
    {
        FailingDisk failing{good};
        Folder folder = open(scratch, failing);
        static_cast<void>(run(folder));
        const auto ring = folder.ring("gateway");
        REQUIRE(ring.has_value());
        if (*ring) {
            check_whole(folder, **ring);
        }
    }
    Folder folder = open(scratch, *disk);
    const auto done = run(folder);
    REQUIRE(done.has_value());
    check_whole(folder, done->ring);
    CHECK(done->ring.retired.size() >= 1);
    for (const RetiredRingKey& key : done->ring.retired) {
        CHECK_FALSE(scratch.has("keys/" + key.id + ".key.pem"));
    }
    for (const std::string& name : names_in(scratch / "keys")) {
        CHECK_FALSE(name.ends_with(".tmp"));
    }
}

TEST_CASE("one command at a time works in a folder, and none where others may write", "[keyring][security]") {
    const ScratchFolder scratch;
    const auto disk = system_disk();
    {
        const Folder held = open(scratch, *disk);
        const auto second = Folder::open(scratch / "keys", *disk);
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().fault() == Fault::in_progress);
    }
    REQUIRE(::chmod((scratch / "keys").c_str(), 0777) == 0);
    const auto open_to_all = Folder::open(scratch / "keys", *disk);
    REQUIRE_FALSE(open_to_all.has_value());
    CHECK_THAT(open_to_all.error().detail(), ContainsSubstring("chmod go-w"));
}
