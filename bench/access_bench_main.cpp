// A city's grants: how long ten thousand approved ones and the item library take to load, and one decision.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "bench/machine.h"
#include "core/app/configuration.h"
#include "core/app/demo_keys.h"
#include "core/base/text.h"
#include "core/catalogue/granting.h"
#include "core/command_line/command_line.h"
#include "core/crypto/digest.h"
#include "core/items/rows.h"
#include "core/items/shelf.h"
#include "tests/core/items/generated_library.h"

namespace {

using namespace datong;
namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr int kConsumers = 200;
constexpr int kPurposes = 25;
constexpr std::array<const char*, 2> kServices{"business-licence", "realestate-certificate"};
constexpr std::array<const char*, 4> kFields{"/name", "/uscc", "/status", "/establishedDate"};

/// How long something took: by the clock, and of this program's processor time, which is what is judged: what else runs
/// on the machine only adds to the clock.
struct Took {
    double wall_ms{};
    double cpu_ms{};
};

class Stopwatch {
public:
    [[nodiscard]] Took took() const {
        constexpr double kMillis = 1'000;
        return {.wall_ms = std::chrono::duration<double, std::milli>{Steady::now() - start_}.count(),
                .cpu_ms = static_cast<double>(std::clock() - cpu_) * kMillis / CLOCKS_PER_SEC};
    }

private:
    Steady::time_point start_ = Steady::now();
    std::clock_t cpu_ = std::clock();
};

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void keep_only(const std::string& folder, const std::vector<std::string>& names) {
    std::vector<fs::path> others;
    for (const auto& entry : fs::directory_iterator{folder}) {
        if (std::ranges::find(names, entry.path().filename().string()) == names.end()) {
            others.push_back(entry.path());
        }
    }
    std::ranges::for_each(others, [](const fs::path& one) { fs::remove(one); });
}

/// Two departments of the project's own configuration, and as many consumers as a city has.
void prepare_folder(const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder + "/state/grants");
    fs::create_directories(folder + "/evidence");
    fs::copy(DATONG_SOURCE_DIR "/config", folder + "/config", fs::copy_options::recursive);
    fs::copy(DATONG_SOURCE_DIR "/mappings", folder + "/mappings", fs::copy_options::recursive);
    keep_only(folder + "/config/departments", {"market.yaml", "land.yaml", "cases.yaml"});
    keep_only(folder + "/config/services", {"business-licence.yaml", "realestate-certificate.yaml"});
    keep_only(folder + "/config/matters", {});
    keep_only(folder + "/config/grants", {});
    fs::remove(folder + "/config/licences.yaml");  // it names services that are not here
    for (int i = 0; i < kConsumers; ++i) {
        const std::string id = "bureau-" + std::to_string(i);
        std::ofstream{folder + "/config/consumers/" + id + ".yaml"}
            << "datong: consumer/v1\nid: " << id << "\ntitle: 示例单位\nkeys: [{id: " << id << "-2026, file: ../keys/"
            << id << ".pub.pem}]\n";
    }
    for (const auto& [name, value] :
         {std::pair{"DATONG_KEYS", folder + "/keys"}, std::pair{"DATONG_EVIDENCE", folder + "/evidence"},
          std::pair{"DATONG_PROVINCIAL_APPKEY_FILE", folder + "/keys/market.key.pem"}}) {
        ::setenv(name, value.c_str(), 1);
    }
    for (const char* name : {"DATONG_MARKET_URL", "DATONG_PROVINCIAL_URL", "DATONG_LAND_URL", "DATONG_CASES_URL",
                             "DATONG_ACCEPTANCE_URL"}) {
        ::setenv(name, "http://127.0.0.1:9", 1);
    }
}

/// Those of the demo, and one for each consumer.
Status make_keys(const std::string& folder) {
    if (auto made = app::make_demo_keys(folder); !made) {
        return made;
    }
    for (int i = 0; i < kConsumers; ++i) {
        const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
        const auto pem = key ? key->public_pem() : fail(key.error());
        if (!pem) {
            return fail(pem.error());
        }
        std::ofstream{folder + "/bureau-" + std::to_string(i) + ".pub.pem"} << *pem;
    }
    return {};
}

