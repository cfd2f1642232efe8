#include "tests/journeys/gateway_under_test.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/app/demo_keys.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/http/client.h"
#include "core/seals/check.h"

namespace datong::journeys {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using record::Record;

std::string new_folder() {
    std::string name = (fs::temp_directory_path() / "datong-journey-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error{"can't make a folder for the journey"};
    }
    return name;
}

Record person(const std::string& name, const std::string& type, const std::string& number) {
    Record one = Record::object();
    one.put("name", Record::text(name));
    one.put("id_type", Record::text(type));
    one.put("id_no", Record::text(number));
    return one;
}

Record context() {
    const departments::Demo demo = departments::demo_person();
    Record made = Record::object();
    made.put("matter", Record::text("existing-home-transfer"));
    made.put("purpose", Record::text("existing-home-transfer"));
    made.put("case_number", Record::text(demo.case_number));
    made.put("subject", person(demo.person.name, "111", demo.person.id));
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division", Record::text(demo.flat.division));
    made.put("operator", std::move(who));
    return made;
}

/// The supplier's plug-in, pinned as it is.
void install_plugin(const std::string& folder) {
    fs::create_directories(folder);
    fs::copy(DATONG_DBF, folder);
    const std::string file = folder + '/' + fs::path{DATONG_DBF}.filename().string();
    setenv("DATONG_DBF_PLUGIN", file.c_str(), 1);
    setenv("DATONG_DBF_SHA256", to_hex(crypto::sha256(read_file(file))).c_str(), 1);
}

asio::awaitable<void> get(http::Client* client, codec::HttpMessage request, codec::HttpMessage* into) {
    auto answer =
        co_await client->send(std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds{20});
    if (answer) {
        *into = std::move(*answer);
    }
}

}  // namespace

GatewayUnderTest::GatewayUnderTest(Options options) : folder_{new_folder()} {
    city_ = std::make_unique<departments::City>(
        departments::CityOptions{.folder = folder_ + "/departments", .broker = std::move(options.broker)});
    for (const auto& [name, value] : city_->environment()) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    setenv("DATONG_KEYS", (folder_ + "/keys").c_str(), 1);
    setenv("DATONG_EVIDENCE", (folder_ + "/evidence").c_str(), 1);
    setenv("DATONG_PORT", "0", 1);
    setenv("DATONG_ADMIN_PORT", "0", 1);
    install_plugin(folder_ + "/plugins");
    fs::create_directories(folder_ + "/evidence");
    if (auto made = app::make_demo_keys(folder_ + "/keys"); !made) {
        throw std::runtime_error{made.error().detail()};
    }
    fs::copy(DATONG_SOURCE_DIR "/config", folder_ + "/config", fs::copy_options::recursive);
    fs::copy(DATONG_SOURCE_DIR "/mappings", folder_ + "/mappings", fs::copy_options::recursive);
    if (options.change) {
        options.change(folder_ + "/config");
    }
    start(std::move(options.files), std::move(options.clock));
}

void GatewayUnderTest::start(std::unique_ptr<evidence::Files> files, std::unique_ptr<Clock> clock) {
    auto made = app::Program::make({.gateway_file = folder_ + "/config/gateway.yaml",
                                    .log_file = folder_ + "/gateway.log",
                                    .clock = std::move(clock),
                                    .files = std::move(files)});
    if (!made) {
        std::string all;
        for (const Mistake& mistake : made.error()) {
            all += to_line(mistake) + '\n';
        }
        throw std::runtime_error{all};
    }
    program_ = std::move(*made);
    if (auto started = program_->start(); !started) {
        throw std::runtime_error{started.error().detail()};
    }
}

GatewayUnderTest::~GatewayUnderTest() {
    stop();
    city_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
}

void GatewayUnderTest::stop() {
    program_.reset();
}

void GatewayUnderTest::restart(std::unique_ptr<Clock> clock) {
    stop();
    start(nullptr, std::move(clock));
}

Platform GatewayUnderTest::platform(const std::string& consumer) const {
    return Platform{"https://127.0.0.1:" + std::to_string(program_->port()), folder_ + "/keys", consumer};
}

std::string GatewayUnderTest::log() const {
    return read_file(folder_ + "/gateway.log");
}

evidence::Verdict GatewayUnderTest::verify() const {
    const auto keys = codec::read_json(read_file(folder_ + "/keys/trust.jwks"));
    auto verdict = seals::verify_folder(folder_ + "/evidence", *keys);
    return verdict ? std::move(verdict->evidence) : evidence::Verdict{};
}

codec::HttpMessage GatewayUnderTest::admin(const std::string& method, const std::string& target,
                                           const std::string& body) const {
    codec::HttpMessage request;
    request.method = method;
    request.target = target;
    request.body = body;
    return admin(std::move(request));
}

codec::HttpMessage GatewayUnderTest::admin(codec::HttpMessage request, const std::string& client_files) const {
    http::ClientSettings settings;
    const bool has_tls = program_->current().get()->gateway.admin.tls.has_value();
    settings.url = (has_tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(program_->admin_port());
    if (has_tls) {
        settings.ca_pem = read_file(folder_ + "/keys/ca.pem");
    }
    if (!client_files.empty()) {
        settings.client_chain_pem = read_file(client_files + ".chain.pem");
        settings.client_key_pem = Secret{read_file(client_files + ".key.pem")};
    }
    asio::io_context loop{1};
    codec::HttpMessage answer;
    const auto client = http::Client::make(std::move(settings));
    asio::co_spawn(loop, get(client->get(), std::move(request), &answer), asio::detached);
    loop.run();
    return answer;
}

Record GatewayUnderTest::body(const std::string& service) const {
    const departments::Demo demo = departments::demo_person();
    Record made = Record::object();
    made.put("context", context());
    Record query = Record::object();
    if (service == kLand) {
        query.put("divisionCode", Record::text(demo.flat.division));
    }
    if (service == kMarket) {
        made.find("context")->put("agent", person(demo.agency.name, "001", demo.agency.uscc));
        made.put("about", Record::text("agent"));
    }
    made.put("query", std::move(query));
    return made;
}

Record GatewayUnderTest::matter_body() const {
    const departments::Demo demo = departments::demo_person();
    Record all = context();
    all.put("applicant", person(demo.buyer.name, "111", demo.buyer.id));
    all.put("agent", person(demo.agency.name, "001", demo.agency.uscc));
    Record facts = Record::object();
    facts.put("divisionCode", Record::text(demo.flat.division));
    all.put("facts", std::move(facts));
    Record made = Record::object();
    made.put("context", std::move(all));
    return made;
}

Record body_of(const departments::Question& question) {
    Record subject = Record::object();
    subject.put("name", Record::text(question.about.name));
    subject.put("id_type", Record::text(question.about.id_type));
    subject.put("id_no", Record::text(question.about.id_no));
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division", Record::text("999901"));
    Record context = Record::object();
    context.put("purpose", Record::text("no-resubmission"));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record query = Record::object();
    for (const auto& [name, value] : question.query) {
        query.put(name, Record::text(value));
    }
    Record body = Record::object();
    body.put("context", std::move(context));
    body.put("query", std::move(query));
    return body;
}

bool wait_until(const std::function<bool()>& ready) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!ready() && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});  // the processor is for what is waited for
    }
    return ready();
}

}  // namespace datong::journeys
