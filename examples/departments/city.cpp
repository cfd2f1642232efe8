#include "examples/departments/city.h"

#include <array>
#include <charconv>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

namespace asio = boost::asio;

constexpr std::array kSystems{System::land, System::tax, System::fund, System::market, System::cases};

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
    for (const System system : kSystems) {
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

}  // namespace

struct City::Running {
    explicit Running(std::filesystem::path where)
        : folder{std::move(where)},
          land{loop, land_registry(town), &faults, System::land},
          market{loop, market_registry(town), &faults, System::market},
          cases{loop, case_register(town), &faults, System::cases},
          acceptance{loop, [this](const Asked& asked, Trouble) { return desk.answer(asked); }},
          controls{loop, [this](const Asked& asked, Trouble) { return control(faults, asked); }} {
        std::filesystem::create_directories(folder);
        tax = std::make_unique<TaxOffice>(town, faults, folder / "tax");
        fund = std::make_unique<FundTables>(town, faults, folder / "fund.db");
        thread = std::thread{[this] { loop.run(); }};
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running() {
        asio::post(loop, [this] {
            for (TinyHttp* server : {&land, &market, &cases, &acceptance, &controls}) {
                server->stop();
            }
            work.reset();
        });
        thread.join();
    }

    std::filesystem::path folder;
    Town town{make_town()};
    Faults faults;
    asio::io_context loop{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
    TinyHttp land;
    TinyHttp market;
    TinyHttp cases;
    AcceptanceDesk desk;
    TinyHttp acceptance;
    TinyHttp controls;
    std::unique_ptr<TaxOffice> tax;
    std::unique_ptr<FundTables> fund;
    std::thread thread;
};

City::City(const CityOptions& options)
    : running_{std::make_unique<Running>(std::filesystem::absolute(options.folder))} {
}
City::~City() = default;

std::string City::land_url() const {
    return running_->land.url() + "/services/BdcService";
}
std::filesystem::path City::tax_folder() const {
    return running_->folder / "tax";
}
std::filesystem::path City::fund_database() const {
    return running_->folder / "fund.db";
}
std::string City::market_url() const {
    return running_->market.url();
}
std::string City::cases_url() const {
    return running_->cases.url();
}
std::string City::control_url() const {
    return running_->controls.url();
}

std::map<std::string, std::string> City::environment() const {
    return {{"DATONG_LAND_URL", land_url()},
            {"DATONG_TAX_FOLDER", tax_folder().string()},
            {"DATONG_FUND_DB", fund_database().string()},
            {"DATONG_MARKET_URL", market_url()},
            {"DATONG_CASES_URL", cases_url()},
            {"DATONG_ACCEPTANCE_URL", acceptance_url()},
            {"DATONG_CONTROL_URL", control_url()}};
}

std::string City::acceptance_url() const {
    return running_->acceptance.url();
}
AcceptanceDesk& City::acceptance() noexcept {
    return running_->desk;
}
Faults& City::faults() noexcept {
    return running_->faults;
}
const Town& City::town() const noexcept {
    return running_->town;
}

}  // namespace datong::departments
