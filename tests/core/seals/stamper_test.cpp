#include "core/seals/stamper.h"

#include <atomic>
#include <functional>
#include <thread>

#include "examples/tsa/authority.h"
#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::seals;
using seals::sample::SealedLog;

namespace {

bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!condition() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    return condition();
}

/// Two authorities by openssl ts, one or both out of order when a test says so.
struct Authorities {
    support::ScratchFolder folder;
    tsa::Authority first{{.folder = folder / "first"}};
    tsa::Authority second{{.folder = folder / "second", .policy = "1.2.3.4.2"}};
    std::atomic<bool> is_first_down{};
    std::atomic<bool> is_second_down{};
    std::atomic<int> asked{};

    [[nodiscard]] std::string anchor_of(const tsa::Authority& one) const {
        return evidence::sample::read_file(one.anchor().string());
    }
    [[nodiscard]] std::vector<Authority> list() const {
        return {{.url = "first", .trust = {.anchors = {anchor_of(first)}}},
                {.url = "second", .trust = {.anchors = {anchor_of(second)}, .policy = "1.2.3.4.2"}}};
    }
    [[nodiscard]] Result<std::string> ask(const std::string& url, const std::string& request) {
        ++asked;
        if (url == "first" ? is_first_down : is_second_down) {
            return fail(Fault::unavailable, "down");
        }
        const auto reply = (url == "first" ? first : second).reply(request);
        return reply ? Result<std::string>{*reply} : fail(Fault::unavailable, "no reply");
    }
};

struct StampedLog : SealedLog {
    Authorities authorities;
    std::unique_ptr<Stamper> stamper;

    void open_all(std::uint64_t from = 1) {
        stamper.reset();
        // the authority's clock is the system's, so the log's must be too
        bench.clock.advance(std::chrono::system_clock::now() - bench.clock.now());
        open();
        stamper = std::make_unique<Stamper>(
            StamperSettings{.folder = folder(),
                            .authorities = authorities.list(),
                            .retry = std::chrono::milliseconds{5},
                            .refuse_after = std::chrono::seconds{600},
                            .from = from},
            *bench.log,
            [this](const std::string& url, const std::string& request) { return authorities.ask(url, request); },
            bench.clock, *bench.sink);
    }
    void close_all() {
        stamper.reset();
        close();
    }
    [[nodiscard]] SealedVerdict checked(std::vector<StampTrust> trust) const {
        auto found = verify_folder(folder(), keys.jwks(), {.stamps = std::move(trust)});
        REQUIRE(found);
        return std::move(*found);
    }
    [[nodiscard]] std::vector<StampTrust> trust() const {
        return {{.anchors = {authorities.anchor_of(authorities.first)}},
                {.anchors = {authorities.anchor_of(authorities.second)}}};
    }
};

}  // namespace

TEST_CASE("every seal gets its stamp, and the stamps verify", "[seals]") {
    StampedLog log;
    log.open_all();
    CHECK(log.stamper->stamp_now());
    CHECK(log.stamper->stamped() == 0);
    for (int i = 0; i < 3; ++i) {
        log.notes(2);
        log.seal();
    }
    REQUIRE(log.stamper->stamp_now());
    CHECK(log.stamper->unstamped() == 0);
    log.close_all();
    const auto verdict = log.checked(log.trust());
    CAPTURE(verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals == 3);
    CHECK(verdict.seals.stamped == 3);
    CHECK(verdict.seals.stamps_checked == 3);
    SECTION("without an authority that is trusted they are counted only") {
        const auto uncounted = log.checked({});
        CHECK(uncounted.evidence.valid);
        CHECK(uncounted.seals.stamped == 3);
        CHECK(uncounted.seals.stamps_checked == 0);
    }
    SECTION("by another authority they are refused") {
        const auto others = log.checked({{.anchors = {log.authorities.anchor_of(log.authorities.second)}}});
        CHECK_FALSE(others.evidence.valid);
        CHECK(others.evidence.reason == "stamp_token");
        CHECK(others.evidence.number == 10);
    }
}

