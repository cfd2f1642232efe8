#include "examples/departments/city.h"

#include <charconv>
#include <fstream>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "examples/departments/acceptance_doors.h"
#include "examples/departments/exchange_office.h"
#include "examples/departments/gas_archive.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/nontax_frame.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

namespace asio = boost::asio;

using Make = Handler (*)(const Town&);
using Fill = void (*)(const TableFile&, const Town&, Trouble);

struct HttpSystem {
    System system;
    Make make;
    std::string_view name;  ///< DATONG_NAME_URL
    std::string_view path;  ///< behind the port, as config/ has it
};
constexpr HttpSystem kHttp[] = {{System::land, land_registry, "LAND", "/services/BdcService"},
                                {System::tax_interface, tax_interface, "TAX_INTERFACE", "/services/TaskService"},
                                {System::market, market_registry, "MARKET", ""},
                                {System::cases, case_register, "CASES", ""},
                                {System::social, social_security, "SOCIAL", "/siwebservice/services/BusinessService"},
                                {System::civil, civil_affairs, "CIVIL", ""},
                                {System::medical, medical_insurance, "MEDICAL", ""},
                                {System::health, birth_registry, "HEALTH", "/birth/services/BirthService"},
                                {System::construction, signing_system, "CONSTRUCTION", ""},
                                {System::environment, permit_system, "ENVIRONMENT", ""},
                                {System::utilities, utility_companies, "UTILITIES", ""},
                                {System::commerce, commerce_platform, "COMMERCE", ""},
                                {System::enforcement, penalty_system, "ENFORCEMENT", ""},
                                {System::filing, filing_system, "FILING", ""}};

constexpr const char* kMedicalCa = "medical.pem";
constexpr const char* kMedicalToken = "medical.token";
constexpr const char* kProvincialKey = "provincial.appkey";
constexpr const char* kRid = "DEMO-RID-0001@datong";
constexpr const char* kExchangeFile = "construction-exchange.db";
constexpr const char* kVaccinationQueue = "health.vaccination.query";

struct TableSystem {
    System system;
    Fill fill;
    std::string_view name;  ///< DATONG_NAME_DB
    std::string_view file;
};
constexpr TableSystem kTables[] = {{System::fund, fill_fund, "FUND", "fund.db"},
                                   {System::ndrc, fill_projects, "NDRC", "ndrc.db"},
                                   {System::planning, fill_planning, "PLANNING", "planning.db"},
                                   {System::talent, fill_talents, "TALENT", "talent.db"},
                                   {System::items, fill_items, "ITEMS", "items.db"}};

int number_of(const Asked& asked, std::string_view name) {
    const auto found = asked.form.find(name);
    int value = 0;
    if (found != asked.form.end()) {
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    }
    return value;
}

Told list_switches(const Faults& faults) {
    Told told;
    for (const System system : all_systems()) {
        const Setting setting = faults.peek(system);
        std::string known;
        for (const Trouble trouble : troubles_of(system)) {
            known += (known.empty() ? "" : ",") + json_quoted(name_of(trouble));
        }
        told.body += (told.body.empty() ? "{" : ",") + json_quoted(name_of(system)) +
                     ":{\"kind\":" + json_quoted(name_of(setting.trouble)) +
                     ",\"ms\":" + std::to_string(setting.time.count()) + ",\"times\":" + std::to_string(setting.times) +
                     ",\"knows\":[" + known + "]}";
    }
    told.body += "}";
    return told;
}

Told refuse(int status, std::string_view why) {
    return {.status = status, .content_type = "application/json", .body = "{\"error\":" + json_quoted(why) + "}"};
}

/// GET /faults lists; POST /faults?system=land&kind=slow&ms=500&times=3 (or the same in JSON) sets; DELETE /faults
/// clears all.
Told control(Faults& faults, const Asked& asked) {
    if (asked.path != "/faults") {
        return refuse(404, "no such path");
    }
    if (asked.method == "DELETE") {
        faults.clear_all();
        return list_switches(faults);
    }
    if (asked.method != "POST") {
        return list_switches(faults);
    }
    const auto system_name = asked.form.find("system");
    const auto trouble_name = asked.form.find("kind");
    if (system_name == asked.form.end() || trouble_name == asked.form.end()) {
        return refuse(400, "system and kind are required");
    }
    const auto system = system_by_name(system_name->second);
    const auto trouble = trouble_by_name(trouble_name->second);
    const Setting setting{.trouble = trouble.value_or(Trouble::none),
                          .time = std::chrono::milliseconds{number_of(asked, "ms")},
                          .times = number_of(asked, "times")};
    if (!system || !trouble || !faults.set(*system, setting)) {
        return refuse(400, "no such system, or it does not know that trouble");
    }
    return list_switches(faults);
}

