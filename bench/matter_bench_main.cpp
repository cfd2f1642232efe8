// One call for a matter beside its slowest department and beside single calls; and a service hall at nine o'clock.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "bench/gateway.h"
#include "bench/hall.h"
#include "bench/load.h"
#include "bench/machine.h"
#include "bench/upstream.h"
#include "core/command_line/command_line.h"

namespace {

using namespace datong;
using bench::Bench;
using bench::Habit;
using bench::Upstream;
using Departments = std::vector<std::unique_ptr<Upstream>>;

std::vector<std::string> urls_of(const Departments& departments) {
    std::vector<std::string> urls;
    for (const auto& one : departments) {
        urls.push_back(one->url());
    }
    return urls;
}

std::string sample() {
    return bench::read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
}

/// What of a run was asked for on the command line.
struct Asked {
    std::string folder;
    int seconds{};
    std::size_t in_flight{};
    bool may_be_late{};  ///< services say `slow`
    bool is_try{};       ///< only whether it starts and answers: times are not judged
};

std::string milliseconds(double ms) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f ms", ms);
    return text;
}

/// A gateway over these departments. @return nullopt: it does not start, and why is said.
std::optional<app::Child> start(Bench& bench, const Departments& departments, const std::string& limits,
                                const std::string& rest_of_service, const std::string& deadline_ms) {
    const std::string text = sample();
    auto gateway = bench::prepare(bench, text).and_then([&] {
        bench::add_departments(bench, urls_of(departments), limits, rest_of_service, deadline_ms);
        return bench::start_gateway(bench, "http://127.0.0.1:9");
    });
    if (!gateway) {
        std::cerr << gateway.error().detail() << '\n';
        return std::nullopt;
    }
    return std::move(*gateway);
}

/// Four departments of 40, 60, 80 and 100 ms.
constexpr int kFastestMs = 40;
constexpr int kSlowestMs = 100;
constexpr int kStepMs = 20;

bench::LoadPlan plan_of(const Bench& bench, const std::string& target, const std::string& holds, const Asked& asked) {
    return {.url = bench.url,
            .target = target,
            .body = target.starts_with("/v1/matters/") ? bench.matter_body : bench.body,
            .ca_pem = bench::read_file(bench.folder + "/keys/ca.pem"),
            .key_pem = bench::read_file(bench.folder + "/keys/one-window.key.pem"),
            .keyid = "one-window-2026",
            .connections = 8,
            .length = std::chrono::seconds{asked.seconds},
            .least_calls = 8,
            .answer_holds = holds};
}

/// One kind of call: how long it takes, and what of the gateway's processor.
struct Measured {
    double p50_ms{};
    double p95_ms{};
    double cpu_us{};
    std::size_t calls{};
    std::uint64_t failures{};
};

std::optional<Measured> measure(const Bench& bench, const bench::LoadPlan& plan) {
    auto warm_up = plan;
    warm_up.length = std::chrono::seconds{1};
    (void)bench::run_load(warm_up);
    const double before = bench::cpu_seconds(bench.pid);
    const auto result = bench::run_load(plan);
    const double used = bench::cpu_seconds(bench.pid) - before;
    if (!result) {
        std::cerr << result.error().detail() << '\n';
        return std::nullopt;
    }
    if (result->failures > 0) {
        std::cerr << plan.target << ": " << result->first_failure << '\n';
    }
    constexpr double kMicros = 1e6;
    return Measured{.p50_ms = result->percentile(0.5) / 1'000,
                    .p95_ms = result->percentile(0.95) / 1'000,
                    .cpu_us = used * kMicros / static_cast<double>(result->latencies.size()),
                    .calls = result->latencies.size(),
                    .failures = result->failures};
}

