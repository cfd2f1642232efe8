#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/codec/json.h"
#include "core/seals/check.h"
#include "examples/tsa/server.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::journeys;

namespace {

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
    std::ofstream{file} << text;
}

/// Seals every second and sends them to this authority; calls are refused when a stamp is late for so long.
GatewayUnderTest::Options stamped_by(const std::string& url, const std::string& anchor, int refuse_after) {
    return {.change = [=](const std::string& config) {
        replace_in(config + "/gateway.yaml", R"(seal: {every_s: "${DATONG_SEAL_S:-60}", records: 10000})",
                   "seal: {every_s: 1}\n  anchor: {file: ../anchor.json}");
        replace_in(config + "/gateway.yaml",
                   R"(authorities: [{url: "${DATONG_TSA_URL:-}", anchor: "${DATONG_TSA_ANCHOR:-}"}])",
                   "authorities: [{url: \"" + url + "\", anchor: \"" + anchor +
                       "\"}]\n    retry_s: 1\n    refuse_after_s: " + std::to_string(refuse_after));
    }};
}

std::string unstamped(const GatewayUnderTest& gateway) {
    return json_of(gateway.admin("GET", "/readyz")).text_of("unstamped_seals");
}

Result<seals::SealedVerdict> verify(const GatewayUnderTest& gateway, const std::string& anchor_pem) {
    const auto keys = codec::read_json(read_file(gateway.folder() + "/keys/trust.jwks"));
    return seals::verify_folder(gateway.folder() + "/evidence", *keys,
                                {.anchor = seals::read_anchor(read_file(gateway.folder() + "/anchor.json")).value(),
                                 .stamps = {{.anchors = {anchor_pem}}}});
}

bool stamps_once(const GatewayUnderTest& gateway) {
    return wait_until(
        [&] { return gateway.admin("GET", "/metrics").body.find("datong_seals_stamps_total ") != std::string::npos; });
}

}  // namespace

TEST_CASE("seals of the running gateway are stamped and published, and prove it afterwards", "[journey]") {
    const support::ScratchFolder folder;
    const tsa::Server authority{{.folder = folder.path()}};
    GatewayUnderTest gateway{stamped_by(authority.url(), authority.anchor().string(), 0)};
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(stamps_once(gateway));
    gateway.stop();
    const auto verdict = verify(gateway, read_file(authority.anchor().string()));
    REQUIRE(verdict);
    CAPTURE(verdict->evidence.reason, verdict->evidence.number);
    CHECK(verdict->evidence.valid);
    CHECK(verdict->seals.stamps_checked >= 1);
    CHECK(verdict->seals.unsealed == 0);
}

TEST_CASE("an authority that is down stops nobody, is told in readiness, and is caught up with", "[journey]") {
    const support::ScratchFolder folder;
    tsa::Server authority{{.folder = folder.path()}};
    authority.set_down(true);
    GatewayUnderTest gateway{stamped_by(authority.url(), authority.anchor().string(), 0)};
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(wait_until([&] { return !unstamped(gateway).empty() && authority.asked() > 1; }));
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
    CHECK(gateway.admin("GET", "/readyz").status == 200);
    CHECK_THAT(gateway.log(), ContainsSubstring("stamp_failed"));
    authority.set_down(false);
    CHECK(wait_until([&] { return unstamped(gateway).empty(); }));
    gateway.stop();
    const auto verdict = verify(gateway, read_file(authority.anchor().string()));
    REQUIRE(verdict);
    CHECK(verdict->evidence.valid);
    CHECK(verdict->evidence.exchanges == 2);
    CHECK(verdict->seals.stamps_checked >= 1);
}

TEST_CASE("where it is set, calls are refused when a stamp is late, and answered again when it came", "[journey]") {
    const support::ScratchFolder folder;
    tsa::Server authority{{.folder = folder.path()}};
    authority.set_down(true);
    GatewayUnderTest gateway{stamped_by(authority.url(), authority.anchor().string(), 1)};
    CHECK(wait_until([&] { return gateway.platform().call(kMarket, gateway.body(kMarket)).status == 503; }));
    const auto readiness = gateway.admin("GET", "/readyz");
    CHECK(readiness.status == 503);
    CHECK_THAT(readiness.body, ContainsSubstring("time_stamps"));
    authority.set_down(false);
    CHECK(wait_until([&] { return gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200; }));
    CHECK(wait_until([&] { return gateway.admin("GET", "/readyz").status == 200; }));
}