/// What a platform gives out to be kept by its owner alone.
void write_secret(const std::filesystem::path& file, const std::string& text) {
    std::ofstream{file}.close();
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::ofstream{file} << text;
}

template <class Platform>
Handler by_way_of(Platform& platform) {
    return [&platform](const Asked& asked, Trouble trouble) { return platform.answer(asked, trouble); };
}

}  // namespace

struct City::Running {
    Running(std::filesystem::path where, std::optional<Broker> with)
        : folder{std::move(where)},
          broker{std::move(with)},
          nontax{loop, nontax_head(), nontax_server(town), &faults, System::finance},
          settlement{loop, settlement_head(), settlement_server(fund_centre), &faults, System::fund_settlement},
          finance_acceptance{loop, nontax_head(), finance_cases(desk), nullptr, System::finance},
          acceptance{loop, acceptance_systems(desk)},
          controls{loop, [this](const Asked& asked, Trouble) { return control(faults, asked); }} {
        std::filesystem::create_directories(folder);
        for (const HttpSystem& one : kHttp) {
            Handler handler = one.system == System::medical ? by_way_of(medical_gate) : one.make(town);
            servers[one.system] = std::make_unique<TinyHttp>(loop, std::move(handler), &faults, one.system);
        }
        servers[System::provincial] = std::make_unique<TinyHttp>(loop, by_way_of(centre), &faults, System::provincial);
        write_secret(folder / kMedicalToken, medical_gate.token());
        write_secret(folder / kProvincialKey, centre.appkey());
        const Identity own = self_signed("fsi.example");  // what no authority has signed
        std::ofstream{folder / kMedicalCa} << own.certificate;
        servers[System::medical]->speak_tls(own);
        for (const TableSystem& one : kTables) {
            tables.push_back(std::make_unique<FrontTables>(town, faults, one.system, folder / one.file,
                                                           FrontTables::Fill{one.fill}));
        }
        tax = std::make_unique<DropFolder>(faults, System::tax, folder / "tax", tax_office(town));
        disabled =
            std::make_unique<DropFolder>(faults, System::disabled, folder / "disabled", disabled_federation(town));
        exchange = std::make_unique<ExchangeOffice>(town, faults, desk, folder / kExchangeFile);
        gas = std::make_unique<GasArchive>(town, faults, folder / "gas");
        if (broker) {
            bus = std::make_unique<BusDesk>(*broker, kVaccinationQueue, vaccination_registry(town), faults,
                                            System::health_bus);
        } else {
            nobody.open(asio::ip::tcp::v4());  // bound but not listening: refuses, and nobody else gets the port
            nobody.bind({asio::ip::address_v4::loopback(), 0});
            broker = Broker{.host = "127.0.0.1",
                            .port = nobody.local_endpoint().port(),
                            .vhost = "/",
                            .user = "nobody",
                            .password = "no-broker-runs"};
        }
        thread = std::thread{[this] { loop.run(); }};
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running() {
        asio::post(loop, [this] {
            for (const auto& [system, server] : servers) {
                server->stop();
            }
            nontax.stop();
            settlement.stop();
            finance_acceptance.stop();
            acceptance.stop();
            controls.stop();
            work.reset();
        });
        thread.join();
    }

    std::filesystem::path folder;
    std::optional<Broker> broker;  ///< set after construction; where nobody answers when there is none
    Town town{make_town()};
    Faults faults;
    TifGate medical_gate{medical_insurance(town), "datong"};
    ProvincialCentre centre{market_registry(town), kRid, {{"s_9999000000001_0101", "/entquery/Gtgsjbxxcx"}}};
    SettlementCentre fund_centre{town};
    asio::io_context loop{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
    std::map<System, std::unique_ptr<TinyHttp>> servers;
    TinyFrame nontax;
    TinyFrame settlement;
    AcceptanceDesk desk;
    TinyFrame finance_acceptance;
    TinyHttp acceptance;
    TinyHttp controls;
    std::unique_ptr<DropFolder> tax;
    std::unique_ptr<DropFolder> disabled;
    std::vector<std::unique_ptr<FrontTables>> tables;
    std::unique_ptr<ExchangeOffice> exchange;
    std::unique_ptr<GasArchive> gas;
    std::unique_ptr<BusDesk> bus;
    asio::ip::tcp::acceptor nobody{loop};
    std::thread thread;
};

City::City(const CityOptions& options)
    : running_{std::make_unique<Running>(std::filesystem::absolute(options.folder), options.broker)} {
}
City::~City() = default;

std::string City::where(System system) const {
    if (const auto server = running_->servers.find(system); server != running_->servers.end()) {
        return server->second->url();
    }
    for (const TableSystem& one : kTables) {
        if (one.system == system) {
            return running_->folder / one.file;
        }
    }
    if (system == System::finance || system == System::fund_settlement) {
        return "127.0.0.1:" +
               std::to_string((system == System::finance ? running_->nontax : running_->settlement).port());
    }
    if (system == System::health_bus) {
        return running_->bus == nullptr
                   ? "needs a message broker: --broker"
                   : running_->broker->host + ':' + std::to_string(running_->broker->port) + ' ' + kVaccinationQueue;
    }
    return running_->folder / (system == System::construction_exchange ? kExchangeFile : name_of(system));
}

std::string City::land_url() const {
    return where(System::land) + "/services/BdcService";
}
std::filesystem::path City::tax_folder() const {
    return where(System::tax);
}
std::filesystem::path City::fund_database() const {
    return where(System::fund);
}
std::string City::market_url() const {
    return where(System::market);
}
std::string City::cases_url() const {
    return where(System::cases);
}
std::string City::control_url() const {
    return running_->controls.url();
}

std::map<std::string, std::string> City::environment() const {
    std::map<std::string, std::string> all{
        {"DATONG_TAX_FOLDER", where(System::tax)},
        {"DATONG_DISABLED_FOLDER", where(System::disabled)},
        {"DATONG_GAS_FOLDER", where(System::gas)},
        {"DATONG_HEALTH_BUS_HOST", running_->broker->host},
        {"DATONG_HEALTH_BUS_PORT", std::to_string(running_->broker->port)},
        {"DATONG_HEALTH_BUS_VHOST", running_->broker->vhost},
        {"DATONG_HEALTH_BUS_USER", running_->broker->user},
        {"DATONG_HEALTH_BUS_PASSWORD", running_->broker->password},
        {"DATONG_CONSTRUCTION_EXCHANGE_DB", where(System::construction_exchange)},
        {"DATONG_MEDICAL_CA", running_->folder / kMedicalCa},
        {"DATONG_MEDICAL_TOKEN_FILE", running_->folder / kMedicalToken},
        {"DATONG_PROVINCIAL_URL", where(System::provincial)},
        {"DATONG_PROVINCIAL_APPKEY_FILE", running_->folder / kProvincialKey},
        {"DATONG_FINANCE_PORT", std::to_string(running_->nontax.port())},
        {"DATONG_FINANCE_ACCEPTANCE_PORT", std::to_string(running_->finance_acceptance.port())},
        {"DATONG_FUND_SETTLEMENT_PORT", std::to_string(running_->settlement.port())},
        {"DATONG_FUND_SETTLEMENT_PASSWORD", running_->fund_centre.password()},
        {"DATONG_FUND_SETTLEMENT_MASTER_KEY", running_->fund_centre.master_key()},
        {"DATONG_ACCEPTANCE_URL", acceptance_url()},
        {"DATONG_CONTROL_URL", control_url()}};
    for (const HttpSystem& one : kHttp) {
        all["DATONG_" + std::string{one.name} + "_URL"] = where(one.system) + std::string{one.path};
    }
    for (const TableSystem& one : kTables) {
        all["DATONG_" + std::string{one.name} + "_DB"] = where(one.system);
    }
    return all;
}

std::string City::acceptance_url() const {
    return running_->acceptance.url();
}
AcceptanceDesk& City::acceptance() noexcept {
    return running_->desk;
}
SettlementCentre& City::settlement() noexcept {
    return running_->fund_centre;
}
ProvincialCentre& City::provincial() noexcept {
    return running_->centre;
}
Faults& City::faults() noexcept {
    return running_->faults;
}
const Town& City::town() const noexcept {
    return running_->town;
}

}  // namespace datong::departments