TEST_CASE("while no authority answers seals stand unstamped, and are caught up when one does", "[seals]") {
    StampedLog log;
    log.authorities.is_first_down = true;
    log.authorities.is_second_down = true;
    log.open_all();
    log.stamper->start();
    log.notes(1);
    log.seal();
    log.notes(1);
    log.seal();
    CHECK(eventually([&] { return log.stamper->unstamped() == 2 && log.authorities.asked >= 4; }));
    CHECK_FALSE(log.stamper->is_overdue());
    CHECK(log.bench.append(evidence::sample::note(7)) > 0);  // nobody else is kept waiting
    log.bench.clock.advance(std::chrono::minutes{11});
    CHECK(log.stamper->is_overdue());
    log.bench.clock.advance(-std::chrono::minutes{11});
    CHECK(log.bench.sink->metrics().find("datong_seals_unstamped_seals 2\n") != std::string::npos);
    CHECK(log.bench.sink->metrics().find("datong_seals_stamp_failures_total 1\n") != std::string::npos);
    SECTION("the same run") {
        log.authorities.is_second_down = false;
        CHECK(eventually([&] { return log.stamper->unstamped() == 0 && log.stamper->stamped() == 4; }));
    }
    SECTION("the next one") {
        log.close_all();
        log.authorities.is_second_down = false;
        log.open_all();
        REQUIRE(log.stamper->stamp_now());
    }
    log.close_all();
    const auto verdict = log.checked(log.trust());
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.stamps_checked == 2);
}

TEST_CASE("a seal of a clock that was ahead holds up none behind it", "[seals]") {
    constexpr auto kAhead = std::chrono::hours{87'600};
    StampedLog log;
    log.open_all();
    log.sealer->follow([&log] { return log.stamper->stamped(); });
    log.notes(1);
    log.bench.clock.advance(kAhead);
    log.seal();  // 2
    log.notes(1);
    log.seal();  // 4
    log.bench.clock.advance(-kAhead);
    CHECK_FALSE(log.stamper->stamp_now());
    CHECK(log.authorities.asked == 2);  // both of the first seal, and none of the second, which is later still
    CHECK(log.stamper->unstamped() == 2);
    CHECK(log.stamper->stamped() == 0);
    CHECK_FALSE(log.stamper->is_overdue());  // nor does it close the gateway for ten years
    log.notes(1);
    log.seal();  // 6
    SECTION("the one behind is stamped, and they are given up") {
        CHECK_FALSE(log.stamper->stamp_now());  // it says that they were passed over
        CHECK(log.stamper->unstamped() == 0);
        CHECK(log.stamper->stamped() == 6);
        REQUIRE(log.stamper->stamp_now());
        CHECK_FALSE(log.stamper->is_overdue());
    }
    SECTION("the one behind is overdue where no authority answers") {
        log.authorities.is_first_down = true;
        log.authorities.is_second_down = true;
        CHECK_FALSE(log.stamper->stamp_now());
        CHECK(log.stamper->unstamped() == 3);
        CHECK_FALSE(log.stamper->is_overdue());
        log.bench.clock.advance(std::chrono::minutes{11});
        CHECK(log.stamper->is_overdue());
        log.bench.clock.advance(-std::chrono::minutes{11});
        log.authorities.is_second_down = false;
        CHECK_FALSE(log.stamper->stamp_now());
        CHECK(log.stamper->unstamped() == 0);
    }
    log.notes(1);
    log.seal();  // behind the stamp
    log.close_all();
    log.open_all();
    CHECK(log.sealer->stamped() == 6);
    log.open_all(log.sealer->stamped() + 1);
    REQUIRE(log.stamper->stamp_now());  // what was given up is not asked for again
    log.close_all();
    const auto verdict = log.checked(log.trust());
    CAPTURE(verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals == 4);
    CHECK(verdict.seals.stamps_checked == 2);
}

TEST_CASE("a restart stamps what has none, and nothing twice", "[seals]") {
    StampedLog log;
    log.open_all();
    log.notes(1);
    log.seal();
    REQUIRE(log.stamper->stamp_now());
    log.authorities.is_first_down = true;
    log.authorities.is_second_down = true;
    log.notes(1);
    log.sealer->follow([&log] { return log.stamper->stamped(); });
    log.seal();
    CHECK_FALSE(log.stamper->stamp_now());
    log.close_all();
    log.authorities.is_first_down = false;
    log.open_all();
    CHECK(log.sealer->stamped() == 2);
    log.open_all(log.sealer->stamped() + 1);
    REQUIRE(log.stamper->stamp_now());
    log.close_all();
    const auto verdict = log.checked(log.trust());
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.stamped == 2);
    CHECK(verdict.evidence.records == 6);
}