namespace {

constexpr std::size_t kDisk = 4U << 20;

/// A file system of 4 MB for this process alone; false where nobody may mount.
bool mount_small(const std::string& folder) {
    std::filesystem::create_directories(folder);
    return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("none", folder.c_str(), "tmpfs", 0, "size=4m") == 0;
}

/// How long the quickest of some calls took that all must be refused with 503.
std::chrono::milliseconds quickest_refusal(GatewayUnderTest& gateway) {
    const Platform platform = gateway.platform();
    auto quickest = std::chrono::milliseconds{60'000};
    for (int i = 0; i < 8; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        const auto answer = platform.call(kMarket, gateway.body(kMarket));
        const auto took = std::chrono::steady_clock::now() - begun;
        CHECK(answer.status == 503);
        CHECK(json_of(answer).text_of("code") == "evidence_unavailable");
        quickest = std::min(quickest, std::chrono::duration_cast<std::chrono::milliseconds>(took));
    }
    return quickest;
}

}  // namespace

TEST_CASE("a real disk that fills ends readiness, then calls, loses no outcome, and serves again by itself",
          "[journey][security]") {
    const support::ScratchFolder folder;
    const std::string disk = folder / "disk";
    if (!mount_small(disk)) {
        std::cout << "NOT RUN: this machine lets nobody mount a file system of 4 MB\n";
        CHECK(std::getenv("DATONG_EVERY_CASE") == nullptr);
        return;
    }
    setenv("DATONG_EVIDENCE_DISK", (disk + "/evidence").c_str(), 1);
    {
        GatewayUnderTest gateway{{.change = [&disk](const std::string& config) {
            std::filesystem::create_directories(disk + "/evidence");
            replace_in(config + "/gateway.yaml", R"("${DATONG_EVIDENCE:-../evidence}")",
                       R"("${DATONG_EVIDENCE_DISK}")");
        }}};
        const auto fill = [&disk](const std::string& name, std::size_t octets) {
            std::ofstream{disk + '/' + name, std::ios::binary} << std::string(octets, 'x');
        };
        CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
        CHECK(gateway.admin("GET", "/readyz").status == 200);

        const auto room = [&disk] { return std::filesystem::space(disk).available; };
        REQUIRE(room() < kDisk);
        fill("much", room() - 350'000);  // under a tenth of it is left
        CHECK(wait_until([&] { return gateway.admin("GET", "/readyz").status == 503; }));
        CHECK_THAT(gateway.admin("GET", "/readyz").body, ContainsSubstring("evidence_space"));
        CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);

        std::size_t answered = 2;
        while (answered < 200) {  // filled to the end by calls
            const auto answer = gateway.platform().call(kMarket, gateway.body(kMarket));
            if (answer.status != 200) {
                CHECK(answer.status == 503);
                break;
            }
            ++answered;
        }
        CHECK(answered < 200);
        CHECK(quickest_refusal(gateway) < std::chrono::milliseconds{100});
        // nor is what is left used up by those who ask what there is, or may not have what they ask for
        const Platform platform = gateway.platform();
        CHECK(platform.send(platform.prepare_get("/v1/services")).status == 503);
        CHECK(gateway.platform("portal").call(kLand, gateway.body(kLand)).status == 503);
        fill("all", room());  // not even a refusal can be kept
        CHECK(quickest_refusal(gateway) < std::chrono::milliseconds{100});

        std::filesystem::remove(disk + "/all");
        std::filesystem::remove(disk + "/much");
        CHECK(wait_until([&] {
            const bool is_answered = gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200;
            answered += is_answered ? 1 : 0;
            return is_answered;
        }));
        CHECK(wait_until([&] { return gateway.admin("GET", "/readyz").status == 200; }));
        gateway.stop();
        const auto keys = codec::read_json(read_file(gateway.folder() + "/keys/trust.jwks"));
        const auto verdict = seals::verify_folder(disk + "/evidence", *keys);
        REQUIRE(verdict);
        CAPTURE(verdict->evidence.reason, verdict->evidence.number);
        CHECK(verdict->evidence.valid);
        CHECK(verdict->evidence.exchanges == answered);
        CHECK(verdict->evidence.open == 0);
    }
    ::umount(disk.c_str());
}

TEST_CASE("a budget smaller than the disk does the same", "[journey]") {
    GatewayUnderTest gateway{{.change = [](const std::string& config) {
        replace_in(config + "/gateway.yaml", "  stamp:\n",
                   "  budget: {max_bytes: 1048576, ready_percent: 2}\n  stamp:\n");
    }}};
    CHECK(wait_until([&] {
        (void)gateway.platform().call(kMarket, gateway.body(kMarket));
        return gateway.admin("GET", "/readyz").status == 503;
    }));
    CHECK_THAT(gateway.admin("GET", "/readyz").body, ContainsSubstring("evidence_space"));
    CHECK(gateway.platform().call(kMarket, gateway.body(kMarket)).status == 200);
}