int run_four(const Asked& asked) {
    Bench bench{.folder = std::filesystem::absolute(asked.folder).string()};
    Departments departments;
    for (int ms = kFastestMs; ms <= kSlowestMs; ms += kStepMs) {
        departments.push_back(std::make_unique<Upstream>(sample(), Habit{.median = std::chrono::milliseconds{ms}}));
    }
    auto gateway = start(bench, departments, "in_flight: 64", "deadline_ms: 4000", "4000");
    if (!gateway) {
        return 1;
    }
    const std::string slowest = bench::added_department(departments.size() - 1);
    const auto single = measure(bench, plan_of(bench, "/v1/services/hall-" + slowest, R"("outcome":"found")", asked));
    const auto matter =
        measure(bench, plan_of(bench, "/v1/matters/hall-0/materials", R"("outcome":"found","requirements")", asked));
    if (!single || !matter) {
        return 1;
    }
    const double time_ratio = matter->p50_ms / kSlowestMs;
    const double cpu_ratio = matter->cpu_us / single->cpu_us;
    std::printf(
        "| date | machine | single call p50 / p95, CPU | matter of four p50 / p95, CPU | p50 / slowest department "
        "(<= 1.15) | CPU / single call's (<= 4) | failures |\n|---|---|---|---|---|---|---|\n"
        "| %s | %s | %zu: %.1f / %.1f ms, %.0f us | %zu: %.1f / %.1f ms, %.0f us | %.3f | %.2f | %llu |\n",
        bench::today().c_str(), bench::machine().c_str(), single->calls, single->p50_ms, single->p95_ms, single->cpu_us,
        matter->calls, matter->p50_ms, matter->p95_ms, matter->cpu_us, time_ratio, cpu_ratio,
        static_cast<unsigned long long>(single->failures + matter->failures));
    constexpr double kMostTime = 1.15;
    constexpr double kMostCpu = 4;
    const bool is_good = single->failures + matter->failures == 0;
    return is_good && (asked.is_try || (time_ratio <= kMostTime && cpu_ratio <= kMostCpu)) ? 0 : 1;
}

constexpr std::size_t kSources = 16;
constexpr std::size_t kHangs = 3;
constexpr std::size_t kResets = 11;

/// Median 300 ms, p99 4 s: ln(4000 / 300) over the normal distribution's 99th percentile.
Habit habit_of(std::size_t source, bool is_try) {
    constexpr double kSigma = 1.1135;
    return {.kind = source == kHangs    ? Habit::Kind::hangs
                    : source == kResets ? Habit::Kind::resets
                                        : Habit::Kind::answers,
            .median = std::chrono::milliseconds{is_try ? 3 : 300},
            .sigma = kSigma,
            .seed = static_cast<std::uint32_t>(source + 1)};
}

std::string list_of(const std::map<std::string, std::uint64_t>& counts) {
    std::string text;
    for (const auto& [name, count] : counts) {
        text += (text.empty() ? "" : ", ") + name + ' ' + std::to_string(count);
    }
    return text.empty() ? "none" : text;
}

std::size_t most_in_flight(const Departments& departments) {
    std::size_t most = 0;
    for (const auto& one : departments) {
        most = std::max(most, one->most_in_flight());
    }
    return most;
}

bench::HallPlan hall_plan(const Bench& bench, const Asked& asked) {
    bench::HallPlan plan{.url = bench.url,
                         .body = bench.matter_body,
                         .ca_pem = bench::read_file(bench.folder + "/keys/ca.pem"),
                         .key_pem = bench::read_file(bench.folder + "/keys/one-window.key.pem"),
                         .keyid = "one-window-2026",
                         .matters = kSources};
    for (std::size_t i = 0; i < kSources; ++i) {
        if (i != kHangs && i != kResets) {
            plan.honest.insert(bench::added_department(i));
        }
    }
    if (asked.is_try) {
        plan.windows = 12;
        plan.opening = std::chrono::milliseconds{500};
        plan.thinking = std::chrono::milliseconds{100};
    }
    return plan;
}

