#include "core/seals/anchor.h"

#include <filesystem>

#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::seals;
using seals::sample::SealedLog;

namespace {

Result<SealedVerdict> checked(const SealedLog& log, const Anchor& anchor) {
    return verify_folder(log.folder(), log.keys.jwks(), {.anchor = anchor});
}

/// A log whose seals go into a file, as they do in the gateway.
struct PublishedLog : SealedLog {
    support::ScratchFolder elsewhere;
    std::string file = elsewhere / "seal.json";

    void open_and_publish() {
        open();
        sealer->publish_by([this](const Anchor& anchor) { return write_anchor(file, anchor); });
    }
    [[nodiscard]] Anchor anchor() const {
        auto read = read_anchor(evidence::sample::read_file(file));
        REQUIRE(read);
        return std::move(*read);
    }
};

}  // namespace

TEST_CASE("the newest seal is published, and its folder has it", "[seals]") {
    PublishedLog log;
    log.open_and_publish();
    log.exchange("e1");
    log.seal();
    CHECK(log.anchor().seal == 3);
    log.exchange("e2");
    log.seal();
    CHECK(log.anchor().seal == 6);
    CHECK_FALSE(std::filesystem::exists(log.file + ".tmp"));
    log.exchange("e3");
    log.close();
    const auto verdict = checked(log, log.anchor());
    REQUIRE(verdict);
    CHECK(verdict->evidence.valid);
}

TEST_CASE("a folder that was rolled back or made anew is told by what was published", "[seals][security]") {
    PublishedLog log;
    log.open_and_publish();
    log.exchange("e1");
    log.seal();
    const auto before = evidence::sample::read_file(log.first_segment());
    log.exchange("e2");
    log.seal();
    log.close();
    const Anchor anchor = log.anchor();
    std::string reason;
    SECTION("an older copy, itself without a fault") {
        evidence::sample::write_file(log.first_segment(), before);
        CHECK(log.verdict().evidence.valid);
        reason = "anchor_missing";
    }
    SECTION("made anew by somebody who holds the gateway's key") {
        evidence::sample::write_file(log.first_segment(), "");
        std::filesystem::remove(log.first_segment());
        log.open();
        log.exchange("e7");
        log.exchange("e8");
        log.seal();
        log.exchange("e9");
        log.seal();
        log.close();
        CHECK(log.verdict().evidence.valid);
        reason = "anchor_differs";
    }
    const auto verdict = checked(log, anchor);
    REQUIRE(verdict);
    CHECK_FALSE(verdict->evidence.valid);
    CHECK(verdict->evidence.reason == reason);
    CHECK_FALSE(verdict->evidence.text_en.empty());
    CHECK(verdict->evidence.number == anchor.seal);
}

TEST_CASE("an anchor that the gateway did not sign is none", "[seals][security]") {
    PublishedLog log;
    log.open_and_publish();
    log.exchange("e1");
    log.seal();
    log.close();
    Anchor anchor = log.anchor();
    anchor.jws[anchor.jws.size() - 8] = anchor.jws[anchor.jws.size() - 8] == 'A' ? 'B' : 'A';
    const auto refused = checked(log, anchor);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault() == Fault::bad_request);
    for (const char* text : {"", "{}", R"({"seal":0,"jws":"x"})", R"({"seal":3})", "<html>"}) {
        CHECK_FALSE(read_anchor(text));
    }
}

TEST_CASE("what can't be published is published with the next round, and an event says so", "[seals]") {
    PublishedLog log;
    log.open();
    bool is_down = true;
    log.sealer->publish_by([&](const Anchor& anchor) {
        return is_down ? Status{fail(Fault::unavailable, "down")} : write_anchor(log.file, anchor);
    });
    log.notes(1);
    log.seal();
    CHECK(log.bench.sink->metrics().find("datong_seals_anchor_failures_total 1\n") != std::string::npos);
    is_down = false;
    log.seal();
    CHECK(log.anchor().seal == 2);
    CHECK_FALSE(write_anchor(log.elsewhere / "nowhere/seal.json", log.anchor()));
}
