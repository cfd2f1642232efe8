#include "core/seals/sealer.h"

#include <chrono>
#include <functional>
#include <thread>

#include "tests/core/seals/sealed_log.h"
#include "tests/support/catch.h"

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

bool has_metric(const SealedLog& log, const std::string& line) {
    return log.bench.sink->metrics().find(line + '\n') != std::string::npos;
}

}  // namespace

TEST_CASE("an empty log is not sealed, and one in which nothing happens is not sealed again", "[seals]") {
    SealedLog log;
    log.open();
    log.seal();
    CHECK(log.bench.log->durable() == 0);
    log.notes(1);
    log.seal();
    CHECK(log.bench.log->durable() == 2);
    log.seal();
    log.seal();
    CHECK(log.bench.log->durable() == 2);
    log.close();
    log.open();
    log.seal();
    CHECK(log.bench.log->durable() == 2);
    log.notes(1);
    log.seal();
    CHECK(log.verdict().seals.sealed == 3);
}

TEST_CASE("a log that changes its hash is sealed over the change, and verifies whole", "[seals][security]") {
    SealedLog log;
    log.open();
    log.exchange("e1");
    log.close();
    log.bench.settings.hash = evidence::ChainHash::sm3;
    log.open();
    log.exchange("e2");
    log.seal();  // one seal over both: its tree is of the first record's hash, its head of the last one's
    log.exchange("e3");
    log.seal();
    log.close();
    const auto verdict = log.verdict();
    CAPTURE(verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals == 2);
    const auto payloads = evidence::sample::payloads(log.bench.folder.file(3));
    REQUIRE(payloads.size() == 6);
    CHECK(payloads[2].find("\"hash\"") == std::string::npos);
    CHECK(payloads[5].find(R"("hash":"sm3")") != std::string::npos);
}

TEST_CASE("seals that fill a whole seal's records do not stop what comes after them from being sealed", "[seals]") {
    const auto records = GENERATE(as<std::uint64_t>{}, 1, 2, 3);
    CAPTURE(records);
    SealedLog log;
    log.settings.records = records;
    log.open();
    for (std::uint64_t i = 0; i < records * records; ++i) {
        log.notes(1);
    }
    log.seal();  // one seal for so many records: their seals fill whole windows
    log.notes(1);
    log.seal();
    const auto behind_seals = log.bench.log->durable();
    log.notes(1);
    log.seal();
    CHECK(log.bench.log->durable() > behind_seals + 1);
    log.close();
    const auto verdict = log.verdict();
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.sealed >= behind_seals + 1);
}

TEST_CASE("every so often what is there is sealed, without being told", "[seals]") {
    SealedLog log;
    log.settings.every = std::chrono::milliseconds{5};
    log.open();
    log.sealer->start();
    log.notes(1);
    CHECK(eventually([&] { return has_metric(log, "datong_seals_seals_total 1"); }));
    log.notes(1);
    CHECK(eventually([&] { return has_metric(log, "datong_seals_seals_total 2"); }));
    log.close();
    CHECK(log.verdict().seals.seals == 2);
}

TEST_CASE("so many records are sealed before their time has come", "[seals]") {
    SealedLog log;
    log.settings.every = std::chrono::hours{1};
    log.settings.records = 10;
    log.open();
    log.notes(1);
    log.close();
    log.open();
    log.sealer->start();
    CHECK(eventually([&] { return has_metric(log, "datong_seals_seals_total 1"); }));  // of an earlier run
    log.notes(25);
    CHECK(eventually([&] { return has_metric(log, "datong_seals_seals_total 3"); }));
    log.close();
    CHECK(log.verdict().seals.sealed == 21);
}

TEST_CASE("what an earlier run left is sealed at the start, by as many seals as it takes", "[seals]") {
    SealedLog log;
    log.bench.settings.segment_bytes = 3'000;
    log.settings.records = 20;
    log.open();
    log.notes(7);
    log.seal();
    log.notes(90);
    log.close();
    log.open();
    log.seal();
    log.close();
    const auto verdict = log.verdict();
    CAPTURE(verdict.evidence.reason);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals == 6);
    CHECK(verdict.seals.sealed == 98);
    CHECK(verdict.seals.unsealed == 0);
}

TEST_CASE("a seal that the disk does not take is made later, and none is missing", "[seals]") {
    SealedLog log;
    log.open();
    log.notes(3);
    log.bench.faults->fail_append = log.bench.faults->appends + 1;
    CHECK_FALSE(log.sealer->finish());
    CHECK(has_metric(log, "datong_seals_failures_total 1"));
    log.notes(2);
    log.seal();
    log.close();
    const auto verdict = log.verdict();
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals == 1);
    CHECK(verdict.seals.sealed == 5);
}

TEST_CASE("sealing beside many writers covers every record once", "[seals]") {
    SealedLog log;
    log.bench.settings.segment_bytes = 50'000;
    log.bench.settings.spacing = std::chrono::microseconds{0};
    log.settings.every = std::chrono::milliseconds{2};
    log.settings.records = 50;
    log.open();
    log.sealer->start();
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&log] {
            for (int i = 0; i < 300; ++i) {
                (void)log.bench.log->append_now(codec::write_json(evidence::sample::note(i)));
            }
        });
    }
    writers.clear();
    log.seal();
    log.close();
    const auto verdict = log.verdict();
    CAPTURE(verdict.evidence.reason, verdict.evidence.number);
    CHECK(verdict.evidence.valid);
    CHECK(verdict.seals.seals >= 12);
    CHECK(verdict.evidence.records == 1'200 + verdict.seals.seals);
    CHECK(verdict.seals.unsealed == 0);
}