int judge_hall(const bench::HallResult& result, const Departments& departments, const Asked& asked) {
    const std::uint64_t honest_failed = [&result] {
        std::uint64_t all = 0;
        for (const auto& [code, count] : result.honest_failed) {
            all += count;
        }
        return all;
    }();
    const std::uint64_t honest = result.honest_found + result.honest_later + honest_failed;
    const double at_once = honest == 0 ? 0 : static_cast<double>(result.honest_found) / static_cast<double>(honest);
    const std::size_t most = most_in_flight(departments);
    std::cout
        << "| date | machine | calls | window p50 / p95 / p99 (p95 <= 3 s) | refused | honest materials answered at "
           "once (>= 95 %) | later | failed | of the two others | most in flight at a source, of its cap |\n"
           "|---|---|---|---|---|---|---|---|---|---|\n| "
        << bench::today() << " | " << bench::machine() << " | " << result.calls << " | "
        << milliseconds(result.percentile(0.5)) << " / " << milliseconds(result.percentile(0.95)) << " / "
        << milliseconds(result.percentile(0.99)) << " | " << list_of(result.refused) << " | " << result.honest_found
        << " of " << honest << " | " << result.honest_later << " | " << list_of(result.honest_failed) << " | "
        << list_of(result.others) << " | " << most << " of " << asked.in_flight << " |\n";
    constexpr double kMostMs = 3'000;
    constexpr double kLeastAtOnce = 0.95;
    const bool is_whole = result.refused.empty() && honest_failed == 0 && most <= asked.in_flight && honest > 0;
    const bool is_fast = result.percentile(0.95) <= kMostMs && at_once >= kLeastAtOnce;
    return is_whole && (asked.is_try || is_fast) ? 0 : 1;
}

int run_hall(const Asked& asked) {
    Bench bench{.folder = std::filesystem::absolute(asked.folder).string()};
    Departments departments;
    for (std::size_t i = 0; i < kSources; ++i) {
        departments.push_back(std::make_unique<Upstream>(sample(), habit_of(i, asked.is_try)));
    }
    const std::string limits = "in_flight: " + std::to_string(asked.in_flight) + ", wait_ms: 2500, call_ms: 12000";
    const std::string late = asked.may_be_late ? "\nslow: {question_s: 12, ask_again_s: 60, within_s: 3600}" : "";
    auto gateway = start(bench, departments, limits, "deadline_ms: 2800" + late, "2800");
    if (!gateway) {
        return 1;
    }
    const auto result = bench::run_hall(hall_plan(bench, asked));
    if (!result) {
        std::cerr << result.error().detail() << '\n';
        return 1;
    }
    return judge_hall(*result, departments, asked);
}

}  // namespace

int main(int argc, char** argv) {
    datong::Command app{
        "datong-matter-bench: a matter of four departments, and a hall of 231 windows; status 1 over a bar"};
    Asked asked{.folder = "build/matter-bench", .seconds = 20, .in_flight = 4, .may_be_late = true};
    std::string part = "four";
    app.add_option("--folder", asked.folder, "on a real disk; emptied first")->capture_default_str();
    app.add_option("--seconds", asked.seconds, "of each kind of call, of part four")->capture_default_str();
    app.add_option("--in-flight", asked.in_flight, "calls at once of every source, of part hall")
        ->capture_default_str();
    app.add_option("--late", asked.may_be_late, "of part hall: services say that they may be late")
        ->capture_default_str();
    app.add_option("--part", part, "four; hall; try: both, short and not measured")
        ->check(datong::one_of({"four", "hall", "try"}))
        ->capture_default_str();
    if (const auto over = app.parse(argc, argv)) {
        return *over;
    }
    if (part != "try") {
        return part == "four" ? run_four(asked) : run_hall(asked);
    }
    asked.is_try = true;
    asked.seconds = 1;
    const int four = run_four(asked);
    return four == 0 ? run_hall(asked) : four;
}