TEST_CASE("an answer that does not hold is no stamp", "[seals][security]") {
    StampedLog log;
    log.open_all();
    std::function<Result<std::string>(const std::string&)> answer;
    log.stamper = std::make_unique<Stamper>(
        StamperSettings{.folder = log.folder(), .authorities = {log.authorities.list().front()}}, *log.bench.log,
        [&answer](const std::string&, const std::string& request) { return answer(request); }, log.bench.clock,
        *log.bench.sink);
    log.notes(1);
    log.seal();
    std::string before;
    SECTION("of another authority") {
        answer = [&log](const std::string& request) { return log.authorities.second.reply(request).value(); };
    }
    SECTION("that was given before") {
        answer = [&](const std::string& request) {
            before = before.empty() ? log.authorities.first.reply(request).value() : before;
            return before;
        };
        log.bench.faults->fail_append = log.bench.faults->appends + 1;  // the first one gets lost
        CHECK_FALSE(log.stamper->stamp_now());
    }
    SECTION("a page") {
        answer = [](const std::string&) { return std::string{"<html>maintenance</html>"}; };
    }
    SECTION("by a clock that is behind") {
        log.bench.clock.advance(std::chrono::hours{1});
        log.notes(1);
        log.seal();
        answer = [&log](const std::string& request) { return log.authorities.first.reply(request).value(); };
        CHECK_FALSE(log.stamper->stamp_now());
        CHECK(log.stamper->unstamped() == 1);
        return;
    }
    CHECK_FALSE(log.stamper->stamp_now());
    CHECK(log.stamper->unstamped() == 1);
    CHECK(log.stamper->stamped() == 0);
}

TEST_CASE("a stamp that was altered, moved or brought twice breaks the folder", "[seals][security]") {
    StampedLog log;
    log.open_all();
    log.notes(1);
    log.seal();
    log.notes(1);
    log.seal();
    REQUIRE(log.stamper->stamp_now());  // 5 is the stamp of seal 2, 6 that of seal 4
    log.close_all();
    auto payloads = evidence::sample::payloads(log.first_segment());
    REQUIRE(payloads.size() == 6);
    const auto replace = [](std::string& text, const std::string& what, const std::string& with) {
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), with);
    };
    std::string reason;
    SECTION("altered") {
        const auto at = payloads[4].rfind("\",\"durable\"") - 20;
        payloads[4][at] = payloads[4][at] == 'A' ? 'B' : 'A';
        reason = "stamp_token";
    }
    SECTION("of another seal") {
        std::swap(payloads[4], payloads[5]);
        replace(payloads[4], R"("seal":4)", R"("seal":2)");
        replace(payloads[5], R"("seal":2)", R"("seal":4)");
        reason = "stamp_token";
    }
    SECTION("of no seal") {
        replace(payloads[4], R"("seal":2)", R"("seal":3)");
        reason = "stamp_seal";
    }
    SECTION("twice") {
        payloads.insert(payloads.begin() + 5, payloads[4]);
        reason = "stamp_seal";
    }
    SECTION("without a token") {
        replace(payloads[4], R"("token")", R"("tokem")");
        reason = "stamp_unreadable";
    }
    seals::sample::forge(log, payloads);
    const auto verdict = log.checked(log.trust());
    CHECK_FALSE(verdict.evidence.valid);
    CHECK(verdict.evidence.reason == reason);
    CHECK_FALSE(verdict.evidence.text_en.empty());
}