policy::Grant grant_of(int n) {
    policy::Grant grant;
    grant.id = "a-2026-" + std::to_string(100'000 + n);
    grant.consumer = "bureau-" + std::to_string(n % kConsumers);
    grant.services = {kServices[static_cast<std::size_t>(n / kConsumers) % kServices.size()]};
    grant.fields = grant.services.front() == kServices[0]
                       ? std::vector<std::string>{kFields.begin(), kFields.end()}
                       : std::vector<std::string>{"/certificateNumber", "/holders/*/name"};
    grant.see_sensitive = grant.services.front() == kServices[0] ? "" : "登记须核对权属";
    grant.purposes = {"purpose-" + std::to_string(n / kConsumers / 2 % kPurposes)};
    grant.legal_basis = "政务数据共享条例（国务院令第809号）";
    grant.territory = {"9999"};
    grant.quota = policy::Quota{.calls = 600, .seconds = 3'600};
    grant.valid_from = {2026, 1, 1};
    grant.valid_to = {2027, 12, 31};
    grant.approval.application = grant.id;
    grant.approval.stage = "production";
    grant.approval.approved_by = {"market-li", "security-qian"};
    grant.approval.at = "2026-03-02T10:00:00.000+08:00";
    return grant;
}

/// As approvals leave them, but for the disk's leave: it is the load that is measured.
Status write_grants(const std::string& folder, int count) {
    const auto key = crypto::SigningKey::from_pem(read_file(folder + "/keys/gateway.key.pem"));
    if (!key) {
        return fail(key.error());
    }
    const std::string grants = folder + "/state/grants/";
    fs::remove_all(grants);
    fs::create_directories(grants);
    catalogue::Roll roll{.gateway = "shili", .number = 1, .at = "2026-03-02T10:00:00.000+08:00", .grants = {}};
    for (int i = 0; i < count; ++i) {
        const policy::Grant grant = grant_of(i);
        const std::string text = catalogue::to_yaml(grant);
        std::ofstream{grants + grant.id + ".yaml"} << text;
        roll.grants.emplace(grant.id + ".yaml", to_hex(crypto::sha256(text)));
    }
    const auto jws = catalogue::sign_roll(roll, "gateway-2026", *key);
    if (!jws) {
        return fail(jws.error());
    }
    std::ofstream{grants + std::string{catalogue::kRollFile}} << *jws;
    return {};
}

/// Nanoseconds of one decision, good ones and refusals in turn.
double decision_ns(const catalogue::Snapshot& snapshot, int grants) {
    constexpr int kDecisions = 1'000'000;
    std::vector<policy::Grant> asked_for;
    for (int i = 0; i < grants; i += 7) {
        asked_for.push_back(grant_of(i));
    }
    std::size_t permitted = 0;
    const Stopwatch stopwatch;
    for (int i = 0; i < kDecisions; ++i) {
        const policy::Grant& wanted = asked_for[static_cast<std::size_t>(i) % asked_for.size()];
        const bool is_good = i % 4 != 0;
        permitted += snapshot.granted
                             .permit({.consumer = wanted.consumer,
                                      .service = wanted.services.front(),
                                      .purpose = is_good ? std::string_view{wanted.purposes.front()} : "curiosity",
                                      .division = "999901001",
                                      .today = {2026, 11, 30}})
                             .has_value()
                         ? 1
                         : 0;
    }
    const double ns = stopwatch.took().cpu_ms * 1e6 / kDecisions;
    if (permitted != kDecisions / 4 * 3) {
        std::cerr << "decisions are wrong: " << permitted << " permitted\n";
        return -1;
    }
    return ns;
}

Status put_library(const std::string& folder) {
    const tests::GeneratedTables tables = tests::generate_tables();
    std::vector<items::Broken> broken;
    const auto tasks = items::read_rows(tables.tasks, "tasks.csv", broken);
    const auto materials = items::read_rows(tables.materials, "materials.csv", broken);
    if (!tasks || !materials) {
        return fail(Fault::internal, "the generated tables can't be read");
    }
    const auto put = items::Shelf{folder + "/state/items"}.put(items::gather(*tasks, *materials, broken), 0, "now");
    return put ? Status{} : fail(put.error());
}

/// To read the library back; nothing: it is not what was put there.
Took items_took(const std::string& folder) {
    const items::Shelf shelf{folder + "/state/items"};
    const Stopwatch stopwatch;
    const auto library = shelf.read(1);
    return library && library->size() == tests::kItems ? stopwatch.took() : Took{};
}

/// What one load of the configuration took, and a decision in it.
struct Loaded {
    Took took{};
    std::size_t grants{};
    double ns{};  ///< of a decision; 0 without grants
};

Loaded load(const std::string& folder, int grants) {
    Loaded loaded;
    const Stopwatch stopwatch;
    const Mistakes mistakes =
        app::with_configuration(folder + "/config/gateway.yaml", [&](const catalogue::Snapshot& snapshot) {
            loaded.took = stopwatch.took();
            loaded.grants = snapshot.grants.size();
            loaded.ns = grants > 0 ? decision_ns(snapshot, grants) : 0;
        });
    for (const Mistake& one : mistakes) {
        std::cerr << (one.severity == Severity::error ? to_line(one) + '\n' : std::string{});
    }
    return loaded;
}

double median(std::vector<double> all) {
    std::ranges::sort(all);
    return all[all.size() / 2];
}

/// Of both kinds of time.
Took median(const std::vector<Took>& all) {
    std::vector<double> wall;
    std::vector<double> cpu;
    for (const Took& one : all) {
        wall.push_back(one.wall_ms);
        cpu.push_back(one.cpu_ms);
    }
    return {.wall_ms = median(wall), .cpu_ms = median(cpu)};
}

int run(const std::string& folder, int grants, int rounds, bool is_try) {
    fs::create_directories(folder + "/keys");
    auto ready = make_keys(folder + "/keys");
    ready = ready ? put_library(folder) : ready;
    std::vector<Took> without;
    std::vector<Took> with;
    std::vector<Took> items;
    std::vector<double> decisions;
    for (int round = 0; ready && round < rounds; ++round) {
        ready = write_grants(folder, 0);
        without.push_back(load(folder, 0).took);
        ready = ready ? write_grants(folder, grants) : ready;
        const Loaded loaded = load(folder, grants);
        if (loaded.grants != static_cast<std::size_t>(grants)) {
            std::cerr << loaded.grants << " grants were loaded\n";
            return 1;
        }
        with.push_back(loaded.took);
        decisions.push_back(loaded.ns);
        items.push_back(items_took(folder));
    }
    if (!ready) {
        std::cerr << ready.error().detail() << '\n';
        return 1;
    }
    const Took all = median(with);
    const Took bare = median(without);
    const Took library = median(items);
    const double grants_ms = all.cpu_ms - bare.cpu_ms;
    std::printf(
        "| date | machine | grants | 3,000 items, 20,000 materials | together, CPU (< 1 s) | one decision (< 2 us) |\n"
        "|---|---|---|---|---|---|\n"
        "| %s | %s | %d: %.0f ms CPU, %.0f ms by the clock | %.0f ms CPU, %.0f ms by the clock | %.0f ms | %.2f us |\n",
        bench::today().c_str(), bench::machine().c_str(), grants, grants_ms, all.wall_ms - bare.wall_ms, library.cpu_ms,
        library.wall_ms, grants_ms + library.cpu_ms, median(decisions) / 1'000);
    constexpr double kMostMs = 1'000;
    constexpr double kMostNs = 2'000;
    const bool is_right = std::ranges::all_of(items, [](const Took& one) { return one.wall_ms > 0; }) &&
                          *std::ranges::min_element(decisions) > 0;
    const bool is_fast = grants_ms + library.cpu_ms < kMostMs && median(decisions) < kMostNs;
    return is_right && (is_fast || is_try) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    datong::Command app{"How long a city's grants and items take to load, and one decision; status 1 over 1 s or 2 us"};
    std::string folder = "build/access-bench";
    int grants = 10'000;
    int rounds = 5;
    app.add_option("--folder", folder, "working folder; emptied")->capture_default_str();
    app.add_option("--grants", grants, "how many")->check(datong::within(8, 100'000))->capture_default_str();
    app.add_option("--rounds", rounds, "of each, medians count")->check(datong::within(1, 100))->capture_default_str();
    bool is_try = false;
    app.add_flag("--try", is_try, "a few grants once, times are not judged");
    if (const auto over = app.parse(argc, argv)) {
        return *over;
    }
    constexpr int kFew = 400;
    const std::string whole = fs::absolute(folder).string();
    prepare_folder(whole);
    return is_try ? run(whole, kFew, 1, is_try) : run(whole, grants, rounds, is_try);
}
