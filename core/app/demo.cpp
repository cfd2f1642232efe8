#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/app/child.h"
#include "core/app/commands.h"
#include "core/app/demo_calls.h"
#include "core/app/demo_keys.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/http/client.h"

namespace datong::app {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using record::Record;

constexpr std::chrono::seconds kStartLimit{60};

/// Waits for a JSON file that a child writes when it is ready; fails when the child ends first, with what it said.
Result<Record> wait_for(const std::string& file, Child& child, const std::string& log) {
    const auto until = std::chrono::steady_clock::now() + kStartLimit;
    while (child.running() && std::chrono::steady_clock::now() < until && !asked_to_end()) {
        if (fs::exists(file)) {
            return codec::read_json(text_of(file));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    if (child.running()) {
        return fail(Fault::unavailable, "未及时就绪 not ready in time; " + log);
    }
    return fail(Fault::unavailable, log + ":\n" + text_of(log));
}

Status start_departments(Stage& stage, const std::string& broker) {
    const std::string ports = stage.folder + "/departments.json";
    const std::string log = stage.folder + "/departments.log";
    auto child = Child::start(
        {stage.programs + "datong-departments", "--folder", stage.folder + "/departments", "--port-file", ports},
        {{"DATONG_BROKER", broker}}, log);
    if (!child) {
        return fail(child.error());
    }
    auto city = wait_for(ports, *child, log);
    stage.children.push_back(std::move(*child));
    if (!city) {
        return fail(std::move(city.error()));
    }
    stage.city = std::move(*city);
    for (const record::Member& member : stage.city.members()) {
        if (member.value.is_text()) {
            stage.environment[member.name.str()] = std::string{member.value.scalar()};
        }
    }
    return {};
}

/// Whose stamps the gateway's seals get.
Status start_stamping(Stage& stage) {
    const std::string ports = stage.folder + "/tsa.json";
    const std::string log = stage.folder + "/tsa.log";
    std::error_code error;
    fs::remove(ports, error);  // of an earlier run in the same folder
    auto child =
        Child::start({stage.programs + "datong-tsa", "--folder", stage.folder + "/tsa", "--port-file", ports}, {}, log);
    if (!child) {
        return fail(child.error());
    }
    const auto authority = wait_for(ports, *child, log);
    stage.children.push_back(std::move(*child));
    if (!authority) {
        return fail(authority.error());
    }
    for (const char* name : {"DATONG_TSA_URL", "DATONG_TSA_ANCHOR"}) {
        stage.environment[name] = authority->text_of(name);
    }
    return {};
}

/// The supplier's plug-in that stands beside this program, installed and pinned as docs/adapter-guide.md says. Without
/// it its source is out of service, and the table of the systems says so.
void install_plugin(Stage& stage) {
    const fs::path built = stage.programs + "datong_dbf.so";
    const fs::path file = stage.folder + "/plugins/datong_dbf.so";
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (!fs::copy_file(built, file, fs::copy_options::overwrite_existing, error)) {
        return;
    }
    fs::permissions(file.parent_path(), fs::perms::owner_all, error);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, error);
    stage.environment["DATONG_DBF_PLUGIN"] = file.string();
    stage.environment["DATONG_DBF_SHA256"] = to_hex(crypto::sha256(text_of(file.string())));
}

Status start_gateway(Stage& stage, const std::string& config) {
    stage.environment["DATONG_KEYS"] = stage.folder + "/keys";
    stage.environment["DATONG_EVIDENCE"] = stage.folder + "/evidence";
    stage.environment["DATONG_SEAL_S"] = "1";  // so that there is one to look at
    stage.environment["DATONG_PORT"] = "0";
    stage.environment["DATONG_ADMIN_PORT"] = "0";
    const std::string ports = stage.folder + "/gateway.json";
    const std::string log = stage.folder + "/gateway.out";
    auto child = Child::start({stage.programs + "datong", "serve", "--config", config, "--log",
                               stage.folder + "/gateway.log", "--port-file", ports},
                              stage.environment, log);
    if (!child) {
        return fail(child.error());
    }
    auto listening = wait_for(ports, *child, log);
    if (!listening && !child->running() && child->wait() == kConfig) {
        stage.refused = kConfig;
    }
    stage.children.push_back(std::move(*child));
    if (!listening) {
        return fail(std::move(listening.error()));
    }
    stage.url = "https://127.0.0.1:" + listening->text_of("port");
    stage.admin = "http://127.0.0.1:" + listening->text_of("admin_port");
    return {};
}

/// About the agency that acts in the case: the case names it as agent, and the call says so.
Record agency_body(const Stage& stage) {
    Record body = body_for(stage, "subject", Record::object());
    body.find("context")->put("agent", *stage.city.find("demo")->find("agent"));
    body.put("about", Record::text("agent"));
    return body;
}

Record matter_body(const Stage& stage) {
    Record body = body_for(stage, "subject", {});
    Record& context = *body.find("context");
    const Record& demo = *stage.city.find("demo");
    context.put("applicant", *demo.find("applicant"));
    context.put("agent", *demo.find("agent"));
    Record facts = Record::object();
    facts.put("divisionCode", Record::text(demo.text_of("divisionCode")));
    context.put("facts", std::move(facts));
    return body;
}

asio::awaitable<void> send(http::Client* client, codec::HttpMessage request, Result<codec::HttpMessage>* into) {
    *into = co_await client->send(std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds{5});
}

/// Switches a fault of a simulated department on (DATONG_CONTROL_URL, examples/departments/README.md).
Status switch_fault(const Stage& stage, const std::string& method, const std::string& json) {
    http::ClientSettings settings;
    settings.url = stage.environment.at("DATONG_CONTROL_URL");
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        return fail(std::move(client.error()));
    }
    codec::HttpMessage request;
    request.method = method;
    request.target = "/faults";
    request.add("Content-Type", "application/json");
    request.body = json;
    asio::io_context loop{1};
    Result<codec::HttpMessage> answer = fail(Fault::unavailable, "not asked");
    asio::co_spawn(loop, send(client->get(), std::move(request), &answer), asio::detached);
    loop.run();
    if (!answer || answer->status >= 300) {
        return fail(Fault::unavailable, "the departments' switches do not answer");
    }
    return {};
}

void call_services(Stage& stage) {
    Record land = Record::object();
    land.put("divisionCode", Record::text(stage.city.find("demo")->text_of("divisionCode")));
    make_call(stage, {.title = "不动产 Land: SOAP, an answer in GBK within CDATA",
                      .name = "realestate-certificate",
                      .body = body_for(stage, "subject", land)});
    make_call(stage, {.title = "税务 Tax: a dropped file of fixed-width GBK records",
                      .name = "tax-clearance",
                      .body = body_for(stage, "subject", Record::object())});
    make_call(stage, {.title = "公积金 Housing fund: GBK octets in a front-end database",
                      .name = "fund-deposit-certificate",
                      .body = body_for(stage, "subject", Record::object())});
    make_call(stage, {.title = "市场监管 Market registration: REST, code \"2000\", epoch milliseconds",
                      .name = "business-licence",
                      .body = agency_body(stage)});
    make_call(stage, {.title = "公积金，改用签名 SOAP The housing fund again, the same call by signed SOAP 1.2",
                      .soap = true,
                      .name = "fund-deposit-certificate",
                      .body = body_for(stage, "subject", Record::object())});
}

void call_matters(Stage& stage) {
    make_call(stage, {.title = "一件事 One call for the matter: four departments at once",
                      .kind = "matter",
                      .name = "existing-home-transfer",
                      .body = matter_body(stage),
                      .expected_text = "《存量房转移登记》一次性告知"});
    if (auto down = switch_fault(stage, "POST", R"({"system":"tax","kind":"down"})"); !down) {
        ++stage.failures;
        say("   失败 FAILED: " + down.error().detail());
    }
    make_call(stage, {.title = "税务系统断开 The tax system is down: the rest still answers, and the answer says so",
                      .kind = "matter",
                      .name = "existing-home-transfer",
                      .body = matter_body(stage),
                      .expected = kWanting,
                      .expected_text = "outcome: partial"});
    if (auto up = switch_fault(stage, "DELETE", ""); !up) {
        ++stage.failures;
    }
    make_call(stage, {.title = "无授权 A consumer without a grant is refused, and the refusal is in the evidence",
                      .consumer = "portal",
                      .name = "realestate-certificate",
                      .body = body_for(stage, "subject", Record::object()),
                      .expected = kWanting,
                      .expected_text = "not_permitted"});
}

/// How much of the matter needs no paper: before a department stops its source, while it is stopped, and after.
void show_coverage(Stage& stage, const std::string& config) {
    if (asked_to_end()) {
        return;
    }
    const std::vector<std::string> coverage{
        "matter", "coverage", "existing-home-transfer", "--consumer", "one-window", "--live", "--config", config};
    const auto order = [&](const char* what) {
        return std::vector<std::string>{"source",   what,  "tax/tax-front", "--key", stage.folder + "/keys/tax.key.pem",
                                        "--config", config};
    };
    say("\n── 免提交率 Coverage: what needs no paper, before and after the tax office stops its source");
    run_datong(stage, coverage, "shared 4/4");
    run_datong(stage, order("pause"), "");
    run_datong(stage, coverage, "shared 3/4");
    run_datong(stage, order("resume"), "");
    run_datong(stage, coverage, "shared 4/4");
}

void prove(Stage& stage) {
    say("\n── 存证 Evidence: hash chain and every signature, from the files and the public keys alone");
    VerifyOptions options{.folder = stage.folder + "/evidence", .keys = stage.folder + "/keys/trust.jwks"};
    std::string command = "   datong verify " + options.folder + " --keys " + options.keys;
    if (const auto anchor = stage.environment.find("DATONG_TSA_ANCHOR"); anchor != stage.environment.end()) {
        options.authorities = {anchor->second};
        command += " --tsa " + anchor->second;
    }
    say(command);
    if (verify(options) != kGood) {
        ++stage.failures;
    }
}

void look_next(const Stage& stage) {
    say("\n接下来可以看 Where to look next\n"
        "   mappings/land/            how a SOAP reply becomes the unified certificate, with its tests\n"
        "   config/grants/            who may ask what, and why\n"
        "   docs/request.md           the life of one call\n"
        "   " +
        stage.folder +
        "/calls/   the bodies that were sent; change one and call again:\n"
        "   . " +
        environment_file(stage) +
        "   in another terminal, for the commands above\n"
        "   curl " +
        stage.admin +
        "/metrics\n"
        "   " +
        stage.folder + "/gateway.log   one JSON line an event, no personal data");
}

Result<std::string> make_folder(const std::string& wanted) {
    std::string folder = wanted.empty() ? (fs::temp_directory_path() / "datong-demo-XXXXXX").string() : wanted;
    if (wanted.empty() && mkdtemp(folder.data()) == nullptr) {
        return fail(Fault::unavailable, "can't make " + folder);
    }
    if (fs::exists(folder + "/keys") || fs::exists(folder + "/evidence")) {
        // new keys would stand where those are that its evidence is proven with
        return fail(Fault::bad_request,
                    "已有上次的运行，请换空目录 holds an earlier run; name an empty folder: " + folder);
    }
    std::error_code error;
    fs::create_directories(folder + "/calls", error);
    fs::create_directories(folder + "/evidence", error);
    fs::remove(folder + "/departments.json", error);  // of a run that recorded nothing
    fs::remove(folder + "/gateway.json", error);
    if (!fs::is_directory(folder + "/calls")) {
        return fail(Fault::unavailable, "can't write below " + folder);
    }
    return fs::absolute(folder).string();
}

/// Where nothing was recorded, the keys prove nothing: another run may begin there.
void make_way(const std::string& folder) {
    std::error_code error;
    if (fs::remove(folder + "/evidence", error)) {  // an empty one alone
        fs::remove_all(folder + "/keys", error);
    }
}

Status start(Stage& stage, const DemoOptions& options) {
    Status ready = make_demo_keys(stage.folder + "/keys");
    ready = ready ? start_departments(stage, options.broker) : std::move(ready);
    ready = ready ? start_stamping(stage) : std::move(ready);
    install_plugin(stage);
    ready = ready ? start_gateway(stage, options.config) : std::move(ready);
    return ready ? write_environment(stage) : std::move(ready);
}

int play(Stage& stage, const DemoOptions& options, const sigset_t& signals) {
    say("   departments and case register run; gateway at " + stage.url);
    call_services(stage);
    call_the_rest(stage, options.config);
    call_matters(stage);
    call_by_consent(stage);
    show_coverage(stage, options.config);
    if (asked_to_end()) {
        say("\n已中断，其余未调用 interrupted: the rest was not called");
        return kCutShort;
    }
    prove(stage);
    if (stage.failures > 0) {
        say("\n" + std::to_string(stage.failures) + " 步失败 steps FAILED");
    }
    if (!options.once) {
        look_next(stage);
        say("\n继续运行, Ctrl-C 结束 Still serving at " + stage.url + "; Ctrl-C ends it.");
        int signal = 0;
        sigwait(&signals, &signal);
    }
    return stage.failures == 0 ? kGood : kWanting;
}

}  // namespace

int demo(const DemoOptions& options) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    auto folder = make_folder(options.folder);
    if (!folder) {
        std::cerr << folder.error().detail() << '\n';
        return folder.error().fault() == Fault::bad_request ? kUsage : kWanting;
    }
    Stage stage;
    stage.folder = *folder;
    say("datong 打通 演示 demo\n   keys, log and evidence in " + stage.folder);
    const Status ready = start(stage, options);
    const bool refused = !ready && !asked_to_end();
    if (refused) {
        std::cerr << "演示无法启动 the demo can't start: " << ready.error().detail() << "\n保留 kept: " << stage.folder
                  << '\n';
    }
    const int code = ready ? play(stage, options, signals) : refused ? stage.refused : kCutShort;
    while (!stage.children.empty()) {  // the gateway first, then the departments
        stage.children.pop_back();
    }
    if (!ready) {
        make_way(stage.folder);
    }
    if (stage.failures > 0 && options.folder.empty()) {
        std::cerr << "保留 kept: " << stage.folder << '\n';
    } else if (options.folder.empty() && !refused) {
        std::error_code error;
        fs::remove_all(stage.folder, error);
    }
    return code;
}

}  // namespace datong::app
