// Signed REST through the rest adapter and a mapping, evidence durable before the answer: the gateway
// process's own CPU a call, beside the machine's bare P-256.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <thread>

#include "bench/gateway.h"
#include "bench/load.h"
#include "bench/machine.h"
#include "bench/upstream.h"
#include "core/app/child.h"
#include "core/command_line/command_line.h"

namespace {

using namespace datong;
using bench::Bench;

/// Microseconds of one P-256 verification and one signature a core, by `openssl speed` on this machine now.
/// @param cores  how many work at the same time: cores that share their units are slower together, and
///               during the load client and department keep another core busy.
double bare_p256_us(unsigned cores) {
    const std::string many = cores > 1 ? " -multi " + std::to_string(cores) : std::string{};
    const std::string out = bench::output_of("openssl speed -seconds 4" + many + " ecdsap256 2>/dev/null | tail -1");
    std::istringstream words{out.substr(out.find(')') + 1)};
    std::string sign_s;
    std::string verify_s;
    double signs = 0;
    double verifies = 0;
    words >> sign_s >> verify_s >> signs >> verifies;
    return signs > 0 && verifies > 0 ? cores * (1e6 / signs + 1e6 / verifies) : 0;
}

bench::LoadPlan plan_of(const Bench& bench, int seconds) {
    return {.url = bench.url,
            .target = "/v1/services/business-licence",
            .body = bench.body,
            .ca_pem = bench::read_file(bench.folder + "/keys/ca.pem"),
            .key_pem = bench::read_file(bench.folder + "/keys/one-window.key.pem"),
            .keyid = "one-window-2026",
            .length = std::chrono::seconds{seconds}};
}

/// What the same run's bare P-256 took.
struct Reference {
    double alone_us;
    double busy_us;
};

/// A row of bench/RESULTS.md.
std::string report(const bench::LoadResult& full, const bench::LoadResult& half, double cpu_us,
                   const Reference& reference) {
    std::ostringstream out;
    out.setf(std::ios::fixed);
    out.precision(0);
    out << "| " << bench::today() << " | " << bench::machine() << " | " << full.latencies.size() << " in "
        << full.seconds << " s | " << cpu_us << " us | " << reference.alone_us << " / " << reference.busy_us << " us | "
        << 100 * reference.alone_us / cpu_us << " / " << 100 * reference.busy_us / cpu_us << " % | "
        << full.percentile(0.5) / 1000 << " / " << full.percentile(0.99) / 1000 << " ms | "
        << half.percentile(0.5) / 1000 << " / " << half.percentile(0.99) / 1000 << " ms | "
        << full.failures + half.failures << " |";
    return out.str();
}

/// Whether what is measured can be measured: that the project's configuration of today starts with what is left of it.
int run_try(const std::string& folder) {
    Bench bench{.folder = std::filesystem::absolute(folder).string()};
    const std::string sample = bench::read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
    const bench::Upstream upstream{sample};
    auto gateway = bench::prepare(bench, sample).and_then([&] { return bench::start_gateway(bench, upstream.url()); });
    if (!gateway) {
        std::cerr << gateway.error().detail() << '\n';
        return 1;
    }
    auto plan = plan_of(bench, 1);
    plan.least_calls = 10;
    const auto done = bench::run_load(plan);
    const bool good = done && done->failures == 0 && done->latencies.size() >= 10;
    std::cout << (good ? "calls are answered\n" : "calls fail\n");
    return good ? 0 : 1;
}

int run(const std::string& folder, int seconds, std::size_t connections) {
    Bench bench{.folder = std::filesystem::absolute(folder).string()};
    const std::string sample = bench::read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
    const bench::Upstream upstream{sample};
    auto gateway = bench::prepare(bench, sample).and_then([&] { return bench::start_gateway(bench, upstream.url()); });
    if (!gateway) {
        std::cerr << gateway.error().detail() << '\n';
        return 1;
    }
    const Reference reference{.alone_us = bare_p256_us(1),
                              .busy_us = bare_p256_us(std::thread::hardware_concurrency())};
    auto warm_up = plan_of(bench, 2);
    warm_up.least_calls = 500;
    (void)bench::run_load(warm_up);
    const double before = bench::cpu_seconds(bench.pid);
    auto at_full = plan_of(bench, seconds);
    at_full.connections = connections;
    const auto full = bench::run_load(at_full);
    const double used = bench::cpu_seconds(bench.pid) - before;
    auto at_half = plan_of(bench, std::max(5, seconds / 3));
    at_half.calls_a_second = full ? 0.5 * static_cast<double>(full->latencies.size()) / full->seconds : 1;
    at_half.connections = 64;
    const auto half = bench::run_load(at_half);
    if (!full || !half) {
        std::cerr << "the load could not run\n";
        return 1;
    }
    const double cpu_us = used * 1e6 / static_cast<double>(full->latencies.size());
    std::cout << "| date | machine | calls | gateway CPU a call | P-256 verify + sign, alone / all cores busy | of the "
                 "crypto limit | "
                 "full load p50 / "
                 "p99 | half load p50 / p99 | failures |\n|---|---|---|---|---|---|---|---|---|\n"
              << report(*full, *half, cpu_us, reference) << std::endl;
    return full->failures + half->failures == 0 ? 0 : 1;
}

/// One round: the market's calls at a steady rate, with or without 64 calls that hang at the land registry.
Result<bench::LoadResult> market_load(const Bench& bench, int seconds, bool hangs) {
    auto market = plan_of(bench, seconds);
    market.calls_a_second = 150;
    market.connections = 32;
    if (!hangs) {
        return bench::run_load(market);
    }
    auto land = plan_of(bench, seconds);
    land.target = "/v1/services/realestate-certificate";
    land.body = bench::land_body();
    land.connections = 64;
    land.least_calls = 0;
    land.length = std::chrono::seconds{1};  // one call each, which hangs for longer than the round
    std::thread hanging{[&land] { (void)bench::run_load(land); }};
    std::this_thread::sleep_for(std::chrono::seconds{1});  // until all of them hang
    auto result = bench::run_load(market);
    hanging.join();
    return result;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

/// What a department that hangs costs the others: A without, B with, in turn within one run.
int run_hang(const std::string& folder, int seconds, int rounds) {
    Bench bench{.folder = std::filesystem::absolute(folder).string()};
    const std::string sample = bench::read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
    if (auto prepared = bench::prepare(bench, sample); !prepared) {
        std::cerr << prepared.error().detail() << '\n';
        return 1;
    }
    bench::replace_in(bench, "/config/departments/land.yaml",
                      "limits: {in_flight: 4, call_ms: 3000, breaker_failures: 5",
                      "limits: {in_flight: 64, wait_ms: 9500, call_ms: 9500, breaker_failures: 10000");
    bench::replace_in(bench, "/config/services/realestate-certificate.yaml", "deadline_ms: 4000", "deadline_ms: 9500");
    const bench::Upstream upstream{sample};
    const bench::Upstream silent{sample, {.kind = bench::Habit::Kind::hangs}};
    auto gateway = bench::start_gateway(bench, upstream.url(), silent.url());
    if (!gateway) {
        std::cerr << gateway.error().detail() << '\n';
        return 1;
    }
    (void)market_load(bench, 3, false);
    std::vector<double> ratios;
    std::uint64_t failures = 0;
    std::cout << "| round | p50 / p99 without | p50 / p99 while 64 hang | p99 ratio |\n|---|---|---|---|\n";
    for (int round = 1; round <= rounds; ++round) {
        const auto without = market_load(bench, seconds, false);
        const auto with = market_load(bench, seconds, true);
        if (!without || !with) {
            std::cerr << "the load could not run\n";
            return 1;
        }
        failures += without->failures + with->failures;
        ratios.push_back(with->percentile(0.99) / without->percentile(0.99));
        std::printf("| %d | %.2f / %.2f ms | %.2f / %.2f ms | %.2f |\n", round, without->percentile(0.5) / 1000,
                    without->percentile(0.99) / 1000, with->percentile(0.5) / 1000, with->percentile(0.99) / 1000,
                    ratios.back());
        std::fflush(stdout);
    }
    std::printf("%s, %s: median ratio of p99 %.2f, %llu failures\n", bench::today().c_str(), bench::machine().c_str(),
                median(ratios), static_cast<unsigned long long>(failures));
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    datong::Command app{"datong-bench: signed REST through mapping, rest adapter and durable evidence"};
    std::string folder = "build/bench";
    int seconds = 60;
    std::size_t connections = 64;
    app.add_option("--folder", folder, "on a real disk; emptied first")->capture_default_str();
    app.add_option("--seconds", seconds, "of full load")->capture_default_str();
    app.add_option("--connections", connections, "kept alive, each with one call in flight")->capture_default_str();
    std::string part = "calls";
    int rounds = 7;
    app.add_option("--part", part,
                   "calls; hang: what one hanging department costs the others; try: a few calls, not measured")
        ->check(datong::one_of({"calls", "hang", "try"}))
        ->capture_default_str();
    app.add_option("--rounds", rounds, "of hang, each of --seconds without and with")->capture_default_str();
    if (const auto over = app.parse(argc, argv)) {
        return *over;
    }
    if (part == "hang") {
        return run_hang(folder, std::min(seconds, 7), rounds);
    }
    return part == "try" ? run_try(folder) : run(folder, seconds, connections);
}
