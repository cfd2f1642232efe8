// Signed REST through the rest adapter and a mapping, evidence durable before the answer: the gateway
// process's own CPU a call, beside the machine's bare P-256.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <CLI/CLI.hpp>

#include "bench/load.h"
#include "bench/upstream.h"
#include "core/app/child.h"
#include "core/app/demo_keys.h"
#include "core/codec/json.h"

namespace {

using namespace datong;
namespace fs = std::filesystem;
using record::Record;

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

std::string output_of(const std::string& command) {
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
        out += buffer;
    }
    if (pipe != nullptr) {
        pclose(pipe);
    }
    return out;
}

/// Microseconds of one P-256 verification and one signature a core, by `openssl speed` on this machine now.
/// @param cores  how many work at the same time: cores that share their units are slower together, and
///               during the load client and department keep another core busy.
double bare_p256_us(unsigned cores) {
    const std::string many = cores > 1 ? " -multi " + std::to_string(cores) : std::string{};
    const std::string out = output_of("openssl speed -seconds 4" + many + " ecdsap256 2>/dev/null | tail -1");
    std::istringstream words{out.substr(out.find(')') + 1)};
    std::string sign_s;
    std::string verify_s;
    double signs = 0;
    double verifies = 0;
    words >> sign_s >> verify_s >> signs >> verifies;
    return signs > 0 && verifies > 0 ? cores * (1e6 / signs + 1e6 / verifies) : 0;
}

/// CPU seconds that a process has used, user and system. Source: proc(5), /proc/PID/stat fields 14 and 15.
double cpu_seconds(int pid) {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    std::istringstream words{stat.substr(stat.rfind(')') + 1)};
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        words >> skipped;
    }
    double user = 0;
    double system = 0;
    words >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

const char* kGrant = R"(datong: grant/v1
id: bench
consumer: one-window
services: [business-licence, realestate-certificate]
fields: ["*"]
purposes: [bench]
legal_basis: bench
territory: ["9999"]
case_required: false
valid_from: 2026-01-01
valid_to: 2099-12-31
)";

struct Bench {
    std::string folder;
    std::string url;
    std::string body;
    int pid{};
};

/// A call about somebody, with a query.
std::string body_about(const std::string& name, const std::string& id_type, const std::string& id_no, Record query) {
    Record subject = Record::object();
    subject.put("name", Record::text(name));
    subject.put("id_type", Record::text(id_type));
    subject.put("id_no", Record::text(id_no));
    Record who = Record::object();
    who.put("account", Record::text("bench"));
    who.put("division", Record::text("999901"));
    Record context = Record::object();
    context.put("purpose", Record::text("bench"));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record body = Record::object();
    body.put("context", std::move(context));
    body.put("query", std::move(query));
    return codec::write_json(body);
}

/// The first object below that has a unified social credit code.
const Record* find_company(const Record& at) {
    if (at.find("UNISCID") != nullptr) {
        return &at;
    }
    for (const record::Member& member : at.members()) {
        if (const Record* found = find_company(member.value); found != nullptr) {
            return found;
        }
    }
    for (const Record& item : at.items()) {
        if (const Record* found = find_company(item); found != nullptr) {
            return found;
        }
    }
    return nullptr;
}

/// A call about the company of the sample, to the market's registry.
std::string market_body(const std::string& sample) {
    const Record all = codec::read_json(sample).value_or(Record{});
    const Record* company = find_company(all);
    return company == nullptr
               ? std::string{}
               : body_about(company->text_of("ENTNAME"), "001", company->text_of("UNISCID"), Record::object());
}

/// Takes every file but these out of a folder.
void keep_only(const std::string& folder, const std::vector<std::string>& names) {
    std::vector<fs::path> others;
    for (const auto& entry : fs::directory_iterator{folder}) {
        if (std::find(names.begin(), names.end(), entry.path().filename().string()) == names.end()) {
            others.push_back(entry.path());
        }
    }
    for (const fs::path& other : others) {
        fs::remove(other);
    }
}

