#include "bench/gateway.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "core/app/demo_keys.h"
#include "core/codec/json.h"

namespace datong::bench {
namespace {

namespace fs = std::filesystem;
using record::Record;

const char* kGrant = R"(datong: grant/v1
id: bench
consumer: one-window
services: [@SERVICES@]
fields: ["*"]
see_sensitive: bench
purposes: [bench]
legal_basis: bench
territory: ["9999"]
case_required: false
valid_from: 2026-01-01
valid_to: 2099-12-31
)";

/// Departments of the project whose names and keys a hall of many departments borrows.
constexpr std::array<const char*, 16> kBorrowed{
    "civil", "commerce", "construction", "disabled", "enforcement", "environment", "filing", "finance",
    "fund",  "health",   "items",        "medical",  "ndrc",        "planning",    "social", "talent"};

/// `text` with every @NAME@ replaced.
std::string filled(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values) {
        const std::string mark = '@' + name + '@';
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
            text.replace(at, mark.size(), value);
        }
    }
    return text;
}

void write_grant(const std::string& folder, const std::string& services) {
    std::ofstream{folder + "/config/grants/bench.yaml"} << filled(kGrant, {{"SERVICES", services}});
}

const char* kDepartment = R"(registers:
  enterprises: {title: 市场主体登记簿, divisions: ["9999"]}
sources:
  hall-@ID@:
    adapter: rest
    settings:
      url: "@URL@"
      operations:
        Qyxxcx: {method: POST, path: /entquery/Qyxxcx, content_type: application/x-www-form-urlencoded}
    limits: {@LIMITS@}
)";

const char* kService = R"(datong: service/v1
id: hall-@ID@
version: 1.0.0
title: 示例证明
kind: query
offers: [query]
department: @ID@
source: hall-@ID@
operation: Qyxxcx
registers: [enterprises]
request: market/business-licence.request.yaml
response: market/business-licence.yaml
person: {id: /uscc, name: /name}
record_time: /approvedDate
@REST@
)";

/// A call about somebody. @param query  null: a matter's, which has none.
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
    if (!query.is_null()) {
        body.put("query", std::move(query));
    }
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
std::string market_body(const std::string& sample, Record query) {
    const Record all = codec::read_json(sample).value_or(Record{});
    const Record* company = find_company(all);
    return company == nullptr
               ? std::string{}
               : body_about(company->text_of("ENTNAME"), "001", company->text_of("UNISCID"), std::move(query));
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

}  // namespace

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

/// A call about the demo's person, to the land registry.
std::string land_body() {
    Record query = Record::object();
    query.put("divisionCode", Record::text("999901"));
    return body_about("示例甲", "111", "999901199001010010", std::move(query));
}

Status prepare(Bench& bench, const std::string& sample) {
    const std::string& folder = bench.folder;
    fs::remove_all(folder);
    fs::create_directories(folder + "/evidence");
    fs::copy(DATONG_SOURCE_DIR "/config", folder + "/config", fs::copy_options::recursive);
    fs::copy(DATONG_SOURCE_DIR "/mappings", folder + "/mappings", fs::copy_options::recursive);
    keep_only(folder + "/config/departments", {"market.yaml", "land.yaml", "cases.yaml"});
    keep_only(folder + "/config/services", {"business-licence.yaml", "realestate-certificate.yaml"});
    keep_only(folder + "/config/matters", {});
    fs::remove(folder + "/config/licences.yaml");  // it names services that are not here
    keep_only(folder + "/config/grants", {});
    write_grant(folder, "business-licence, realestate-certificate");
    const std::string market = folder + "/config/departments/market.yaml";
    std::string text = read_file(market);
    const auto limit = text.find("in_flight: ");  // the agreed number of calls is not what is measured here
    const auto end = text.find_first_not_of("0123456789", limit + 11);
    text.replace(limit, end - limit, "in_flight: 512");
    std::ofstream{market} << text;
    bench.body = market_body(sample, Record::object());
    bench.matter_body = market_body(sample, Record{});
    return app::make_demo_keys(folder + "/keys");
}

std::string added_department(std::size_t n) {
    return kBorrowed.at(n);
}

void add_departments(const Bench& bench, const std::vector<std::string>& urls, const std::string& limits,
                     const std::string& rest_of_service, const std::string& matter_deadline) {
    const std::string config = bench.folder + "/config/";
    std::string services = "business-licence";
    for (std::size_t i = 0; i < urls.size(); ++i) {
        const std::string id = kBorrowed[i];
        const std::string whole = read_file(std::string{DATONG_SOURCE_DIR "/config/departments/"} + id + ".yaml");
        const std::map<std::string, std::string> values{
            {"ID", id}, {"URL", urls[i]}, {"LIMITS", limits}, {"REST", rest_of_service}};
        std::ofstream{config + "departments/" + id + ".yaml"} << whole.substr(0, whole.find("registers:"))
                                                              << filled(kDepartment, values);
        std::ofstream{config + "services/hall-" + id + ".yaml"} << filled(kService, values);
        services += ", hall-" + id;
    }
    write_grant(bench.folder, services);
    for (std::size_t matter = 0; matter < urls.size(); ++matter) {
        const std::string name = "hall-" + std::to_string(matter);
        std::ofstream file{config + "matters/" + name + ".yaml"};
        file << "datong: matter/v1\nid: " << name << "\nversion: 1.0.0\ntitle: 示例事项\npurpose: bench\n"
             << "deadline_ms: " << matter_deadline << "\nrequirements:\n";
        constexpr std::size_t kAsked = 4;
        for (std::size_t k = 0; k < kAsked; ++k) {
            const std::string id = kBorrowed[(matter + k) % urls.size()];
            file << "  - id: " << id
                 << "\n    title: 示例条件\n    any_of:\n      - all_of:\n          - {material: " << id
                 << ", title: 示例证明, service: hall-" << id << ", about: subject}\n";
        }
    }
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

Result<app::Child> start_gateway(Bench& bench, const std::string& market, const std::string& land) {
    const std::map<std::string, std::string> environment{
        {"DATONG_KEYS", bench.folder + "/keys"},
        {"DATONG_EVIDENCE", bench.folder + "/evidence"},
        {"DATONG_PORT", "0"},
        {"DATONG_ADMIN_PORT", "0"},
        {"DATONG_MARKET_URL", market},
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

}  // namespace datong::bench