/// The project's own configuration with the departments that are asked here, and no others: whoever adds one changes
/// nothing that is measured.
void prepare_folder(const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder + "/evidence");
    fs::copy(DATONG_SOURCE_DIR "/config", folder + "/config", fs::copy_options::recursive);
    fs::copy(DATONG_SOURCE_DIR "/mappings", folder + "/mappings", fs::copy_options::recursive);
    keep_only(folder + "/config/departments", {"market.yaml", "land.yaml", "cases.yaml"});
    keep_only(folder + "/config/services", {"business-licence.yaml", "realestate-certificate.yaml"});
    keep_only(folder + "/config/matters", {});
    keep_only(folder + "/config/grants", {});
    std::ofstream{folder + "/config/grants/bench.yaml"} << kGrant;
    const std::string market = folder + "/config/departments/market.yaml";
    std::string text = read_file(market);
    const auto limit = text.find("in_flight: ");  // the agreed number of calls is not what is measured here
    const auto end = text.find_first_not_of("0123456789", limit + 11);
    text.replace(limit, end - limit, "in_flight: 512");
    std::ofstream{market} << text;
}

Result<app::Child> start_gateway(Bench& bench, const std::string& upstream,
                                 const std::string& land = "http://127.0.0.1:9") {
    const std::map<std::string, std::string> environment{
        {"DATONG_KEYS", bench.folder + "/keys"},
        {"DATONG_EVIDENCE", bench.folder + "/evidence"},
        {"DATONG_PORT", "0"},
        {"DATONG_ADMIN_PORT", "0"},
        {"DATONG_MARKET_URL", upstream},
        {"DATONG_PROVINCIAL_URL", "http://127.0.0.1:9"},
        {"DATONG_PROVINCIAL_APPKEY_FILE", bench.folder + "/keys/market.key.pem"},
        {"DATONG_LAND_URL", land},
        {"DATONG_CASES_URL", "http://127.0.0.1:9"},
        {"DATONG_ACCEPTANCE_URL", "http://127.0.0.1:9"}};
    const std::string ports = bench.folder + "/gateway.json";
    auto child =
        app::Child::start({app::program_folder() + "datong", "serve", "--config", bench.folder + "/config/gateway.yaml",
                           "--log", bench.folder + "/gateway.log", "--port-file", ports},
                          environment, bench.folder + "/gateway.out");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (child && child->running() && !fs::exists(ports) && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    const auto listening = codec::read_json(read_file(ports));
    if (!child || !listening) {
        return fail(Fault::unavailable, "the gateway did not start; see " + bench.folder + "/gateway.out");
    }
    bench.url = "https://127.0.0.1:" + listening->text_of("port");
    bench.pid = child->pid();
    return child;
}

bench::LoadPlan plan_of(const Bench& bench, int seconds) {
    return {.url = bench.url,
            .target = "/v1/services/business-licence",
            .body = bench.body,
            .ca_pem = read_file(bench.folder + "/keys/ca.pem"),
            .key_pem = read_file(bench.folder + "/keys/one-window.key.pem"),
            .keyid = "one-window-2026",
            .length = std::chrono::seconds{seconds}};
}

std::string machine() {
    const std::string model = output_of("grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | sed 's/^ *//'");
    return model.substr(0, model.find('\n')) + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d", std::localtime(&now));
    return text;
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
    out << "| " << today() << " | " << machine() << " | " << full.latencies.size() << " in " << full.seconds << " s | "
        << cpu_us << " us | " << reference.alone_us << " / " << reference.busy_us << " us | "
        << 100 * reference.alone_us / cpu_us << " / " << 100 * reference.busy_us / cpu_us << " % | "
        << full.percentile(0.5) / 1000 << " / " << full.percentile(0.99) / 1000 << " ms | "
        << half.percentile(0.5) / 1000 << " / " << half.percentile(0.99) / 1000 << " ms | "
        << full.failures + half.failures << " |";
    return out.str();
}

int run(const std::string& folder, int seconds, std::size_t connections) {
    Bench bench{.folder = fs::absolute(folder).string()};
    prepare_folder(bench.folder);
    if (auto keys = app::make_demo_keys(bench.folder + "/keys"); !keys) {
        std::cerr << keys.error().detail() << '\n';
        return 1;
    }
    const std::string sample = read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
    bench.body = market_body(sample);
    const bench::Upstream upstream{sample};
    auto gateway = start_gateway(bench, upstream.url());
    if (!gateway) {
        std::cerr << gateway.error().detail() << '\n';
        return 1;
    }
    const Reference reference{.alone_us = bare_p256_us(1),
                              .busy_us = bare_p256_us(std::thread::hardware_concurrency())};
    auto warm_up = plan_of(bench, 2);
    warm_up.least_calls = 500;
    (void)bench::run_load(warm_up);
    const double before = cpu_seconds(bench.pid);
    auto at_full = plan_of(bench, seconds);
    at_full.connections = connections;
    const auto full = bench::run_load(at_full);
    const double used = cpu_seconds(bench.pid) - before;
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

/// A call about the demo's person, to the land registry.
std::string land_body() {
    Record query = Record::object();
    query.put("divisionCode", Record::text("999901"));
    return body_about("示例甲", "111", "999901199001010010", std::move(query));
}

/// Puts text in place of the first of its kind in a file below the bench's folder.
void replace_in(const Bench& bench, const std::string& file, const std::string& from, const std::string& to) {
    const std::string path = bench.folder + file;
    std::string text = read_file(path);
    if (const auto at = text.find(from); at != std::string::npos) {
        text.replace(at, from.size(), to);
    }
    std::ofstream{path} << text;
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
    land.body = land_body();
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
    Bench bench{.folder = fs::absolute(folder).string()};
    prepare_folder(bench.folder);
    replace_in(bench, "/config/departments/land.yaml", "limits: {in_flight: 4, call_ms: 3000, breaker_failures: 5",
               "limits: {in_flight: 64, wait_ms: 9500, call_ms: 9500, breaker_failures: 10000");
    replace_in(bench, "/config/services/realestate-certificate.yaml", "deadline_ms: 4000", "deadline_ms: 9500");
    if (auto keys = app::make_demo_keys(bench.folder + "/keys"); !keys) {
        std::cerr << keys.error().detail() << '\n';
        return 1;
    }
    const std::string sample = read_file(DATONG_SOURCE_DIR "/mappings/samples/market-01.json");
    bench.body = market_body(sample);
    const bench::Upstream upstream{sample};
    const bench::SilentUpstream silent;
    auto gateway = start_gateway(bench, upstream.url(), silent.url());
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
    std::printf("%s, %s: median ratio of p99 %.2f, %llu failures\n", today().c_str(), machine().c_str(), median(ratios),
                static_cast<unsigned long long>(failures));
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"datong-bench: signed REST through mapping, rest adapter and durable evidence"};
    std::string folder = "build/bench";
    int seconds = 60;
    std::size_t connections = 64;
    app.add_option("--folder", folder, "on a real disk; emptied first")->capture_default_str();
    app.add_option("--seconds", seconds, "of full load")->capture_default_str();
    app.add_option("--connections", connections, "kept alive, each with one call in flight")->capture_default_str();
    std::string part = "calls";
    int rounds = 7;
    app.add_option("--part", part, "calls, or hang: what one hanging department costs the others")
        ->check(CLI::IsMember({"calls", "hang"}))
        ->capture_default_str();
    app.add_option("--rounds", rounds, "of hang, each of --seconds without and with")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    if (part == "hang") {
        return run_hang(folder, std::min(seconds, 7), rounds);
    }
    return run(folder, seconds, connections);
}
